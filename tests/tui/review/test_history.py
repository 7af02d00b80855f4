"""The list of all attempts, by keyboard alone."""

from __future__ import annotations

import os
import threading
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from mockexam.errors import UserError
from mockexam.review.service import Review
from mockexam.store.database import connect
from mockexam.store.summaries import AllAttempts, ReadProgress
from mockexam.tui.screens.attempt_content import AttemptPane, header
from mockexam.tui.screens.history_screen import HistoryScreen
from mockexam.tui.widgets.attempt_list import AttemptList, short_word
from tests.histories import make_history
from tests.tui.conftest import Opener
from tests.tui.fakes import FakeEnvironment
from tests.tui.looks import name_of, text_of
from tests.tui.review.conftest import Record, Visit, at, fill, notices, shown, told, wait


def rows(pilot: Pilot[int]) -> list[str]:
    """The lines of the list, without the cursor."""
    attempts = pilot.app.screen.query_one(AttemptList)
    lines = text_of(pilot).splitlines()
    return [line[1:] for line in lines[attempts.region.y : attempts.region.bottom] if line.strip()]


def cursor(pilot: Pilot[int]) -> str:
    chosen = pilot.app.screen.query_one(AttemptList).chosen
    return chosen.attempt if chosen else ""


async def test_home_leads_here_and_back(opened: Opener, record: Record) -> None:
    """A line an attempt, newest first; chart, categories and disk use; what was altered says so; Esc leads home."""
    async with opened() as pilot:
        await pilot.press("3")
        await shown(
            pilot, "4 exams", "8 retries", "pass 90 %", "weakest first", "rising", "newest first", "12 attempts",
            "Disk space: record", "!altered",
        )  # fmt: skip
        assert len(rows(pilot)) == 10
        assert [("!altered" in row) for row in rows(pilot)] == [False, False, True] + [False] * 7
        assert cursor(pilot) == record.ids[-1]
        await pilot.press("escape")
        assert name_of(pilot) == "HomeScreen"


