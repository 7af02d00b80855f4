"""The exam room: packing a question, and the offer of what comes back."""

from __future__ import annotations

import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import Input

from mockexam.exam.attempt import Attempt
from mockexam.tui.screens import exam_screen
from mockexam.tui.screens.modal import YesNo
from tests.tui.conftest import Opener
from tests.tui.fakes import FakeEnvironment, FakeSession
from tests.tui.looks import name_of, text_of, until
from tests.tui.test_exam_keys import notes_of
from tests.tui.test_exam_screen import enter
from tests.workspace.conftest import keras, samples

__all__ = ["keras", "samples"]


@pytest.fixture
def session(env: FakeEnvironment) -> FakeSession:
    """In an attempt whose first question is one of the bank's."""
    session = env.manager.begin()
    first, *others = session.attempt.paper.items
    first = replace(first, question="simple_model/ballast_car")
    session.attempt = of_items(session.attempt, (first, *others))
    for item in session.attempt.paper.items:
        folder = session.folder(item.number)
        (folder / "data").mkdir(parents=True)
        (folder / "data" / "rides.csv").write_text("1,2\n")
        (folder / "solution.py").write_text("print('hello')\n")
    return session


def of_items(attempt: Attempt, items: tuple) -> Attempt:  # type: ignore[type-arg]  # PaperItems
    return replace(attempt, paper=replace(attempt.paper, items=items))


async def offer(session: FakeSession, samples: Path, name: str = "mymodel (1).keras") -> Path:
    """Something comes back, and is found by two looks at it."""
    path = session.folder(1) / name
    shutil.copy(samples / "mymodel.keras", path)
    await session.transfer.look()
    await session.transfer.look()
    session.tick()
    return path


async def test_p_packs_the_question(opened: Opener, session: FakeSession) -> None:
    """Enter takes the place that is proposed; a second time it takes one more to replace it."""
    target = session.transfer.pack_path(1)
    async with opened() as pilot:
        await enter(pilot)
        await pilot.press("p")
        assert pilot.app.screen.query_one("#path", Input).value == str(target)
        await pilot.press("enter")
        await until(pilot, target.exists)
        await until(pilot, lambda: str(target) in notes_of(pilot).replace("\n", ""))
        assert any(name.endswith("solution.ipynb") for name in zipfile.ZipFile(target).namelist())

        target.write_bytes(b"mine")
        await pilot.press("p", "enter")
        assert target.read_bytes() == b"mine"
        assert "replace" in text_of(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: zipfile.is_zipfile(target))


async def test_what_comes_back_is_offered(opened: Opener, session: FakeSession, samples: Path) -> None:
    """Enter does not answer, y does; the file stays, and the model is where the watcher receives it."""
    async with opened() as pilot:
        await enter(pilot)
        path = await offer(session, samples)
        await until(pilot, lambda: isinstance(pilot.app.screen, YesNo))
        assert "mymodel (1).keras" in text_of(pilot)
        await pilot.press("enter")
        assert isinstance(pilot.app.screen, YesNo)
        await pilot.press("y")
        await until(pilot, (session.folder(1) / "mymodel.keras").exists)
        assert path.exists()
        assert name_of(pilot) == "ExamScreen"
        assert session.transfer.offers == ()


@pytest.mark.parametrize("key", ["n", "escape"])
async def test_a_no_changes_nothing(key: str, opened: Opener, session: FakeSession, samples: Path) -> None:
    """And it is not asked again."""
    async with opened() as pilot:
        await enter(pilot)
        await offer(session, samples)
        await until(pilot, lambda: isinstance(pilot.app.screen, YesNo))
        await pilot.press(key)
        await until(pilot, lambda: name_of(pilot) == "ExamScreen")
        await offer(session, samples, "mymodel (2).keras")
        await pilot.pause()
        assert name_of(pilot) == "ExamScreen"
        assert not (session.folder(1) / "mymodel.keras").exists()


async def test_it_waits_while_a_sheet_is_open(opened: Opener, session: FakeSession, samples: Path) -> None:
    """And comes when the sheet is closed."""
    async with opened() as pilot:
        await enter(pilot)
        await pilot.press("question_mark")
        sheet = pilot.app.screen
        await offer(session, samples)
        await pilot.pause()
        assert pilot.app.screen is sheet
        await pilot.press("escape")
        session.tick()
        await until(pilot, lambda: isinstance(pilot.app.screen, YesNo))


async def test_the_end_of_the_time_takes_the_question_away(opened: Opener, session: FakeSession, samples: Path) -> None:
    """The sheet of the end is not covered, and nothing is submitted."""
    async with opened() as pilot:
        await enter(pilot)
        await offer(session, samples)
        await until(pilot, lambda: isinstance(pilot.app.screen, YesNo))
        session.tick(20_000)
        await until(pilot, lambda: name_of(pilot) == "TimeUp")
        session.tick()
        await pilot.pause()
        assert name_of(pilot) == "TimeUp"
    assert not (session.folder(1) / "mymodel.keras").exists()


async def test_e_and_r_take_the_newer_notebook(
    opened: Opener, session: FakeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is opened, and its name is in the record of the run."""
    edited: list[str] = []

    async def edit(_app: object, _editor: object, path: Path) -> None:
        edited.append(path.name)

    monkeypatch.setattr(exam_screen, "edit", edit)
    (session.folder(1) / "solution.ipynb").write_text('{"cells": []}')
    async with opened() as pilot:
        await enter(pilot)
        await pilot.press("e", "r")
        await until(pilot, lambda: (1, "run", "solution.ipynb") in session.notes)
    assert edited == ["solution.ipynb"]
