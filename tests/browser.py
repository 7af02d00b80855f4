"""Chromium or Chrome for tests, where one is installed: found, and driven as a person would."""

from __future__ import annotations

import asyncio
import itertools
import shutil
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import aiohttp

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
QUIET = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run"),
    *("--disable-background-networking", "--disable-extensions", "--disable-component-update", "--disable-sync"),
)
"""Without a window, and without asking its maker's servers for anything."""

needs_browser = pytest.mark.skipif(
    BROWSER is None, reason="no Chromium or Chrome is installed, so the pages can't be opened"
)

# Keeps the terminal that the page makes, so that its text can be read: it is drawn as a picture.
KEEP_TERMINAL = """Object.defineProperty(Object.prototype, "terminal", {configurable: true, set(value) {
  window.seen = value;
  Object.defineProperty(this, "terminal", {value, writable: true, configurable: true});
}});"""
SCREEN = """(() => { const buffer = window.seen && window.seen.buffer.active; const lines = [];
  for (let y = 0; buffer && y < window.seen.rows; y++) lines.push(buffer.getLine(y).translateToString(true));
  return lines.join("\\n"); })()"""
KEYS = {"Enter": 13, "Escape": 27, "Down": 40}


class Page:
    """A page in the browser, spoken to by the DevTools protocol."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._ids = itertools.count(1)
        self.events: list[dict[str, Any]] = []

    async def send(self, method: str, **params: Any) -> dict[str, Any]:
        """Give a command; what it answers."""
        number = next(self._ids)
        await self._socket.send_json({"id": number, "method": method, "params": params})
        async with asyncio.timeout(30):
            while True:
                told = await self._socket.receive_json()
                if told.get("id") == number:
                    assert "error" not in told, told
                    result: dict[str, Any] = told["result"]
                    return result
                self.events.append(told)

    async def open(self, address: str) -> None:
        for domain in ("Page", "Network", "Runtime", "Log"):
            await self.send(f"{domain}.enable")
        await self.send("Page.addScriptToEvaluateOnNewDocument", source=KEEP_TERMINAL)
        await self.send("Page.navigate", url=address)

    async def evaluate(self, expression: str) -> Any:
        return (await self.send("Runtime.evaluate", expression=expression))["result"].get("value")

    async def screen(self) -> str:
        """The text that the terminal in the page shows."""
        return str(await self.evaluate(SCREEN))

    async def see(self, text: str, seconds: float = 60, look: Callable[[], Awaitable[str]] | None = None) -> str:
        """Wait until the terminal (or what `look` sees) shows this; all that is shown then."""
        shown = ""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while text not in (shown := await (look or self.screen)()):
                    await asyncio.sleep(0.1)
                return shown
        raise AssertionError(f"no {text!r} in {seconds} s:\n{shown}")

    async def type(self, *keys: str) -> None:
        """Press these keys, or type these texts."""
        for key in keys:
            if key in KEYS:
                name = "ArrowDown" if key == "Down" else key
                code = {"key": name, "code": name, "windowsVirtualKeyCode": KEYS[key]}
                text = {"text": "\r"} if key == "Enter" else {}
                await self.send("Input.dispatchKeyEvent", type="keyDown", **code, **text)
                await self.send("Input.dispatchKeyEvent", type="keyUp", **code)
            else:
                await self.send("Input.insertText", text=key)
            await asyncio.sleep(0.2)

    def requested(self) -> set[str]:
        """The addresses of all that was loaded or tried, WebSockets included."""
        addresses = (
            event["params"].get("request", event["params"]).get("url", "")
            for event in self.events
            if event["method"] in ("Network.requestWillBeSent", "Network.webSocketCreated")
        )
        return {address for address in addresses if not address.startswith("data:")}

    def complaints(self) -> list[dict[str, Any]]:
        """What the browser logged as errors: a breach of the policy, a script that failed."""
        logged = [e["params"]["entry"] for e in self.events if e["method"] == "Log.entryAdded"]
        thrown = [e["params"] for e in self.events if e["method"] == "Runtime.exceptionThrown"]
        return [entry for entry in logged if entry["level"] == "error"] + thrown


@asynccontextmanager
async def browser(profile: Path) -> AsyncIterator[Callable[[], Awaitable[Page]]]:
    """A running browser; what it gives opens a new window's page in it."""
    import aiohttp  # of the extra `serve`; whoever only wants to know the browser's path does without

    assert BROWSER is not None
    process = subprocess.Popen(
        [
            *(BROWSER, *QUIET, "--remote-debugging-port=0", "--window-size=1000,700"),
            *(f"--user-data-dir={profile}", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(60):
            while not (port := _port(profile)):
                assert process.poll() is None
                await asyncio.sleep(0.1)
        async with aiohttp.ClientSession() as session:

            async def new_page() -> Page:
                async with session.put(f"http://127.0.0.1:{port}/json/new?about:blank") as told:
                    target = await told.json()
                socket = await session.ws_connect(target["webSocketDebuggerUrl"], max_msg_size=0)
                return Page(socket)

            yield new_page
    finally:
        process.terminate()
        process.wait(20)


def _port(profile: Path) -> str:
    try:
        return (profile / "DevToolsActivePort").read_text().split()[0]
    except (OSError, IndexError):
        return ""
