"""One attempt as the review shows it: what is on record, what the bank still knows, and what must stay hidden."""

from __future__ import annotations

import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from mockexam.errors import UserError
from mockexam.exam import events as ev
from mockexam.exam.attempt import Phase
from mockexam.exam.paper import Mode
from mockexam.exam.scoring import Verdict
from mockexam.paths import StatePaths
from mockexam.review.attempt_text import detail_lines
from mockexam.review.detail import AttemptDetail
from mockexam.review.html.page import attempt_page
from mockexam.review.service import Review
from mockexam.store.journal import Journal
from mockexam.tui.widgets.question_lists import prompt
from tests.factories import FakeClock, graded, paper, received, started
from tests.histories import alter
from tests.review.conftest import Past


def attempt_of(past: Past, mode: Mode) -> AttemptDetail:
    """The newest attempt of a mode."""
    return past.review.detail(next(o.attempt for o in reversed(past.review.outcomes()) if o.mode is mode))


def test_a_past_exam_is_told_in_full(past: Past) -> None:
    """Bands, distances, skills, reference, files and receipt; the record is unaltered."""
    detail = attempt_of(past, Mode.EXAM)
    assert (detail.broken_at, detail.outcome.phase) == (None, Phase.ENDED)
    assert detail.outcome.receipt
    assert len(detail.questions) == 5
    for question in detail.questions:
        assert len(question.bands) == 5
        assert question.reference is not None
        assert question.reference.is_file()
        assert question.regradable
        assert {skill.shown for skill in question.skills} == {(question.marks or 0) >= 4}
        assert all(skill.title != skill.id for skill in question.skills)
        assert sum(s.counts for s in question.submissions) == (question.marks is not None)
        for submission in question.submissions:
            assert submission.model is not None
            assert submission.scripts is not None
            assert (submission.verdict is Verdict.GRADED) == (submission.value is not None)
            if submission.next_at is not None and submission.value is not None:
                assert submission.distance == pytest.approx(abs(submission.next_at - submission.value))
                assert submission.next_at == question.bands[submission.marks or 0]
    assert detail.kept_bytes == sum(f.stat().st_size for f in _files(past, detail.outcome.attempt))


def test_a_skill_that_another_question_has_shown_is_not_open(past: Past) -> None:
    """Only what a graded question with under four marks tests, and no question of the paper has shown, is open."""
    seen = set()
    for outcome in past.review.outcomes():
        detail = past.review.detail(outcome.attempt)
        shown = {s.id for q in detail.questions for s in q.skills if (q.marks or 0) >= 4}
        for question in detail.questions:
            for skill in question.skills:
                expected = question.marks is not None and question.marks < 4 and skill.id not in shown
                assert skill.open is expected
                assert (skill.elsewhere is not None) is (skill.id in shown and not skill.shown)
                seen.add((skill.open, skill.elsewhere is not None, question.marks is None))
            text = "\n".join(detail_lines(detail))
            assert ("not shown" in text, "missing" in text) == (False, False)
    assert {(True, False, False), (False, True, False)} <= seen


def _files(past: Past, attempt: str) -> list[Path]:
    return [f for f in (past.home / "submissions" / attempt).rglob("*") if f.is_file()]


def test_it_is_said_if_keras_2_has_loaded_a_model(past: Past) -> None:
    """And nothing where it was the usual one."""
    detail = past.review.detail(past.ids[-1])
    question = detail.questions[0]
    assert "Keras" not in "\n".join(detail_lines(detail))
    by_keras_2 = replace(question.submissions[0], versions={"keras": "2.21.0 (tf-keras)"})
    detail = replace(detail, questions=(replace(question, submissions=(by_keras_2,)),))
    assert "Keras 2.21.0 (tf-keras)" in "\n".join(detail_lines(detail))


def test_a_model_saved_again_says_when(past: Past) -> None:
    """Submissions stand in the order of their last save, and the time that they show first is that of the first."""
    detail = past.review.detail(past.ids[-1])
    question = detail.questions[0]
    assert "saved again" not in "\n".join(detail_lines(detail))
    again = replace(question.submissions[0], saved_again=3723.0)
    detail = replace(detail, questions=(replace(question, submissions=(*question.submissions[1:], again)),))
    assert "saved again 1:02:03" in "\n".join(detail_lines(detail))
    assert "saved again 1:02:03" in attempt_page(detail)
    assert "saved again 1:02:03" in prompt(again, 200, chosen=True).plain


