"""What is checked before the app, and what is not imported before its first frame."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from mockexam.errors import UserError
from mockexam.session.ports import RetryChoice, StartRequest
from mockexam.tui.launch import LateSessionManager, require_terminal, run_app

HEAVY = ("pydantic", "watchfiles", "sqlite3", "numpy", "tensorflow", "markdown_it", "mockexam.exam.attempt")
"""Not before the first frame."""


class Stream:
    """A stream that is a terminal, or not."""

    def __init__(self, tty: bool) -> None:
        self._tty = tty

    def isatty(self) -> bool:
        return self._tty


def streams(monkeypatch: pytest.MonkeyPatch, *, stdin: bool = True, stdout: bool = True, stderr: bool = True) -> None:
    for name, tty in (("__stdin__", stdin), ("__stdout__", stdout), ("__stderr__", stderr)):
        monkeypatch.setattr(sys, name, Stream(tty))


@pytest.mark.parametrize("missing", ["stdin", "stdout", "stderr"])
def test_without_a_terminal_the_plain_way_is_told(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    """Whichever stream is redirected."""
    streams(monkeypatch, **{missing: False})
    monkeypatch.setenv("TERM", "xterm")
    with pytest.raises(UserError, match="needs a terminal") as told:
        run_app(None)
    assert "mockexam sit --plain" in told.value.hint
    with pytest.raises(UserError) as told:
        run_app(StartRequest(retry=RetryChoice()))
    assert "mockexam retry --plain" in told.value.hint


@pytest.mark.parametrize("term", ["dumb", ""])
def test_a_dumb_terminal_is_told(monkeypatch: pytest.MonkeyPatch, term: str) -> None:
    """It can't place a cursor."""
    streams(monkeypatch)
    monkeypatch.setenv("TERM", term)
    with pytest.raises(UserError, match="can't show"):
        require_terminal("Use a terminal.")


def test_a_real_terminal_is_fine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is told."""
    streams(monkeypatch)
    monkeypatch.setenv("TERM", "xterm-256color")
    require_terminal("Use a terminal.")


def test_nothing_heavy_is_imported_before_the_first_frame() -> None:
    """In a fresh interpreter, up to the app with its home screen."""
    code = (
        "import sys; import mockexam.tui.launch, mockexam.tui.app, mockexam.machine_clock;"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_app_never_imports_the_marker_itself() -> None:
    """Not even when all of its modules are loaded."""
    root = Path(sys.modules["mockexam.tui.launch"].__file__ or "").parent
    names = [
        ".".join(("mockexam", "tui", *path.relative_to(root).with_suffix("").parts)) for path in root.rglob("[a-z]*.py")
    ]
    code = (
        f"import importlib, sys; [importlib.import_module(n) for n in {names!r}];"
        "print([n for n in sys.modules if n.startswith(('mockexam.grading.examiner', 'mockexam.grading.predictor')) "
        "or n.split('.')[0] in ('numpy', 'sklearn', 'tensorflow', 'keras', 'h5py')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_desk_is_made_once_and_only_when_needed() -> None:
    """And what making it raises is raised by each call."""
    made: list[int] = []

    def refuse() -> None:
        made.append(1)
        raise UserError("The record is damaged.")

    manager = LateSessionManager(refuse)  # type: ignore[arg-type]  # never returns
    assert not made
    for _ in range(2):
        with pytest.raises(UserError, match="damaged"):
            manager.running()
    assert len(made) == 2


async def test_a_desk_that_was_never_made_closes_without_being_made() -> None:
    """Leaving at once costs nothing."""

    def refuse() -> None:
        raise AssertionError("made")

    await LateSessionManager(refuse).close()  # type: ignore[arg-type]  # never returns
