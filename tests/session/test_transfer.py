"""What comes back from another machine: offered once, taken only when asked, received by the real watcher."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from mockexam.errors import UserError
from mockexam.exam import events as ev
from mockexam.session import transfer as module
from mockexam.session.exam_session import ExamSession
from mockexam.workspace.receive import hash_of
from tests.session.test_exam_session import Room, until


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOOK_SECONDS", 0.1)


@asynccontextmanager
async def opened(room: Room) -> AsyncIterator[ExamSession]:
    session = room.open()
    run = asyncio.create_task(session.run())
    try:
        yield session
    finally:
        await session.close()
        await run


def folder_of(room: Room, number: int) -> Path:
    return room.root / room.paper.item(number).folder


def offered(session: ExamSession) -> list[tuple[int, str]]:
    return [(offer.number, offer.name) for offer in session.transfer.offers]


def received(session: ExamSession) -> list[tuple[int, str]]:
    return [(s.number, s.received.name) for s in session.snapshot.attempt.submissions]


async def test_it_is_offered_and_taken_only_when_accepted(tmp_path: Path, samples: Path) -> None:
    """Its very bytes are received, and the same content is never offered again, under any name or after a restart."""
    room = Room(tmp_path)
    async with opened(room) as session:
        shutil.copy(samples / "mymodel.keras", folder_of(room, 2) / "mymodel (1).keras")
        await until(lambda: offered(session) == [(2, "mymodel (1).keras")])
        await asyncio.sleep(1.0)
        assert received(session) == []

        (offer,) = session.transfer.offers
        await session.transfer.accept(offer)
        await until(lambda: received(session) == [(2, "mymodel.keras")])
        assert session.snapshot.attempt.submissions[0].received.sha256 == hash_of(samples / "mymodel.keras")
        shutil.copy(samples / "mymodel.keras", folder_of(room, 2) / "mymodel (2).keras")
        await asyncio.sleep(0.6)
        assert offered(session) == []
    async with opened(room) as session:
        await asyncio.sleep(0.6)
        assert offered(session) == []


async def test_a_no_stands_for_the_content(tmp_path: Path, samples: Path) -> None:
    """Also after a restart; other content under the same name is offered."""
    room = Room(tmp_path)
    path = folder_of(room, 1) / "my_model.keras"
    async with opened(room) as session:
        shutil.copy(samples / "mymodel.keras", path)
        await until(lambda: bool(session.transfer.offers))
        session.transfer.decline(session.transfer.offers[0])
    async with opened(room) as session:
        await asyncio.sleep(0.6)
        assert offered(session) == []
        room.save(1, "other").rename(path)
        await until(lambda: offered(session) == [(1, "my_model.keras")])
    assert received(session) == []


@pytest.mark.parametrize("name", ["mymodel.zip", "drive-download-20270115T101112Z-001.zip"])
async def test_a_zip_around_a_folder(name: str, tmp_path: Path, samples: Path) -> None:
    """It is received as a folder, whole; what lies there in another form is still there and was received too."""
    room = Room(tmp_path)
    async with opened(room) as session:
        room.save(1, "first")
        await until(lambda: len(received(session)) == 1)
        shutil.make_archive(str(folder_of(room, 1) / name.removesuffix(".zip")), "zip", samples, "mymodel")
        await until(lambda: offered(session) == [(1, name)])
        await session.transfer.accept(session.transfer.offers[0])
        await until(lambda: len(received(session)) == 2)
        assert received(session) == [(1, "mymodel.keras"), (1, "mymodel")]
        assert session.snapshot.attempt.submissions[1].received.sha256 == hash_of(samples / "mymodel")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("epoch-03.keras", "mymodel.keras"),
        ("mymodel.weights.h5", "mymodel.h5"),
        ("mymodel.keras.bak-1", "mymodel.keras"),
        ("mymodel.txt", "mymodel.keras"),
        ("mymodel (1).keras", ""),
    ],
)
async def test_what_is_not_offered(name: str, content: str, tmp_path: Path, samples: Path) -> None:
    """Checkpoints, weights, what was moved aside, and what is no whole model."""
    room = Room(tmp_path)
    async with opened(room) as session:
        whole = (samples / content).read_bytes() if content else (samples / "mymodel.keras").read_bytes()[:-100]
        (folder_of(room, 1) / name).write_bytes(whole)
        shutil.copy(samples / "mymodel.h5", folder_of(room, 2) / "My-Model.H5")
        await until(lambda: (2, "My-Model.H5") in offered(session))

        assert offered(session) == [(2, "My-Model.H5")]


@pytest.mark.parametrize(
    ("copied", "name"),
    [
        ("mymodel", "mymodel 3"),
        ("mymodel", "mymodel (1)/mymodel"),
        ("mymodel", "mymodel 3/mymodel"),
        ("mymodel.keras", "mymodel 2/mymodel.keras"),
    ],
)
async def test_a_folder_that_a_file_manager_made(copied: str, name: str, tmp_path: Path, samples: Path) -> None:
    """A copy, or what it unpacked, one folder deep: offered under the name that is seen there."""
    room = Room(tmp_path)
    async with opened(room) as session:
        target = folder_of(room, 2) / name
        target.parent.mkdir(exist_ok=True)
        (shutil.copytree if (samples / copied).is_dir() else shutil.copy)(samples / copied, target)
        await until(lambda: offered(session) == [(2, name)])
        await session.transfer.accept(session.transfer.offers[0])
        await until(lambda: received(session) == [(2, copied)])
        assert target.exists()


async def test_what_a_running_script_writes_is_not_offered(tmp_path: Path, samples: Path) -> None:
    """It is its own; once it has ended, what it left is."""
    room = Room(tmp_path)
    copy = f"import shutil, time\nshutil.copy({str(samples / 'mymodel.keras')!r}, 'my_model.keras')\n"
    (folder_of(room, 1) / "solution.py").write_text(copy + "print('there', flush=True)\ntime.sleep(60)\n")
    async with opened(room) as session:
        session.runs.start(1)
        await until((folder_of(room, 1) / "my_model.keras").exists)
        await asyncio.sleep(0.8)
        assert offered(session) == []
        await session.runs.stop(1)
        await until(lambda: offered(session) == [(1, "my_model.keras")])


async def test_after_the_end_nothing_is_taken(tmp_path: Path, samples: Path) -> None:
    room = Room(tmp_path)
    async with opened(room) as session:
        await session.finish()
        assert isinstance(session.snapshot.attempt.finished, ev.Finished)
        with pytest.raises(UserError, match="finished"):
            await session.transfer.submit(1, samples / "mymodel.keras")
    assert list(folder_of(room, 1).iterdir()) == []
