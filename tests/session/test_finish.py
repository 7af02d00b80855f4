"""However an attempt ends, the last look is the same: a folder that was copied in just before is received."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from mockexam import paths
from mockexam.cli import attempt_commands as command
from mockexam.cli import plain
from mockexam.cli.plain import JsonOutput
from mockexam.errors import UserError
from mockexam.exam import events as ev
from mockexam.exam.attempt import Attempt
from mockexam.session.exam_session import ExamSession
from mockexam.session.finish_request import FinishRequest
from mockexam.session.manager import SessionManager
from mockexam.workspace import receive
from tests.session.test_exam_session import Room, until

HOLD = """
import sys, time
from pathlib import Path
from mockexam.store.attempt_lock import AttemptLock
lock = AttemptLock(Path(sys.argv[1]))
lock.take()
print("held", flush=True)
time.sleep(60)
"""
"""An app that has the attempt open and answers nothing: one that hangs, or one from before requests."""


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Room]:
    """An attempt on record in the home folder that commands use, with a marker that is quick."""
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path))
    made = Room(tmp_path, duration=600)
    monkeypatch.setattr(SessionManager, "grader", lambda manager: made.grader)
    yield made
    made.journal.close()


@asynccontextmanager
async def running(room: Room) -> AsyncIterator[ExamSession]:
    """An app that has the attempt open, and has settled down; it must have ended by the end of the block."""
    session = room.open()
    run = asyncio.create_task(session.run())
    await asyncio.sleep(0.5)
    try:
        yield session
        await asyncio.wait_for(run, 20)
    finally:
        run.cancel()
        await asyncio.gather(run, return_exceptions=True)
        await session.close()


def copy_in(samples: Path, room: Room, number: int = 1) -> Path:
    """Copy a SavedModel into a question's folder, its files in an order in which no export writes them."""
    target = room.root / room.paper.item(number).folder / "mymodel"
    (target / "variables").mkdir(parents=True)
    for name in ("fingerprint.pb", "saved_model.pb"):
        shutil.copyfile(samples / "mymodel" / name, target / name)
    time.sleep(0.02)
    for file in (samples / "mymodel" / "variables").iterdir():
        shutil.copyfile(file, target / "variables" / file.name)
    return target


def formats(attempt: Attempt) -> list[str]:
    """The format of all that was received."""
    return [submission.received.format for submission in attempt.submissions]


def finish_here(*, as_json: bool = True) -> int:
    """`mockexam finish --yes` in a thread of this process."""
    return command.finish_attempt(yes=True, as_json=as_json)


