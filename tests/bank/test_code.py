"""Codes of papers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockexam.bank.papers import SEEDS, decode, encode
from mockexam.errors import UserError


@given(st.integers(0, SEEDS - 1), st.text(max_size=20))
def test_round_trip(seed: int, edition: str) -> None:
    """Every seed comes back from its code, also typed sloppily."""
    code = encode(seed, edition)
    assert decode(code, edition) == seed
    assert decode(f"  {code.lower().replace('-', '')} ", edition) == seed
    assert decode(code.replace("0", "O").replace("1", "l"), edition) == seed


@pytest.mark.parametrize("code", ["", "7K3Q", "7K3Q-F2", "7K3Q-F2XMA", "7K3U-F2XM", "????-????"])
def test_nonsense_is_told(code: str) -> None:
    """What can't be a code is told with an example of one."""
    with pytest.raises(UserError, match="not a valid paper code") as told:
        decode(code, "x")
    assert "7K3Q-F2XM" in told.value.hint


def test_another_edition_is_told() -> None:
    """A code of another bank or exam is refused, so that it never silently means another paper."""
    code = encode(7, "this")
    for n in range(3000):  # two characters would take about three of these for `this`
        with pytest.raises(UserError, match="edition"):
            decode(code, f"edition {n}")
