"""Running real scripts."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from mockexam.errors import UserError
from mockexam.workspace import script_run as run_module
from mockexam.workspace.script_run import KEEP_LINES, RunEnded, RunOutput, ScriptRun


def home_of(folder: Path) -> Path:
    """Where the run of the script in that folder has its files."""
    return folder.with_name(f"{folder.name}-run")


async def start(folder: Path, **options: Any) -> ScriptRun:
    """Start the script in a folder."""
    return await ScriptRun.start(folder, home_of(folder), **options)


async def run(folder: Path, code: str) -> tuple[list[RunOutput], RunEnded]:
    """Run a script to its end."""
    (folder / "solution.py").write_text(code)
    script = await start(folder)
    told = [output async for output in script.output()]
    return told, await script.wait()


def lines(told: list[RunOutput]) -> list[str]:
    return [line for output in told for line in output.lines]


async def test_output_and_end(tmp_path: Path) -> None:
    """Both streams come as lines, the folder is the working one, and the end is told in words."""
    told, ended = await run(
        tmp_path,
        "import os, sys\nprint(os.getcwd())\nprint('oops', file=sys.stderr)\nprint(repr(sys.stdin.read()))\n"
        "print(os.environ['PYTHONUNBUFFERED'], os.environ['TF_CPP_MIN_LOG_LEVEL'])\nprint('no end', end='')",
    )
    assert lines(told) == [str(tmp_path), "oops", "''", "1 2", "no end"]
    assert (ended.code, ended.stopped) == (0, False)
    assert ended.text.startswith("ended after")


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("raise SystemExit('Write it first.')", "ended with an error"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "out of memory"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "crashed after 0 s (SIGSEGV)"),
    ],
)
async def test_bad_ends(code: str, text: str, tmp_path: Path) -> None:
    """An error, a kill and a crash each have their words."""
    _, ended = await run(tmp_path, code)
    assert text in ended.text
    assert ended.code != 0


async def test_live_output_while_it_runs(tmp_path: Path) -> None:
    """A progress bar is told in its newest state while the script still runs."""
    (tmp_path / "solution.py").write_text(
        "import time\nfor n in range(50):\n    print(f'\\r{n}/50', end='')\n    time.sleep(0.02)\nprint()"
    )
    script = await start(tmp_path)
    states = [(output.live, script.ended is None) async for output in script.output()]
    assert len({live for live, running in states if running and live}) >= 3


async def test_a_flood_is_cut_and_blocks_nothing(tmp_path: Path) -> None:
    """100,000 lines go through quickly though nobody reads them; the newest are kept and the rest is counted."""
    (tmp_path / "solution.py").write_text("for n in range(100_000):\n    print('line', n)")
    script = await start(tmp_path)
    async with asyncio.timeout(20):
        await script.wait()
    told = [output async for output in script.output()]
    found = lines(told)
    assert found[-1] == "line 99999"
    assert len(found) <= KEEP_LINES
    assert len(found) + sum(output.dropped for output in told) == 100_000


@pytest.mark.parametrize("ignored", [False, True])
async def test_stop_interrupts(tmp_path: Path, ignored: bool) -> None:
    """A stopped script may still clean up, as with Ctrl+C; also where the app itself ignores that."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN if ignored else signal.default_int_handler)
    try:
        await _stopped(tmp_path)
    finally:
        signal.signal(signal.SIGINT, before)


async def _stopped(tmp_path: Path) -> None:
    (tmp_path / "solution.py").write_text(
        # Short sleeps: a signal that comes just before a sleep begins is seen only after it.
        "import time\ntry:\n    print('ready')\n    while True:\n        time.sleep(0.05)\n"
        "except KeyboardInterrupt:\n    print('cleaned up')"
    )
    script = await start(tmp_path)
    told = []
    async for output in script.output():
        told.append(output)
        if output.lines == ("ready",):
            asyncio.get_running_loop().create_task(script.stop())
    assert lines(told) == ["ready", "cleaned up"], script.ended
    assert script.ended is not None
    assert script.ended.stopped
    assert script.ended.text.startswith("stopped after")


async def test_stop_kills_what_does_not_listen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A script that ignores everything is gone after both waits, and so are the processes it started."""
    monkeypatch.setattr(run_module, "INTERRUPT_SECONDS", 1.0)
    monkeypatch.setattr(run_module, "TERMINATE_SECONDS", 1.0)
    (tmp_path / "solution.py").write_text(
        "import signal, subprocess, sys, time\n"
        "for s in (signal.SIGINT, signal.SIGTERM):\n    signal.signal(s, signal.SIG_IGN)\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print(child.pid)\ntime.sleep(60)"
    )
    script = await start(tmp_path)
    async for first in script.output():
        if first.lines:
            break
    begun = time.monotonic()
    ended = await script.stop()
    assert 1.5 < time.monotonic() - begun < 6
    assert ended.code == -signal.SIGKILL
    await asyncio.sleep(0.2)
    assert not _is_running(int(first.lines[0]))


async def test_what_a_script_leaves_behind_ends_with_it(tmp_path: Path) -> None:
    """A background process that holds the output open does not keep the run from ending."""
    told, ended = await run(
        tmp_path,
        "import subprocess, sys\nprint(subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']).pid)",
    )
    assert ended.seconds < 5
    assert (ended.code, ended.stopped) == (0, False)
    await asyncio.sleep(0.2)
    assert not _is_running(int(lines(told)[0]))


def _is_running(pid: int) -> bool:
    """Whether a process runs; one that nobody has reaped yet does not."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


