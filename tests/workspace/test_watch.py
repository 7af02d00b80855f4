"""Watching real folders into which real processes save."""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from mockexam.exam.paper import Paper
from mockexam.grading.predictor.confinement import waited_for_processor
from mockexam.workspace.layout import Workspace
from mockexam.workspace.receive import Store, StoredModel
from mockexam.workspace.signature import FileState
from mockexam.workspace.watch import BrokenModel, DetectedModel, FileNameHint, Watcher, WatchEvent
from tests.workspace.conftest import KerasWorker


class Watched:
    """Collects what a watcher tells, and receives like the app does."""

    def __init__(self, workspace: Workspace, paper: Paper, store: Store, *, use_events: bool = True) -> None:
        self.watcher = Watcher(workspace, paper, use_events=use_events)
        self.store = store
        self.seen: list[tuple[float, WatchEvent]] = []
        self.stored: list[StoredModel] = []

    async def run(self) -> None:
        async for item in self.watcher.watch():
            self.seen.append((time.monotonic(), item))
            if isinstance(item, DetectedModel):
                stored = await asyncio.to_thread(self.store.receive, item)
                if stored is None:
                    self.watcher.look_again(item)
                else:
                    self.stored.append(stored)

    def of(self, kind: type[WatchEvent]) -> list[WatchEvent]:
        return [item for _, item in self.seen if isinstance(item, kind)]

    async def until(self, count: int, kind: type[WatchEvent] = DetectedModel, seconds: float = 8.0) -> list[WatchEvent]:
        """Wait until so many of a kind were told."""
        async with asyncio.timeout(seconds):
            while len(self.of(kind)) < count:  # the watcher knows of no test's event
                await asyncio.sleep(0.01)
        return self.of(kind)


@asynccontextmanager
async def watching(
    workspace: Workspace, paper: Paper, tmp_path: Path, *, use_events: bool = True
) -> AsyncIterator[Watched]:
    watched = Watched(workspace, paper, Store(tmp_path / "store", "a1"), use_events=use_events)
    task = asyncio.create_task(watched.run())
    await asyncio.sleep(0.3)
    try:
        yield watched
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await watched.watcher.close()


async def test_a_copied_model_is_sighted_once(samples: Path, paper: Paper, tmp_path: Path) -> None:
    """A model that is copied in, whatever its format, is told once and received with its bytes."""
    names = ("mymodel.keras", "mymodel.h5", "mymodel")
    await asyncio.gather(*(_sighted_once(name, samples, paper, tmp_path / Path(name).suffix) for name in names))


async def _sighted_once(name: str, samples: Path, paper: Paper, tmp_path: Path) -> None:
    """One of the formats, in a workspace of its own."""
    workspace = Workspace(tmp_path / "work")
    target = workspace.question(paper.items[1].folder) / name
    for item in paper.items:
        workspace.question(item.folder).mkdir(parents=True)
    async with watching(workspace, paper, tmp_path) as watched:
        if name == "mymodel":
            shutil.copytree(samples / name, target)
        else:
            shutil.copy(samples / name, target)
        (detected,) = await watched.until(1)
        await asyncio.sleep(1.5)
    assert isinstance(detected, DetectedModel)
    assert (detected.number, detected.path, detected.never_still) == (2, target, False)
    assert len(watched.seen) == 1
    (stored,) = watched.stored
    assert stored.format == detected.format
    assert stored.size == detected.signature.size


@pytest.mark.parametrize("use_events", [True, False], ids=["events", "polling"])
async def test_it_takes_little_more_than_the_still_time(
    use_events: bool, samples: Path, workspace: Workspace, paper: Paper, tmp_path: Path
) -> None:
    """From the last write to the sighting: half a second, and little more where the system tells changes."""
    target = workspace.question(paper.items[0].folder) / "mymodel.keras"
    async with watching(workspace, paper, tmp_path, use_events=use_events) as watched:
        await asyncio.sleep(1)
        took = []
        for k in range(3):
            shutil.copy(samples / "mymodel.keras", target)
            begun = time.monotonic()
            await watched.until(k + 1)
            took.append(watched.seen[-1][0] - begun)
    assert all(t >= 0.45 for t in took)
    assert min(took) < (0.8 if use_events else 1.0), took


