"""Reads the terminal's keys in a way that no byte can end the app."""

from __future__ import annotations

import os
import re
import selectors
import time
from codecs import getincrementaldecoder
from collections.abc import Callable
from contextlib import suppress

from textual import events, messages
from textual._xterm_parser import BRACKETED_PASTE_END, BRACKETED_PASTE_START, XTermParser
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from mockexam import paths

MAX_PASTE = 10_000
"""Characters of a paste that the app sees; a field draws all it holds with each key."""
BURST = 24
"""So many plain characters at once were not typed: the terminal does not mark what is pasted."""
_POLL_SECONDS = 0.1
_STUCK_PASTE_LOOKS = 20
"""After so many looks without input, a paste whose end never came is over."""
_X10 = re.compile(rb"\x1b\[M[^\x1b]{3}", re.DOTALL)
"""A mouse report in the form from before UTF-8 (ESC [ M and three bytes), as after a reattached session."""
_X10_BEGUN = re.compile(rb"\x1b\[M[^\x1b]{0,2}\Z", re.DOTALL)


class KeyReader:
    """Turns a terminal's bytes into events. What it can't make sense of is logged and skipped."""

    def __init__(self, give: Callable[[Message], None], make_parser: Callable[[], XTermParser] = XTermParser) -> None:
        self._give = give
        self._make_parser = make_parser
        self._parser = make_parser()
        self._decoder = getincrementaldecoder("utf-8")("replace")
        self._held = b""
        self._pasting = False
        self._bursting = False
        self._quiet = 0
        self._logged: set[str] = set()

    def feed(self, data: bytes) -> None:
        """Take what was read."""
        self._quiet = 0
        data, mouse = _X10.subn(b"", self._held + data)
        if mouse:
            self._log("an old mouse report was skipped")
        begun = _X10_BEGUN.search(data)
        data, self._held = (data[: begun.start()], begun[0]) if begun else (data, b"")
        self._take(self._decoder.decode(data))

    def pause(self) -> None:
        """Nothing came for a moment."""
        self._quiet += 1
        self._bursting = False
        if self._held:
            held, self._held = self._held, b""
            self._take(self._decoder.decode(held))
        self._guarded(lambda: list(map(self._give, self._parser.tick())))
        if self._pasting and self._quiet >= _STUCK_PASTE_LOOKS:
            self._take(BRACKETED_PASTE_END)

    def _take(self, text: str) -> None:
        if not text:
            return
        plain = not self._pasting and "\x1b" not in text
        self._bursting = plain and (self._bursting or len(text) >= BURST)
        if self._bursting:
            # Typed letters are commands; pasted ones go into a field or nowhere.
            self._give(events.Paste(text[:MAX_PASTE].replace("\0", "")))
            return
        self._pasting = self._ends_pasting(text)
        self._guarded(lambda: list(map(self._give, map(_shortened, self._parser.feed(text)))))

    def _ends_pasting(self, text: str) -> bool:
        begun, ended = text.rfind(BRACKETED_PASTE_START), text.rfind(BRACKETED_PASTE_END)
        return self._pasting if begun == ended else begun > ended

    def _guarded(self, act: Callable[[], object]) -> None:
        try:
            act()
        except Exception:  # noqa: BLE001  # a fault in the parser must not end the app, nor the training beside it
            self._parser = self._make_parser()
            # The rest of what came at once may be part of a paste.
            self._pasting, self._bursting = False, True
            import traceback

            self._log(traceback.format_exc())

    def _log(self, text: str) -> None:
        """Add a line to the log of the input, once."""
        if text in self._logged:
            return
        self._logged.add(text)
        folder = paths.state_paths().logs
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            with (folder / "input.log").open("a", encoding="utf-8") as log:
                log.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {text}\n")


def _shortened(message: Message) -> Message:
    if isinstance(message, events.Paste):
        message.text = message.text[:MAX_PASTE]
    return message


class TerminalDriver(LinuxDriver):
    """Textual's driver for terminals, whose keys a `KeyReader` reads."""

    def run_input_thread(self) -> None:
        """Read until the app ends. A terminal that is gone ends the app."""
        reader = KeyReader(self.process_message, lambda: XTermParser(self._debug))
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                if not selector.select(_POLL_SECONDS):
                    reader.pause()
                    continue
                try:
                    data = os.read(self.fileno, 4096)
                except (BlockingIOError, InterruptedError):
                    continue
                except OSError:
                    data = b""
                if not data:
                    self._app.post_message(messages.ExitApp())
                    return
                reader.feed(data)
