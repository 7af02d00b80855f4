"""Hints in three steps: the shipped ones, and files that are wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from mockexam.bank.handbook import HINT_COUNT, read_hints
from mockexam.bank.loader import Question, load_bank
from mockexam.errors import UserError

GOOD = "## 1\n\nLook.\n\n## 2\nThink.\n\n## 3\nDo `x`.\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "hints.md"


@pytest.mark.parametrize("question", load_bank().questions.values(), ids=lambda q: q.id)
def test_every_shipped_question_has_its_steps(question: Question) -> None:
    """Each of the three says something, and no heading is left in it."""
    steps = read_hints(question.folder / "hints.md")
    assert len(steps) == HINT_COUNT
    assert all(len(step) > 40 and "## " not in step for step in steps)


def test_steps_in_order(file: Path) -> None:
    """Markdown without headings; a title before them is nothing."""
    file.write_text(f"# Hints\n\n{GOOD}")
    assert read_hints(file) == ("Look.", "Think.", "Do `x`.")


def test_a_comment_in_code_is_no_heading(file: Path) -> None:
    """`## 2` inside a code block belongs to the hint; so does a smaller heading."""
    file.write_text(GOOD.replace("Think.", "```python\n## 9\n```\n### Then\n~~~\n``` ## 8\n~~~"))
    assert read_hints(file)[1] == "```python\n## 9\n```\n### Then\n~~~\n``` ## 8\n~~~"


@pytest.mark.parametrize(
    ("text", "what", "section"),
    [
        ("", "Hint 1 is missing", "section '## 1'"),
        ("Look.", "Hint 1 is missing", "section '## 1'"),
        (GOOD.replace("## 3", "### 3"), "Hint 3 is missing", "section '## 3'"),
        (GOOD.replace("## 2", "## 4"), "must be '## 2', not '## 4'", "section '## 4'"),
        (GOOD.replace("## 2", "## Two"), "must be '## 2', not '## Two'", "section '## Two'"),
        (GOOD + "## 4\nMore.", "There are 4 hints", "section '## 4'"),
        (GOOD.replace("Think.", " "), "Hint 2 is empty", "section '## 2'"),
        ("Read this.\n" + GOOD, "before the first hint", "before '## 1'"),
    ],
)
def test_a_wrong_file_is_told(file: Path, text: str, what: str, section: str) -> None:
    """By file and section, with what to do."""
    file.write_text(text)
    with pytest.raises(UserError) as told:
        read_hints(file)
    assert what in told.value.message
    assert told.value.location == f"{file}, {section}"
    assert told.value.hint


def test_a_file_that_cannot_be_read(file: Path) -> None:
    """Missing, or not text."""
    with pytest.raises(UserError, match="No such file"):
        read_hints(file)
    file.write_bytes(b"## 1\n\xff")
    with pytest.raises(UserError, match="UTF-8"):
        read_hints(file)
