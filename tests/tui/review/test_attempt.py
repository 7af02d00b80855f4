"""One attempt, its scripts, and what can be done with it, by keyboard alone."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mockexam.errors import UserError
from mockexam.exam.scoring import Verdict
from mockexam.review.script_diff import DiffLine
from mockexam.review.service import Review
from mockexam.session.ports import ProgressCallback
from mockexam.session.regrade import RegradeChange, Versions
from mockexam.tui.screens.attempt_content import header, question_text
from mockexam.tui.widgets.markdown import diff_columns, diff_text
from mockexam.tui.widgets.question_lists import SubmissionList, prompt
from tests.tui.looks import name_of, text_of
from tests.tui.review.conftest import Record, Visit, fill, notices, shown, told, wait


async def test_all_of_an_attempt_is_told(visit: Visit, record: Record) -> None:
    """Result, time, chain, receipt; a question's bands, distance, skills; its submissions; then the timeline."""
    async with visit(record.exam) as pilot:
        await shown(
            pilot, "FAIL", "weighted marks, pass mark 90 %", "used of 5:00:00", "record intact", "receipt ",
            "▸1 Basil under lamps", "smaller is better", "time worked", "skills", "1 submission", ", counts",
            "to the next mark at", "mymodel.keras", "bubblewrap",
        )  # fmt: skip
        await pilot.press("3")
        await shown(pilot, "▸3 The repair cafe", "accuracy")
        await pilot.press("t")
        await shown(pilot, "the clock started", "Q1 mymodel.keras received")
        await pilot.press("t", "escape")
        assert name_of(pilot) == "HomeScreen"


def test_an_altered_attempt_tells_where(review: Review, record: Record) -> None:
    """The event, in the heading."""
    assert "! altered at event 3" in header(review.detail(record.ids[9])).plain


async def test_a_script_alone_beside_others_and_put_back(visit: Visit, record: Record, tmp_path: Path) -> None:
    """Enter on a submission; d goes round; a chooses the other one; w: the reference; o: back into a folder."""
    async with visit(record.ids[-1]) as pilot:
        await pilot.press("enter", "enter")
        await shown(pilot, " 3  UNITS = ", "The script as saved")
        await pilot.press("d")
        await shown(pilot, "+ import numpy as np", "+ the reference solution")
        await pilot.press("d")
        await shown(pilot, "− UNITS = ", "+ UNITS = ", "+ submission at")
        await pilot.press("c")
        await shown(pilot, "Against which submission?")
        await pilot.press("home", "enter")
        await shown(pilot, "+ submission at", "UNITS = ")
        await pilot.press("escape", "w")
        await shown(pilot, "· reference solution", " import numpy as np")
        await pilot.press("escape", "O")
        await shown(pilot, "Nothing is overwritten", "/home/learner/mockexam/")
        fill(pilot, os.fspath(tmp_path / "again"))
        await pilot.press("enter")
        await told(pilot, "Restored to")
        assert {path.name for path in (tmp_path / "again").iterdir()} == {"mymodel.keras", "solution.py"}


async def test_a_wide_terminal_shows_the_reference_beside_the_script(visit: Visit, record: Record) -> None:
    """The reference left, yours right, equal lines in one row; a narrow terminal has them below each other."""
    async with visit(record.ids[-1], size=(120, 40)) as pilot:
        await pilot.press("enter", "enter")
        await shown(pilot, "The script as saved")
        await pilot.press("d")
        wide = (await shown(pilot, "+ the reference solution", "− UNITS = ")).splitlines()
        rows = [(left, right) for left, rule, right in (line.partition(" │ ") for line in wide) if rule]
        assert any("  import tensorflow as tf" in left and "  import tensorflow as tf" in right for left, right in rows)
        assert any("+ import numpy as np" in left for left, _ in rows)
        assert any("− UNITS = " in right for _, right in rows)
        assert not any(" − " in left or " + " in right for left, right in rows)
        head = next(line for line in wide if "+ the reference solution" in line)
        assert head.index("− your script") == len(rows[0][0]) + 3
        await pilot.resize_terminal(80, 40)
        await wait(pilot, lambda: " │ " not in text_of(pilot))
        await shown(pilot, "− your script   + the reference solution", "+ import numpy as np")
        await pilot.resize_terminal(140, 40)
        await wait(pilot, lambda: " │ " in text_of(pilot))


