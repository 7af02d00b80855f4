"""`mockexam pack` and `submit`, beside a real app and without one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import zipfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from mockexam import paths
from mockexam.entry import run
from mockexam.machine_clock import MachineClock
from mockexam.store.journal import Journal
from mockexam.workspace.receive import hash_of
from tests.cli.test_completion import offered
from tests.end_to_end.sitter import QUICK_APP, Sitter
from tests.factories import paper, started
from tests.workspace.conftest import keras, samples

__all__ = ["keras", "samples"]


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The workspace of an attempt at two questions, which no app has open."""
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path / "home"))
    root = tmp_path / "room"
    drawn = paper((1, 2))
    names = ("simple_model/ballast_car", "learning_dataset/pass_road")
    items = tuple(replace(item, question=name) for item, name in zip(drawn.items, names, strict=True))
    drawn = replace(drawn, items=items)
    for item in items:
        (root / item.folder / "data").mkdir(parents=True)
        (root / item.folder / "data" / "a.csv").write_text("1\n")
    with closing(Journal(paths.state_paths().database)) as journal:
        journal.start(started(MachineClock().read(), duration=600.0, on=drawn, workspace=str(root)))
    return root


def test_pack_by_number_and_by_name(room: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The path goes to stdout; a file that is there is replaced only on request."""
    assert run(["pack", "2"]) == 0
    target = Path(capfd.readouterr().out.strip())
    assert target.parent == room
    assert zipfile.is_zipfile(target)

    assert run(["pack", "ballast", "--to", str(target)]) == 1
    assert "--force" in capfd.readouterr().err
    assert run(["pack", "ballast", "--to", str(target), "--force"]) == 0
    assert any("q1_" in name for name in zipfile.ZipFile(target).namelist())
    assert run(["pack", "o"]) == 1
    assert "ambiguous" in capfd.readouterr().err
    assert run(["pack", "7"]) == 1
    assert "1 (simple_model/ballast_car)" in capfd.readouterr().err


def test_submit_waits_for_an_app(room: Path, samples: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Without one the model lies where it will be received, and that is said."""
    dropped = room.parent / "Mymodel (1).H5"
    shutil.copy(samples / "mymodel.h5", dropped)

    assert run(["submit", str(dropped), "--question", "2"]) == 0

    assert "when you open mockexam" in capfd.readouterr().out
    assert hash_of(room / "q2_learning_dataset" / "mymodel.h5") == hash_of(samples / "mymodel.h5")
    assert run(["submit", str(dropped)]) == 2
    inside = room / "q1_simple_model" / dropped.name
    dropped.rename(inside)
    assert run(["submit", str(inside)]) == 0
    assert (room / "q1_simple_model" / "mymodel.h5").exists()


def test_what_waits_for_the_app_is_not_pushed_aside(
    room: Path, samples: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """What a script saved while the app was closed would otherwise never be received."""
    saved = room / "q2_learning_dataset" / "mymodel.h5"
    saved.write_bytes(b"by a script")

    assert run(["submit", str(samples / "mymodel.h5"), "--question", "2"]) == 1

    assert "question 2 waits" in capfd.readouterr().err
    assert [path.name for path in saved.parent.glob("mymodel*")] == ["mymodel.h5"]
    assert saved.read_bytes() == b"by a script"


def test_the_shell_completes_its_questions(room: Path) -> None:
    """By number, and by id."""
    assert offered("pack", "") == ["1", "2", "simple_model/ballast_car", "learning_dataset/pass_road"]
    assert offered("submit", "x.keras", "--question", "l") == ["learning_dataset/pass_road"]


@pytest.mark.parametrize("command", [["pack", "1"], ["submit", "x.keras"]])
def test_without_an_attempt_it_says_what_does_it_then(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path / "home"))
    assert run(command) == 1
    error = capfd.readouterr().err
    assert "No attempt is under way" in error
    assert ("bank show" if command[0] == "pack" else "mockexam grade") in error


def test_when_the_time_is_up_nothing_is_placed(
    room: Path, samples: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    real = MachineClock.read

    def later(clock: MachineClock) -> object:
        now = real(clock)
        return replace(now, wall=now.wall + 700, boot=now.boot + 700)

    monkeypatch.setattr(MachineClock, "read", later)
    assert run(["submit", str(samples / "mymodel.keras"), "--question", "1"]) == 1
    assert "over" in capfd.readouterr().err
    assert not (room / "q1_simple_model" / "mymodel.keras").exists()


def test_an_open_app_receives_it(room: Path, samples: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """`submit` says so once it is on record."""
    sitter = Sitter(paths.home(), quick=True)
    try:
        give_up = time.monotonic() + 60
        while run(["status"]) == 0 and not (paths.state_paths().locks / "attempt.pid").exists():
            assert time.monotonic() < give_up
            time.sleep(0.1)
        time.sleep(1)
        path = shutil.make_archive(str(room.parent / "mymodel (2)"), "zip", samples, "mymodel")
        capfd.readouterr()
        assert run(["submit", path, "--question", "1"]) == 0, capfd.readouterr()
        assert "Received for question 1" in capfd.readouterr().out
    finally:
        sitter.process.terminate()
        sitter.process.wait(30)
    with closing(Journal(paths.state_paths().database)) as journal:
        attempt = journal.unsettled()
        assert attempt is not None
        assert [s.received.sha256 for s in journal.attempt(attempt).submissions] == [hash_of(samples / "mymodel")]
    assert os.path.exists(path)  # noqa: PTH110  # it stays


def test_an_offer_in_plain_and_its_answer_come_together(room: Path, samples: Path) -> None:
    """On stdout, in this order; and a decision by word to leave ends with 0."""
    shutil.copy(samples / "mymodel.keras", room / "q2_learning_dataset" / "mymodel (1).keras")
    command = [sys.executable, *QUICK_APP, "sit", "--plain"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as sitting:
        assert sitting.stdin is not None
        assert sitting.stdout is not None
        lines = iter(sitting.stdout.readline, "")
        assert any("found mymodel (1).keras: submit it?" in line for line in lines)
        assert "`submit 2`" in next(lines)
        sitting.stdin.write("quit\n")
        sitting.stdin.flush()
        assert sitting.wait(60) == 0
