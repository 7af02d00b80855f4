"""The exam room: what its keys do."""

from __future__ import annotations

import base64

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot

from mockexam.errors import UserError
from mockexam.grading.protocol import InspectionFinding, ModelInspected
from mockexam.tui.app import MockexamApp
from mockexam.tui.screens.home_screen import HomeScreen
from mockexam.tui.widgets.log import RunPane
from mockexam.tui.widgets.status_lines import FolderLine, path_text
from mockexam.tui.widgets.training_curve import TrainingCurve
from tests.tui.conftest import Opener
from tests.tui.fakes import Editor, FakeEnvironment, FakeScript, FakeSession
from tests.tui.looks import name_of, text_of, until
from tests.tui.test_exam_screen import enter, exam_of


@pytest.fixture
def session(env: FakeEnvironment) -> FakeSession:
    session = env.manager.begin()
    for item in session.attempt.paper.items:
        folder = session.folder(item.number)
        folder.mkdir(parents=True)
        (folder / "solution.py").write_text("print('hello')\n")
    return session


def notes_of(pilot: Pilot[int]) -> str:
    return " ".join(f"{note.title} {note.message}" for note in pilot.app._notifications)


async def test_finish_asks_for_the_word_and_shows_what_is_open(opened: Opener, session: FakeSession) -> None:
    """Time left, bare questions, unmarked models; the word alone finishes."""
    session.receive(1, "a")
    async with opened() as pilot:
        await enter(pilot)
        await pilot.press("f")
        shown = text_of(pilot)
        assert "Time left: 5:00:00" in shown
        assert "questions 2, 3, 4, 5" in shown
        assert "not graded yet" in shown
        await pilot.press(*"FINI", "enter")
        assert "in full" in text_of(pilot)
        assert session.phase_word == "running"
        await pilot.press(*"SH", "enter")
        await until(pilot, lambda: name_of(pilot) == "ResultScreen")
        assert session.phase_word == "marking"


async def test_escape_goes_on_working(opened: Opener, session: FakeSession) -> None:
    """Nothing is finished."""
    async with opened() as pilot:
        await enter(pilot)
        await pilot.press("f", "F", "escape")
        assert name_of(pilot) == "ExamScreen"
        assert session.phase_word == "running"


async def test_leaving_warns_that_the_clock_runs_on(opened: Opener, session: FakeSession) -> None:
    """By any of its keys; Escape stays; Enter leaves, lets go, and exits with 0."""
    async with opened() as pilot:
        await enter(pilot)
        for key in ("q", "ctrl+q", "ctrl+c"):
            await pilot.press(key)
            assert "The clock keeps running: 5:00:00 left" in text_of(pilot)
            await pilot.press("escape")
            assert name_of(pilot) == "ExamScreen"
            assert not session.closed
        await pilot.press("q", "enter")
        await until(pilot, lambda: not pilot.app.is_running)
    assert session.closed
    assert pilot.app.return_code == 0


async def test_the_same_question_is_not_asked_twice(opened: Opener, session: FakeSession) -> None:
    """A nervous ctrl+c, ctrl+c opens one."""
    async with opened() as pilot:
        await enter(pilot)
        await pilot.press("ctrl+c", "ctrl+c")
        assert len(pilot.app.screen_stack) == 3


async def test_the_time_left_in_the_question_is_of_now(opened: Opener, session: FakeSession) -> None:
    """However long it is open."""
    async with opened() as pilot:
        await enter(pilot)
        await pilot.press("q")
        before = text_of(pilot)
        session.tick(3600)
        await until(pilot, lambda: "4:00:00 left" in text_of(pilot).partition("clock keeps running")[2])
        assert "4:00:00 left" not in before


async def test_ctrl_z_does_nothing(opened: Opener, session: FakeSession) -> None:
    """It would leave the terminal raw."""
    async with opened() as pilot:
        await enter(pilot)
        await pilot.press("ctrl+z")
        assert name_of(pilot) == "ExamScreen"
        assert "ctrl+z" not in pilot.app.active_bindings


