"""Comparing scripts: right, readable, and done in good time whatever they hold."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockexam.review import script_diff as module
from mockexam.review.script_diff import DiffLine, as_lines, diff_scripts, side_by_side
from mockexam.workspace.scripts import ScriptFile


def script(text: str, name: str = "solution.py") -> ScriptFile:
    return ScriptFile(name, text)


def numbered(count: int, *, changed: tuple[int, ...] = ()) -> str:
    return "".join(f"line {n}{' new' if n in changed else ''}\n" for n in range(1, count + 1))


def test_a_change_with_its_surroundings() -> None:
    """Three equal lines around it, the rest in words, each with its numbers."""
    (one,) = diff_scripts([script(numbered(20))], [script(numbered(20, changed=(10,)))])
    assert (one.title, one.remark) == ("solution.py", "")
    assert one.lines == (
        DiffLine("gap", "6 unchanged lines", None, None),
        *(DiffLine("same", f"line {n}", n, n) for n in (7, 8, 9)),
        DiffLine("old", "line 10", 10, None),
        DiffLine("new", "line 10 new", None, 10),
        *(DiffLine("same", f"line {n}", n, n) for n in (11, 12, 13)),
        DiffLine("gap", "7 unchanged lines", None, None),
    )


def test_equal_files_have_no_lines() -> None:
    """Differing line endings are reported, not shown."""
    (one,) = diff_scripts([script("a\nb\n")], [script("a\nb\n")])
    assert (one.lines, one.remark) == ((), "")
    for other in ("a\r\nb\r\n", "a\nb"):
        (one,) = diff_scripts([script("a\nb\n")], [script(other)])
        assert (one.lines, one.remark) == ((), "only the line endings differ")


def test_files_are_matched_by_name() -> None:
    """In the order of the new ones; a file on one side only is listed whole."""
    old = [script("a\n"), script("gone\n", "old.py")]
    new = [script("b\n"), script("came\n", "new.py")]
    found = diff_scripts(old, new)
    assert [(d.old, d.new) for d in found] == [("solution.py", "solution.py"), (None, "new.py"), ("old.py", None)]
    assert [d.title for d in found[1:]] == ["new.py (only new)", "old.py (only old)"]
    assert found[1].lines == (DiffLine("new", "came", None, 1),)
    assert found[2].lines == (DiffLine("old", "gone", 1, None),)


@pytest.mark.parametrize("others", [(), ("net.py", "train.ipynb")])
def test_a_single_file_is_matched_with_the_solution(others: tuple[str, ...]) -> None:
    """The reference has another name than the learner's script, which may have helpers beside it."""
    mine = [script("a\n"), *(script("x\n", name) for name in others)]
    reference = [script("b\n", "reference.py")]
    assert diff_scripts(mine, reference)[0].title == "solution.py → reference.py"
    assert diff_scripts(reference, mine)[0].title == "reference.py → solution.py"
    assert len(diff_scripts(mine, reference)) == 1 + len(others)


def test_other_names_are_not_guessed() -> None:
    """Two files on both sides under other names are four files."""
    found = diff_scripts([script("", "a.py"), script("", "b.py")], [script("", "c.py"), script("", "d.py")])
    assert len(found) == 4
    assert len(diff_scripts([script("", "a.py")], [script("", "c.py"), script("", "d.py")])) == 3
    assert diff_scripts([], []) == ()


def test_in_one_list() -> None:
    """Each file under its title."""
    diffs = diff_scripts([script("a\n"), script("x\n", "x.py")], [script("b\n"), script("x\n", "x.py")])
    assert [(line.kind, line.text) for line in as_lines(diffs)] == [
        ("gap", "solution.py"),
        ("old", "a"),
        ("new", "b"),
        ("gap", "x.py: no difference"),
    ]


def test_nothing_in_a_line_moves_a_cursor() -> None:
    """Control characters are shown as pictures; a line without end is cut."""
    (one,) = diff_scripts([], [script("\tx = '\x1b[2J\x07'\x0c\u2028\x85\x7f\n" + "y" * 5000)])
    assert one.lines[0].text == "\tx = '␛[2J␇'␌��␡"
    assert one.lines[1].text == "y" * 1000 + " … and 4,000 more characters"


