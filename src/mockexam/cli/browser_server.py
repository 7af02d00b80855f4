"""The server behind `mockexam serve`: textual-serve on the loopback address, for one browser and one window at a time.

Imported only by the command, since it needs the extra `serve`.
"""

from __future__ import annotations

import asyncio
import secrets
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable
from contextlib import redirect_stdout
from functools import partial
from pathlib import Path

import aiohttp_jinja2
from aiohttp import web
from aiohttp.typedefs import Handler
from textual_serve.app_service import AppService
from textual_serve.server import Server, to_int

from mockexam.tui.launch import BROWSER_DRIVER

_GRACE = 15.0
"""Seconds that an app has to end; then it is killed. An attempt survives that as well."""
_STALLED = 30.0
"""Seconds that a browser may take to accept a frame. An app that waits for it receives no models meanwhile."""
_MOST_CELLS = 1000
"""The largest width and height of the app."""

_USED = "This address has already been used; it works once. Stop `mockexam serve` with Ctrl+C and start it again."
_UNKNOWN = "Open the address that `mockexam serve` printed."
_ELSEWHERE = "This request does not come from mockexam's own page. " + _UNKNOWN
_MOVED = "mockexam was opened in another window."
_LEFT = "You left mockexam."
_STOPPED = "`mockexam serve` was stopped. Start it again for a new address."


class BrowserServer(Server):
    """Serves the app to the first browser that brings the token, and to its newest window alone.

    The token is accepted once and buys a cookie; every other request needs that cookie. Requests for another host, or
    from another site's page, are refused, so that no website reaches the app through the candidate's browser.
    """

    def __init__(self, listening: socket.socket) -> None:
        """`listening` is bound to the loopback address."""
        host, port = listening.getsockname()[:2]
        super().__init__(
            "mockexam", host=host, port=port, title="mockexam", templates_path=Path(__file__).parent / "browser_page"
        )
        self._socket = listening
        self._token: str | None = secrets.token_urlsafe(32)
        self._cookie_name = f"mockexam-{port}"  # a browser sends cookies to all ports of a host
        self._cookie = secrets.token_urlsafe(32)
        self._nonce = secrets.token_urlsafe(16)
        self._window: web.WebSocketResponse | None = None
        self._app_turn = asyncio.Lock()
        self._started: Callable[[], None] = lambda: None
        self.address = f"{self.public_url}/?token={self._token}"

    def run(self, started: Callable[[], None]) -> None:
        """Serve until SIGINT or SIGTERM; calls `started` once requests are answered."""
        self._started = started
        # textual-serve prints what an app said last; on standard output is the address alone.
        with redirect_stdout(sys.stderr):
            web.run_app(self._make_app(), sock=self._socket, print=None, access_log=None, shutdown_timeout=_GRACE)

    async def _make_app(self) -> web.Application:
        app = await super()._make_app()
        app.middlewares.append(web.middleware(partial(BrowserServer._guard, self)))
        app.on_response_prepare.append(self._add_headers)
        aiohttp_jinja2.get_env(app).globals["nonce"] = self._nonce
        return app

    async def on_startup(self, _: web.Application) -> None:
        self._started()

    async def on_shutdown(self, _: web.Application) -> None:
        """End the app; the attempt stays open."""
        if self._window is not None:
            await self._window.close(code=1001, message=_STOPPED.encode())
        async with self._app_turn:
            pass

    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer only what this server's own page asks for, and the one request that brings the token."""
        origin = request.headers.get("Origin")
        if request.host != self.public_url.removeprefix("http://"):
            return _refuse(_UNKNOWN)
        if origin != self.public_url and (origin is not None or request.path == "/ws"):
            return _refuse(_ELSEWHERE)
        if _same(request.cookies.get(self._cookie_name), self._cookie):
            return await handler(request)
        token = request.query.get("token") if request.method == "GET" and request.path == "/" else None
        if not _same(token, self._token):
            return _refuse(_UNKNOWN if token is None else _USED)
        self._token = None
        # The page itself, not a redirect to it: a strict cookie is not sent along a redirect from another site's link.
        response = await handler(request)
        response.set_cookie(self._cookie_name, self._cookie, path="/", httponly=True, samesite="Strict")
        return response

    async def _add_headers(self, _: web.Request, response: web.StreamResponse) -> None:
        own = self.public_url
        response.headers.update(
            {
                "Content-Security-Policy": f"default-src 'none'; script-src {own} 'nonce-{self._nonce}'; "
                f"style-src {own} 'unsafe-inline'; font-src {own}; img-src data:; "
                f"connect-src {own.replace('http', 'ws', 1)}; frame-ancestors 'none'; base-uri 'none'; "
                "form-action 'none'",
                "Cache-Control": "no-store",
                "Cross-Origin-Resource-Policy": "same-origin",
                "Referrer-Policy": "no-referrer",
                "X-Content-Type-Options": "nosniff",
            }
        )

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """Run the app for the newest window; the window that had it is told so and closed first."""
        window = web.WebSocketResponse(heartbeat=15, timeout=2)
        await window.prepare(request)
        before, self._window = self._window, window
        if before is not None:
            await before.close(message=_MOVED.encode())
        # Two apps never run at once: the second could not open the attempt.
        async with self._app_turn:
            if self._window is window:
                await self._run_app(window, *(_cells(request, side) for side in ("width", "height")))
        return window

    async def _run_app(self, window: web.WebSocketResponse, width: int, height: int) -> None:
        async def close() -> None:
            await window.close(message=_LEFT.encode())

        app = _AppProcess(
            self.command,
            write_bytes=window.send_bytes,
            write_str=window.send_str,
            close=close,
            download_manager=self.download_manager,
        )
        await app.start(width, height)
        try:
            await self._process_messages(window, app)
        finally:
            await app.stop()
            if self._window is window:
                self._window = None


class _AppProcess(AppService):
    """An app that runs for a window."""

    async def _open_app_process(self, width: int = 80, height: int = 24) -> Process:
        # The page's terminal is xterm.js, whatever terminal the server was started in.
        here = {"TEXTUAL_DRIVER": BROWSER_DRIVER, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        environment = self._build_environment(width, height) | here
        # In a session of its own: Ctrl+C is for the server, which then ends the app in order.
        self._process = process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "mockexam"),
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            env=environment,
            start_new_session=True,
        )
        self._stdin = process.stdin
        return process

    async def on_data(self, payload: bytes) -> None:
        async with asyncio.timeout(_STALLED):
            await self.remote_write_bytes(payload)

    async def run(self) -> None:
        """Show the app until it ends or the browser no longer takes its frames; then close the window."""
        try:
            await super().run()
        except (TimeoutError, ConnectionError):
            pass
        finally:
            await self.remote_close()

    async def stop(self) -> None:
        """End the app as leaving it does, and wait until it has ended."""
        assert self._process is not None
        if self._task is not None:
            await self.send_meta({"type": "quit"})
            _, late = await asyncio.wait([self._task], timeout=_GRACE)
            if late:
                self._process.kill()
        await super().stop()
        await self._process.wait()


def _same(given: str | None, expected: str | None) -> bool:
    """Whether both are the same secret, in a time that does not depend on where they differ."""
    return given is not None and expected is not None and secrets.compare_digest(given.encode(), expected.encode())


def _refuse(reason: str) -> web.Response:
    return web.Response(status=403, text=f"{reason}\n")


def _cells(request: web.Request, side: str) -> int:
    return max(1, min(to_int(request.query.get(side, ""), 80), _MOST_CELLS))