@pytest.mark.parametrize("new_left", [False, True])
def test_a_column_loses_nothing_of_a_long_line(new_left: bool) -> None:
    """It goes on in the next row of its side, whose other half stays empty; every row has the same width."""
    long, short = "x" * 50 + "y" * 50, "z = 1"
    lines = [DiffLine("old", long, 1, None), DiffLine("new", short, None, 1)]

    rows = [row.partition(" │ ")[::2] for row in diff_columns(lines, 83, new_left=new_left).plain.split("\n")]

    sides = [left if not new_left else right for left, right in rows]
    others = [right if not new_left else left for left, right in rows]
    assert "".join(side[4:].rstrip() for side in sides) == long
    assert [other[4:].strip() for other in others] == [short, *[""] * (len(rows) - 1)]
    assert {len(left) for left, _ in rows} == {40}
    assert max(len(right) for _, right in rows) == 40


async def test_an_old_attempt_tells_what_is_gone(visit: Visit, review: Review, record: Record) -> None:
    """No bands, no reference, no model: in words. One that is unknown is told with those that are known."""
    question = review.detail(record.ids[0]).questions[0]
    assert question.closed
    assert question.closed in question_text(question, 60).plain
    lines = prompt(question.submissions[0], 200, chosen=True).plain.replace("\u00a0", " ")
    assert "model no longer stored · no script stored" in lines
    async with visit(record.ids[0]) as pilot:
        await pilot.press("w", "O", "A")
        assert name_of(pilot) == "AttemptScreen"
        assert question.closed in notices(pilot)
        assert "of this submission is stored any more" in notices(pilot)
        assert "Nothing can be graded again" in notices(pilot)
        await pilot.press("escape")
        pilot.app.action_review("nonsense")  # type: ignore[attr-defined]  # ours
        await shown(pilot, "'nonsense' is not known", "last")
        await pilot.press("c", "x", "O", "enter", "A", "escape")
        assert name_of(pilot) == "HomeScreen"


async def test_marking_again_tells_what_changed(visit: Visit, record: Record) -> None:
    """After a question; with progress; a refusal is told."""
    asked: list[str] = []

    async def regrade(attempt: str, progress: ProgressCallback) -> Sequence[RegradeChange]:
        asked.append(attempt)
        if len(asked) > 1:
            raise UserError("An attempt is under way; nothing is graded again meanwhile.")
        progress(0.5, "question 1")
        before = RegradeChange("q1-a", 1, "mymodel.keras", Verdict.GRADED, 3, 0.71)
        versions = (Versions("keras", "3.1", "3.2"),)
        after = replace(before, after=Verdict.GRADED, marks_after=4, value_after=0.8, versions=versions)
        return [after, replace(before, left_out="Its model is not kept any more.")]

    async with visit(record.exam) as pilot:
        pilot.app.services = replace(pilot.app.services, regrade=regrade)  # type: ignore[attr-defined]  # ours
        await pilot.press("A")
        await shown(pilot, "Both results stay")
        await pilot.press("enter")
        await shown(
            pilot, "1 model graded again", "3/5 at 0.71 → 4/5 at 0.8", "! changed", "keras 3.1 → 3.2", "not kept"
        )
        await pilot.press("enter", "A", "enter")
        await told(pilot, "An attempt is under way")
        assert asked == [record.exam] * 2