lines = st.lists(st.sampled_from(["a", "b", "", "    c", "é", "\r"]), max_size=40).map("\n".join)


@given(lines, lines)
def test_without_the_differences_both_are_equal(old: str, new: str) -> None:
    """What is not marked old or new is the same in both, and every line stands under its number."""
    (one,) = diff_scripts([script(old)], [script(new)])
    before, after = module._lines(old), module._lines(new)
    gone = {line.old_line for line in one.lines if line.kind == "old"}
    came = {line.new_line for line in one.lines if line.kind == "new"}
    rest = [text for n, text in enumerate(before, 1) if n not in gone]
    assert rest == [text for n, text in enumerate(after, 1) if n not in came]
    for line in one.lines:
        assert line.old_line is None or before[line.old_line - 1] == line.text
        assert line.new_line is None or after[line.new_line - 1] == line.text
        assert (line.kind == "same") == (line.old_line is not None and line.new_line is not None)


def test_a_long_file_is_listed() -> None:
    """Over five thousand lines nothing is compared, and that is said; the listing has an end."""
    (one,) = diff_scripts([script("x\n" * 200_000)], [script("y\n")])
    assert one.remark == "too long to compare (200,000 lines): the old lines, then the new ones"
    assert [line.kind for line in one.lines] == ["old"] * 1000 + ["gap", "new"]
    assert one.lines[1000].text == "199,000 more lines"


def test_many_equal_lines_take_no_minutes() -> None:
    """Thousands of lines that are alike: what is equal at the beginning is found, and where they alternate it ends."""
    (easy,) = diff_scripts([script("x\n" * 5000)], [script("x\n" * 4999 + "y\n")])
    assert len(easy.lines) == 6
    old = "".join(f"{n % 102}\n" if n % 2 else f"a{n}\n" for n in range(5000))
    begun = time.process_time()
    diff_scripts([script(old)], [script(old.replace("a", "b"))])
    assert time.process_time() - begun < 4  # without the guard: 12 s


def test_old_and_new_lines_stand_beside_each_other() -> None:
    """Equal lines in one row, changed ones in the order of their block; what has no counterpart stands alone."""
    lines = as_lines(diff_scripts([ScriptFile("a.py", "a\nb\nc\nd\n")], [ScriptFile("a.py", "a\nB\nc\nd\ne\nf\n")]))

    rows = [(old.text if old else None, new.text if new else None) for old, new in side_by_side(lines)]

    assert rows == [
        ("a.py", "a.py"), ("a", "a"), ("b", "B"), ("c", "c"), ("d", "d"), (None, "e"), (None, "f"),
    ]  # fmt: skip


def test_every_line_stands_in_one_row_of_its_side() -> None:
    """Whatever the blocks are like: each side reads as its file does."""
    old = [f"line {n}" for n in range(40)]
    new = [*old[3:9], "x", *old[12:20], "y", "z", *old[18:], "w"]
    lines = as_lines(diff_scripts([ScriptFile("a.py", "\n".join(old))], [ScriptFile("a.py", "\n".join(new))]))

    rows = list(side_by_side(lines))

    assert [line for line, _ in rows if line] == [line for line in lines if line.kind != "new"]
    assert [line for _, line in rows if line] == [line for line in lines if line.kind != "old"]
    assert all(one == other for one, other in rows if one and other and "same" in (one.kind, other.kind))


@pytest.mark.parametrize("stub", [True, False])
def test_a_notebook_is_compared_with_the_reference(stub: bool) -> None:
    """Not the `solution.py` that was left as it was; one that was worked on is compared as ever."""
    from mockexam import paths

    question = "simple_model/ballast_car"
    left = (paths.exams_dir() / question / "stub.py").read_text() if stub else "a\n"
    stored = (script(left), script("mine\n", "solution.ipynb"))

    (first, *_) = diff_scripts(module._without_stub(stored, question), [script("b\n", "reference.py")])

    assert first.old == ("solution.ipynb" if stub else "solution.py")