async def test_run_shows_output_live_and_says_whether_a_model_came(
    opened: Opener, env: FakeEnvironment, session: FakeSession
) -> None:
    """The progress bar's line is replaced; the pane says running, then how it ended."""
    async with opened() as pilot:
        screen = await enter(pilot)
        await pilot.press("2", "r")
        pane = screen.query_one(RunPane)
        await until(pilot, lambda: "94/94 loss 0.4" in pane.lines)
        assert "1/94 loss 2.1" not in pane.lines
        assert pane.display
        env.manager.clock.advance(42)
        session.publish()
        await pilot.pause()
        assert pane.status == "Q2 · running 00:42"
        session.receive(2, "a")
        env.scripts[0].end("ended after 42 s")
        await until(pilot, lambda: "ended" in pane.status)
        assert pane.status == "Q2 · ended after 42 s · model received"
        assert session.notes == [(2, "run", "solution.py"), (2, "run_ended", "ended after 42 s")]


async def test_a_run_without_a_model_says_so(opened: Opener, env: FakeEnvironment, session: FakeSession) -> None:
    """As an untouched stub does."""
    async with opened() as pilot:
        screen = await enter(pilot)
        await pilot.press("r")
        await until(pilot, lambda: env.scripts)
        env.scripts[0].end("ended with an error after 3 s (exit code 1)")
        await until(pilot, lambda: "no model received" in screen.query_one(RunPane).status)


async def test_the_only_run_is_stopped_from_any_question(
    opened: Opener, env: FakeEnvironment, session: FakeSession
) -> None:
    """Another question may be looked at meanwhile; its output pane is its own."""
    async with opened() as pilot:
        screen = await enter(pilot)
        await pilot.press("1", "r")
        await until(pilot, lambda: env.scripts)
        await pilot.press("4", "question_mark", "escape")
        assert screen.runs.running == (1,)
        assert screen.query_one(RunPane).lines == []
        await pilot.press("s")
        await until(pilot, lambda: not screen.runs.running)
        await pilot.press("1")
        await until(pilot, lambda: "stopped" in screen.query_one(RunPane).status)
        assert "94/94 loss 0.4" in screen.query_one(RunPane).lines
        assert len(env.scripts) == 1


async def test_r_stops_its_own_run_and_asks_after_ten_seconds(
    opened: Opener, env: FakeEnvironment, session: FakeSession
) -> None:
    """A slip of the finger costs no training; Escape keeps it, and a stop is said at once."""
    async with opened() as pilot:
        screen = await enter(pilot)
        await pilot.press("1", "r")
        await until(pilot, lambda: env.scripts)
        await pilot.press("r")
        await until(pilot, lambda: not screen.runs.running)
        env.manager.starter.printed = ()
        await pilot.press("r")
        await until(pilot, lambda: len(env.scripts) == 2)
        env.scripts[1].stubborn = True
        env.manager.clock.advance(11)
        await pilot.press("r")
        await until(pilot, lambda: name_of(pilot) == "Ask")
        assert "00:11" in text_of(pilot)
        await pilot.press("escape")
        assert not env.scripts[1].asked
        await pilot.press("r")
        await until(pilot, lambda: name_of(pilot) == "Ask")
        await pilot.press("enter")
        await until(pilot, lambda: "stopping" in screen.query_one(RunPane).status)
        assert env.scripts[1].asked
        await until(pilot, lambda: "–/5 stopping" in text_of(pilot))
        env.scripts[1].end("stopped after 12 s")
        await until(pilot, lambda: "stopped after 12 s" in screen.query_one(RunPane).status)


async def ask_for_the_second(pilot: Pilot[int], env: FakeEnvironment) -> None:
    """Question 1 runs, and question 2 is to run."""
    await pilot.press("1", "r")
    await until(pilot, lambda: env.scripts)
    await pilot.press("2", "r")
    await until(pilot, lambda: name_of(pilot) == "Choose")


def words_of(pilot: Pilot[int]) -> str:
    """What is on the right half of the screen, as one line."""
    return " ".join(" ".join(line[31:] for line in text_of(pilot).splitlines()).split())


async def test_a_second_run_is_queued(opened: Opener, env: FakeEnvironment, session: FakeSession) -> None:
    """It shows in the list, starts when the first ends, and `r` takes it out again."""
    async with opened() as pilot:
        screen = await enter(pilot)
        await ask_for_the_second(pilot, env)
        await pilot.press("1")
        await until(pilot, lambda: screen.runs.queued == (2,))
        await until(pilot, lambda: "–/5 queued" in text_of(pilot))
        assert "queued" in screen.query_one(RunPane).status
        # What it waits for, to the last word however narrow the pane is.
        await until(
            pilot, lambda: "takes it out of the queue." in " ".join(text_of(pilot).replace("\u2502", " ").split())
        )
        await pilot.press("r")
        await until(pilot, lambda: not screen.runs.queued)
        await pilot.press("r")
        await until(pilot, lambda: name_of(pilot) == "Choose")
        await pilot.press("1")
        await until(pilot, lambda: screen.runs.queued == (2,))
        env.scripts[0].end()
        await until(pilot, lambda: screen.runs.running == (2,))
        assert not screen.runs.queued
        assert [script.folder for script in env.scripts] == [session.folder(1), session.folder(2)]


