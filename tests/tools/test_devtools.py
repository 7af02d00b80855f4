"""tools/dev.py: what it tells, and when it builds the environment anew. The building itself is what ran these tests."""

from __future__ import annotations

import multiprocessing
import os
import re
import runpy
import subprocess
import sys
import time
from pathlib import Path

import pytest
import tomli

from devtools import environment, main, pip, trials
from devtools.told import TellError
from devtools.turns import turn
from tests.conftest import LONGEST_FIRST, TESTS

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with a lock file and an environment that counts its installations instead of doing them."""
    (tmp_path / "requirements.lock").write_text("click==8.0.0\n", encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text("[project]\n", encoding="utf-8")
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    monkeypatch.setattr(environment, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(environment, "LOCK", tmp_path / "requirements.lock")
    monkeypatch.setattr(environment, "NEEDED_BYTES", 0)
    return tmp_path


@pytest.fixture
def installs(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was installed, in order: `lock` or `project`. The environment itself is a real one, without pip."""
    import venv

    done: list[str] = []
    create = venv.create
    monkeypatch.setattr(
        environment, "install", lambda python, arguments, lock: done.append("lock" if lock else "project")
    )
    monkeypatch.setattr(venv, "create", lambda folder, **settings: create(folder, symlinks=settings["symlinks"]))
    return done


def test_a_ready_environment_is_left_alone(checkout: Path, installs: list[str]) -> None:
    """The second command of the day installs nothing."""
    python = environment.Environment().ready()
    environment.Environment().ready()

    assert installs == ["lock", "project"]
    assert subprocess.run([python, "-c", "pass"], check=False).returncode == 0


def test_a_changed_lock_builds_anew_and_a_changed_project_only_itself(checkout: Path, installs: list[str]) -> None:
    """The libraries are installed again only if they may differ."""
    environment.Environment().ready()
    stranger = checkout / ".venv" / "left-over"
    stranger.touch()

    (checkout / "pyproject.toml").write_text("[project] # changed\n", encoding="utf-8")
    environment.Environment().ready()
    assert installs == ["lock", "project", "project"]
    assert stranger.exists()

    (checkout / "requirements.lock").write_text("click==8.0.1\n", encoding="utf-8")
    environment.Environment().ready()
    assert installs == ["lock", "project", "project", "lock", "project"]
    assert not stranger.exists()


