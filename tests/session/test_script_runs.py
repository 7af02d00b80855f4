"""Scripts of a real attempt, run by real processes: left, found again, queued, side by side, stopped at the end."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest

from mockexam.exam import events as ev
from mockexam.session.event_log import EventLog
from mockexam.session.exam_session import ExamSession
from mockexam.session.script_runs import Printed, ScriptRuns, Transcript
from mockexam.workspace import run_supervisor
from mockexam.workspace.script_run import KEEP_LINES, RunOutput
from mockexam.workspace.training_log import ShownOutput
from tests.session.test_exam_session import Room, until

ENDLESS = "import time\nprint('ready', flush=True)\nwhile True:\n    time.sleep(0.05)\n"

APP = """
import asyncio, sys
from pathlib import Path
from tests.session.test_exam_session import Room

async def main():
    room = Room(Path(sys.argv[1]), attempt=sys.argv[2])
    session = room.open()
    asyncio.create_task(session.run())
    await asyncio.sleep(0.2)
    session.runs.start(1)
    while not any("step 3" in str(item) for item in session.runs.transcript(1).since(0)):
        await asyncio.sleep(0.02)
    print("seen", flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


def write(room: Room, number: int, code: str) -> None:
    (room.root / room.paper.item(number).folder / "solution.py").write_text(code)


def printed(runs: ScriptRuns, number: int) -> list[str]:
    """All lines of a question's transcript, without what stands between runs."""
    items = runs.transcript(number).since(0)
    return [line for item in items if isinstance(item, Printed) for line in item.raw.lines]


def ended(runs: ScriptRuns, number: int) -> bool:
    """Whether a question's script has run and ended, and its transcript says so."""
    view, items = runs.view(number), runs.transcript(number).since(0)
    return view is not None and not view.running and items[-1] == view.status


def noted(room: Room, number: int) -> list[str]:
    """What the record says of a question's runs."""
    notes = room.journal.attempt(room.attempt).notes
    return [note.what for note in notes if note.number == number and note.what.startswith("run")]


def process_of(room: Room, number: int) -> psutil.Process:
    """The script that runs."""
    run = json.loads((room.state.runs / room.attempt / str(number) / run_supervisor.RUN).read_text())
    return psutil.Process(run["pid"])


@asynccontextmanager
async def opened(room: Room) -> AsyncIterator[ExamSession]:
    """An app that has the attempt open; it is left at the end of the block."""
    session = room.open()
    run = asyncio.create_task(session.run())
    await asyncio.sleep(0.1)
    try:
        yield session
    finally:
        await session.close()
        await asyncio.wait_for(run, 20)


async def test_left_and_found_again(tmp_path: Path) -> None:
    """The script goes on, its output is there from the beginning, and its model is received; one note for its end."""
    room = Room(tmp_path)
    write(
        room, 1, "import time\nprint('before', flush=True)\ntime.sleep(2)\nprint('after', flush=True)\ntime.sleep(60)"
    )
    async with opened(room) as session:
        session.runs.start(1)
        await until(lambda: printed(session.runs, 1) == ["before"])
    script = process_of(room, 1)
    await asyncio.sleep(0.5)
    assert script.is_running()
    room.save(1, "trained meanwhile")
    async with opened(room) as session:
        assert session.runs.running == (1,)
        await until(lambda: printed(session.runs, 1) == ["before", "after"])
        await until(lambda: session.snapshot.attempt.receipts == 1)
        await session.runs.stop(1)
        assert not script.is_running()
    assert noted(room, 1) == ["run", "run_ended"]
    async with opened(room) as session:
        assert session.runs.running == ()
        await until(lambda: printed(session.runs, 1)[:2] == ["before", "after"])
    assert noted(room, 1) == ["run", "run_ended"]


async def test_an_edit_stands_before_the_run_that_it_led_to(tmp_path: Path) -> None:
    """Though edits are looked for seldom, and noted once a minute at most."""
    room = Room(tmp_path)
    write(room, 1, "print(1)")
    async with opened(room) as session:
        await session.note_edits()
        for code in ("print(12)", "print(123)"):
            write(room, 1, code)
            session.runs.start(1)
            await until(lambda: ended(session.runs, 1))
        session.runs.start(1)
        await until(lambda: ended(session.runs, 1))
    notes = [note.what for note in room.journal.attempt(room.attempt).notes]
    assert notes == ["edit", "run", "run_ended"] * 2 + ["run", "run_ended"]


async def test_an_end_that_no_app_saw_is_noted_once(tmp_path: Path) -> None:
    """At the next opening, with how it ended."""
    room = Room(tmp_path)
    write(room, 1, "import time\nprint('one', flush=True)\ntime.sleep(0.5)\nraise SystemExit(3)")
    async with opened(room) as session:
        session.runs.start(1)
        await until(lambda: printed(session.runs, 1) == ["one"])
    await until((room.state.runs / room.attempt / "1" / run_supervisor.ENDED).exists)
    for _ in range(2):
        async with opened(room) as session:
            assert session.runs.running == ()
            view = session.runs.view(1)
            assert view is not None
            assert "exit code 3" in view.status
            await until(lambda: noted(room, 1) == ["run", "run_ended"])
            await asyncio.sleep(0.3)
    assert noted(room, 1) == ["run", "run_ended"]


async def test_a_python_without_tensorflow_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the traceback: which Python it was, and which one to use instead. Also when the run is found again."""
    bare = tmp_path / "my pythons" / "bare"
    bare.parent.mkdir()
    bare.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I -S "$@"\n')
    bare.chmod(0o755)
    monkeypatch.setenv("MOCKEXAM_PYTHON", str(bare))
    room = Room(tmp_path)
    write(room, 1, "import tensorflow as tf")
    write(room, 2, "import no_such_thing")
    for again in (False, True):
        if again:
            monkeypatch.delenv("MOCKEXAM_PYTHON")
        async with opened(room) as session:
            for number in () if again else (1, 2):
                session.runs.start(number)
            await until(lambda session=session: [ended(session.runs, n) for n in (1, 2)] == [True, True])
            hint, other = (printed(session.runs, number)[-1] for number in (1, 2))
        assert all(word in hint for word in (str(bare), "has no TensorFlow", "MOCKEXAM_PYTHON", sys.executable))
        assert other == "ModuleNotFoundError: No module named 'no_such_thing'"


async def test_a_variable_that_chose_another_keras_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the error that TensorFlow itself gives, which names no variable; not after another error."""
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    room = Room(tmp_path)
    write(room, 1, "raise ImportError('Keras cannot be imported. Check that it is installed.')")
    write(room, 2, "raise ImportError('no_such_thing')")
    async with opened(room) as session:
        for number in (1, 2):
            session.runs.start(number)
        await until(lambda: [ended(session.runs, n) for n in (1, 2)] == [True, True])
        hint, other = (printed(session.runs, number)[-1] for number in (1, 2))
    assert "KERAS_BACKEND=torch is set" in hint
    assert other == "ImportError: no_such_thing"


async def test_the_apps_own_python_without_tensorflow(tmp_path: Path) -> None:
    """The variable is not to blame: mockexam's own environment is broken."""
    room = Room(tmp_path)
    write(room, 1, "import sys\nsys.modules['tensorflow'] = None\nsys.path.clear()\nimport keras")
    async with opened(room) as session:
        session.runs.start(1)
        await until(lambda: ended(session.runs, 1))
        hint = printed(session.runs, 1)[-1]
    assert sys.executable in hint
    assert "MOCKEXAM_PYTHON" not in hint


async def test_the_app_is_killed(tmp_path: Path) -> None:
    """With kill -9: the run is found with its output, and its end is recorded."""
    room = Room(tmp_path)
    write(room, 1, "import time\nfor step in range(40):\n    print('step', step, flush=True)\n    time.sleep(0.05)\n")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    app = subprocess.Popen(
        [sys.executable, "-c", APP, str(tmp_path), room.attempt], stdout=subprocess.PIPE, env=environment
    )
    assert app.stdout is not None
    assert await asyncio.to_thread(app.stdout.readline) == b"seen\n"
    script = process_of(room, 1)
    os.kill(app.pid, signal.SIGKILL)
    app.wait()
    app.stdout.close()
    assert script.is_running()
    async with opened(room) as session:
        await until(lambda: session.runs.running == ())
        assert printed(session.runs, 1) == [f"step {n}" for n in range(40)]
    assert noted(room, 1) == ["run", "run_ended"]


async def test_side_by_side_and_queued(tmp_path: Path) -> None:
    """Two run at once; a queue waits for both, and outlives a restart."""
    room = Room(tmp_path)
    write(room, 1, ENDLESS)
    write(room, 2, "print('second', flush=True)")
    async with opened(room) as session:
        session.runs.start(1)
        session.runs.start(2)
        assert session.runs.running == (1, 2)
        await until(lambda: session.runs.running == (1,))
        assert printed(session.runs, 2) == ["second"]
        await until(lambda: printed(session.runs, 1) == ["ready"])
        session.runs.enqueue(2)
        session.runs.enqueue(2)
        assert session.runs.queued == (2,)
    async with opened(room) as session:
        assert (session.runs.running, session.runs.queued) == ((1,), (2,))
        await session.runs.stop(1)
        await until(lambda: noted(room, 2) == ["run", "run_ended"] * 2)
        assert session.runs.queued == ()
        await session.runs.stop_all()


async def test_a_model_of_elsewhere_has_no_training(tmp_path: Path) -> None:
    """Only what was saved while the question's script ran comes from its training, also once the script has ended."""
    room = Room(tmp_path)
    write(room, 1, "print('Epoch 1/1\\n10/10 - 1s - 100ms/step - loss: 0.5')")
    before = time.time()
    async with opened(room) as session:
        session.runs.start(1)
        await until(lambda: ended(session.runs, 1))
        view = session.runs.view(1)
        assert view is not None
        assert view.ended is not None
        trained = {
            saved: bool(session.runs.training_of(1, saved).fits) for saved in (before, view.ended, view.ended + 9)
        }
        assert list(trained.values()) == [False, True, False]
        assert not session.runs.training_of(2, view.ended).fits


async def test_started_before_the_last_run_was_found(tmp_path: Path) -> None:
    """GIVEN a run from before a restart WHEN a script starts at once THEN it is that one whose output is shown."""
    room = Room(tmp_path)
    write(room, 1, "print('before', flush=True)")
    async with opened(room) as session:
        session.runs.start(1)
        await until(lambda: ended(session.runs, 1))
    write(room, 1, "print('now', flush=True)")
    session = room.open()
    session.runs.start(1)
    run = asyncio.create_task(session.run())
    await until(lambda: "now" in printed(session.runs, 1))
    await until(lambda: ended(session.runs, 1))
    assert noted(room, 1) == ["run", "run_ended"] * 2
    await session.close()
    await asyncio.wait_for(run, 20)


async def test_one_instead_of_those_that_run(tmp_path: Path) -> None:
    """It comes before what is queued, which still waits for its end."""
    room = Room(tmp_path, weights=(1, 2, 3))
    for number in (1, 2, 3):
        write(room, number, ENDLESS)
    async with opened(room) as session:
        runs = session.runs
        runs.start(1)
        runs.enqueue(3)
        await until(lambda: printed(runs, 1) == ["ready"])
        await runs.start_instead(2)
        await until(lambda: printed(runs, 2) == ["ready"])
        assert (runs.running, runs.queued) == ((2,), (3,))
        await runs.stop_all()


async def test_a_script_runs_at_lower_priority(tmp_path: Path) -> None:
    """Lower than this process, unless nothing is."""
    room = Room(tmp_path)
    write(room, 1, ENDLESS)
    async with opened(room) as session:
        session.runs.start(1)
        await until(lambda: printed(session.runs, 1) == ["ready"])
        assert process_of(room, 1).nice() >= min(psutil.Process().nice() + 1, 19)
        await session.runs.stop_all()


async def test_finishing_stops_every_script_and_removes_its_files(tmp_path: Path) -> None:
    """An interrupted script may still save, and that is received; its end is on record before the attempt's."""
    room = Room(tmp_path)
    path = room.save(1, "saved by the script")
    kept = path.rename(tmp_path / "model")
    write(room, 1, f"import os, time\ntry:\n    print('ready', flush=True)\n    time.sleep(60)\nfinally:\n"
          f"    os.replace({str(kept)!r}, 'mymodel.keras')")  # fmt: skip
    session = room.open()
    run = asyncio.create_task(session.run())
    session.runs.start(1)
    await until(lambda: printed(session.runs, 1) == ["ready"])
    script = process_of(room, 1)
    await session.finish()
    assert not script.is_running()
    await asyncio.wait_for(run, 20)
    await session.close()
    kinds = [entry.event for entry in room.journal.entries(room.attempt)]
    ended = next(e for e in kinds if isinstance(e, ev.Noted) and e.what == "run_ended")
    assert kinds.index(ended) < kinds.index(next(e for e in kinds if isinstance(e, ev.Finished)))
    assert room.journal.attempt(room.attempt).receipts == 1
    assert not (room.state.runs / room.attempt).exists()


async def test_finishing_where_nobody_has_it_open(tmp_path: Path) -> None:
    """As `mockexam finish` does it, at once: a run of before is stopped too."""
    room = Room(tmp_path)
    write(room, 1, ENDLESS)
    async with opened(room) as session:
        session.runs.start(1)
        await until(lambda: printed(session.runs, 1) == ["ready"])
    script = process_of(room, 1)
    session = room.open()
    run = asyncio.create_task(session.run())
    await session.finish()
    assert not script.is_running()
    await asyncio.wait_for(run, 20)
    await session.close()
    assert noted(room, 1) == ["run", "run_ended"]


async def test_the_end_of_the_time_stops_every_script(tmp_path: Path) -> None:
    """While the app is open."""
    room = Room(tmp_path, duration=600)
    write(room, 1, ENDLESS)
    session = room.open()
    run = asyncio.create_task(session.run())
    session.runs.start(1)
    await until(lambda: printed(session.runs, 1) == ["ready"])
    script = process_of(room, 1)
    room.clock.offset = 601
    await asyncio.wait_for(run, 20)
    await session.close()
    assert not script.is_running()
    assert not (room.state.runs / room.attempt).exists()


async def test_runs_of_other_attempts_are_removed(tmp_path: Path) -> None:
    """The app died at the end of one: the next attempt tidies up."""
    room = Room(tmp_path)
    left = room.state.runs / "20200101-OLD" / "1"
    left.mkdir(parents=True)
    (left / "output").write_text("much")
    async with opened(room):
        await until(lambda: not left.parent.exists())


async def test_a_pid_of_somebody_else_is_no_run(tmp_path: Path) -> None:
    """After a reboot or much later: another process has the number, is not taken for the script and not killed."""
    room = Room(tmp_path)
    home = room.state.runs / room.attempt / "1"
    home.mkdir(parents=True)
    (home / run_supervisor.OUTPUT).write_text("one\n")
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
    run = {"pid": other.pid, "identity": "another boot 1234", "started": time.time() - 50}
    (home / run_supervisor.RUN).write_text(json.dumps(run))
    event_log = EventLog(room.journal, room.attempt)
    event_log.append(ev.Noted(at=room.clock.read(), number=1, what="run", detail="solution.py"))
    try:
        async with opened(room) as session:
            await until(lambda: session.runs.running == ())
            assert printed(session.runs, 1) == ["one"]
            view = session.runs.view(1)
            assert view is not None
            assert "nothing watched" in view.status
            await session.runs.stop_all()
        assert noted(room, 1) == ["run", "run_ended"]
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def part(*lines: str) -> Printed:
    return Printed(ShownOutput((), ""), RunOutput(lines, "", 0))


def test_a_transcript_is_bounded_and_read_in_steps() -> None:
    """The newest lines are kept; a reader gets what is new to it, or what is left of that."""
    transcript = Transcript()
    for n in range(3):
        transcript.add(part(f"line {n}"))
    assert [item.raw.lines for item in transcript.since(1) if isinstance(item, Printed)] == [("line 1",), ("line 2",)]
    assert transcript.since(3) == []
    for _ in range(5):
        transcript.add(part(*["x"] * (KEEP_LINES // 2)))
    assert len(transcript.since(0)) == 2
    assert transcript.total == 8
