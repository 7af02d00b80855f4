"""The app's screen and keys in a terminal: Textual's driver with an input thread that sleeps while nothing is typed."""

from __future__ import annotations

import os
import select
import time
from codecs import getincrementaldecoder
from typing import Any

from textual import constants
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver

_TICK_SECONDS = 0.1
_AWAKE_SECONDS = 1.0 + constants.ESCAPE_DELAY
"""So long after the last input the parser is asked whether a key is complete, such as a lone Escape."""


class TerminalDriver(LinuxDriver):
    """As Textual's own, which looks for input ten times a second: that alone costs a tenth of an idle app."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        # Open for as long as the process: Textual disables the input once more after it has closed the driver.
        self._wake, self._waker = os.pipe()

    def disable_input(self) -> None:
        os.write(self._waker, b"\0")
        try:
            super().disable_input()  # waits for the thread
        finally:
            os.read(self._wake, 1)

    def run_input_thread(self) -> None:
        parser, decode = XTermParser(self._debug), getincrementaldecoder("utf-8")().decode
        awake_until = 0.0
        while True:
            awake = time.monotonic() < awake_until
            ready, _, _ = select.select([self.fileno, self._wake], [], [], _TICK_SECONDS if awake else None)
            if self._wake in ready:
                self._swallow()
                return
            if self.fileno in ready:
                data = os.read(self.fileno, 4096)
                if not data:
                    return  # the terminal is gone
                awake_until = time.monotonic() + _AWAKE_SECONDS
                if text := decode(data):
                    for event in parser.feed(text):
                        self.process_message(event)
            for event in parser.tick():
                self.process_message(event)

    def _swallow(self) -> None:
        """Keep a late answer of the terminal from whoever reads next."""
        if select.select([self.fileno], [], [], _TICK_SECONDS)[0]:
            os.read(self.fileno, 4096)
