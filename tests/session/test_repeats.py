"""Somebody sits the paper of an ended attempt again: nothing of the first attempt gets into the second one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mockexam import paths
from mockexam.errors import UserError
from mockexam.paths import StatePaths
from mockexam.review.attempt_text import detail_lines
from mockexam.review.documents import document_of
from mockexam.review.history_text import attempts_lines
from mockexam.review.service import Review
from mockexam.session.manager import SessionManager
from mockexam.session.ports import AttemptPlan, RetryChoice
from mockexam.text.status import as_data, result_text
from tests.factories import FakeClock
from tests.session.test_own_exam import Candidate


class DataMaker:
    """A grader that only makes data."""

    async def make_data(
        self, question: str, *, data_seed: str, folder: Path, progress: Callable[[float], None]
    ) -> None:
        del data_seed
        (folder / "train.csv").write_text(question)
        progress(1.0)


@pytest.fixture
def candidate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Candidate]:
    """With an empty record, and workspaces in a folder of the test."""
    monkeypatch.setattr("mockexam.bank.screening._check", lambda *_: {})
    monkeypatch.setattr(paths, "default_workspace_parent", lambda: tmp_path / "papers")
    clock, state = FakeClock(), StatePaths(tmp_path / "home")
    made = Candidate(SessionManager(state, clock), Review(state, clock), clock, tmp_path / "own.toml")
    grader: Any = DataMaker()
    made.manager._grader = grader
    yield made
    made.manager.journal.close()


async def ready(candidate: Candidate, plan: AttemptPlan) -> AttemptPlan:
    await candidate.manager.prepare(plan, lambda _, __: None)
    return plan


def save_model(plan: AttemptPlan) -> Path:
    path = plan.workspace / plan.paper.items[0].folder / "mymodel.keras"
    path.write_bytes(b"a model")
    return path


async def test_the_same_paper_again_gets_a_folder_of_its_own(candidate: Candidate) -> None:
    """One without the models and scripts of before, each time."""
    first = await ready(candidate, candidate.manager.plan())
    candidate.take(first, 5)
    save_model(first)
    code = first.paper.code

    second = await ready(candidate, candidate.manager.plan(code=code))
    candidate.take(second, 5)
    third = candidate.manager.plan(code=code)
    assert [p.repeat for p in (first, second, third)] == [False, True, True]
    assert not candidate.manager.plan().repeat

    assert [p.workspace.name for p in (first, second, third)] == [code, f"{code}-2", f"{code}-3"]
    assert not list(second.workspace.rglob("mymodel*"))


async def test_a_workspace_that_was_only_prepared_is_used(candidate: Candidate) -> None:
    """No clock ever ran in it."""
    first = await ready(candidate, candidate.manager.plan())

    assert candidate.manager.plan(code=first.paper.code).workspace == first.workspace


async def test_models_of_an_attempt_that_was_deleted_are_left_alone(candidate: Candidate) -> None:
    """The folder says by itself that it was used."""
    first = await ready(candidate, candidate.manager.plan())
    save_model(first)

    assert candidate.manager.plan(code=first.paper.code).workspace != first.workspace


async def test_a_used_folder_that_is_named_is_refused(candidate: Candidate, tmp_path: Path) -> None:
    """By any of its names, before anything is written, with the way out."""
    folder, link = tmp_path / "work", tmp_path / "link"
    first = await ready(candidate, candidate.manager.plan(workspace=folder))
    candidate.take(first, 5)
    link.symlink_to(folder)

    for name in (folder, link):
        with pytest.raises(UserError) as refused:
            await ready(candidate, candidate.manager.plan(code=first.paper.code, workspace=name))
        assert refused.value.location == str(name)
        assert "--workspace" in refused.value.hint


async def test_what_was_saved_before_the_start_keeps_the_clock_from_starting(candidate: Candidate) -> None:
    """Between the preparation and the start, too; once it is moved away, the attempt starts."""
    plan = await ready(candidate, candidate.manager.plan())
    model = save_model(plan)

    with pytest.raises(UserError) as refused:
        candidate.manager.start(plan)
    assert refused.value.location == str(model)
    assert candidate.manager.running() is None

    model.unlink()
    attempt = candidate.manager.start(plan)
    assert candidate.manager.journal.attempt(attempt).workspace == str(plan.workspace)


async def test_another_paper_may_not_start_in_a_used_folder(candidate: Candidate) -> None:
    """Even when the plan was made before the folder was used."""
    plan = candidate.manager.plan()
    late = replace(plan)
    candidate.take(plan, 5)

    with pytest.raises(UserError):
        candidate.manager.start(late)


@pytest.fixture
def repeated(candidate: Candidate) -> Candidate:
    """The same paper twice: one mark a question, then five."""
    first = candidate.manager.plan()
    candidate.take(first, 1, 1, 1, 1, 1)
    candidate.take(candidate.manager.plan(code=first.paper.code), 5, 5, 5, 5, 5)
    return candidate


def test_a_repeated_paper_says_nothing_about_what_one_can_do(repeated: Candidate) -> None:
    """Neither the estimate nor the standing by category, nor the skills: its solutions could be read."""
    found = repeated.review.readiness()
    assert {marks for _, marks in found.estimate.evidence} == {1}
    assert {s.best for s in found.skills if s.best is not None} == {1}
    assert {s.mean for s in repeated.review.progress().standings} == {1.0}


def test_a_repeat_is_marked_wherever_it_is_shown(repeated: Candidate, tmp_path: Path) -> None:
    """In the list, the result, the review, its JSON and its pages; the first attempt is not."""
    first, second = repeated.review.outcomes()
    assert (first.repeat, second.repeat) == (False, True)
    rows = list(attempts_lines([first, second]))
    assert ["repeat" in row for row in rows] == [False, False, True]

    detail = repeated.review.detail("last")
    assert "repeat" in next(iter(detail_lines(detail)))
    assert document_of(detail).model_dump()["summary"]["repeat"] is True
    for attempt in (first, second):
        repeated.review.write_html(tmp_path / "page.html", attempt.attempt)
        assert ("(repeat)" in (tmp_path / "page.html").read_text()) is attempt.repeat

    journal = repeated.manager.journal
    for attempt in (first, second):
        state = journal.attempt(attempt.attempt)
        assert ("(repeat)" in result_text(state, repeated.clock.now, None)) is attempt.repeat
        assert as_data(state, repeated.clock.now)["repeat"] is attempt.repeat


def test_a_retry_is_no_repeat(repeated: Candidate) -> None:
    """It has new data."""
    repeated.take(repeated.manager.plan_retry(RetryChoice("simple")), 4)

    assert not repeated.review.outcomes()[-1].repeat
    assert dict(repeated.review.readiness().estimate.evidence)["simple_model"] == 2


def test_after_the_first_attempt_is_gone_it_counts_again(repeated: Candidate) -> None:
    """Nothing on record says then that the paper was seen; stored summaries do not keep it."""
    first, _ = repeated.review.outcomes()
    repeated.review.delete([first.attempt])

    assert [o.repeat for o in repeated.review.outcomes()] == [False]