def test_an_interrupted_installation_is_done_again(
    checkout: Path, installs: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """GIVEN an installation that was cut off WHEN the command is given again THEN it begins afresh."""
    whole = environment.install

    def cut_off(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(environment, "install", cut_off)
    with pytest.raises(KeyboardInterrupt):
        environment.Environment().ready()
    (checkout / ".venv" / "half").touch()

    monkeypatch.setattr(environment, "install", whole)
    environment.Environment().ready()

    assert installs == ["lock", "project"]
    assert not (checkout / ".venv" / "half").exists()


def test_a_foreign_environment_is_never_deleted(checkout: Path, installs: list[str]) -> None:
    """A `.venv` that someone made by hand stays, and the way out is told."""
    (checkout / ".venv").mkdir()
    (checkout / ".venv" / "mine").touch()

    with pytest.raises(TellError, match=r"did not make(?s:.*)tools/dev.py clean"):
        environment.Environment().ready()

    assert (checkout / ".venv" / "mine").exists()
    assert installs == []


def test_a_python_without_venv_is_told(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Debian ships Python without it: the package to install is named."""
    monkeypatch.setattr(environment, "find_spec", lambda name: None)

    with pytest.raises(TellError, match=r"sudo apt install python3\.\d+-venv"):
        environment.Environment().ready()


def test_a_small_disk_is_told_before_anything_is_made(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is begun that can't be finished."""
    monkeypatch.setattr(environment, "NEEDED_BYTES", 10**18)

    with pytest.raises(TellError, match="free; the environment needs"):
        environment.Environment().ready()

    assert not (checkout / ".venv").exists()


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", "It was not installed"),
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("WARNING: Retrying (Retry(total=2)) after connection broken by 'NewConnectionError('", "no connection"),
        ("ERROR: No matching distribution found for tensorflow==2.21.0", "no build"),
        ("Something else", "Something else"),
    ],
)
def test_the_reason_of_pip_is_told_in_plain_words(line: str, told: str, tmp_path: Path) -> None:
    """A real process fails as pip does, and what it printed is understood."""
    fake = tmp_path / "pip.py"
    fake.write_text(f"import sys\nprint('Collecting click==8')\nprint({line!r}, file=sys.stderr)\nsys.exit(1)\n")
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{fake}"\n')
    python.chmod(0o755)

    with pytest.raises(TellError, match=re.escape(told)):
        pip.install(python, [], None)


def hold(path: Path, seconds: float) -> None:
    """Hold a lock for a while."""
    with turn(path):
        path.with_suffix(".held").touch()
        time.sleep(seconds)


def test_two_at_once_take_turns(tmp_path: Path) -> None:
    """The second waits until the first is done."""
    path = tmp_path / "lock"
    other = multiprocessing.get_context("spawn").Process(target=hold, args=(path, 0.6))
    other.start()
    while not path.with_suffix(".held").exists():
        time.sleep(0.01)

    begin = time.monotonic()
    with turn(path):
        waited = time.monotonic() - begin

    other.join()
    assert waited > 0.3


@pytest.mark.parametrize("version", [(2, 7), (3, 6), (3, 10), (3, 14)])
def test_an_unfit_python_is_told(version: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    """The version found, those that will do, and what to do."""
    script = runpy.run_path(str(ROOT / "tools" / "dev.py"))
    monkeypatch.setattr(sys, "version_info", (*version, 0, "final", 0))

    told = script["too_old_or_new"]()

    assert f"this is Python {version[0]}.{version[1]}" in told
    assert "what to do: " in told


def test_the_first_file_is_readable_by_an_old_python() -> None:
    """No syntax younger than Python 3.6, so that the message can be given at all."""
    import ast

    ast.parse((ROOT / "tools" / "dev.py").read_text(encoding="utf-8"), feature_version=(3, 6))


def test_an_unknown_command_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, and the commands that there are."""
    assert main.main(["exma"]) == 2
    assert "exam [ARGUMENT...]" in capsys.readouterr().err


def test_the_lock_pins_every_file_and_names_no_host() -> None:
    """Each package has one version a Python and the hashes of its files; where to fetch from is the user's setting."""
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    blocks = re.split(r"\n(?=[a-z0-9])", text.strip())

    assert "://" not in text
    assert [b for b in blocks if not re.match(r"[a-z0-9-]+==[^ ]+ ", b) or "--hash=sha256:" not in b] == []


def test_the_lock_covers_what_the_project_asks_for() -> None:
    """A dependency added to pyproject.toml without `tools/dev.py lock` is missing here."""
    project = tomli.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = [
        *project["project"]["dependencies"],
        *project["project"]["optional-dependencies"]["study"],
        *project["dependency-groups"]["dev"],
        *project["build-system"]["requires"],
    ]
    names = {re.match(r"[A-Za-z0-9_.-]+", requirement)[0].lower() for requirement in asked}  # type: ignore[index]
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")

    assert names - set(re.findall(r"(?m)^([a-z0-9-]+)==", text)) == set()


@pytest.mark.skipif(os.name != "posix", reason="a Makefile is for systems with make")
def test_every_target_of_the_makefile_is_a_command() -> None:
    """`make exam` and the rest call a command that exists."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"(?m)^\.PHONY: (.*)$", text)[0].split()

    assert set(targets) == set(main.COMMANDS)


def test_each_file_that_begins_the_test_run_exists() -> None:
    """One that was renamed would run late, and the run take longer."""
    assert [name for name in LONGEST_FIRST if not (TESTS / name).is_file()] == []


def test_a_trial_on_ground_that_there_is_not_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """No Python that an ordinary user may start: skipped with the reason. An unknown end of the ranges: refused."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(trials, "_everyones_python", lambda: None)

    assert main.main(["user"]) == 0
    assert "skipped" in capsys.readouterr().err
    assert main.main(["ranges", "middle"]) == 1
    assert "oldest or newest" in capsys.readouterr().err


def test_an_interrupted_deletion_is_gone_on_with(
    checkout: Path, installs: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """GIVEN a deletion that was cut off WHEN the command is given again THEN the rest is known for ours, and goes."""
    import shutil

    environment.Environment().ready()
    (checkout / ".venv" / "zz-last").mkdir()
    (checkout / "requirements.lock").write_text("click==8.0.1\n", encoding="utf-8")

    def cut_off(path: Path, *_: object) -> None:
        for name in (name for name in path.iterdir() if name.is_file()):
            name.unlink()
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", cut_off)
        with pytest.raises(KeyboardInterrupt):
            environment.Environment().ready()
    environment.Environment().ready()

    assert installs == ["lock", "project", "lock", "project"]