async def test_pages_are_written_and_the_path_told(
    visit: Visit, record: Record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is there is replaced only after a second Enter; a certificate needs a pass and a name."""
    written: list[tuple[Path, str | None, str | None]] = []

    def write(self: Review, path: Path, attempt: str | None = None, name: str | None = None) -> None:
        written.append((path, attempt, name))

    monkeypatch.setattr(Review, "write_html", write)
    monkeypatch.chdir(tmp_path)
    page = tmp_path / f"mockexam-{record.exam}.html"
    page.touch()
    async with visit(record.exam) as pilot:
        await pilot.press("W", "H", "enter")
        await shown(pilot, "already exists")
        assert not written
        await pilot.press("enter")
        await told(pilot, f"Written: {page}")
        detail = pilot.app.screen.detail  # type: ignore[attr-defined]  # the attempt's screen
        pilot.app.screen.detail = replace(detail, outcome=replace(detail.outcome, passed=True))  # type: ignore[attr-defined]  # as above
        await pilot.press("W", "enter")
        await shown(pilot, "Type the name to print on it")
        fill(pilot, "Ada Lovelace", "#name")
        await pilot.press("enter", "enter")
        await wait(pilot, lambda: len(written) == 2)
    certificate = tmp_path / f"mockexam-{record.exam}-certificate.html"
    assert written == [
        (page, record.exam, None),
        (certificate, record.exam, "Ada Lovelace"),
    ]


async def test_an_attempt_without_a_certificate_says_why(visit: Visit, record: Record) -> None:
    """A key that did nothing looked broken."""
    async with visit(record.exam) as pilot:
        await shown(pilot, "record intact")
        await pilot.press("W")
        await told(pilot, "was not passed")
        assert name_of(pilot) == "AttemptScreen"


async def test_a_long_line_of_the_timeline_is_wrapped(visit: Visit, record: Record) -> None:
    """A refusal's remedy stands at its end."""
    async with visit(record.exam) as pilot:
        await shown(pilot, "record intact")
        screen: Any = pilot.app.screen
        lines = screen.detail.timeline
        long = replace(lines[-1], text=" ".join(["refused"] * 30) + " remedy")
        screen.detail = replace(screen.detail, timeline=(long, *lines))
        await pilot.press("t")
        await shown(pilot, "Timeline", "remedy")


async def test_deleting_it_leads_back_to_a_list_without_it(visit: Visit, record: Record) -> None:
    """After the word."""
    async with visit() as pilot:
        await pilot.press("enter")
        await shown(pilot, "record intact")
        await pilot.press("x")
        fill(pilot, "delete")
        await pilot.press("enter")
        await shown(pilot, "11 attempts")


@pytest.mark.parametrize("later", [False, True])
async def test_at_60_columns_the_submissions_have_the_keys(visit: Visit, record: Record, later: bool) -> None:
    """There is no table of questions: Enter shows the script, also after the terminal became narrow."""
    async with visit(record.ids[-1], size=(80, 24) if later else (60, 20)) as pilot:
        await shown(pilot, "record intact", "time worked")
        if later:
            await pilot.resize_terminal(60, 20)
        await wait(pilot, lambda: pilot.app.focused is pilot.app.screen.query_one(SubmissionList))
        await shown(pilot, "record intact", "receipt")
        await pilot.press("enter")
        await shown(pilot, "The script as saved")


def test_a_long_line_of_a_difference_is_wrapped_with_a_sign() -> None:
    """In the width of the terminal, and nothing of it is lost."""
    long = "x = [" + ", ".join(map(str, range(60))) + "]"
    lines = [DiffLine("same", "a = 1", 1, 1), DiffLine("new", long, None, 2)]
    for width in (54, 74):
        first, head, *rest = diff_text(lines, width).plain.split("\n")
        assert max(map(len, (first, head, *rest))) <= width
        assert first.split() == ["1", "1", "a", "=", "1"]
        assert all(row.lstrip().startswith("… ") for row in rest)
        assert "".join([head[6:], *(row[6:] for row in rest)]).rstrip() == long


async def test_a_submission_taller_than_its_pane_is_scrolled_through(visit: Visit, record: Record) -> None:
    """By j and k and by pages, without enlarging; the next submission comes after its end."""
    async with visit(record.exam) as pilot:
        submissions = pilot.app.screen.query_one(SubmissionList)
        tall = replace(submissions.submissions[0], message="Words. " * 200)
        submissions.submissions = (tall, replace(tall, id="another"))
        submissions.highlighted = 0
        submissions.focus()
        await pilot.pause()
        submissions.scroll_home(animate=False)
        await pilot.pause()
        assert submissions.size.height < 30
        await pilot.press("j", "j")
        assert (submissions.highlighted, submissions.scroll_y) == (0, 2)
        await pilot.press("k")
        assert (submissions.highlighted, submissions.scroll_y) == (0, 1)
        await pilot.press("pagedown")
        assert submissions.highlighted == 0
        assert submissions.scroll_y > 2
        for _ in range(60):
            await pilot.press("pagedown")
        assert submissions.highlighted is not None
        assert submissions.highlighted > 0


async def test_escape_leaves_the_enlarged_pane_first(visit: Visit, record: Record) -> None:
    """Then the screen, in an attempt and in the list."""
    async with visit(record.exam) as pilot:
        screen = pilot.app.screen
        await pilot.press("z", "escape")
        assert pilot.app.screen is screen
        assert not screen.has_class("-zoom")
        await pilot.press("escape")
        await wait(pilot, lambda: pilot.app.screen is not screen)
