"""The choice of an editor."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mockexam.errors import UserError
from mockexam.workspace.editor import choose_editor

FILE = Path("/w/solution.py")


def having(*programs: str) -> Callable[[str], str | None]:
    """A machine on which these programs are installed."""
    return lambda name: f"/usr/bin/{name}" if name in programs else None


@pytest.mark.parametrize(
    ("command", "kind"),
    [
        ("vim", "terminal"),
        ("/usr/bin/nvim", "terminal"),
        ("nano -l", "terminal"),
        ("env LANG=C hx", "terminal"),
        ("less", "terminal"),
        ("emacs -nw", "terminal"),
        ("emacs", "graphical"),
        ("vim -g", "graphical"),
        ("code --wait", "graphical"),
        ("'/opt/Py Charm/pycharm.sh' --line 1", "graphical"),
        ("flatpak run org.gnome.gedit", "graphical"),
        ("my-own-editor", "terminal"),
    ],
)
def test_kinds_of_editors(command: str, kind: str) -> None:
    """Terminal editors need the screen, graphical ones do not; the unknown is taken for the former."""
    editor = choose_editor(FILE, {"EDITOR": command, "DISPLAY": ":0"}, which=lambda name: name, platform="linux")
    assert editor.kind == kind
    assert editor.argv[-1] == str(FILE)


@pytest.mark.parametrize(
    ("command", "argv"),
    [
        *((name, f"{name} F X") for name in ("code", "code-insiders", "codium", "cursor", "windsurf")),
        *((name, f"{name} F X") for name in ("pycharm", "charm", "idea", "zed", "zeditor", "subl")),
        ("code --wait", "code F --wait X"),
        ("code -g", "code F -g X"),
        ("/opt/pycharm/bin/pycharm.sh --line 1", "/opt/pycharm/bin/pycharm.sh F --line 1 X"),
        ("env LANG=C zed -n", "env LANG=C zed F -n X"),
        ("Code.exe", "Code.exe F X"),
        ("flatpak run --branch=stable com.visualstudio.code", "flatpak run --branch=stable com.visualstudio.code F X"),
        ("flatpak run com.jetbrains.PyCharm-Community", "flatpak run com.jetbrains.PyCharm-Community F X"),
        ("snap run code -n", "snap run code F -n X"),
        ("flatpak run org.gnome.gedit", "flatpak run org.gnome.gedit X"),
        ("flatpak run", "flatpak run X"),
        *((name, f"{name} X") for name in ("vim", "nano", "emacs", "gedit", "thonny", "xdg-open", "unknown")),
    ],
)
def test_the_command_line(command: str, argv: str) -> None:
    """Editors that know folders get the question's folder, before options that belong to the file; others do not."""
    env = {"VISUAL": command, "DISPLAY": ":0"}
    editor = choose_editor(FILE, env, which=lambda name: name, platform="linux")
    expected = [{"F": str(FILE.parent), "X": str(FILE)}.get(word, word) for word in argv.split()]
    assert list(editor.argv) == expected


def test_a_folder_with_blanks_is_one_word(tmp_path: Path) -> None:
    """No shell splits it."""
    file = tmp_path / "my exam" / "q1 simple" / "solution.py"
    editor = choose_editor(file, {"VISUAL": "code"}, which=lambda name: name, platform="linux")
    assert editor.argv == ("code", str(file.parent), str(file))


def test_emacs_without_a_desktop_is_a_terminal_editor() -> None:
    """On a machine reached by ssh, emacs draws in the terminal."""
    assert choose_editor(FILE, {"EDITOR": "emacs"}, which=having("emacs"), platform="linux").kind == "terminal"


def test_order_of_preference() -> None:
    """VISUAL before EDITOR before the desktop before nano; what is not installed or not readable is passed over."""
    env = {"VISUAL": "code", "EDITOR": "vim", "DISPLAY": ":0"}
    found = [
        choose_editor(FILE, env, which=having("code", "vim"), platform="linux").name,
        choose_editor(FILE, env, which=having("vim", "xdg-open"), platform="linux").name,
        choose_editor(FILE, {**env, "EDITOR": "vim '"}, which=having("xdg-open", "nano"), platform="linux").name,
        choose_editor(FILE, {"EDITOR": "vim"}, which=having("xdg-open", "nano"), platform="linux").name,
        choose_editor(FILE, {}, which=having(), platform="darwin").name,
    ]
    assert found == ["code", "vim", "xdg-open", "nano", "open"]


def test_vim_before_giving_up() -> None:
    """Last, since it does not show how to quit."""
    assert [
        choose_editor(FILE, {}, which=having(*there), platform="linux").argv[0]
        for there in (("vi",), ("vi", "vim"), ("vi", "vim", "nano"))
    ] == ["vi", "vim", "nano"]
    assert ":q!" in choose_editor(FILE, {}, which=having("vi"), platform="linux").way_out
    assert not choose_editor(FILE, {"EDITOR": "vi"}, which=having("vi"), platform="linux").way_out
    assert not choose_editor(FILE, {}, which=having("vi", "micro"), platform="linux").way_out
    assert choose_editor(FILE, {}, which=having(), platform="win32").argv[0] == "notepad"
    assert choose_editor(FILE, {}, which=having("vi"), platform="linux").kind == "terminal"


def test_no_editor_is_told_with_the_remedy() -> None:
    """Where nothing is found, the file and the variable to set are named."""
    with pytest.raises(UserError) as told:
        choose_editor(FILE, {"EDITOR": "gone"}, which=having(), platform="linux")
    assert "EDITOR" in told.value.hint
    assert str(FILE) in told.value.hint


@pytest.mark.parametrize(
    ("command", "installed", "platform", "argv"),
    [
        ("code", ("code", "xdg-open"), "linux", ["code", "/w", "/w/solution.ipynb"]),
        ("vim", ("vim", "xdg-open"), "linux", ["xdg-open", "/w/solution.ipynb"]),
        ("gedit", ("gedit",), "linux", ["gedit", "/w/solution.ipynb"]),
        ("vim", ("vim",), "darwin", ["open", "/w/solution.ipynb"]),
        ("jupyter lab", ("jupyter", "xdg-open"), "linux", ["jupyter", "lab", "/w/solution.ipynb"]),
    ],
)
def test_a_notebook_opens_where_it_is_one(
    command: str, installed: tuple[str, ...], platform: str, argv: list[str]
) -> None:
    """The desktop knows better than an editor that would show its JSON; where there is nothing else, that one."""
    env = {"EDITOR": command, "DISPLAY": ":0"}
    editor = choose_editor(Path("/w/solution.ipynb"), env, which=having(*installed), platform=platform)
    editor = choose_editor(Path("/w/solution.ipynb"), env, which=having(*installed), platform=platform)
    assert list(editor.argv) == argv


@pytest.mark.parametrize(("command", "platform"), [("vim", "linux"), ("", "linux"), ("", "win32")])
def test_a_notebook_is_no_page_of_json(command: str, platform: str) -> None:
    """In a terminal alone nothing shows it as one: what does is said, with the whole command."""
    with pytest.raises(UserError) as told:
        choose_editor(Path("/w x/solution.ipynb"), {"EDITOR": command}, which=having("vim", "nano"), platform=platform)
    assert "jupyter lab '/w x/solution.ipynb'" in told.value.hint
