"""Running a solution: measured, and ended with all it has started."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from mockexam.bank.verify.solution_run import ScriptResult, run_solution


def solution(folder: Path, text: str) -> Path:
    """A workspace with this solution."""
    (folder / "solution.py").write_text(text, encoding="utf-8")
    return folder


RUN = """
import asyncio, dataclasses, json, sys
from pathlib import Path
from mockexam.bank.verify.solution_run import run_solution
print(json.dumps(dataclasses.asdict(asyncio.run(run_solution(Path(sys.argv[1]))))))
"""


def test_time_memory_and_words_are_told(tmp_path: Path) -> None:
    """Of that process alone; started from a small one, since the starter's own size is the least that Linux tells.

    What it does not work, as on a busy machine, is not counted.
    """
    work = "while time.process_time() < 0.3: pass\ntime.sleep(3)\n"
    text = f"import time\nx = bytearray(80_000_000)\n{work}print('first')\nraise SystemExit('last words')"
    command = [sys.executable, "-c", RUN, str(solution(tmp_path, text))]
    done = subprocess.run(
        command, env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}, capture_output=True, check=True
    )
    ran = ScriptResult(**json.loads(done.stdout))

    assert ran.exit_code == 1
    assert ran.last_line == "last words"
    assert ran.seconds >= 0.3
    if sys.platform != "win32":
        assert ran.seconds < 3
        assert 80 < ran.peak_megabytes < 250


async def test_a_solution_that_hangs_is_ended(tmp_path: Path) -> None:
    """Without waiting for it."""
    begun = time.monotonic()
    ran = await run_solution(solution(tmp_path, "import time\ntime.sleep(600)"), limit=0.5)

    assert ran.timed_out
    assert time.monotonic() - begun < 30


async def test_a_cancelled_run_leaves_no_process(tmp_path: Path) -> None:
    """GIVEN a solution with a child of its own WHEN it is interrupted THEN both are gone."""
    text = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "open('pids.new', 'w').write(f'{child.pid}')\n"
        "import os; os.rename('pids.new', 'pids'); time.sleep(600)"
    )
    task = asyncio.create_task(run_solution(solution(tmp_path, text)))
    while not (tmp_path / "pids").exists():
        await asyncio.sleep(0.05)
    child = psutil.Process(int((tmp_path / "pids").read_text()))

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    _, alive = psutil.wait_procs([child], timeout=10)
    assert [p for p in alive if p.status() != psutil.STATUS_ZOMBIE] == []
