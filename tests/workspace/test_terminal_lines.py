"""Output of programs as lines."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mockexam.workspace.script_run import MAX_LINE, TerminalLines


def lines_of(*chunks: bytes, keep: int = 100) -> tuple[str, ...]:
    lines = TerminalLines(keep)
    for chunk in chunks:
        lines.feed(chunk)
    lines.feed(b"", final=True)
    return lines.take()[0]


def test_a_progress_bar_shows_its_newest_state() -> None:
    """Both ways of overwriting, by carriage return and by backspaces, leave the last state."""
    assert lines_of(b"\r1/3 =  \r2/3 == \r3/3 ===\nend") == ("3/3 ===", "end")
    assert lines_of(b"1/2 aa" + b"\b" * 6 + b"2/2 bb\n") == ("2/2 bb",)


def test_the_live_line_can_be_seen_before_its_end() -> None:
    """A bar that is not finished is told as the live line."""
    lines = TerminalLines(10)
    lines.feed(b"Epoch 1\n\r 5/10 =====")
    assert lines.take() == (("Epoch 1",), 0)
    assert lines.live == " 5/10 ====="


def test_colours_and_titles_are_dropped() -> None:
    """No terminal sequence comes through, even if cut in two."""
    assert lines_of(b"\x1b[1m 1/2\x1b[0m \x1b[3", b"7mx\x1b[0m\n\x1b]0;title\x07ok\r\n") == (" 1/2 x", "ok")


def test_text_cut_within_a_character_is_joined() -> None:
    """UTF-8 may be cut anywhere."""
    bar = "━━ 12%\n".encode()
    assert lines_of(bar[:1], bar[1:4], bar[4:]) == ("━━ 12%",)


def test_only_the_newest_lines_are_kept() -> None:
    """Of too much output the end is kept, and the number of lost lines is told."""
    lines = TerminalLines(10)
    lines.feed(b"".join(b"%d\n" % n for n in range(1000)))
    lines.feed(b"last\n")
    taken, dropped = lines.take()
    assert taken == (*map(str, range(991, 1000)), "last")
    assert dropped == 991


def test_a_line_without_end_is_bounded() -> None:
    """A megabyte without a newline takes no more than a line's room."""
    (line,) = lines_of(b"x" * 10**6)
    assert len(line) == MAX_LINE


@given(st.binary(max_size=300), st.integers(1, 40))
def test_any_bytes_make_printable_lines(data: bytes, size: int) -> None:
    """Whatever is printed, and however it is cut, lines hold no control characters."""
    whole = lines_of(*(data[i : i + size] for i in range(0, len(data), size)))
    assert all(len(line) <= MAX_LINE and not any(c < " " or c == "\x7f" for c in line) for line in whole)
