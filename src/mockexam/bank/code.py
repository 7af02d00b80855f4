"""A paper's code: four characters of seed, four that name the edition of bank and exam. `7K3Q-F2XM`.

Crockford's base 32 (https://www.crockford.com/base32.html): no I, L, O, U; read with O as 0 and I, L as 1.
"""

from __future__ import annotations

import hashlib

from mockexam.errors import ToldError

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})
SEEDS = 32**4
"""How many papers an edition can tell apart."""
_EDITION = 4
"""Characters: a code of one edition is taken for one of another by chance once in 32**4, a million."""


class OtherEditionError(ToldError):
    """A code, but of another exam or another edition of the bank."""


def encode(seed: int, edition: str) -> str:
    """The code of a seed (0 to SEEDS - 1) in an edition (any string that names bank and exam)."""
    return f"{_base32(seed, 4)}-{_edition(edition)}"


def decode(code: str, edition: str) -> int:
    """The seed of a code. Raises ToldError if it is no code, OtherEditionError."""
    plain = code.strip().upper().replace("-", "").replace(" ", "").translate(_READ_AS)
    if len(plain) != 4 + _EDITION or any(c not in _ALPHABET for c in plain):
        raise ToldError(
            f"{code!r} is not a paper's code.",
            where="--code",
            remedy="A code looks like 7K3Q-F2XM: eight letters or digits.",
        )
    if plain[4:] != _edition(edition):
        raise OtherEditionError(
            f"The code {code!r} belongs to another exam or another edition of the question bank.",
            where="--code",
            remedy="Use it with the exam file, mockexam and packs that made it, or leave it out for a new paper.",
        )
    return sum(_ALPHABET.index(c) * 32**i for i, c in enumerate(reversed(plain[:4])))


def _edition(edition: str) -> str:
    return _base32(int.from_bytes(hashlib.sha256(edition.encode()).digest()[:4], "big"), _EDITION)


def _base32(number: int, length: int) -> str:
    return "".join(_ALPHABET[number // 32**i % 32] for i in reversed(range(length)))