@asynccontextmanager
async def silent_app(room: Room) -> AsyncIterator[asyncio.subprocess.Process]:
    """A process that has the attempt open and does nothing."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HOLD, str(room.state.locks), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"held\n"
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


class TestAFolderCopiedInOneSecondBefore:
    """It is neither still nor in an export's order yet, and is received by every end."""

    async def test_f_in_the_app(self, room: Room, samples: Path) -> None:
        """The app's key calls `finish`."""
        async with running(room) as session:
            copy_in(samples, room)
            await asyncio.sleep(1)
            await session.finish()
        assert formats(session.snapshot.attempt) == ["saved_model"]
        assert session.snapshot.attempt.questions[0].marks == 4

    async def test_finish_from_a_second_terminal(self, room: Room, samples: Path) -> None:
        """The command asks the open app and shows the same result."""
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        arguments = [sys.executable, "-m", "mockexam", "finish", "--yes", "--json"]
        async with running(room) as session:
            copy_in(samples, room)
            await asyncio.sleep(1)
            done = await asyncio.to_thread(
                subprocess.run, arguments, env=environment, capture_output=True, text=True, timeout=60, check=False
            )
        assert done.returncode == 0, done.stderr
        told = json.loads(done.stdout)
        assert (told["phase"], told["questions"][0]["marks"]) == ("ended", 4)
        assert formats(session.snapshot.attempt) == ["saved_model"]
        ends = [e.event for e in room.journal.entries(room.attempt) if isinstance(e.event, ev.Finished)]
        assert [end.reason for end in ends] == ["candidate"]
        assert not list(room.state.locks.glob("finish-*"))

    async def test_finish_typed_in_plain(
        self, room: Room, samples: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Typed and confirmed on standard input."""
        reading, writing = os.pipe()
        with os.fdopen(reading) as typed, os.fdopen(writing, "w") as keyboard:
            monkeypatch.setattr(sys, "stdin", typed)
            session = room.open()
            run = asyncio.create_task(plain._run(session, JsonOutput()))
            await asyncio.sleep(0.5)
            copy_in(samples, room)
            await asyncio.sleep(1)
            keyboard.write("finish\nFINISH\n")
            keyboard.flush()
            left = await asyncio.wait_for(run, 20)
            await session.close()
        assert not left
        assert formats(session.snapshot.attempt) == ["saved_model"]
        assert any(json.loads(line)["event"] == "received" for line in capsys.readouterr().out.splitlines())

    async def test_the_time_runs_out(self, room: Room, samples: Path) -> None:
        """The clock ends it; it is noted that the model was found afterwards."""
        async with running(room) as session:
            copy_in(samples, room)
            room.clock.offset = 599 - 1.5
            await asyncio.sleep(1)
        attempt = session.snapshot.attempt
        assert attempt.finished is not None
        assert attempt.finished.reason == "time_up"
        assert formats(attempt) == ["saved_model"]
        assert attempt.submissions[0].received.swept

    async def test_the_time_runs_out_during_the_last_look(self, room: Room, samples: Path) -> None:
        """Finished with less time left than the folder is waited for: it was there in time."""
        async with running(room) as session:
            copy_in(samples, room)
            room.clock.offset = 598
            await asyncio.sleep(0.3)
            await session.finish()
        assert formats(session.snapshot.attempt) == ["saved_model"]


async def test_a_copy_in_progress_at_the_end_is_not_received(room: Room, samples: Path) -> None:
    """It is whole by structure and goes on changing: nobody can tell that it was all there."""
    async with running(room) as session:
        target = copy_in(samples, room)
        ending = asyncio.create_task(session.finish())
        await asyncio.sleep(0.4)
        (target / "assets").mkdir()
        (target / "assets" / "words.txt").write_text("late")
        await ending
    assert formats(session.snapshot.attempt) == []


async def test_other_questions_do_not_wait_for_a_folder(room: Room, samples: Path) -> None:
    """A model that a script overwrites while a folder is waited for was there at the end, and is received."""
    async with running(room) as session:
        copy_in(samples, room)
        room.save(2, "the last before the end")
        ending = asyncio.create_task(session.finish())
        await until(lambda: formats(session.snapshot.attempt) == ["keras"])
        assert session.snapshot.attempt.finished is None
        await ending
    assert formats(session.snapshot.attempt) == ["keras", "saved_model"]


async def test_without_an_app_the_command_ends_it_itself(room: Room, samples: Path) -> None:
    """By the same last look."""
    await asyncio.to_thread(copy_in, samples, room)
    assert await asyncio.to_thread(finish_here) == 0
    assert formats(room.journal.attempt(room.attempt)) == ["saved_model"]


async def test_what_was_copied_without_a_receipt_is_received_at_the_end(room: Room) -> None:
    """The app died between copy and receipt, and the file was overwritten by something else since."""
    path = room.save(1, "a")
    async with running(room) as session:
        await until(lambda: session.snapshot.attempt.receipts == 1)
        await session.finish()
    digest = session.snapshot.attempt.submissions[0].received.sha256
    path.unlink()

    again = Room(room.folder / "again", duration=600)
    store = receive.Store(again.state.submissions, again.attempt)
    shutil.copytree(receive.Store(room.state.submissions, room.attempt).folder, store.folder)
    async with running_to_the_end(again) as ended:
        assert [s.received.sha256 for s in ended.snapshot.attempt.submissions] == [digest]
    again.journal.close()


@asynccontextmanager
async def running_to_the_end(room: Room) -> AsyncIterator[ExamSession]:
    """Opened to be finished at once, as the command does it."""
    session = room.open()
    run = asyncio.create_task(session.run())
    await session.finish()
    await asyncio.wait_for(run, 20)
    yield session
    await session.close()


async def test_an_app_that_dies_while_it_is_asked(room: Room, samples: Path) -> None:
    """The command takes over."""
    async with silent_app(room) as app:
        await asyncio.to_thread(copy_in, samples, room)
        finishing = asyncio.create_task(asyncio.to_thread(finish_here))
        await until(lambda: bool(list(room.state.locks.glob("finish-*.sent"))))
        app.kill()
        assert await asyncio.wait_for(finishing, 30) == 0
    assert formats(room.journal.attempt(room.attempt)) == ["saved_model"]
    assert not list(room.state.locks.glob("finish-*"))


async def test_an_app_that_dies_after_it_accepted(room: Room) -> None:
    """The same."""
    async with silent_app(room) as app:
        finishing = asyncio.create_task(asyncio.to_thread(finish_here))
        await until(FinishRequest(room.state.locks, room.attempt).accept)
        await asyncio.sleep(0.3)
        app.kill()
        assert await asyncio.wait_for(finishing, 30) == 0
    assert room.journal.receipt(room.attempt) is not None


async def test_an_app_that_does_not_answer(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """Said with the process to look at; nothing ends, and no request is left that something later could obey."""
    monkeypatch.setattr(command, "_ACCEPT_SECONDS", 0.5)
    async with silent_app(room) as app:
        with pytest.raises(UserError) as error:
            await asyncio.to_thread(finish_here)
        assert str(app.pid) in error.value.location
    assert error.value.hint
    assert room.journal.attempt(room.attempt).finished is None
    assert not list(room.state.locks.glob("finish-*"))


async def test_a_request_of_before_is_not_obeyed(room: Room) -> None:
    """Neither one for another attempt nor one that was left for an app that has gone; opening deletes both."""
    room.state.locks.mkdir(exist_ok=True)
    FinishRequest(room.state.locks, "20200101-OTHER").send()
    FinishRequest(room.state.locks, room.attempt).send()
    manager = SessionManager(room.state, room.clock)
    session = manager.open(room.attempt)
    assert not list(room.state.locks.glob("finish-*"))
    run = asyncio.create_task(session.run())
    FinishRequest(room.state.locks, "20200101-OTHER").send()
    await asyncio.sleep(1)
    assert session.snapshot.attempt.finished is None
    await session.close()
    await run
    manager._grader = None
    await manager.close()


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """The command says so."""
    (tmp_path / "locks").write_text("a file")
    with pytest.raises(UserError, match="can't be asked"):
        FinishRequest(tmp_path / "locks", "a").send()