async def test_two_run_side_by_side(opened: Opener, env: FakeEnvironment, session: FakeSession) -> None:
    """Each with its own output; the pane shows the selected question's."""
    from tests.tui.fakes import Output

    async with opened() as pilot:
        screen = await enter(pilot)
        await ask_for_the_second(pilot, env)
        env.manager.starter.printed = (Output(("of the second",)),)
        await pilot.press("2")
        await until(pilot, lambda: screen.runs.running == (1, 2))
        pane = screen.query_one(RunPane)
        await until(pilot, lambda: "of the second" in pane.lines)
        assert "94/94 loss 0.4" not in pane.lines
        assert pane.status.startswith("Q2 · running")
        await pilot.press("1")
        await until(pilot, lambda: "94/94 loss 0.4" in pane.lines)
        assert "of the second" not in pane.lines
        await until(pilot, lambda: text_of(pilot).count("–/5 running") == 2)


async def test_the_other_is_stopped_first(opened: Opener, env: FakeEnvironment, session: FakeSession) -> None:
    """Or, with Escape, nothing happens."""
    async with opened() as pilot:
        screen = await enter(pilot)
        await ask_for_the_second(pilot, env)
        await pilot.press("escape")
        assert screen.runs.running == (1,)
        await pilot.press("r")
        await until(pilot, lambda: name_of(pilot) == "Choose")
        await pilot.press("3")
        await until(pilot, lambda: screen.runs.running == (2,))
        assert env.scripts[0].asked


async def test_leaving_while_a_script_runs_says_so_and_leaves_it(
    opened: Opener, env: FakeEnvironment, session: FakeSession
) -> None:
    """It outlives the app."""
    async with opened() as pilot:
        await enter(pilot)
        await pilot.press("3", "r")
        await until(pilot, lambda: env.scripts)
        await pilot.press("q")
        assert "The script of question 3 keeps running" in text_of(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: not pilot.app.is_running)
    assert not env.scripts[0].asked


async def test_a_run_of_before_is_shown_and_can_be_stopped(
    opened: Opener, env: FakeEnvironment, session: FakeSession
) -> None:
    """Opened again: the output from its beginning, the list says that it runs."""
    from tests.tui.fakes import PRINTED, FakeScript

    env.manager.clock.advance(600)
    env.manager.starter.left[2] = FakeScript(session.folder(2), PRINTED, started=env.manager.clock.now.wall - 90)
    async with opened() as pilot:
        screen = await enter(pilot)
        await until(pilot, lambda: screen.runs.running == (2,))
        await pilot.press("2")
        pane = screen.query_one(RunPane)
        await until(pilot, lambda: "94/94 loss 0.4" in pane.lines)
        await until(pilot, lambda: pane.status == "Q2 · running 01:30")
        await pilot.press("s")
        await until(pilot, lambda: not screen.runs.running)
        assert not env.scripts


async def test_a_missing_script_is_told_not_run(opened: Opener, env: FakeEnvironment, session: FakeSession) -> None:
    """And not edited either."""
    (session.folder(1) / "solution.py").unlink()
    async with opened() as pilot:
        await enter(pilot)
        await pilot.press("r")
        await until(pilot, lambda: "no solution.py" in notes_of(pilot))
        await pilot.press("e")
        await until(pilot, lambda: "Press o" in notes_of(pilot))
        assert not env.scripts


async def test_control_sequences_in_output_cannot_spoil_the_screen(
    opened: Opener, env: FakeEnvironment, session: FakeSession
) -> None:
    """Colour codes, cursor moves and bells are dropped; brackets are text."""
    from tests.tui.fakes import Output

    env.manager.starter.printed = (
        Output(("\x1b[1m\x1b[32mgreen\x1b[0m\x07 \x1b]0;title\x07[bold]x[/]\x1b[2J",), "", 7),
    )
    async with opened() as pilot:
        screen = await enter(pilot)
        await pilot.press("r")
        await until(pilot, lambda: len(screen.query_one(RunPane).lines) >= 3)
        assert "green [bold]x[/]" in screen.query_one(RunPane).lines
        assert any("7 lines" in line for line in screen.query_one(RunPane).lines)


