"""Reads the terminal's keys in a way that no byte can end the app."""

from __future__ import annotations

import os
import re
import select
import time
from codecs import getincrementaldecoder
from collections.abc import Callable
from contextlib import suppress
from typing import IO, Any, cast

from textual import constants, events, messages
from textual._xterm_parser import BRACKETED_PASTE_END, BRACKETED_PASTE_START, XTermParser
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from mockexam import paths

MAX_PASTE = 10_000
"""Characters of a paste that the app sees; a field draws all it holds with each key."""
BURST = 24
"""So many plain characters at once were not typed: the terminal does not mark what is pasted."""
_LOOK_SECONDS = 0.1
_STUCK_PASTE_LOOKS = 20
"""After so many looks without input, a paste whose end never came is over."""
_AWAKE_SECONDS = max(1.0 + constants.ESCAPE_DELAY, (_STUCK_PASTE_LOOKS + 5) * _LOOK_SECONDS)
"""So long after the last input the reader is asked whether a key is complete, such as a lone Escape."""
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


class _Output:
    """What the app draws on, for Textual's thread that writes: it goes on when the terminal is gone.

    Without that thread its queue fills up, and the app waits for ever.
    """

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self.fileno = file.fileno

    def write(self, text: str) -> None:
        with suppress(OSError):
            self._file.write(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._file.flush()


class TerminalDriver(LinuxDriver):
    """Textual's driver for terminals, whose keys a `KeyReader` reads.

    Its input thread sleeps while nothing is typed: Textual's looks ten times a second, a tenth of an idle app.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._file = cast("Any", _Output(cast("IO[str]", self._file)))
        # Open for as long as the process: Textual disables the input once more after it has closed the driver.
        self._wake, self._waker = os.pipe()

    def disable_input(self) -> None:
        os.write(self._waker, b"\0")
        try:
            super().disable_input()  # waits for the thread
        finally:
            os.read(self._wake, 1)

    def run_input_thread(self) -> None:
        """Read until the app ends. A terminal that is gone ends the app."""
        reader = KeyReader(self.process_message, lambda: XTermParser(self._debug))
        awake_until = 0.0
        while True:
            awake = time.monotonic() < awake_until
            ready, _, _ = select.select([self.fileno, self._wake], [], [], _LOOK_SECONDS if awake else None)
            if self._wake in ready:
                self._swallow()
                return
            if self.fileno not in ready:
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
            awake_until = time.monotonic() + _AWAKE_SECONDS
            reader.feed(data)

    def _swallow(self) -> None:
        """Keep a late answer of the terminal from whoever reads next."""
        with suppress(OSError):
            if select.select([self.fileno], [], [], _LOOK_SECONDS)[0]:
                os.read(self.fileno, 4096)
