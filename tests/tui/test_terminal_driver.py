"""Foreign bytes at the terminal end nothing: the reader of keys, and the app in a real terminal."""

from __future__ import annotations

import time
from typing import Any

import pytest
from textual import events
from textual._xterm_parser import XTermParser
from textual.message import Message

from mockexam import paths
from mockexam.tui.terminal_driver import BURST, MAX_PASTE, KeyReader


class Read:
    """What a reader gave."""

    def __init__(self, **options: Any) -> None:
        self.events: list[Message] = []
        self.reader = KeyReader(self.events.append, **options)

    def feed(self, *parts: bytes) -> Read:
        for part in parts:
            self.reader.feed(part)
        time.sleep(0.15)  # as long as the driver waits for more
        self.reader.pause()
        return self

    @property
    def keys(self) -> list[str]:
        return [event.key for event in self.events if isinstance(event, events.Key)]

    @property
    def pastes(self) -> list[str]:
        return [event.text for event in self.events if isinstance(event, events.Paste)]


@pytest.fixture(autouse=True)
def home(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path))


@pytest.mark.parametrize(
    "report", [b"\x1b[MC\xa8:", b"\x1b[M\xc3\xa8\xc3", b"\x1b[M   ", b"\x1b[M\xff\xfe\xfd"], ids=repr
)
def test_old_mouse_reports_are_no_keys(report: bytes) -> None:
    """Whole or torn at any place, they take no other key along."""
    assert Read().feed(report, b"j", report + b"k").keys == ["j", "k"]
    for at in range(3, len(report)):
        assert Read().feed(report[:at], report[at:] + b"j").keys == ["j"]
    assert "mouse" in (paths.state_paths().logs / "input.log").read_text()


def test_any_byte_is_survived() -> None:
    """Each byte, alone and after an escape; keys are read afterwards."""
    for byte in range(256):
        for start in (b"", b"\x1b", b"\x1b[", b"\x1b[<", b"\xe2\x82"):
            read = Read()
            read.reader.feed(start + bytes([byte]))
            read.reader.feed(b"\x1b[99999999999u")
            for _ in range(30):
                read.reader.pause()
            read.reader.feed(b"j")
            assert read.keys[-1:] == ["j"], (start, byte)


def test_a_fault_in_the_parser_is_logged_and_what_came_with_it_dropped() -> None:
    """The rest may be part of a paste; what is typed later is read."""

    class Faulty(XTermParser):
        def feed(self, data: str) -> Any:
            if "!" in data:
                raise RuntimeError("parser")
            return super().feed(data)

    read = Read(make_parser=Faulty).feed(b"!fFINISH", b"\r")
    assert read.keys == []
    assert read.feed(b"j").keys == ["j"]
    assert "RuntimeError" in (paths.state_paths().logs / "input.log").read_text()


def test_a_burst_of_letters_is_a_paste() -> None:
    """Nobody types so fast: no letter and no Enter of it is a key, whatever pieces it comes in."""
    read = Read().feed(b"f" * BURST, b"FINISH\r", b"\r")
    assert (read.keys, len(read.pastes)) == ([], 3)
    assert read.feed(b"FINISH\r").keys == [*"FINISH", "enter"]


def test_a_paste_is_cut_and_one_without_end_is_over_after_a_while() -> None:
    """A million letters are few for the app; keys are keys again after a paste whose end was lost."""
    read = Read().feed(b"\x1b[200~", *[b"x" * 4000] * 250, b"f\r\x1b[201~", b"j")
    assert [len(text) for text in read.pastes] == [MAX_PASTE]
    assert read.keys == ["j"]
    lost = Read().feed(b"\x1b[200~fFINISH\r")
    assert lost.keys == []
    for _ in range(30):
        lost.reader.pause()
    assert lost.feed(b"j").keys == ["j"]