@pytest.mark.parametrize("saves", [4, pytest.param(25, marks=pytest.mark.slow)])
async def test_every_save_each_second_is_received(
    saves: int, keras: KerasWorker, workspace: Workspace, paper: Paper, tmp_path: Path
) -> None:
    """A script that overwrites its model each second loses none: each save is one receipt, with its own weights."""
    target = workspace.question(paper.items[0].folder) / "mymodel.keras"
    async with watching(workspace, paper, tmp_path) as watched:
        keras.send("save_repeatedly", target, saves, 1.0)
        assert await asyncio.to_thread(keras.reply) == saves
        await asyncio.sleep(1)
    values = [keras.do("load", watched.store.root / s.relative) for s in watched.stored]
    assert values == [float(k) for k in range(1, saves + 1)]


@pytest.mark.parametrize("name", ["mymodel.keras", pytest.param("mymodel.h5", marks=pytest.mark.slow)])
async def test_a_file_rewritten_without_pause_is_caught(
    name: str, keras: KerasWorker, workspace: Workspace, paper: Paper, tmp_path: Path
) -> None:
    """A script that saves in a tight loop has a model received within 6 s, and each received model is whole.

    What the watch or the script waits for a processor does not count.
    """
    target, stop = workspace.question(paper.items[0].folder) / name, tmp_path / "stop"

    def counted() -> float:
        return time.monotonic() - sum(map(waited_for_processor, (os.getpid(), keras.pid)))

    async with watching(workspace, paper, tmp_path) as watched:
        begun = counted()
        keras.send("save_until", target, stop)
        while not watched.stored and counted() - begun < 6:
            await asyncio.sleep(0.05)
        caught = len(watched.stored)
        await asyncio.sleep(1)
        stop.touch()
        saves = await asyncio.to_thread(keras.reply)
        await asyncio.sleep(1.2)
    assert caught >= 1
    values = [keras.do("load", watched.store.root / s.relative) for s in watched.stored]
    assert None not in values
    assert values[-1] == float(saves), "the last state must be received too"


async def test_exporting_over_an_older_export_receives_both(
    keras: KerasWorker, workspace: Workspace, paper: Paper, tmp_path: Path
) -> None:
    """Of each export over an older one exactly one whole state is received."""
    target = workspace.question(paper.items[0].folder) / "mymodel"
    async with watching(workspace, paper, tmp_path) as watched:
        keras.send("save_repeatedly", target, 3, 1.2)
        assert await asyncio.to_thread(keras.reply) == 3
        await asyncio.sleep(0.5)
    values = [keras.do("load", watched.store.root / s.relative) for s in watched.stored]
    assert values == [1.0, 2.0, 3.0]


async def test_without_events_a_save_each_second_is_still_received(
    keras: KerasWorker, workspace: Workspace, paper: Paper, tmp_path: Path
) -> None:
    """Looking alone is enough."""
    target = workspace.question(paper.items[0].folder) / "mymodel.h5"
    async with watching(workspace, paper, tmp_path, use_events=False) as watched:
        keras.send("save_repeatedly", target, 3, 1.0)
        assert await asyncio.to_thread(keras.reply) == 3
        await asyncio.sleep(0.8)
    assert len(watched.stored) == 3


async def test_a_broken_model_is_told_once(samples: Path, workspace: Workspace, paper: Paper, tmp_path: Path) -> None:
    """A cut-off file is told as broken once; mended, it is sighted."""
    target = workspace.question(paper.items[0].folder) / "mymodel.keras"
    whole = (samples / "mymodel.keras").read_bytes()
    async with watching(workspace, paper, tmp_path) as watched:
        target.write_bytes(whole[:-100])
        (broken,) = await watched.until(1, BrokenModel)
        await asyncio.sleep(2.5)
        assert len(watched.of(BrokenModel)) == 1
        target.write_bytes(whole)
        await watched.until(1)
    assert isinstance(broken, BrokenModel)
    assert "incomplete" in broken.reason