INSPECTED = ModelInspected(
    job="1", format="keras", size=1_200_000, saved_with="Keras 3.15.1", inputs=["float32 (None, 11)"],
    outputs=["float32 (None, 4)"], layers=["Dense 64 [relu]"], parameters=101_132,
    findings=[InspectionFinding(severity="refused", message="It ends in 4 logits.", remedy="Add a softmax.")],
)  # fmt: skip


async def test_inspect_shows_facts_and_findings(opened: Opener, session: FakeSession) -> None:
    """Format, size, shapes, versions; refusals first, with their remedy."""
    session.inspected = INSPECTED
    async with opened() as pilot:
        await enter(pilot)
        await pilot.press("2", "i")
        await until(pilot, lambda: name_of(pilot) == "TextModal")
        shown = text_of(pilot)
        for told in ("Question 2", "1.2 MB", "Keras 3.15.1", "(None, 11)", "(None, 4)", "101,132", "would be refused",
                     "Add a softmax.", "Dense 64 [relu]"):  # fmt: skip
            assert told in shown, told
        await pilot.press("escape")
        assert name_of(pilot) == "ExamScreen"


async def test_inspect_without_a_model_is_told(opened: Opener, session: FakeSession) -> None:
    """With what to do."""
    async with opened() as pilot:
        await enter(pilot)
        await pilot.press("i")
        await until(pilot, lambda: "Save one as mymodel.keras" in notes_of(pilot))


async def test_restore_asks_and_puts_back_what_is_missing(opened: Opener, session: FakeSession) -> None:
    """The key is told above the task."""
    session.missing = {2: ("solution.py", "data")}
    async with opened() as pilot:
        await enter(pilot)
        await pilot.press("2")
        await pilot.pause()
        assert "Missing: solution.py, data. Press o" in text_of(pilot)
        await pilot.press("o")
        assert "solution.py, data" in text_of(pilot)
        await pilot.press("escape", "o", "enter")
        await until(pilot, lambda: session.restored)
        assert session.restored == [(2, False)]
        await until(pilot, lambda: "missing" not in text_of(pilot))


async def test_restore_offers_a_fresh_stub_when_nothing_is_missing(opened: Opener, session: FakeSession) -> None:
    """Saying that the old one is kept."""
    async with opened() as pilot:
        await enter(pilot)
        await pilot.press("o")
        assert "solution.py.bak" in text_of(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: session.restored == [(1, True)])


async def test_a_graphical_editor_opens_beside_the_app(
    opened: Opener, env: FakeEnvironment, session: FakeSession, tmp_path: object
) -> None:
    """The app is not suspended; nothing is edited yet."""
    env.editor = Editor(("true",), "graphical", "code")
    async with opened() as pilot:
        await enter(pilot)
        await pilot.press("2", "e")
        await until(pilot, lambda: "Opened in code" in notes_of(pilot))
        assert session.notes == []


@pytest.mark.parametrize("editor", [UserError("No editor was found.", hint="Set EDITOR."),
                                    Editor(("/no/such/editor",), "graphical")])  # fmt: skip
async def test_an_editor_that_cannot_open_is_told(
    opened: Opener, env: FakeEnvironment, session: FakeSession, editor: Editor | UserError
) -> None:
    """With what to set."""
    env.editor = editor
    async with opened() as pilot:
        await enter(pilot)
        await pilot.press("e")
        await until(pilot, lambda: "EDITOR" in notes_of(pilot))


async def test_a_terminal_editor_where_the_screen_cannot_be_lent(
    opened: Opener, env: FakeEnvironment, session: FakeSession
) -> None:
    """As in this headless run: told, with the path."""
    env.editor = Editor(("true",), "terminal")
    async with opened() as pilot:
        await enter(pilot)
        await pilot.press("e")
        await until(pilot, lambda: "another window" in notes_of(pilot))
        assert str(session.folder(1)) in notes_of(pilot)


async def test_help_shows_every_key_of_the_footer(opened: Opener, session: FakeSession) -> None:
    """On the screen it was asked on, and none that does not apply: an exam has no hints."""
    async with opened((100, 50)) as pilot:
        await enter(pilot)
        await pilot.press("question_mark")
        await until(pilot, lambda: name_of(pilot) == "TextModal")
        shown = text_of(pilot)
        for binding in keys_of_bindings():
            assert (binding in shown) is ("hint" not in binding), binding