async def test_what_is_missing_is_told(tmp_path: Path) -> None:
    """No folder, no script, no Python: each is told with its place."""
    with pytest.raises(UserError, match="folder is missing"):
        await start(tmp_path / "gone")
    with pytest.raises(UserError, match=r"no solution\.py"):
        await start(tmp_path)
    (tmp_path / "solution.py").write_text("")
    with pytest.raises(UserError, match="can't be started") as told:
        await start(tmp_path, env={"MOCKEXAM_PYTHON": "/nowhere/python"})
    assert told.value.location == "/nowhere/python"


async def test_the_output_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A script that prints without end fills no disk, and its newest lines are there, also for who comes later."""
    monkeypatch.setattr(run_module, "MAX_BYTES", 3 << 20)
    _, ended = await run(
        tmp_path,
        "import time\nfor n in range(120):\n    print('x' * 99_999)\n    time.sleep(0.02)\nprint('last')\n"
        "time.sleep(0.5)",
    )
    assert ended.code == 0
    assert sum(file.stat().st_size for file in home_of(tmp_path).iterdir()) < 5 << 20
    again = ScriptRun.adopt(home_of(tmp_path))
    assert again is not None
    told = [output async for output in again.output()]
    assert lines(told)[-1] == "last"
    assert len(lines(told)) > 5
    assert sum(output.dropped for output in told) > 0
    assert again.ended == ended


async def test_the_limit_stops_it_without_an_app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The attempt's time is up while nobody has it open."""
    monkeypatch.setattr(run_module, "_OVERTIME_SECONDS", 0.5)
    (tmp_path / "solution.py").write_text("import time\ntime.sleep(60)")
    script = await start(tmp_path, limit=0.5)
    await script.leave()
    deadline = time.monotonic() + 15
    while (end := script.recorded_end()) is None and time.monotonic() < deadline:
        await asyncio.sleep(0.1)
    assert end is not None
    assert end.stopped
    assert end.seconds >= 1


async def test_a_script_without_supervisor_is_still_followed_and_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The supervisor was killed: the run goes on; a stop kills it, and how it ended is said to be unseen."""
    for name in ("INTERRUPT_SECONDS", "TERMINATE_SECONDS", "_STOP_SECONDS"):
        monkeypatch.setattr(run_module, name, 0.5)
    (tmp_path / "solution.py").write_text("import os, time\nprint(os.getppid())\ntime.sleep(60)")
    script = await start(tmp_path)
    async for first in script.output():
        if first.lines:
            break
    psutil.Process(int(first.lines[0])).kill()
    await asyncio.sleep(1.5)
    assert script.ended is None
    ended = await script.stop()
    assert ended.code is None
    assert ended.stopped


async def test_a_closed_terminal_ends_nothing(tmp_path: Path) -> None:
    """The supervisor ignores SIGHUP, and the script is in no session of a terminal's."""
    (tmp_path / "solution.py").write_text("import os, time\nprint(os.getppid())\ntime.sleep(1)\nprint('on')")
    script = await start(tmp_path)
    told = []
    async for output in script.output():
        told.append(output)
        if len(told) == 1:
            psutil.Process(int(output.lines[0])).send_signal(signal.SIGHUP)
    assert lines(told)[1:] == ["on"]
    assert script.ended is not None
    assert script.ended.code == 0


APP = """
import asyncio, sys
from pathlib import Path
from mockexam.workspace.script_run import ScriptRun

async def main():
    run = await ScriptRun.start(Path(sys.argv[1]), Path(sys.argv[2]))
    async for output in run.output():
        print("seen", flush=True)

asyncio.run(main())
"""


def test_a_killed_app_does_not_end_the_training(tmp_path: Path) -> None:
    """The script prints on, ends well and saves, though nobody reads any more."""
    (tmp_path / "solution.py").write_text(
        "import time\nfrom pathlib import Path\n"
        "for step in range(20):\n    print('step', step)\n    time.sleep(0.05)\nPath('saved').write_text('all')\n"
    )
    app = subprocess.Popen([sys.executable, "-c", APP, str(tmp_path), str(home_of(tmp_path))], stdout=subprocess.PIPE)
    assert app.stdout is not None
    assert app.stdout.readline() == b"seen\n"
    app.kill()
    app.wait()
    app.stdout.close()
    assert not (tmp_path / "saved").exists()
    deadline = time.monotonic() + 15
    while not (tmp_path / "saved").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert (tmp_path / "saved").read_text() == "all"
