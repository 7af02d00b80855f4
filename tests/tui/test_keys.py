"""A letter means one thing on every screen, and the help says what the keys do."""

from __future__ import annotations

import importlib
import pkgutil
from collections import defaultdict
from collections.abc import Iterator

import pytest
from textual.binding import Binding
from textual.dom import DOMNode
from textual.widgets import Input, OptionList

import mockexam.tui
from mockexam.session.ports import Activity
from mockexam.tui.screens.modal import Modal
from mockexam.tui.widgets.log import ActivityLog
from tests.tui.conftest import Opener
from tests.tui.fakes import FakeEnvironment
from tests.tui.looks import name_of, text_of, until
from tests.tui.review.conftest import notices

SEVERAL_WORDS = {
    # One act, leaving what is open; the word says where that leads.
    "q": {"Leave", "Quit", "Back", "Close", "Result"},
    # The answers to a question that comes by itself, which Enter must not answer.
    "y": {"Copy", "Yes"},
    "n": {"Next", "No"},
}
"""Letters whose meaning has more than one word, and why."""


def classes(base: type[DOMNode] = DOMNode) -> Iterator[type[DOMNode]]:
    """All classes of the app that can have keys: screens, widgets, the app itself."""
    for child in base.__subclasses__():
        if child.__module__.startswith("mockexam."):
            yield child
        yield from classes(child)


def bindings() -> list[tuple[str, str, Binding]]:
    """Each key that a class of the app binds: the class's name, the key, the binding."""
    for module in pkgutil.walk_packages(mockexam.tui.__path__, "mockexam.tui."):
        importlib.import_module(module.name)
    return [
        (owner.__name__, key, binding)
        for owner in set(classes())
        for binding in owner.__dict__.get("BINDINGS", ())
        for key in binding.key.split(",")
    ]


def test_a_letter_means_one_thing_on_all_screens() -> None:
    """The first word of what it does is its meaning: `Next hint` and `Next exam` are one."""
    meanings: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for owner, key, binding in bindings():
        if (len(key) == 1 and key.isalpha()) or key in {"slash", "question_mark"}:
            meanings[key][binding.description.split(" ")[0]].append(owner)
    assert len(meanings) > 30
    for key, words in meanings.items():
        assert "" not in words, f"{key} has no word on {words['']}"
        assert len(words) == 1 or set(words) <= SEVERAL_WORDS.get(key, set()), f"{key}: {dict(words)}"


def test_a_digit_chooses_the_line_of_that_number() -> None:
    """Wherever it is bound."""
    assert {binding.action for _, key, binding in bindings() if key.isdigit()} == {f"choose({n})" for n in range(1, 10)}


def test_every_key_of_a_screen_with_help_is_in_the_help() -> None:
    """The help shows the bindings' tooltips; a key for a terminal's or the app's own sake (`system`) has none."""
    silent = {
        (owner, key)
        for owner, key, binding in bindings()
        if owner.endswith("Screen") and not binding.tooltip and not binding.system
    }
    modal = {owner.__name__ for owner in classes(Modal)}
    assert {(owner, key) for owner, key in silent if owner not in modal} == set()


async def test_j_k_g_and_capital_g_move_in_lists_and_texts(opened: Opener, env: FakeEnvironment) -> None:
    """As the arrow keys, Home and End: in a menu, in the brief and in a dialog; keys typed at once keep their order."""
    async with opened() as pilot:
        menu = pilot.app.screen.query_one(OptionList)
        await pilot.press("j", "j", "k")
        assert menu.highlighted == 1
        await pilot.press("G")
        assert menu.highlighted == menu.option_count - 1
        await pilot.press("g")
        assert menu.highlighted == 0
        for key in ("j", "enter"):
            pilot.app.simulate_key(key)
        await until(pilot, lambda: name_of(pilot) == "RetryScreen")
    env.manager.begin()
    async with opened(size=(80, 24)) as pilot:
        await until(pilot, lambda: name_of(pilot) == "ExamScreen")
        for opening in ("tab", "question_mark"):
            await pilot.press(opening)
            pane = pilot.app.focused
            assert pane is not None
            await pilot.press("G")
            await until(pilot, lambda pane=pane: pane.scroll_y == pane.max_scroll_y > 0)  # type: ignore[misc]  # bound
            await pilot.press("g")
            await until(pilot, lambda pane=pane: pane.scroll_y == 0)  # type: ignore[misc]  # bound
            await pilot.press("j")
            await until(pilot, lambda pane=pane: pane.scroll_y == 1)  # type: ignore[misc]  # bound