def keys_of_bindings() -> list[str]:
    from mockexam.tui.screens.exam_screen import ExamScreen

    return [b.tooltip for b in ExamScreen.BINDINGS if b.tooltip]  # type: ignore[union-attr]  # all are Bindings


async def test_the_palette_does_what_the_keys_do(opened: Opener, session: FakeSession) -> None:
    """By name: a question, and the way out."""
    async with opened() as pilot:
        screen = await enter(pilot)
        await pilot.press("ctrl+p")
        await until(pilot, lambda: name_of(pilot) == "CommandPalette")
        await pilot.press(*"high water")
        await pilot.pause(0.3)
        await pilot.press("enter")
        await until(pilot, lambda: screen.number == 5)
        assert exam_of(pilot) is screen


async def test_a_key_without_effect_says_why(opened: Opener, env: FakeEnvironment) -> None:
    """Hints belong to retries, and nothing runs that could be stopped; the key bar offers neither."""
    env.manager.begin()
    async with opened() as pilot:
        assert "Hints" not in text_of(pilot)
        await pilot.press("h", "s")
        notices = " ".join(notice.message for notice in pilot.app._notifications)
        assert "no hints" in notices.lower()
        assert "no script" in notices.lower()
        assert name_of(pilot) == "ExamScreen"


async def test_repair_looks_again_when_it_opens(opened: Opener, env: FakeEnvironment) -> None:
    """GIVEN a file deleted a moment ago THEN the dialog offers to put it back, not a fresh stub."""
    session = env.manager.begin()
    session.just_missing = ("data",)
    async with opened() as pilot:
        await pilot.press("o")
        await until(pilot, lambda: "Missing from question 1: data" in text_of(pilot))


@pytest.mark.parametrize("width", [40, 60])
async def test_help_and_the_way_out_stay_in_the_key_bar(opened: Opener, env: FakeEnvironment, width: int) -> None:
    """However narrow it is; a sign says that there are more keys."""
    env.manager.begin()
    async with opened((width, 20)) as pilot:
        await until(pilot, lambda: name_of(pilot) == "ExamScreen")
        bar = text_of(pilot).splitlines()[-1].replace("\u00a0", " ")
        assert all(part in bar for part in ("? Help", "q Leave", "…")), bar


