"""Which files a process with a foreign model can still reach where there is no bubblewrap."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mockexam import paths
from mockexam.grading.ipc import BUSY_TIMES
from mockexam.grading.predictor import confinement

TRY = """
import json, os, sys
from mockexam.grading.predictor import confinement
held = confinement.prepare()
held.apply()
def went(do):
    try:
        do()
        return True
    except OSError:
        return False
def look(path):
    return os.listdir(path) if os.path.isdir(path) else open(path, "rb").read(1)
def make(path):
    open(path, "w").close()
import numpy
print(json.dumps({
    "told": held.filters,
    "read": [path for path in json.loads(sys.argv[1]) if went(lambda: look(path))],
    "written": [path for path in json.loads(sys.argv[2]) if went(lambda: make(path))],
    "removed": went(lambda: os.unlink(json.loads(sys.argv[1])[0])),
}))
"""


def run(tmp_path: Path, reads: list[str], writes: list[str], **more: str) -> dict[str, object]:
    for name in ("tmp", "jobs"):
        (tmp_path / name).mkdir(exist_ok=True)
    environment = {**os.environ, "TMPDIR": str(tmp_path / "tmp"), "MOCKEXAM_JOBS": str(tmp_path / "jobs"), **more}
    argv = [sys.executable, "-c", TRY, json.dumps(reads), json.dumps(writes)]
    told = subprocess.run(argv, env=environment, check=True, capture_output=True, text=True).stdout
    found: dict[str, object] = json.loads(told)
    return found


def test_only_the_job_is_read_and_only_the_temporary_folder_written(tmp_path: Path) -> None:
    """Home, record, workspace, questions and rubrics are closed; Python's packages can still be imported."""
    if confinement.landlock_rules([], []) < 0:
        pytest.skip("this kernel has no Landlock")
    (tmp_path / "jobs").mkdir()
    model, record = tmp_path / "jobs" / "model.keras", tmp_path / "records.sqlite3"
    model.write_text("model")
    record.write_text("record")
    closed = [
        record,
        tmp_path,
        Path.home(),
        paths.scoring_dir(),
        paths.exams_dir(),
        Path("/etc/passwd"),
        Path(__file__),
    ]
    mine = str(tmp_path / "tmp" / "mine")
    writes = [str(tmp_path / "planted"), str(tmp_path / "jobs" / "planted"), str(Path.home() / ".planted"), mine]

    found = run(tmp_path, [str(model), *map(str, closed)], writes)

    assert "Landlock" in str(found["told"])
    assert found["read"] == [str(model)]
    assert found["written"] == [mine]
    assert found["removed"] is False
    assert model.exists()


def test_for_tests_of_the_gate_it_can_be_left_off(tmp_path: Path) -> None:
    """And then says so."""
    found = run(tmp_path, [str(tmp_path)], [], MOCKEXAM_CONFINEMENT="off")
    assert found["told"] == "none"
    assert found["read"] == [str(tmp_path)]


LIMIT = 0.5
WATCH = """
import os, subprocess, sys, time
from types import SimpleNamespace
from mockexam.grading.predictor import zygote
does, rivals, limit = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
spin = [sys.executable, "-c", "while True: pass"]
started = [subprocess.Popen(spin) for _ in range(rivals)]
job = subprocess.Popen(spin if does == "works" else ["sleep", "60"])
time.sleep(0.5)
silent, ours = os.pipe()
begun = time.monotonic()
worker = SimpleNamespace(pid=job.pid, fd=silent, reader=None)
told = []
terms = {"seconds": limit, "memory": 1 << 40}
ended = zygote._watch(worker, terms, ours, lambda frame: told.append(frame.kind) or False)
print(ended["how"], time.monotonic() - begun, *told)
for process in (*started, job):
    process.kill()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells how long a process waited")
@pytest.mark.parametrize(
    ("does", "rivals", "least", "most"),
    [("works", 3, 2 * LIMIT, BUSY_TIMES * LIMIT), ("sleeps", 3, LIMIT, 2 * LIMIT)],
)
def test_waiting_for_a_processor_costs_a_model_no_time(does: str, rivals: int, least: float, most: float) -> None:
    """GIVEN a processor that four share THEN a model that works gets its whole time, one that sleeps no more."""
    done = subprocess.run(
        [sys.executable, "-c", WATCH, does, str(rivals), str(LIMIT)],
        capture_output=True, text=True, check=True, env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    how, seconds, *told = done.stdout.split()

    assert how == "time"
    assert least <= float(seconds) < most + 1.0
    assert set(told) == ({"waits"} if does == "works" else set())
