"""What lies in the workspace at the end and is not received is recorded with the reason, whichever way it ends."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from mockexam import paths
from mockexam.cli import attempt_commands as command
from mockexam.cli import plain
from mockexam.cli.plain import TextOutput
from mockexam.exam.attempt import Attempt, Phase
from mockexam.session.manager import SessionManager
from mockexam.store.archive import archive_format
from mockexam.store.archive.archive_format import ArchiveError
from mockexam.store.archive.exporting import export_attempts
from mockexam.store.archive.importing import import_archive
from mockexam.store.journal import Journal
from mockexam.text.status import as_data, result_text
from tests.session.test_exam_session import Room, until

WRITER = """
import sys, time
file = open(sys.argv[1], "wb")
file.write(b"PK\\x03\\x04")
while True:
    file.write(b"x" * 1000)
    file.flush()
    print("writing", flush=True)
    time.sleep(0.1)
"""
SECONDS = 4.0
"""Of the attempt."""


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[Room]:
    """An attempt in the home folder that commands use; its length is given by the test."""
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path))
    made = Room(tmp_path, duration=getattr(request, "param", 600.0))
    monkeypatch.setattr(SessionManager, "grader", lambda manager: made.grader)
    yield made
    made.journal.close()


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """A process that is saving a model all the while."""
    process = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    try:
        yield
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def lay_out(room: Room, samples: Path) -> None:
    """A folder without its variables, a wrong name, and a model in the top folder."""
    first, second = (room.root / item.folder for item in room.paper.items)
    (first / "mymodel").mkdir()
    shutil.copyfile(samples / "mymodel" / "saved_model.pb", first / "mymodel" / "saved_model.pb")
    room.save(2, "wrong name").rename(second / "model.keras")
    shutil.copyfile(second / "model.keras", room.root / "top.keras")


def missed(attempt: Attempt) -> dict[tuple[int | None, str], str]:
    return {(event.number, event.name): event.reason for event in attempt.not_received}


async def press_f(room: Room) -> None:
    """The key in the app calls `finish`."""
    session = room.open()
    run = asyncio.create_task(session.run())
    await asyncio.sleep(0.3)
    await session.finish()
    await asyncio.wait_for(run, 20)
    await session.close()


async def finish_elsewhere(room: Room) -> None:
    """The command asks the app that has it open."""
    session = room.open()
    run = asyncio.create_task(session.run())
    await asyncio.sleep(0.3)
    assert await asyncio.to_thread(command.finish_attempt, yes=True, as_json=True) == 0
    await asyncio.wait_for(run, 20)
    await session.close()


async def finish_alone(room: Room) -> None:
    """The command, without an app."""
    assert await asyncio.to_thread(command.finish_attempt, yes=True, as_json=True) == 0


async def in_plain(room: Room) -> None:
    """Typed in `--plain`."""
    reading, writing = os.pipe()
    with os.fdopen(reading) as typed, os.fdopen(writing, "w") as keyboard, pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdin", typed)
        session = room.open()
        run = asyncio.create_task(plain._run(session, TextOutput()))
        await asyncio.sleep(0.3)
        keyboard.write("finish\nFINISH\n")
        keyboard.flush()
        await asyncio.wait_for(run, 20)
        await session.close()


async def time_over(room: Room) -> None:
    """The clock ends it."""
    session = room.open()
    await asyncio.wait_for(session.run(), 30)
    await session.close()


Way = Callable[[Room], Awaitable[None]]
WAYS: list[tuple[float, Way]] = [
    (600.0, press_f), (600.0, finish_elsewhere), (600.0, finish_alone), (600.0, in_plain), (SECONDS, time_over),
]  # fmt: skip


@pytest.mark.parametrize(("room", "way"), WAYS, indirect=["room"], ids=[way.__name__ for _, way in WAYS])
async def test_every_way_to_end_names_what_was_not_received(room: Room, samples: Path, way: Way) -> None:
    """By its name and question, with the reason; what was received is not among it."""
    lay_out(room, samples)
    shutil.copyfile(samples / "mymodel.h5", room.root / room.paper.items[0].folder / "mymodel.h5")
    with writing(room.root / room.paper.items[0].folder / "mymodel.keras"):
        await way(room)
    attempt = room.journal.attempt(room.attempt)
    found = missed(attempt)
    ended = "the time ended" if way is time_over else "you finished"
    assert found.keys() == {(1, "mymodel.keras"), (1, "mymodel"), (2, "model.keras"), (None, "top.keras")}
    assert found[1, "mymodel.keras"] == f"still being written when {ended}"
    assert "variables" in found[1, "mymodel"] or "being written" in found[1, "mymodel"]
    assert found[2, "model.keras"].startswith("wrong name")
    assert [s.received.name for s in attempt.submissions] == ["mymodel.h5"]
    shown = result_text(attempt, room.clock.read(), None)
    assert all(name in shown and reason in shown for (_, name), reason in found.items())
    told = as_data(attempt, room.clock.read())["not_received"]
    assert {(one["number"], one["name"]): one["reason"] for one in told} == found


@pytest.mark.parametrize("room", [SECONDS], indirect=True)
async def test_saved_after_the_end_while_the_app_was_closed(room: Room) -> None:
    """Seen when the app is opened again; a file that was only touched was received before and is no news."""
    room.save(1, "in time")
    session = room.open()
    run = asyncio.create_task(session.run())
    await until(lambda: session.snapshot.attempt.receipts == 1)
    await session.close()
    await run
    await asyncio.sleep(SECONDS)
    os.utime(room.root / room.paper.items[0].folder / "mymodel.keras")
    room.save(2, "too late")
    await time_over(room)
    attempt = room.journal.attempt(room.attempt)
    assert missed(attempt) == {(2, "mymodel.keras"): "saved after the time ended"}
    assert attempt.phase is Phase.ENDED


@pytest.mark.parametrize(("room", "early"), [(600.0, True), (SECONDS, False)], indirect=["room"])
async def test_saved_after_the_end_while_grading_goes_on(
    room: Room, monkeypatch: pytest.MonkeyPatch, early: bool
) -> None:
    """As long as the app has the attempt open, it still says so."""
    held = asyncio.Event()
    grade = room.grader.grade

    async def slow(*args: object, **kwargs: object) -> object:
        await held.wait()
        return await grade(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(room.grader, "grade", slow)
    room.save(1, "in time")
    session = room.open()
    run = asyncio.create_task(session.run())
    await until(lambda: session.snapshot.attempt.receipts == 1)
    if early:
        await session.finish()
    await until(lambda: session.snapshot.attempt.finished is not None)
    await asyncio.sleep(0.1)
    room.save(2, "too late")
    ended = "you finished" if early else "the time ended"
    await until(lambda: missed(session.snapshot.attempt) == {(2, "mymodel.keras"): f"saved after {ended}"})
    held.set()
    await asyncio.wait_for(run, 20)
    await session.close()
    assert not [s for s in session.snapshot.attempt.submissions if s.number == 2]


async def test_of_many_checkpoints_only_the_newest_are_named(room: Room) -> None:
    """And none that is older than a submission; names that can't be printed are made so."""
    folder = room.root / room.paper.items[0].folder
    for number in range(9):
        room.save(1, "checkpoint").rename(folder / f"epoch-{number}.keras")
    (folder / "epoch-8.keras").rename(folder / os.fsdecode(b"epoch-\xff\n8.keras"))
    other = room.save(2, "older").with_name("model.keras")
    room.save(2, "older").rename(other)
    await asyncio.sleep(0.1)
    room.save(2, "the submission")
    await press_f(room)
    names = [name for _, name in missed(room.journal.attempt(room.attempt))]
    assert names == ["epoch-\ufffd\ufffd8.keras", "epoch-7.keras", "epoch-6.keras"]