async def test_the_folder_is_shown_and_copied(
    opened: Opener, session: FakeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The chosen question's: on the screen, in the clipboard by OSC 52, and in a toast. Nothing is recorded."""
    async with opened((120, 30)) as pilot:
        await enter(pilot)
        written: list[str] = []
        assert pilot.app._driver is not None
        monkeypatch.setattr(pilot.app._driver, "write", written.append)
        for number in (1, 4):
            await pilot.press(str(number))
            folder = str(session.folder(number))
            await until(pilot, lambda number=number: session.folder(number).name in text_of(pilot))
            await pilot.press("y")
            encoded = base64.b64encode(folder.encode()).decode()
            assert written.count(f"\x1b]52;c;{encoded}\a") == 1
            assert folder in notes_of(pilot)
    assert session.notes == []


@pytest.mark.parametrize("size", [(80, 24), (60, 24), (140, 40)])
async def test_the_end_of_the_folders_path_is_always_readable(
    opened: Opener, session: FakeSession, size: tuple[int, int]
) -> None:
    """What is cut is its beginning, with a sign; the key is named where there is room."""
    async with opened(size) as pilot:
        screen = await enter(pilot)
        for number in (1, 3):
            await pilot.press(str(number))
            line = screen.query_one(FolderLine)
            shown, name = line.render().plain, session.folder(number).name
            assert cell_len(shown) <= line.content_size.width
            path = shown.removesuffix(" · y copies")
            assert path.endswith(f"/{name}")
            assert path[0] == "…" or path == str(session.folder(number))
            assert shown in text_of(pilot)


def test_a_path_is_cut_at_its_beginning(monkeypatch: pytest.MonkeyPatch) -> None:
    """Folder by folder; a wide character is never halved; the home folder is `~`, but not one that begins like it."""
    monkeypatch.setenv("HOME", "/home/ada")
    assert path_text("/home/ada/mockexam/7K3Q-F2XM/q1_simple_model", 40) == "~/mockexam/7K3Q-F2XM/q1_simple_model"
    assert path_text("/home/ada/mockexam/7K3Q-F2XM/q1_simple_model", 30) == "…/7K3Q-F2XM/q1_simple_model"
    assert path_text("/home/ada2/q1", 40) == "/home/ada2/q1"
    assert path_text("/srv/表表表/q1", 9) == "…/q1"
    assert path_text("/srv/表表表", 6) == "…表表"
    assert path_text("", 6) == ""


async def test_keys_that_can_not_act_say_why(opened: Opener, env: FakeEnvironment, session: FakeSession) -> None:
    """A number without a question, a curve before the first epoch, a script that is being stopped already."""
    env.manager.starter.printed = ()
    async with opened() as pilot:
        screen = await enter(pilot)
        await pilot.press("9", "l")
        assert "no question 9" in notes_of(pilot)
        assert "no curve yet" in notes_of(pilot)
        assert not screen.query_one(TrainingCurve).shows_metric
        await pilot.press("r")
        await until(pilot, lambda: env.scripts)
        env.scripts[0].stubborn = True
        await pilot.press("s", "r", "s")
        await until(pilot, lambda: "The script is being stopped" in notes_of(pilot))
        await until(pilot, lambda: "of question 1 is being stopped" in notes_of(pilot))
        env.scripts[0].end()


async def test_an_open_question_follows_the_state(opened: Opener, env: FakeEnvironment, session: FakeSession) -> None:
    """It closes once there is nothing to ask, names who runs by now, and shows the time that is left by now."""
    async with opened() as pilot:
        screen = await enter(pilot)
        await ask_for_the_second(pilot, env)
        await pilot.press("2")
        await until(pilot, lambda: screen.runs.running == (1, 2))
        await pilot.press("3", "r")
        await until(pilot, lambda: "Questions 1, 2 run" in text_of(pilot))
        env.scripts[0].end()
        await until(pilot, lambda: "The script of question 2 is running" in text_of(pilot))
        env.scripts[1].end()
        await until(pilot, lambda: name_of(pilot) == "ExamScreen")
        assert "Press r to run question 3" in notes_of(pilot)
        assert len(env.scripts) == 2
        await pilot.press("f")
        await until(pilot, lambda: "5:00:00" in text_of(pilot))
        session.tick(60)
        await until(pilot, lambda: "Time left: 4:59:00" in text_of(pilot))
        assert name_of(pilot) == "TypeWord"


async def test_the_return_shows_what_runs_else_what_was_worked_on(
    opened: Opener, env: FakeEnvironment, session: FakeSession
) -> None:
    """A script that was left running; without one, the question of the last sign of work."""
    session.receive(3, "a")
    async with opened() as pilot:
        screen = await enter(pilot)
        assert screen.number == 3
    env.manager.begin()
    env.manager.starter.left[4] = FakeScript(session.folder(4), (), started=0.0)
    async with opened() as pilot:
        screen = await enter(pilot)
        await until(pilot, lambda: screen.number == 4)
        assert screen.query_one(RunPane).display


async def test_only_an_editor_that_hides_its_exit_is_announced(
    opened: Opener, env: FakeEnvironment, session: FakeSession
) -> None:
    """Before it opens; Escape opens nothing."""
    env.editor = Editor(("vi", "solution.py"), "terminal", "vi", "Esc, then :q! leaves.")
    async with opened() as pilot:
        await enter(pilot)
        await pilot.press("e")
        await until(pilot, lambda: name_of(pilot) == "Ask")
        assert "In vi, Esc, then :q! leaves." in text_of(pilot)
        await pilot.press("escape")
        await until(pilot, lambda: name_of(pilot) == "ExamScreen")
        assert session.notes == []


@pytest.mark.parametrize("text", ["The question has no other submission.", "w" * 29 + " the end."])
async def test_news_keeps_its_last_words_and_leaves_the_output_in_view(
    env: FakeEnvironment, session: FakeSession, text: str
) -> None:
    """Also where a text is a cell longer than the toast."""
    app = MockexamApp(env.manager, env.manager.clock, None, env.services())
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await enter(pilot)
        app.notify(text, markup=False)
        await until(pilot, lambda: text.rsplit(maxsplit=1)[-1] in text_of(pilot))
        rows = text_of(pilot).splitlines()
        assert max(at for at, row in enumerate(rows) if text.rsplit(maxsplit=1)[-1] in row) < 10
        app.push_screen(HomeScreen())
        app.notify(text, markup=False)
        await until(pilot, lambda: text.rsplit(maxsplit=1)[-1] in text_of(pilot))