async def test_other_models_get_one_hint(samples: Path, workspace: Workspace, paper: Paper, tmp_path: Path) -> None:
    """Misspelt names and misplaced models are left alone, with one hint each; checkpoints with one for all."""
    folder = workspace.question(paper.items[0].folder)
    async with watching(workspace, paper, tmp_path) as watched:
        for name in ("best.keras", "Mymodel.keras", "w.weights.h5"):
            shutil.copy(samples / "mymodel.keras", folder / name)
        (folder / "checkpoint").write_text("x")
        shutil.copytree(samples / "mymodel", folder / "exported")
        shutil.copy(samples / "mymodel.h5", workspace.root / "mymodel.h5")
        (folder / "data").mkdir()
        shutil.copy(samples / "mymodel.h5", folder / "data" / "other.h5")
        (folder / "notes.txt").write_text("x")
        shutil.copy(samples / "mymodel.h5", folder / "data" / "mymodel.h5")
        await watched.until(5, FileNameHint)
        await asyncio.sleep(2.5)
    names = [hint.path.relative_to(workspace.root) for _, hint in watched.seen if isinstance(hint, FileNameHint)]
    folder = Path(folder.name)
    assert {Path("mymodel.h5"), folder / "Mymodel.keras", folder / "data" / "mymodel.h5"} <= set(names)
    assert len({folder / "best.keras", folder / "exported"} & set(names)) == 1
    assert len({folder / "w.weights.h5", folder / "checkpoint"} & set(names)) == 1
    assert len(watched.seen) == 5


async def test_folders_come_and_go(samples: Path, workspace: Workspace, paper: Paper, tmp_path: Path) -> None:
    """Whatever happens to the folders, watching goes on and finds what is saved afterwards."""
    folder = workspace.question(paper.items[0].folder)
    async with watching(workspace, paper, tmp_path) as watched:
        shutil.rmtree(workspace.root)
        await asyncio.sleep(1.2)
        workspace.root.write_text("a file now")
        await asyncio.sleep(1.2)
        workspace.root.unlink()
        folder.mkdir(parents=True)
        shutil.copy(samples / "mymodel.keras", folder)
        await watched.until(1)
        folder.rename(folder.with_name("elsewhere"))
        folder.write_text("a file")
        await asyncio.sleep(1.2)
        folder.unlink()
        folder.with_name("elsewhere").rename(folder)
        shutil.copy(samples / "mymodel.h5", folder)
        await watched.until(2)
        (folder / "mymodel.h5").unlink()
        (folder / "mymodel.h5").mkdir()
        await watched.until(1, BrokenModel)


async def test_what_could_not_be_received_comes_again(
    samples: Path, workspace: Workspace, paper: Paper, tmp_path: Path
) -> None:
    """`look_again` brings the same state once more, at growing intervals."""
    shutil.copy(samples / "mymodel.keras", workspace.question(paper.items[0].folder))
    watcher = Watcher(workspace, paper)
    times = []
    async with asyncio.timeout(8):
        async for item in watcher.watch():
            assert isinstance(item, DetectedModel)
            times.append(time.monotonic())
            if len(times) == 3:
                break
            watcher.look_again(item)
    await watcher.close()
    assert 0.4 < times[1] - times[0] < 0.9
    assert 0.9 < times[2] - times[1] < 1.5