async def test_an_archive_with_it_is_refused_by_an_earlier_version(
    room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And says why; one without it is as before. A whole way through an archive keeps it."""
    folder = room.root / room.paper.items[0].folder
    room.save(1, "wrong").rename(folder / "model.keras")
    await press_f(room)
    export_attempts(room.journal, [room.attempt], room.state.submissions, tmp_path / "a.zip")
    (tmp_path / "other").mkdir()
    with closing(Journal(tmp_path / "other" / "records.sqlite3")) as other:
        import_archive(other, tmp_path / "a.zip", tmp_path / "other" / "submissions")
        assert missed(other.attempt(room.attempt)) == missed(room.journal.attempt(room.attempt)) != {}
    monkeypatch.setattr(archive_format, "VERSION", 1)
    (tmp_path / "old").mkdir()
    with closing(Journal(tmp_path / "old" / "records.sqlite3")) as old, pytest.raises(ArchiveError) as error:
        import_archive(old, tmp_path / "a.zip", tmp_path / "old" / "submissions")
    assert "newer" in str(error.value)


async def test_an_archive_without_it_keeps_its_form(room: Room, tmp_path: Path) -> None:
    """So that an earlier version can import it."""
    await press_f(room)
    export_attempts(room.journal, [room.attempt], room.state.submissions, tmp_path / "a.zip")
    with archive_format.open_archive(tmp_path / "a.zip") as archive:
        assert archive.manifest.form == 1


async def test_what_lies_there_under_no_name_of_ours_is_named(room: Room, samples: Path) -> None:
    """Archives, subfolders and other formats; checkpoints only where nothing was submitted."""
    first, second = (room.root / item.folder for item in room.paper.items)
    for folder in (first, second):
        (folder / "checkpoints").mkdir()
        shutil.copyfile(samples / "mymodel.h5", folder / "checkpoints" / "best.h5")
        (folder / "w.weights.h5").touch()
    shutil.copyfile(samples / "mymodel.keras", first / "mymodel.keras")
    session = room.open()
    run = asyncio.create_task(session.run())
    await until(lambda: session.snapshot.attempt.receipts == 1)
    (first / "models").mkdir()
    shutil.copyfile(samples / "mymodel.h5", first / "models" / "mymodel.h5")
    (first / "mymodel.keras.zip").touch()
    await session.finish()
    await asyncio.wait_for(run, 20)
    await session.close()
    found = missed(room.journal.attempt(room.attempt))
    assert found.keys() == {
        (1, "models/mymodel.h5"), (1, "mymodel.keras.zip"), (2, "checkpoints/best.h5"), (2, "w.weights.h5"),
    }  # fmt: skip
    assert all(found.values())


async def test_a_model_in_two_questions_folders_is_noticed(room: Room) -> None:
    """The same file for another question: one line asks whether it is in the right folder."""
    saved = room.save(1, "a")
    session = room.open()
    run = asyncio.create_task(session.run())
    await until(lambda: session.snapshot.attempt.receipts == 1)
    shutil.copyfile(saved, room.root / room.paper.item(2).folder / saved.name)
    await until(lambda: any(line.number == 2 and "question 1" in line.text for line in session.snapshot.activity))
    await session.close()
    await run


async def test_a_line_on_a_file_is_not_repeated_when_the_attempt_is_reopened(room: Room, samples: Path) -> None:
    """Once for each state of the file; what stands above the brief stays as long as the file lies there."""

    async def visit(until_seen: str = "") -> list[str]:
        session = room.open()
        run = asyncio.create_task(session.run())
        lines: list[str] = []
        session.listen(lambda _, __, line: lines.append(line.text) if line else None)
        if until_seen:
            await until(lambda: any(until_seen in line for line in lines))
        else:
            await asyncio.sleep(3.0)
        await until(lambda: 1 in session.snapshot.unreceived)
        await session.close()
        await run
        return [line for line in lines if "mymodel" in line or "top.keras" in line]

    lay_out(room, samples)
    first = room.root / room.paper.items[0].folder / "mymodel"
    (first / "saved_model.pb").unlink()
    assert any("mymodel was not received" in line for line in await visit("mymodel was not received"))
    assert await visit() == []
    shutil.copyfile(samples / "mymodel" / "saved_model.pb", first / "saved_model.pb")
    assert any("mymodel was not received" in line for line in await visit("mymodel was not received"))
