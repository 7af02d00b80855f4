"""Chooses the editor for a file, and says whether it needs the app's terminal."""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mockexam.errors import UserError

EditorKind = Literal["terminal", "graphical"]

# fmt: off
_WITH_FOLDER = frozenset({
    "code", "code-insiders", "code-oss", "codium", "vscodium", "cursor", "windsurf", "positron",
    "pycharm", "pycharm64", "pycharm-community", "pycharm-professional", "charm", "idea", "idea64", "idea-community",
    "idea-ultimate", "intellij-idea-community", "intellij-idea-ultimate", "dataspell", "webstorm",
    "zed", "zeditor", "zedit", "subl", "sublime_text", "sublime-text", "atom", "pulsar",
})
"""Graphical editors that open a folder together with a file in it."""
_GRAPHICAL = _WITH_FOLDER | {
    "fleet", "lapce", "spyder", "thonny", "idle", "idle3", "gedit", "gnome-text-editor", "kate", "kwrite", "mousepad",
    "pluma", "xed", "leafpad", "featherpad", "geany", "gvim", "mvim", "nvim-qt", "neovide", "notepad", "notepad++",
    "notepadqq", "bbedit", "mate", "textmate", "coteditor", "xdg-open", "gio", "open", "explorer", "wslview",
    "kde-open", "sensible-browser", "flatpak", "snap",
}
_FOR_NOTEBOOKS = frozenset({
    "code", "code-insiders", "code-oss", "codium", "vscodium", "cursor", "windsurf", "positron", "pycharm", "pycharm64",
    "pycharm-professional", "charm", "dataspell", "spyder", "jupyter", "jupyter-lab", "jupyter-notebook",
})
"""Editors that show a notebook as one; to others it is a page of JSON."""
# fmt: on
_RUNNERS = frozenset({"flatpak", "snap"})
_WRAPPERS = frozenset({"env", "nohup", "nice", "command", "exec", "sudo", "doas"})
_LAST_RESORTS = ("nano", "micro", "vim", "vi")
"""Terminal editors; those that show how to quit come first."""
_WAYS_OUT = dict.fromkeys(
    ("vim", "vi"), "i begins to type. Esc, then :wq and Enter saves and leaves; :q! leaves without saving."
)
"""How to leave an editor that does not show it."""
OTHER_EDITOR = "Set VISUAL or EDITOR to an editor that works here, or open the file in another window."
"""What to do where an editor fails."""


@dataclass(frozen=True, slots=True)
class Editor:
    """How to open a file."""

    argv: tuple[str, ...]
    kind: EditorKind
    """`terminal`: it takes over the screen while it runs. `graphical`: it opens its own window."""
    way_out: str = ""
    """How to leave it, for somebody who did not choose it; empty if it shows that itself."""

    @property
    def name(self) -> str:
        return _base(self.argv[0])


def choose_editor(
    file: Path,
    env: Mapping[str, str] | None = None,
    *,
    which: Callable[[str], str | None] = shutil.which,
    platform: str = sys.platform,
) -> Editor:
    """The first one installed of `$VISUAL`, `$EDITOR`, the desktop's opener, nano, micro and vi. Raises UserError.

    An editor that knows folders opens the file's folder too. For a notebook the desktop's opener comes before an editor
    of `$VISUAL` or `$EDITOR` that would show its JSON, and an editor in the terminal is none.
    """
    environment = os.environ if env is None else env
    opener = _opener(environment, which, platform)
    is_notebook = file.suffix == ".ipynb"
    if is_notebook and platform in ("darwin", "win32"):
        opener = ("open",) if platform == "darwin" else ()  # notepad would show its JSON
    for variable in ("VISUAL", "EDITOR"):
        command = _split(environment.get(variable, ""), platform)
        if command and which(_program(command)) and which(command[0]):
            kind = _kind(command, environment, platform)
            for_notebooks = _base(_program(command)) in _FOR_NOTEBOOKS
            if is_notebook and not for_notebooks and (opener or kind == "terminal"):
                continue
            return Editor((*_with_folder(command, file.parent), str(file)), kind)
    if opener:
        return Editor((*opener, str(file)), "graphical")
    if is_notebook:
        raise UserError(
            "No editor for notebooks was found.",
            location=str(file),
            hint=f"In another terminal, `jupyter lab {shlex.quote(str(file))}` opens it in a browser. "
            "Or open it in VS Code, or set EDITOR to an editor for notebooks.",
        )
    for name in _LAST_RESORTS:
        if which(name):
            return Editor((name, str(file)), "terminal", _WAYS_OUT.get(name, ""))
    raise UserError(
        "No editor was found.",
        location="$VISUAL, $EDITOR",
        hint=f"Set EDITOR, for example `export EDITOR=vim`, or open the file in your own editor: {file}",
    )


