"""What the predictor's sandbox lets through, seen from inside."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from mockexam import paths
from mockexam.errors import GraderFaultError
from mockexam.grading.examiner import sandbox
from mockexam.grading.examiner.predictor_host import TRIES, PredictorHost

LOOK = """
import json, os, socket, sys
def reaches(target):
    try:
        socket.create_connection(target, 1).close()
        return True
    except OSError:
        return False
def writes(path):
    try:
        open(path, "w").close()
        return True
    except OSError:
        return False
import numpy
print(json.dumps({
    "visible": [path for path in json.loads(sys.argv[1]) if os.path.exists(path)],
    "writable": [path for path in json.loads(sys.argv[2]) if writes(path)],
    "processes": [name for name in os.listdir("/proc") if name.isdigit()],
    "network": reaches(("127.0.0.1", int(sys.argv[3]))),
    "environment": dict(os.environ),
    "own": os.listdir(os.environ["TMPDIR"]),
    "job": open("/jobs/features.npy").read(),
}))
"""


@pytest.fixture
def held(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> sandbox.Sandbox:
    """The sandbox in force here, with one file in its jobs' folder, and packages below /tmp."""
    monkeypatch.delenv(sandbox.ISOLATION_VARIABLE, raising=False)
    monkeypatch.syspath_prepend(tmp_path_factory.mktemp("installed", numbered=True) / "more-packages")
    Path(sys.path[0]).mkdir()
    jobs = tmp_path / "jobs"
    jobs.mkdir()
    (jobs / "features.npy").write_text("here")
    return sandbox.choose(jobs)


def test_inside_nothing_of_the_exam_is_there(
    held: sandbox.Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No question, rubric, record, home or process of the machine; no network; nothing to write but an empty folder."""
    import socket

    if held.isolation != sandbox.BUBBLEWRAP:
        pytest.skip(held.detail)
    record = tmp_path / "home" / "records.sqlite3"
    record.parent.mkdir()
    record.touch()
    secret = [paths.exams_dir(), paths.scoring_dir(), record, Path.home() / ".profile", Path(__file__), tmp_path]
    packages = Path(json.__file__).parent / "planted", "/usr/planted", "/jobs/planted", "/mockexam/planted", "/planted"
    own = ["/mockexam-scratch/ours"]
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        arguments = [json.dumps([str(path) for path in secret]), json.dumps([*map(str, packages), *own])]
        argv = [*held.argv[: held.argv.index("-m")], "-c", LOOK, *arguments, port]
        output = subprocess.run(argv, env=held.environment, check=True, capture_output=True, text=True).stdout
    inside = json.loads(output)

    assert inside["visible"] == []
    assert inside["writable"] == own
    assert inside["own"] == ["ours"]
    assert len(inside["processes"]) <= 2
    assert inside["network"] is False
    assert inside["job"] == "here"
    assert inside["environment"]["CUDA_VISIBLE_DEVICES"] == ""
    assert inside["environment"]["HOME"] == "/mockexam-scratch"
    assert not set(inside["environment"]) & {"MOCKEXAM_HOME", "SSH_AUTH_SOCK", "USER"}
    assert held.inside(held.jobs / "job1" / "model.keras") == "/jobs/job1/model.keras"


def test_installed_beside_its_packages_the_bank_is_hidden(
    held: sandbox.Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From a wheel, rubrics lie among the packages that the sandbox shows: an empty folder lies over them."""
    if held.isolation != sandbox.BUBBLEWRAP:
        pytest.skip(held.detail)
    packages = Path(os.path.realpath(pytest.__file__)).parents[1]
    monkeypatch.setattr(paths, "scoring_dir", lambda: packages / "pytest")

    hiding = sandbox.choose(held.jobs)
    look = f"import os, numpy; print(os.listdir({str(packages / 'pytest')!r}))"
    argv = [*hiding.argv[: hiding.argv.index("-m")], "-c", look]
    output = subprocess.run(argv, env=hiding.environment, check=True, capture_output=True, text=True).stdout

    assert output == "[]\n"


def test_without_bubblewrap_the_reason_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Turned off, not installed, or not working."""
    jobs = tmp_path / "jobs"
    jobs.mkdir()
    monkeypatch.setenv(sandbox.ISOLATION_VARIABLE, "limits")
    assert "turned off" in sandbox.choose(jobs).detail
    monkeypatch.delenv(sandbox.ISOLATION_VARIABLE)
    monkeypatch.setattr(sandbox, "find_bubblewrap", lambda: None)
    assert "not installed" in sandbox.choose(jobs).detail
    monkeypatch.setattr(sandbox, "find_bubblewrap", lambda: "/bin/false")
    chosen = sandbox.choose(jobs)
    if sys.platform.startswith("linux"):
        assert "does not work here" in chosen.detail
    assert chosen.isolation == sandbox.LIMITS
    assert chosen.inside(jobs / "a") == str(jobs / "a")


@pytest.mark.parametrize("isolation", ["", "limits"])
def test_the_candidates_keras_is_not_the_graders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, isolation: str
) -> None:
    """Neither variables nor a `keras.json` change how a model is loaded, with or without a sandbox."""
    monkeypatch.setenv("TF_USE_LEGACY_KERAS", "1")
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    monkeypatch.setenv("MOCKEXAM_ISOLATION", isolation)
    jobs = tmp_path / "jobs"
    jobs.mkdir()

    held = sandbox.choose(jobs)
    code = "import os, json; print(json.dumps(dict(os.environ)))"
    argv = [*held.argv[: held.argv.index("-m")], "-c", code]
    done = subprocess.run(argv, env=held.environment, check=True, capture_output=True, text=True)
    environment = json.loads(done.stdout)

    assert environment["KERAS_BACKEND"] == "tensorflow"
    assert environment["KERAS_HOME"] == environment["TMPDIR"]
    assert "TF_USE_LEGACY_KERAS" not in environment


@pytest.mark.parametrize("end", ["kill -9 $$", "exit 137"], ids=["itself", "what bubblewrap held"])
def test_what_is_killed_at_its_start_gets_no_weaker_sandbox(tmp_path: Path, end: str) -> None:
    """Not the sandbox is why: after some tries it is a fault of the grader, and the next start tries again."""
    starts = tmp_path / "starts"
    argv = ("sh", "-c", f"echo >> {starts}; {end}")
    held = replace(sandbox.limits_only(tmp_path, ""), argv=argv, isolation=sandbox.BUBBLEWRAP)
    with (tmp_path / "log").open("wb") as log:
        host = PredictorHost(held, log, lambda *_: None, lambda: None)
        for more in (1, 2):
            with pytest.raises(GraderFaultError, match="killed"):
                host.wait_warm()
            assert host.sandbox.isolation == sandbox.BUBBLEWRAP
            assert len(starts.read_text()) == more * (1 + TRIES)
