"""What identifies a question: all that decides its data and its contract, and none of its prose.

Titles, briefs, hints and stubs may be reworded; attempts on record and the codes of papers stay valid.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated

from pydantic import Field, RootModel

from mockexam.bank.models import Contract, QuestionId, Strict, read_toml

QUESTION_FILES = ("question.toml", "brief.md", "stub.py", "data.py", "hints.md")
"""What a question's folder holds at least; more only if `data.py` reads it."""
PROSE = frozenset(QUESTION_FILES) - {"data.py"}
"""The data do not depend on these (the contract in `question.toml` counts by itself)."""
EARLIER = Path("_earlier") / "fingerprints.toml"
"""Below the folder of exams."""

Fingerprint = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class EarlierFingerprints(Strict):
    """What a question was identified by before, with the same data and marks."""

    fingerprint: Fingerprint
    """The earlier ones hold for this fingerprint alone: once the data change, they are out of force."""
    earlier: tuple[Fingerprint, ...] = Field(min_length=1)
    """The first is the hash of all files, by which codes of papers were once made."""


class _Earlier(RootModel[Mapping[QuestionId, EarlierFingerprints]]):
    """`_earlier/fingerprints.toml`."""


def fingerprint(folder: Path, contract: Contract) -> str:
    """SHA-256 over the data maker, the files that it reads and the contract without its prose. Raises OSError."""
    terms = contract.model_dump(
        mode="json", exclude={"input": {"meaning"}, "output": {"meaning"}}, exclude_defaults=True
    )
    made_by = [f"{name} {file_hash(path)}" for name, path in files_below(folder) if name not in PROSE]
    return digest([*made_by, json.dumps(terms, sort_keys=True)])


def former_fingerprint(folder: Path) -> str:
    """The hash of all files of a question's folder, which identified it before. Raises OSError."""
    more = {path.name for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")}
    names = [*QUESTION_FILES, *sorted(more - set(QUESTION_FILES))]
    return digest(name + file_hash(folder / name) for name in names)


def read_earlier(exams: Path) -> Mapping[str, EarlierFingerprints]:
    """The earlier fingerprints that a bank or pack lists, by question; none without such a file. Raises UserError."""
    path = exams / EARLIER
    return read_toml(path, _Earlier).root if path.is_file() else {}


def files_below(folder: Path) -> Iterator[tuple[str, Path]]:
    """Every file below a folder with its relative name, sorted; without caches and hidden files."""
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if path.is_file() and not any(part == "__pycache__" or part.startswith(".") for part in inside.parts):
            yield inside.as_posix(), path


def file_hash(path: Path) -> str:
    """SHA-256 of a file, as hex. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digest(parts: Iterable[str]) -> str:
    """SHA-256 over strings, each ended, as hex."""
    hashed = hashlib.sha256()
    for part in parts:
        hashed.update(part.encode() + b"\0")
    return hashed.hexdigest()
