"""The handbook: complete for the bank's questions, and strict."""

from __future__ import annotations

from pathlib import Path

import pytest

from mockexam.bank.category import CATEGORIES
from mockexam.bank.handbook import HANDBOOK, load_handbook
from mockexam.bank.loader import load_bank
from mockexam.errors import UserError

SECTION = """
[[section]]
id = "train"
title = "Training"
categories = ["simple_model"]
study = ["A book"]
skills = [{ id = "train.fit", title = "Fit" }]
"""


def write(folder: Path, text: str) -> Path:
    (folder / HANDBOOK).parent.mkdir(exist_ok=True)
    (folder / HANDBOOK).write_text(text)
    return folder


def test_every_skill_of_the_bank_is_in_the_handbook() -> None:
    """And every category has a section that tells what to study."""
    handbook = load_handbook()
    used = {skill for question in load_bank().questions.values() for skill in question.file.skills}
    assert used
    assert used - set(handbook.titles) == set()
    assert {c for section in handbook.section for c in section.categories} == set(CATEGORIES)
    assert all(section.study for section in handbook.section)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("title = ", "titel = "), "titel"),
        (('"simple_model"', '"simple"'), "categories"),
        (('id = "train.fit"', 'id = "Train fit"'), "id"),
        (("[{ id", '[{ id = "train.fit", title = "x" }, { id'), "listed twice: train.fit"),
        (("[{ id", "[] # { id"), "skills"),
    ],
)
def test_a_handbook_that_does_not_fit_is_told(tmp_path: Path, change: tuple[str, str], told: str) -> None:
    """File, key and what is allowed."""
    with pytest.raises(UserError) as error:
        load_handbook(write(tmp_path, SECTION.replace(*change)))
    assert told in str(error.value)
    assert "skills.toml" in error.value.location


def test_a_bank_without_a_handbook_has_an_empty_one(tmp_path: Path) -> None:
    """A bank of somebody else's need not say what it shows."""
    assert load_handbook(tmp_path).section == ()
    assert load_handbook(write(tmp_path, SECTION)).titles == {"train.fit": "Fit"}