def test_the_timeline_shows_what_happened(past: Past) -> None:
    """In order, with marks and metric; events that a reader does not care about are left out."""
    detail = attempt_of(past, Mode.RETRY)
    kinds = [line.kind for line in detail.timeline]
    assert kinds[0] == "started"
    assert kinds[-1] == "settled"
    assert not {"ticked", "opened"} & set(kinds)
    assert [line.elapsed for line in detail.timeline] == sorted(line.elapsed for line in detail.timeline)
    best = next(s for q in detail.questions for s in q.submissions if s.counts)
    assert any(f"{best.marks}/5 · " in line.text for line in detail.timeline)
    assert all(line.number == 1 for line in detail.timeline if line.kind in {"received", "marked"})


def test_an_altered_event_is_located(past: Past) -> None:
    """All that can be read is shown all the same."""
    detail = past.review.detail(past.ids[5])
    assert detail.broken_at == 3
    assert "altered" in detail.broken_reason
    assert detail.questions[0].submissions


def test_a_question_that_is_gone_or_changed_is_shown_from_the_record(past: Past) -> None:
    """GIVEN attempts of an older bank THEN marks and metric stand, and it says what can't be regraded and why."""
    old = [q for name in past.ids[:7] for q in past.review.detail(name).questions]
    gone = [q for q in old if q.item.question.endswith("long_gone")]
    changed = [q for q in old if not q.item.question.endswith("long_gone")]
    assert gone
    assert changed
    for question in gone:
        assert (question.bands, question.reference, question.skills) == ((), None, ())
        assert "no longer in the question bank" in question.closed
        assert "0ldbank00000" in question.not_regradable
        assert any(s.value is not None for s in question.submissions)
    for question in changed:
        assert "changed since" in question.not_regradable
        assert not question.regradable
        assert question.bands
        assert question.closed == ""


def test_bands_that_no_longer_fit_the_marks_are_not_shown(tmp_path: Path) -> None:
    """GIVEN marks that today's bands would not give THEN the bands are left out, with the reason."""
    from mockexam.bank.loader import load_bank

    item = paper((1,)).items[0]
    question = load_bank().questions["simple_model/basil_trays"]
    changed = type(item)(**{**vars(item), "question": question.id, "fingerprint": question.fingerprint})
    state, clock = StatePaths(tmp_path), FakeClock()
    journal = Journal(state.database)
    attempt = journal.start(started(clock.now, on=type(paper())("7K3Q-F2XM", (changed,))))
    journal.append(attempt, received(clock.advance(9), 1, "aa"))
    verdict = graded(clock.advance(9), 1, "aa", 5)
    journal.append(attempt, type(verdict)(**{**vars(verdict), "metric": "mae", "value": 11.0}))
    journal.append(attempt, ev.Finished(at=clock.now, reason="candidate"))
    detail = Review(state, clock).detail(attempt).questions[0]
    assert detail.bands == ()
    assert "bands have changed" in detail.closed
    assert detail.reference is not None
    assert not detail.regradable
    assert "not ended" in detail.not_regradable


def test_a_pruned_model_and_a_path_out_of_the_store_are_not_there(past: Past, tmp_path: Path) -> None:
    """What is not stored is None; a recorded name never leads out of the folder of submissions."""
    home = shutil.copytree(past.home, tmp_path / "home")
    name = past.ids[-1]
    journal = Journal(home / "records.sqlite3")
    first, second = [e for e in journal.entries(name) if isinstance(e.event, ev.Received)][:2]
    assert isinstance(first.event, ev.Received)
    assert isinstance(second.event, ev.Received)
    (home / "submissions" / first.event.stored).unlink()
    alter(journal.connection, name, second.seq, second.event.stored, "../records.sqlite3")
    stored = {
        s.id: s.model for q in Review(StatePaths(home), FakeClock()).detail(name).questions for s in q.submissions
    }
    assert stored[first.event.submission] is None
    assert stored[second.event.submission] is None
    assert sum(path is not None for path in stored.values()) == 8