class TestSweep:
    """The last look at zero."""

    async def test_takes_what_was_saved_in_time(self, samples: Path, workspace: Workspace, paper: Paper) -> None:
        """Whole files from before the deadline are brought though not still yet; later and cut ones are not."""
        first, second = (workspace.question(item.folder) for item in paper.items)
        shutil.copy(samples / "mymodel.h5", second)
        await asyncio.sleep(0.02)
        shutil.copy(samples / "mymodel.keras", first)
        (second / "mymodel.keras").write_bytes((samples / "mymodel.keras").read_bytes()[:-1])
        await asyncio.sleep(0.02)
        deadline = time.time()
        await asyncio.sleep(0.05)
        shutil.copy2(samples / "mymodel.h5", first)  # its modification time is old, its change time is not
        found = [detected async for detected in Watcher(workspace, paper).sweep(deadline)]
        assert [(s.number, s.path.name) for s in found] == [(2, "mymodel.h5"), (1, "mymodel.keras")]

    async def test_waits_for_a_folder_in_doubtful_order(
        self, samples: Path, workspace: Workspace, paper: Paper
    ) -> None:
        """A copied SavedModel, whose times are in no export's order, is brought after a wait."""
        target = workspace.question(paper.items[0].folder) / "mymodel"
        shutil.copytree(samples / "mymodel", target)
        os.utime(target / "saved_model.pb", (1, 1))
        await asyncio.sleep(0.02)
        begun = time.monotonic()
        (found,) = [detected async for detected in Watcher(workspace, paper).sweep(time.time())]
        assert found.format == "saved_model"
        assert 2 < time.monotonic() - begun < 4

    async def test_leaves_what_was_handled(self, samples: Path, workspace: Workspace, paper: Paper) -> None:
        """What `watch` brought and the caller took is not brought again, but what it was just taking is."""
        for item in paper.items:
            shutil.copy(samples / "mymodel.keras", workspace.question(item.folder))
            await asyncio.sleep(0.02)
        watcher = Watcher(workspace, paper)
        events = watcher.watch()
        assert isinstance(events, AsyncGenerator)
        await anext(events)
        await anext(events)  # the first is handled now, the second in hand
        found = [detected async for detected in watcher.sweep(time.time())]
        assert [s.number for s in found] == [2]
        await events.aclose()

    @pytest.mark.parametrize("hours", [5, -400_000], ids=["ahead", "1980"])
    async def test_a_modification_time_says_nothing(
        self, hours: int, samples: Path, workspace: Workspace, paper: Paper
    ) -> None:
        """Unpacked in another zone or without a date, a model is dated by when it came here; a late one stays late."""
        first, second = (workspace.question(item.folder) for item in paper.items)
        stamp = time.time() + hours * 3600
        shutil.copy(samples / "mymodel.keras", first)
        os.utime(first / "mymodel.keras", (stamp, stamp))
        shutil.copytree(samples / "mymodel", second / "mymodel")
        for path in (second / "mymodel").rglob("*"):
            os.utime(path, (stamp, stamp))
        await asyncio.sleep(0.05)
        deadline = time.time()
        await asyncio.sleep(0.05)
        shutil.copy(samples / "mymodel.h5", first)
        os.utime(first / "mymodel.h5", (stamp, stamp))
        found = [detected async for detected in Watcher(workspace, paper).sweep(deadline)]
        assert {(s.number, s.path.name) for s in found} == {(1, "mymodel.keras"), (2, "mymodel")}

    async def test_a_state_seen_in_time_is_in_time(
        self, samples: Path, workspace: Workspace, paper: Paper, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A file server's clock may be ahead: what the watch saw before the deadline is received, a later state not."""
        target = workspace.question(paper.items[0].folder) / "mymodel.keras"
        shutil.copy(samples / "mymodel.keras", target)
        ahead = property(lambda entry: entry.changed_ns + 3600 * 10**9)
        monkeypatch.setattr(FileState, "last_change_ns", ahead)
        watcher = Watcher(workspace, paper)
        watcher._look()
        await asyncio.sleep(0.05)
        deadline = time.time()
        assert [s.path async for s in watcher.sweep(deadline)] == [target]
        await asyncio.sleep(0.05)
        with target.open("ab") as file:
            file.write(b" ")
        watcher._look()
        assert [s.path async for s in watcher.sweep(deadline)] == []