async def test_the_first_frame_does_not_wait_for_the_record(
    opened: Opener, record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says that it reads, and can be left meanwhile."""
    go_on = threading.Event()

    def past(self: Review, told: object = None) -> object:
        go_on.wait(60)
        raise UserError("This comes too late.")

    monkeypatch.setattr(Review, "past", past)
    async with opened() as pilot:
        try:
            await pilot.press("3")
            await shown(pilot, "Loading attempts")
            await pilot.press("escape")
            assert name_of(pilot) == "HomeScreen"
        finally:
            go_on.set()


async def test_a_screen_that_is_closed_meanwhile_shows_nothing_more(visit: Visit, record: Record) -> None:
    """What was begun in the background finds nothing left to show it in."""
    async with visit() as pilot:
        screen = pilot.app.screen
        await screen.remove_children()
        screen._verify()  # type: ignore[attr-defined]  # as a key would have begun it
        await wait(pilot, lambda: all(worker.is_finished for worker in pilot.app.workers))


async def test_filters_order_and_words_by_keys(visit: Visit, record: Record) -> None:
    """The state of each stands beside its key; what was found is opened with Enter."""
    code = record.exam.partition("-")[2].partition("-")[0]
    async with visit() as pilot:
        await pilot.press("M")
        await shown(pilot, "M exams ", "4 of 12 attempts")
        assert len(rows(pilot)) == 4
        await pilot.press("P", "C")
        await shown(pilot, "P passed", "C simple model", "of 12 attempts")
        await pilot.press("a", "S", "S", "S")
        await shown(pilot, "lowest total first")
        totals = [float(row.split()[6]) for row in rows(pilot) if " exam " in row]
        assert totals == sorted(totals)
        await pilot.press("slash")
        fill(pilot, "nothing like it", "#find")
        await shown(pilot, "No attempt matches")
        fill(pilot, f"{code[:4]}-{code[4:]}", "#find")
        await pilot.press("enter")
        assert cursor(pilot) == record.exam
        await pilot.press("enter")
        await at(pilot, "AttemptScreen")


async def test_leaving_ends_the_verifying(visit: Visit, record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    """No attempt is looked at any more."""
    looked: list[str] = []

    def slow(self: Review, attempt: str) -> None:
        looked.append(attempt)
        time.sleep(0.1)

    monkeypatch.setattr(Review, "broken", slow)
    async with visit() as pilot:
        await wait(pilot, lambda: looked)
        await pilot.press("escape")
        before = len(looked)
        await pilot.pause(0.3)
        assert len(looked) <= before + 1 < len(record.ids)


async def test_the_marked_ones_are_deleted_but_never_a_running_one(
    visit: Visit, env: FakeEnvironment, tmp_path: Path
) -> None:
    """Only after the whole word; alone, a running one is not even asked about."""
    env.home = tmp_path / "running"
    ids = make_history(env.home, 3, running=True, submissions_each=5)
    async with visit() as pilot:
        assert " running " in rows(pilot)[0]
        await pilot.press("x", "E")
        assert name_of(pilot) == "HistoryScreen"
        assert "The running attempt is left out" in notices(pilot)
        await pilot.press("space", "space", "x")
        await shown(pilot, "Delete 1 attempt?")
        fill(pilot, "DELET")
        await pilot.press("enter")
        await shown(pilot, "Type the word DELETE in full")
        assert len(env.review().outcomes()) == 3
        await pilot.press("E", "enter")
        await shown(pilot, "2 attempts")
        assert [o.attempt for o in env.review().outcomes()] == [ids[0], ids[2]]


async def test_pruning_tells_before_what_it_frees(visit: Visit, record: Record) -> None:
    """What goes, what stays, and how much; then the word."""

    def kept() -> int:
        return len(list((record.home / "submissions").rglob("*.keras")))

    async with visit() as pilot:
        before = kept()
        await pilot.press("D")
        await shown(pilot, "Free disk space?", "The best and the last model", "permanently deletes")
        assert kept() == before
        fill(pilot, "prune")
        await pilot.press("enter")
        await told(pilot, "Freed")
        assert 0 < kept() < before
        await pilot.press("D")
        await told(pilot, "nothing to free")


async def test_an_archive_is_written_and_taken_in(
    visit: Visit, record: Record, review: Review, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name is proposed that is free; what was deleted comes back."""
    monkeypatch.chdir(tmp_path)
    archive = tmp_path / f"mockexam-{record.ids[-1]}.zip"
    async with visit() as pilot:
        await pilot.press("E", "enter")
        await told(pilot, "Written:")
        assert archive.is_file()
        await pilot.press("E")
        await shown(pilot, f"{archive.stem}-2.zip")
        fill(pilot, os.fspath(archive))
        await pilot.press("enter")
        await shown(pilot, "already exists")
        await pilot.press("escape", "I", "enter")
        review.delete([record.ids[-1]])
        fill(pilot, os.fspath(tmp_path / "none.zip"))
        await pilot.press("enter")
        await shown(pilot, "File not found")
        fill(pilot, os.fspath(archive))
        await pilot.press("enter")
        await told(pilot, "Imported: 1 attempt")
        assert record.ids[-1] in [o.attempt for o in review.outcomes()]


async def test_two_keys_at_once_leave_a_way_out(visit: Visit, record: Record) -> None:
    """A dialog and Enter before it is there: one of the two comes, and nothing waits below it unseen."""
    async with visit() as pilot:
        screen = pilot.app.screen
        assert isinstance(screen, HistoryScreen)
        for first, then in ((screen.action_delete, screen.action_open), (screen.action_open, screen.action_export)):
            first()
            then()
            await wait(pilot, lambda: pilot.app.screen is not screen)
            await pilot.pause()
            assert len(pilot.app.screen_stack) == pilot.app.screen_stack.index(screen) + 2
            await pilot.press("escape")
            await wait(pilot, lambda: pilot.app.screen is screen)
            assert not notices(pilot)


async def test_the_list_goes_over_many_and_takes_the_room(visit: Visit, env: FakeEnvironment, tmp_path: Path) -> None:
    """To the end and back; z gives it the screen, then the overview, then both. What can't be read is told."""
    env.home = tmp_path / "many"
    ids = make_history(env.home, 40, submissions_each=1)
    with closing(connect(env.home / "records.sqlite3")) as database:
        database.execute("DROP TRIGGER events_stay")
        database.execute("UPDATE events SET body = '{' WHERE attempt = ? AND seq = 1", (ids[0],))
    async with visit() as pilot:
        await shown(pilot, "can't be read", ids[0], "39 attempts")
        for key, wanted in (("end", 1), ("home", 39), ("pagedown", 35), ("up", 36)):
            await pilot.press(key)
            assert cursor(pilot) == ids[wanted], key
            assert "▸" in text_of(pilot), key
        sizes = []
        for _ in range(4):
            sizes.append(tuple(pilot.app.screen.query_one(part).size.height for part in ("#upper", "#attempts")))
            await pilot.press("z")
        assert sizes[1][0] == 0 < sizes[0][0] < sizes[2][0]
        assert sizes[2][1] == 0 < sizes[0][1] < sizes[1][1]
        assert sizes[3] == sizes[0]


async def test_without_attempts_it_says_what_will_be_here(opened: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    """Friendly, and with what to press; a key that would need an attempt does nothing. A damaged record is told."""

    def refuse(self: Review, told: object = None) -> object:
        raise UserError("The record is damaged.", location="records.sqlite3", hint="A copy was kept.")

    async with opened() as pilot:
        await pilot.press("3")
        await pilot.resize_terminal(60, 20)
        await shown(pilot, "You have no attempts yet", "Press I")
        await pilot.resize_terminal(80, 24)
        screen = await shown(pilot, "You have no attempts yet", "start an exam or retry")
        assert "Delete" not in screen
        await pilot.press("enter", "space", "c", "x", "R", "D")
        await told(pilot, "nothing to free")
        assert name_of(pilot) == "HistoryScreen"
        monkeypatch.setattr(Review, "past", refuse)
        await pilot.press("escape", "3")
        assert "Loading" not in await shown(pilot, "A copy was kept.")


async def test_a_key_leads_to_the_next_exam(visit: Visit, record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    """Chart, categories and readiness are of one exam, the one taken last at first; with one exam there is no line."""
    async with visit() as pilot:
        assert "Exam: " not in await shown(pilot, "4 exams, best")
        await pilot.press("n")
        assert "Exam: " not in text_of(pilot)
    read = Review.past
    main = "TensorFlow Developer"

    def past(self: Review, told: ReadProgress | None = None) -> AllAttempts:
        found = read(self, told)
        return replace(
            found,
            outcomes=(*found.outcomes[:9], *(replace(o, exam="own", title="My own exam") for o in found.outcomes[9:])),
        )

    monkeypatch.setattr(Review, "past", past)
    async with visit() as pilot:
        await shown(pilot, "Exam: My own exam ", f"press n for {main}", "1 exam, best")
        await pilot.press("n")
        await shown(pilot, f"Exam: {main} ", "press n for My own exam", "3 exams, best")
        await pilot.press("R")
        await shown(pilot, "Readiness for the exam TensorFlow Developer", "Chance of passing")
        await pilot.press("escape", "n", "R")
        await shown(pilot, "Readiness for the exam My own exam", "Chance of passing")


async def test_a_wide_terminal_shows_the_chosen_attempt_beside_the_list(visit: Visit, record: Record) -> None:
    """What its own screen shows; it follows the cursor; Tab and Enter go in; a narrow one has the list alone."""
    async with visit(size=(140, 40)) as pilot:
        await shown(pilot, "record intact", "submissions", "12 attempts")
        pane = pilot.app.screen.query_one(AttemptPane)
        await pilot.press("M", "down")
        await wait(pilot, lambda: pane.detail and pane.detail.outcome.attempt == cursor(pilot))
        assert pane.detail is not None
        assert pane.detail.outcome.attempt == record.exam
        beside = await shown(pilot, *header(pane.detail).plain.splitlines(), "▸1 Basil under lamps", "time worked")
        assert any("▸15 Jan 2026" in line and "used of" in line for line in beside.replace("▸ ", "▸").splitlines())
        await pilot.press("tab", "down", "down")
        await shown(pilot, "▸3 The repair cafe", "accuracy")
        await pilot.press("enter", "enter")
        await at(pilot, "ScriptScreen")
        await pilot.press("escape")
        await pilot.resize_terminal(80, 24)
        await wait(pilot, lambda: not pane.display)
        await wait(pilot, lambda: pilot.app.focused is pilot.app.screen.query_one(AttemptList))
        await pilot.press("enter")
        await at(pilot, "AttemptScreen")
        await shown(pilot, *header(pane.detail).plain.splitlines())


async def test_only_the_attempt_on_which_the_cursor_rests_is_read(
    visit: Visit, record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not each one it passes; without one that matches nothing stands there."""
    read: list[str] = []
    detail = Review.detail

    def counted(self: Review, attempt: str) -> object:
        read.append(attempt)
        return detail(self, attempt)

    monkeypatch.setattr(Review, "detail", counted)
    async with visit(size=(140, 40)) as pilot:
        await shown(pilot, "record intact")
        read.clear()
        await pilot.press(*["down"] * 8)
        await wait(pilot, lambda: record.ids[3] in read)
        assert cursor(pilot) == record.ids[3]
        assert len(read) < 8  # a busy machine rests on some of those that it passes
        await pilot.press("slash")
        fill(pilot, "nothing like it", "#find")
        await shown(pilot, "No attempt matches")
        await wait(pilot, lambda: "record intact" not in text_of(pilot))


@pytest.mark.parametrize(("width", "word"), [(80, "si simple model"), (118, "simple simple model"), (60, "")])
async def test_the_help_has_the_lists_abbreviations(visit: Visit, record: Record, width: int, word: str) -> None:
    """Of the width at hand; none where the list has no such columns."""
    async with visit(size=(width, 40)) as pilot:
        help_text = str(pilot.app.screen.HELP_TEXT)  # type: ignore[attr-defined]  # of the list of attempts
        assert ("marks by category" in help_text) is bool(word)
        assert word in help_text
        columns = pilot.app.screen.query_one(AttemptList).columns
        assert all(f"{short_word(name, columns.category - 1)} " in help_text for name in columns.categories if word)