@pytest.mark.parametrize(("seq", "place"), [(3, "event 3"), (1, "start")])
def test_an_event_that_can_not_be_read(past: Past, tmp_path: Path, seq: int, place: str) -> None:
    """What came before it is shown; without its start nothing is."""
    home = shutil.copytree(past.home, tmp_path / "home")
    with sqlite3.connect(home / "records.sqlite3") as database:
        alter(database, past.ids[0], seq, '"', "'")
    review = Review(StatePaths(home), FakeClock())
    if seq == 1:
        with pytest.raises(UserError, match="start of this attempt"):
            review.detail(past.ids[0])
        return
    detail = review.detail(past.ids[0])
    assert detail.broken_at == 3
    assert detail.events > 3
    assert len(detail.timeline) == 1
    assert detail.outcome.phase is Phase.RUNNING


def test_a_running_exam_shows_no_metric(running: Past) -> None:
    """Neither of itself nor of earlier attempts on its questions: no metric, bands, reference or diagnosis."""
    on_paper = {q.question for q in running.review.outcomes()[-1].questions}
    now = running.review.detail("last")
    assert now.outcome.phase is Phase.RUNNING
    details = [now, *(running.review.detail(name) for name in running.ids[-4:-1])]
    questions = [q for d in details for q in d.questions if q.item.question in on_paper]
    assert len(questions) > 5
    for question in questions:
        assert (question.metric, question.bands, question.reference) == (None, (), None)
        assert "running attempt" in question.closed
        assert not question.regradable
        for submission in question.submissions:
            assert (submission.metric, submission.value, submission.next_at, submission.distance) == (None,) * 4
            assert (submission.train_value, submission.findings) == (None, ())
    lines = [line for d in details for line in d.timeline]
    assert any(line.text.startswith("3/5") for line in lines)
    assert not any(word in line.text for line in lines for word in ("mae", "MAE", "accuracy", "training data"))
    outcomes = [q for o in running.review.outcomes() for q in o.questions if q.question in on_paper]
    assert {(q.metric, q.value, q.next_at) for q in outcomes} == {(None, None, None)}
    assert any(q.marks is not None for q in outcomes)


def test_a_running_retry_shows_its_own_metric(tmp_path: Path) -> None:
    """It shows it at once; what would answer the question stays closed."""
    state, clock = StatePaths(tmp_path), FakeClock()
    journal = Journal(state.database)
    attempt = journal.start(started(clock.now, mode=Mode.RETRY, on=paper((1,))))
    journal.append(attempt, received(clock.advance(9), 1, "aa"))
    journal.append(attempt, graded(clock.advance(9), 1, "aa", 2))
    review = Review(state, clock)
    assert review.outcomes()[0].questions[0].value == 0.5
    question = review.detail(attempt).questions[0]
    assert question.submissions[0].value == 0.5
    assert question.reference is None


def test_regrades_and_hints_are_shown(tmp_path: Path) -> None:
    """Each later verdict beside the first, with its versions; hints are counted; a jump is shown."""
    state, clock = StatePaths(tmp_path), FakeClock()
    journal = Journal(state.database)
    attempt = journal.start(started(clock.now, mode=Mode.RETRY, on=paper((1,))))
    journal.append(attempt, ev.Noted(at=clock.advance(9), number=1, what="hint", detail="1"))
    journal.append(attempt, ev.ClockJumped(at=clock.advance(9), seconds=-3600.0))
    journal.append(attempt, received(clock.advance(9), 1, "aa"))
    journal.append(attempt, graded(clock.advance(9), 1, "aa", None, verdict=Verdict.GRADER_ERROR))
    journal.append(attempt, ev.Finished(at=clock.now, reason="candidate"))
    journal.append(attempt, ev.Settled(at=clock.now, earned=0, possible=5, passed=False))
    again = {**vars(graded(clock.advance(9**5), 1, "aa", 4)), "versions": {"keras": "4"}}
    journal.append(attempt, ev.Regraded(**again))
    detail = Review(state, clock).detail(attempt)
    submission = detail.questions[0].submissions[0]
    assert [(r.marks, r.versions) for r in submission.regrades] == [(4, {"keras": "4"})]
    assert (submission.marks, submission.counts, detail.questions[0].marks) == (4, True, 4)
    assert detail.questions[0].hints == 1
    assert [j.seconds for j in detail.jumps] == [-3600.0]
    texts = [line.text for line in detail.timeline]
    assert "hint 1 was shown" in texts
    assert "the computer's clock was set back by 1 h 00 min" in texts
    assert any(text.startswith("regraded: 4/5") for text in texts)
    assert detail.timeline[-1].elapsed == detail.outcome.time_used
