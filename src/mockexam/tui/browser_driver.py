"""The app's screen and keys while `mockexam serve` shows it in a browser: pipes to the server."""

from __future__ import annotations

from textual import messages
from textual.drivers.web_driver import WebDriver


class BrowserDriver(WebDriver):
    """Textual's driver for browsers, which also ends the app when its server is gone, however that ended."""

    def run_input_thread(self) -> None:
        super().run_input_thread()
        if not self.exit_event.is_set():  # the input was closed, not the app
            self._app.post_message(messages.ExitApp())