def _split(command: str, platform: str) -> list[str]:
    try:
        words = shlex.split(command, posix=platform != "win32")
    except ValueError:
        return []  # an unclosed quote: as if it were not set
    return [word.strip('"') for word in words] if platform == "win32" else words


def _program(command: Sequence[str]) -> str:
    """The editor's own name in a command such as `env LANG=C vim`."""
    for word in command:
        if _base(word) not in _WRAPPERS and "=" not in word and not word.startswith("-"):
            return word
    return command[0]


def _with_folder(command: list[str], folder: Path) -> list[str]:
    """The command with the folder, if the editor knows folders; before its options, some of which are the file's."""
    at = command.index(_program(command))
    if _base(command[at]) in _RUNNERS and "run" in command:
        # `flatpak run com.visualstudio.code`, `snap run code`
        at = next((n for n in range(command.index("run") + 1, len(command)) if command[n][0] != "-"), at)
        name = command[at].rpartition(".")[2].lower()
    else:
        name = _base(command[at])
    return [*command[: at + 1], str(folder), *command[at + 1 :]] if name in _WITH_FOLDER else command


def _base(program: str) -> str:
    name = program.replace("\\", "/").rsplit("/", 1)[-1].lower()
    for ending in (".exe", ".cmd", ".bat", ".app", ".sh"):
        name = name.removesuffix(ending)
    return name


def _kind(command: Sequence[str], env: Mapping[str, str], platform: str) -> EditorKind:
    """Unknown is `terminal`: a wrong `graphical` would spoil the screen, a wrong `terminal` only blanks it."""
    program = _base(_program(command))
    if program.startswith("emacs"):
        no_window = {"-nw", "--no-window-system", "-t", "-tty", "--tty"} & set(command)
        return "terminal" if no_window or not _has_desktop(env, platform) else "graphical"
    if program in ("vim", "vi") and "-g" in command:
        return "graphical"
    return "graphical" if program in _GRAPHICAL else "terminal"


def _has_desktop(env: Mapping[str, str], platform: str) -> bool:
    return platform in ("darwin", "win32") or bool(env.get("DISPLAY") or env.get("WAYLAND_DISPLAY"))


def _opener(env: Mapping[str, str], which: Callable[[str], str | None], platform: str) -> tuple[str, ...]:
    if platform == "darwin":
        return ("open", "-t")
    if platform == "win32":
        return ("notepad",)  # Explorer would run the script
    if env.get("WSL_DISTRO_NAME") and which("wslview"):
        return ("wslview",)
    # Without a desktop, xdg-open would start a browser in the terminal.
    if _has_desktop(env, platform) and which("xdg-open"):
        return ("xdg-open",)
    return ()


async def start_editor(editor: Editor, path: Path, *, detached: bool) -> asyncio.subprocess.Process:
    """Start an editor for a file, in the terminal or `detached` from it. Raises UserError if it can't start."""
    silent = asyncio.subprocess.DEVNULL if detached else None
    try:
        return await asyncio.create_subprocess_exec(
            *editor.argv, stdin=silent, stdout=silent, stderr=silent, start_new_session=detached, cwd=path.parent,
            env=os.environ.copy(),
        )  # fmt: skip
    except OSError as error:
        raise UserError(
            f"Can't start the editor: {error.strerror}.", location=editor.argv[0], hint=OTHER_EDITOR
        ) from None
