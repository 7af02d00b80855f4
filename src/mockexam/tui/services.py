"""What the app needs besides the desk. Tests hand in their own; the real ones are imported when they are first used."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from mockexam.doctor.check import Check
from mockexam.sitting.ports import ProgressCallback


class OutputLine(Protocol):
    """A line that a script printed."""

    @property
    def text(self) -> str:
        """The line without its end."""
        ...

    @property
    def replaces_last(self) -> bool:
        """Whether it stands in the place of the line before (a progress bar)."""
        ...


class ScriptPort(Protocol):
    """A question's script while it runs."""

    @property
    def status(self) -> str:
        """How it ended, in words."""
        ...

    async def start(self) -> None:
        """Start it. Raises ToldError."""
        ...

    def lines(self) -> AsyncIterator[OutputLine]:
        """What it prints, until it ends."""
        ...

    async def stop(self) -> None:
        """End it and what it started."""
        ...


class EditorPort(Protocol):
    """A command that opens an editor."""

    @property
    def argv(self) -> Sequence[str]:
        """The program and its arguments."""
        ...

    @property
    def terminal(self) -> bool:
        """Whether it needs the terminal for itself."""
        ...


def _quick_checks(workspace: Path) -> Sequence[Check]:
    from mockexam.doctor import quick_checks

    return quick_checks(workspace)


async def _full_checks(workspace: Path, progress: ProgressCallback) -> Sequence[Check]:
    from mockexam.doctor import full_checks

    return await full_checks(workspace, progress)


def _script(folder: Path) -> ScriptPort:
    from mockexam.workspace.run import ScriptRun

    return ScriptRun(folder)


def _editor(environ: Mapping[str, str], path: Path) -> EditorPort:
    from mockexam.workspace.editor import choose_editor

    return choose_editor(environ, path)


def _no_receipt(attempt: str) -> str | None:  # noqa: ARG001  # the shape of the real one
    return None


@dataclass(frozen=True)
class Services:
    """Everything slow or outside of the app that a screen may call."""

    quick_checks: Callable[[Path], Sequence[Check]] = _quick_checks
    """Looks at the machine for a workspace; called in a thread."""
    full_checks: Callable[[Path, ProgressCallback], Awaitable[Sequence[Check]]] = _full_checks
    """The training test, about a minute."""
    script: Callable[[Path], ScriptPort] = _script
    """A run of the script in a question's folder."""
    editor: Callable[[Mapping[str, str], Path], EditorPort] = _editor
    """The editor for a file. Raises ToldError if there is none."""
    receipt: Callable[[str], str | None] = _no_receipt
    """The receipt of an attempt whose result stands."""
