"""A record, a workspace and an archive made by version 0.1.0, and commands that are typed at a fixed moment."""

from __future__ import annotations

import contextlib
import io
import json
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from mockexam.entry import run
from mockexam.exam.clock import Reading
from mockexam.machine_clock import MachineClock
from tests.golden.golden import HERE, check_json, check_text, normal
from tests.golden.old_record import RECORD, last_reading

FIXTURES = HERE / "fixtures"
BANK = HERE / "bank"
ROOT = HERE.parents[1]
AFTER = 300.0
"""Seconds between the last event of the old record and the moment at which commands are typed."""


@dataclass(frozen=True)
class Said:
    """What a command printed, and how it ended."""

    words: tuple[str, ...]
    code: int
    out: str
    err: str
    places: dict[str, Path]

    def is_text(self, name: str, change: Callable[[str], str] = lambda text: text) -> None:
        """All of it is what the golden file says, once `change` has taken out what differs between machines."""
        parts = [f"$ mockexam {' '.join(self.words)}", self.out.rstrip("\n")]
        if self.err:
            parts += ["--- standard error", self.err.rstrip("\n")]
        text = normal("\n".join([*parts, f"--- exit code {self.code}"]), **self.places)
        check_text(name, change(text))

    def is_json(self, name: str, change: Callable[[Any], object] = lambda _: None) -> None:
        """The document on standard output is what the golden file says; `change` as above, in place."""
        assert self.code == 0, self.err
        document = json.loads(normal(self.out, **self.places))
        change(document)
        check_json(name, document)


Command = Callable[..., Said]


NOW = Reading(**last_reading(FIXTURES / "home" / RECORD))
NOW = replace(NOW, wall=NOW.wall + AFTER, boot=NOW.boot + AFTER)


@pytest.fixture(autouse=True, scope="module")
def _anywhere() -> Iterator[None]:
    """The same bank, time zone, width and moment on every machine: shortly after the old record's last event."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"MOCKEXAM_BANK": str(BANK), "TZ": "UTC", "COLUMNS": "80", "NO_COLOR": "1"}.items():
            patch.setenv(name, value)
        patch.setattr(MachineClock, "read", lambda _: NOW)
        time.tzset()
        yield
    time.tzset()


def type_command(*words: str, home: Path, places: dict[str, Path]) -> Said:
    """`mockexam ...` with a home folder, in this process. `places` are told by their names."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        patch.setenv("MOCKEXAM_HOME", str(home))
        patch.setattr("time.time", lambda: NOW.wall)
        code = run(list(words))
    told = tuple(normal(word, **places) for word in words)
    return Said(told, code, out.getvalue(), err.getvalue(), {"home": home, **places})


@pytest.fixture
def command(tmp_path: Path) -> Command:
    """Types `mockexam ...`. Paths below the test's folder are told as `<tmp>`."""
    return partial(type_command, places={"tmp": tmp_path, "root": ROOT})


def copied(folder: Path) -> Path:
    """The old home in this folder, to be changed at will."""
    home = shutil.copytree(FIXTURES / "home", folder / "home")
    for path in (home, *home.rglob("*")):
        path.chmod(0o700 if path.is_dir() else 0o600)
    return home


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A home with the old record: seven ended attempts, one of them altered, and one under way."""
    return copied(tmp_path)


@pytest.fixture(scope="module")
def taken_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home into which the old archive was taken: its six attempts, none under way. To be read only."""
    home = tmp_path_factory.mktemp("taken-in") / "home"
    assert type_command("review", "--import", str(FIXTURES / "attempts.zip"), home=home, places={}).code == 0
    return home
