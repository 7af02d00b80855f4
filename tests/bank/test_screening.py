"""Papers are never drawn from a question with a fault: the real check, on small made-up banks."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest

from mockexam.bank.loader import Bank, load_bank
from mockexam.bank.models import Question
from mockexam.bank.papers import paper_of_seed
from mockexam.bank.screening import Screening, signature
from mockexam.errors import UserError
from mockexam.machine_clock import MachineClock
from mockexam.paths import BANK_VARIABLE, StatePaths
from mockexam.session.manager import SessionManager
from mockexam.session.ports import RetryChoice
from mockexam.store.journal import Journal
from tests.verify.made_up import QUESTION, edit, made_up_bank

OTHER = "simple_model/hedge_line"
EXAM = """
title = "One"
duration_minutes = 10
pass_mark = 50
[[questions]]
category = "simple_model"
weight = 1
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A bank of two good questions and an exam that asks for one."""
    made_up_bank(tmp_path, OTHER)
    made_up_bank(tmp_path)
    (tmp_path / "exams" / "tf_developer.toml").write_text(EXAM)
    return tmp_path


def spoil(root: Path, question: str = OTHER) -> None:
    """The data maker raises now."""
    edit(root / "exams" / question / "data.py", "def make_world(", "def make_world_of(")


def bank(root: Path) -> Bank:
    return load_bank(root / "exams")


def test_a_fault_is_found_told_and_mended(root: Path, tmp_path: Path) -> None:
    """It names file and remedy; the other question is asked about once only; a mended one is fit again."""
    screening_cache, told = Screening(tmp_path / "fit.json"), []
    spoil(root)

    found = screening_cache.faults(bank(root).questions.values(), lambda fraction, _: told.append(fraction))

    assert list(found) == [OTHER]
    assert "data.py" in found[OTHER]
    assert told == [0.5, 1.0]
    assert len(json.loads((tmp_path / "fit.json").read_text())) == 1
    edit(root / "exams" / OTHER / "data.py", "def make_world_of(", "def make_world(")
    assert screening_cache.faults(bank(root).questions.values()) == {}
    assert Screening(tmp_path / "fit.json").faults(bank(root).questions.values(), _nobody) == {}


def _nobody(_fraction: float, _text: str) -> None:
    pytest.fail("what was found fit is not checked again")


@pytest.mark.parametrize(
    "inside", ["exams/simple_model/fence_line/brief.md", "scoring/simple_model/fence_line/rubric.toml"]
)
def test_a_change_anywhere_is_looked_at(root: Path, inside: str) -> None:
    """Also in the half that the app does not open."""
    question = bank(root).questions[QUESTION]
    before = signature(question)

    with (root / inside).open("a") as file:
        file.write("\n")

    assert signature(question) != before


def test_kept_nonsense_is_as_nothing_kept(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is a spare: the question is checked, and what was found is kept in its place."""
    question, checked = bank(root).questions[QUESTION], list[Question]()

    def check(questions: list[Question], _: object) -> dict[str, str]:
        checked.extend(questions)
        return {}

    monkeypatch.setattr("mockexam.bank.screening._check", check)
    for text in ("{", "3"):
        (tmp_path / "fit.json").write_text(text)
        assert Screening(tmp_path / "fit.json").faults([question]) == {}
        assert json.loads((tmp_path / "fit.json").read_text()) == [signature(question)]
    assert checked == [question] * 2


def test_a_check_that_dies_is_told(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not taken for a fault of the questions, nor for their being fit."""
    (tmp_path / "mockexam").mkdir()
    (tmp_path / "mockexam" / "__init__.py").write_text("raise SystemExit('no checker here')")
    monkeypatch.setattr("mockexam.__file__", str(tmp_path / "mockexam" / "__init__.py"))

    with pytest.raises(UserError, match="no checker here"):
        Screening(tmp_path / "fit.json").faults(bank(root).questions.values())


def test_a_bank_without_some_questions(root: Path) -> None:
    """It draws from the others, tells why one is missing, and is another edition."""
    whole = bank(root)
    named = whole.exam("tf_developer")

    part = whole.without({OTHER: "its data maker raises"})

    assert {paper_of_seed(part, named, seed).items[0].question for seed in range(20)} == {QUESTION}
    assert part.version != whole.version
    with pytest.raises(UserError, match="its data maker raises"):
        part.question("hedge")
    with pytest.raises(UserError, match="its data maker raises"):
        paper_of_seed(part.without({QUESTION: "gone"}), named, 1)


async def test_the_desk_never_draws_a_question_with_a_fault(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For an exam, a retry and a code; it says what it left out."""
    monkeypatch.setenv(BANK_VARIABLE, str(root))
    state = StatePaths(tmp_path / "home")
    state.root.mkdir()
    whole = bank(root)
    drawn = {paper_of_seed(whole, whole.exam("tf_developer"), seed) for seed in range(30)}
    good, bad = (next(p for p in drawn if p.items[0].question == name) for name in (QUESTION, OTHER))
    with closing(Journal(state.database)):
        pass
    manager = SessionManager(state, MachineClock())
    try:
        assert {manager.plan(code=paper.code).paper.items[0].question for paper in (good, bad)} == {QUESTION, OTHER}
        # The question passes what is read at once, and fails in what only the whole check sees.
        edit(root / "scoring" / OTHER / "rubric.toml", 'file = "no_posts.py"', 'file = "missing.py"')
        plans = [manager.plan() for _ in range(6)]
        assert {plan.paper.items[0].question for plan in plans} == {QUESTION}
        assert "missing.py" in plans[0].left_out[0]
        assert {manager.plan_retry(RetryChoice(category="simple")).paper.items[0].question} == {QUESTION}
        assert manager.plan(code=plans[0].paper.code).paper == plans[0].paper
        assert manager.plan(code=good.code).paper == good
        with pytest.raises(UserError, match=r"missing\.py"):
            manager.plan(code=bad.code)
        with pytest.raises(UserError, match=r"missing\.py"):
            manager.plan_retry(RetryChoice(question=OTHER))
    finally:
        await manager.close()
