"""Graded again for real: the same models, data and versions give the same verdicts to the last digit."""

from __future__ import annotations

from pathlib import Path

import pytest

from mockexam.bank.loader import load_bank
from mockexam.exam import events as ev
from mockexam.exam.paper import Paper, PaperItem
from mockexam.exam.scoring import Verdict
from mockexam.grading.client import Grader
from mockexam.session.event_log import EventLog
from mockexam.session.grading_queue import GradingQueue
from mockexam.session.regrade import regrade
from mockexam.store.archive import export_attempts, import_archive
from mockexam.workspace.receive import Store
from tests.grading.conftest import BANK
from tests.store.past import Past, receive

pytestmark = pytest.mark.asyncio(loop_scope="session")
LINE = "simple_model/tiny_line"


def line_paper() -> Paper:
    """A paper of the one question, as the bank has it now."""
    question = load_bank(BANK / "exams").questions[LINE]
    item = PaperItem(1, LINE, question.category, question.title, 1, 5, question.fingerprint, "q1_simple_model")
    return Paper("7K3Q-F2XM", (item,))


async def test_graded_again_it_is_the_same(grader: Grader, models: Path, tmp_path: Path) -> None:
    """An attempt is graded, ended, taken to another home and graded again there, on the same hold-out."""
    # GIVEN an attempt whose models were received and graded
    past, other = Past(tmp_path / "home"), Past(tmp_path / "other")
    attempt = past.begin(on=line_paper())
    for name in ("half.keras", "good", "three.keras"):
        stored = receive(Store(past.submissions, attempt), 1, models / name)
        past.journal.append(
            attempt,
            ev.Received(
                at=past.clock.advance(9), submission=f"q1-{stored.sha256[:12]}", number=1, name=name,
                format=stored.format, size=stored.size, sha256=stored.sha256, stored=stored.relative,
            ),
        )  # fmt: skip
    past.journal.append(attempt, ev.Finished(at=past.clock.advance(9), reason="candidate"))
    event_log = EventLog(past.journal, attempt)
    await GradingQueue(event_log, grader, past.clock, past.submissions, lambda: None).run()
    state = event_log.state
    past.journal.append(
        attempt, ev.Settled(at=past.clock.now, earned=state.earned, possible=state.possible, passed=state.passed)
    )

    # WHEN it is taken along and graded again
    export_attempts(past.journal, [attempt], past.submissions, tmp_path / "a.zip")
    import_archive(other.journal, tmp_path / "a.zip", other.submissions)
    bank = load_bank(BANK / "exams")
    changes = await regrade(other.journal, grader, bank, other.clock, attempt, other.submissions)

    # THEN every verdict is the same, to the last digit, and both are on record
    assert [c.before for c in changes] == [Verdict.GRADED, Verdict.GRADED, Verdict.INVALID_MODEL]
    assert changes[1].marks_before == 5
    for change in changes:
        assert (change.after, change.marks_after) == (change.before, change.marks_before)
        assert change.value_after == change.value_before
        assert change.versions == ()
    assert [len(s.regrades) for s in other.journal.attempt(attempt).submissions] == [1, 1, 1]
    assert other.journal.receipt(attempt) == past.journal.receipt(attempt)