@pytest.mark.parametrize("pane", ["questions", "brief-scroll"])
async def test_enter_enlarges_the_brief(opened: Opener, env: FakeEnvironment, pane: str) -> None:
    """From the questions and from the brief itself; Esc and Enter lead back."""
    env.manager.begin()
    async with opened() as pilot:
        await until(pilot, lambda: name_of(pilot) == "ExamScreen")
        brief, questions = (pilot.app.screen.query_one(f"#{name}") for name in ("brief", "questions"))
        before = brief.size.width
        for back in ("escape", "enter"):
            pilot.app.screen.query_one(f"#{pane}").focus()
            await pilot.press("enter")
            await until(pilot, lambda: brief.size.width > before and not questions.is_on_screen)
            await pilot.press(back)
            await until(pilot, lambda: brief.size.width == before and questions.has_focus)


async def test_the_help_shows_what_the_keys_do_here_and_now(opened: Opener, env: FakeEnvironment) -> None:
    """Those of the focused list too, and none that does nothing: an exam has no hints."""
    env.manager.begin()
    async with opened(size=(100, 60)) as pilot:
        await until(pilot, lambda: name_of(pilot) == "ExamScreen")
        await pilot.press("question_mark")
        shown = text_of(pilot)
        for binding in (
            "e  Edit",
            "enter  Enlarge",
            "j k  Down, up",
            "g G  To the top",
            "tab  Next pane",
            "1-9  Choose",
        ):
            assert binding in shown
        assert "Open a hint" not in shown
        await pilot.press("escape", "tab", "question_mark")
        assert "enter  Enlarge" not in text_of(pilot)


async def test_slash_finds_in_a_list_a_text_and_a_log(opened: Opener, env: FakeEnvironment) -> None:
    """From match to match with n, around at the end; the match is in view and marked. What is not there is told."""

    async def find(words: str) -> None:
        await pilot.press("slash")
        await until(pilot, lambda: name_of(pilot) == "Find")
        pilot.app.screen.query_one(Input).value = words
        await pilot.press("enter")
        await until(pilot, lambda: name_of(pilot) != "Find")

    session = env.manager.begin()
    async with opened(size=(80, 24)) as pilot:
        await until(pilot, lambda: name_of(pilot) == "ExamScreen")
        screen = pilot.app.screen
        assert "n" not in screen.active_bindings
        # From the list of questions the task is searched, and the list stays as it is.
        await find("stations report")
        await until(pilot, lambda: bool(screen.selections))
        assert screen.query_one(OptionList).highlighted == 0
        screen.selections = {}
        # In the task the words are selected.
        await pilot.press("tab")
        pane = pilot.app.focused
        assert pane is not None
        await find("stations report")
        await until(pilot, lambda: bool(screen.selections))
        seen, scrolled = [], []
        for _ in range(17):
            ((leaf, selection),) = screen.selections.items()
            assert selection.extract(str(leaf.visual)).lower() == "stations report"  # type: ignore[attr-defined]  # a Static
            scrolled.append(pane.scroll_y)
            seen.append(selection)
            await pilot.press("n")
        assert len(set(seen)) == 15
        assert seen[:2] == seen[15:]
        assert max(scrolled) > scrolled[0] == 0 == scrolled[15]
        # In a log the entry comes into view.
        session.activity += [Activity(0.0, None, f"entry {number}") for number in range(60)]
        session.publish()
        await pilot.press("tab")
        log = screen.query_one(ActivityLog)
        await until(pilot, lambda: log.has_focus and "entry 59" in text_of(pilot))
        await find("entry 7")
        await until(pilot, lambda: "entry 7 " in text_of(pilot) and "entry 59" not in text_of(pilot))
        await find("no such words")
        await until(pilot, lambda: "Not found: no such words" in notices(pilot))
        # In the models of a question, the list.
        session.receive(1, "a", 1_000)
        session.receive(1, "b", 2_000)
        await pilot.press("m")
        await until(pilot, lambda: name_of(pilot) == "SubmissionsScreen")
        models = pilot.app.screen.query_one(OptionList)
        await until(pilot, lambda: models.has_focus)
        await find("1.0 kB")
        await until(pilot, lambda: models.highlighted == 1)
