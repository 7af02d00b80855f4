"""`mockexam serve`: who gets in, from where, and what is left when a window or the server closes."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from http.cookies import SimpleCookie
from pathlib import Path

import psutil
import pytest

from mockexam.entry import run
from mockexam.paths import scoring_dir
from tests.browser import browser, needs_browser
from tests.shared import train

pytest.importorskip("textual_serve", reason="the extra `serve` is not installed, so nothing can be served")
aiohttp = pytest.importorskip("aiohttp", reason="the extra `serve` is not installed, so nothing can be served")

REFERENCE = scoring_dir() / "simple_model" / "ballast_car" / "reference.py"
PATIENCE = 60


class Served:
    """A running server, with a home of its own."""

    def __init__(self, folder: Path) -> None:
        self.home = folder
        environment = {**os.environ, "HOME": str(folder), "MOCKEXAM_HOME": str(folder / "state"), "NO_COLOR": "1"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "mockexam", "serve", "--no-open", "--port", "0"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=(folder / "stderr").open("wb"),
            text=True,
        )
        assert self.process.stdout is not None
        self.address = self.process.stdout.readline().strip()
        self.base = self.address.partition("/?")[0]

    def apps(self) -> list[psutil.Process]:
        """The apps that run for its windows."""
        return psutil.Process(self.process.pid).children()

    def stop(self, number: int = signal.SIGINT) -> int:
        self.process.send_signal(number)
        code = self.process.wait(PATIENCE)
        assert self.process.stdout is not None
        with self.process.stdout as more:
            assert more.read() == "", "the address alone goes to standard output"
        assert "Traceback" not in (self.home / "stderr").read_text(errors="replace")
        return code


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    server = Served(tmp_path)
    yield server
    if server.process.poll() is None:
        server.stop()


@pytest.fixture(scope="module")
def entered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, dict[str, str]]]:
    """A server for those that only ask, and the headers of a window that was let in."""

    async def enter() -> dict[str, str]:
        async with client() as http:
            return await let_in(http, server)

    server = Served(tmp_path_factory.mktemp("served"))
    try:
        yield server, asyncio.run(enter())
    finally:
        server.stop()


async def let_in(client: aiohttp.ClientSession, served: Served) -> dict[str, str]:
    """Open the address; the headers that the page's own requests then have."""
    async with client.get(served.address) as page:
        assert page.status == 200
        cookie = SimpleCookie(page.headers["Set-Cookie"])
    (morsel,) = cookie.values()
    assert (morsel["httponly"], morsel["samesite"], morsel["path"]) == (True, "Strict", "/")
    return {"Cookie": f"{morsel.key}={morsel.value}", "Origin": served.base}


def client() -> aiohttp.ClientSession:
    """One that keeps no cookies by itself."""
    return aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())


async def first_frame(window: aiohttp.ClientWebSocketResponse) -> None:
    async with asyncio.timeout(PATIENCE):
        while (await window.receive()).type is not aiohttp.WSMsgType.BINARY:
            pass


async def ended(processes: list[psutil.Process]) -> None:
    _, alive = await asyncio.to_thread(psutil.wait_procs, processes, PATIENCE)
    assert alive == []


async def test_the_token_works_once_and_all_else_needs_the_cookie(served: Served) -> None:
    """The page, its files and the app itself; a refusal says what to do."""
    asked = ("/", "/static/js/textual.js", "/static/", "/download/x", "/ws", "/elsewhere")
    async with client() as http:
        for path in (*asked, "/?token=", "/?token=wrong", "/?token=%C3%A9"):
            async with http.get(served.base + path, headers={"Origin": served.base}) as refused:
                assert refused.status == 403, path
                assert "mockexam serve" in await refused.text()
        token = served.address.partition("?")[2]
        for method, path in (("HEAD", "/"), ("GET", "/static/js/textual.js"), ("GET", "/ws")):
            async with http.request(method, f"{served.base}{path}?{token}", headers={"Origin": served.base}) as refused:
                assert refused.status == 403, (method, path)

        own = await let_in(http, served)

        async with http.get(served.address) as again:
            assert again.status == 403
        async with http.get(served.address, headers=own) as reloaded:
            assert reloaded.status == 200
        async with http.get(f"{served.base}/static/js/textual.js", headers=own) as script:
            assert script.status == 200
        async with http.get(f"{served.base}/ws", headers={**own, "Cookie": own["Cookie"][:-1]}) as refused:
            assert refused.status == 403


ANOTHER_SITE: list[dict[str, str | None]] = [
    {"Origin": None},
    {"Origin": "null"},
    {"Origin": "http://evil.example"},
    {"Origin": "http://127.0.0.1:1"},
    {"Host": "evil.example"},
    {"Host": "127.0.0.1"},
    {"Host": "localhost:{port}"},
    {"Origin": "http://evil.example:{port}", "Host": "evil.example:{port}"},
]
"""What a browser there would send otherwise."""


async def test_another_site_gets_no_app(entered: tuple[Served, dict[str, str]]) -> None:
    """Not with the cookie that the browser sends along, nor after its name was made to lead here."""
    served, own = entered
    port = served.base.rpartition(":")[2]
    async with client() as http:
        for change in ANOTHER_SITE:
            headers = {k: v.format(port=port) for k, v in {**own, **change}.items() if v is not None}
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await http.ws_connect(f"{served.base}/ws", headers=headers)
            assert refused.value.status == 403, change
            assert served.apps() == [], change
        async with http.ws_connect(f"{served.base}/ws", headers=own) as window:
            await first_frame(window)


async def test_it_listens_on_the_loopback_address_alone(entered: tuple[Served, dict[str, str]]) -> None:
    listening = psutil.Process(entered[0].process.pid).net_connections("inet")
    assert {c.laddr.ip for c in listening if c.status == psutil.CONN_LISTEN} == {"127.0.0.1"}


async def test_the_page_names_no_other_address(entered: tuple[Served, dict[str, str]]) -> None:
    """Neither for a file nor for a font, and its policy allows no other."""
    served, own = entered
    async with client() as http, http.get(served.address, headers=own) as page:
        assert page.status == 200
        text, policy = await page.text(), page.headers["Content-Security-Policy"]
    here = {served.base, served.base.replace("http", "ws", 1)}
    assert set(re.findall(r"\b\w+://[^/\s\"';]+", text + policy)) == here
    assert policy.startswith("default-src 'none'")


async def test_the_newest_window_has_the_app(served: Served) -> None:
    """The one before is closed with a reason; two apps never run; a closed window's app ends."""
    async with client() as http:
        own = await let_in(http, served)
        async with http.ws_connect(f"{served.base}/ws", headers=own) as first:
            await first_frame(first)
            (before,) = served.apps()
            async with http.ws_connect(f"{served.base}/ws", headers=own) as second:
                async with asyncio.timeout(PATIENCE):
                    while (said := await first.receive()).type is not aiohttp.WSMsgType.CLOSE:
                        pass
                assert "another window" in said.extra
                await first_frame(second)
                (now,) = served.apps()
                assert before != now
                assert not before.is_running()
            await ended([now])
        assert served.stop() == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
async def test_the_app_ends_with_the_server(served: Served, number: int) -> None:
    """In order, or when the server was killed."""
    async with client() as http:
        own = await let_in(http, served)
        async with http.ws_connect(f"{served.base}/ws", headers=own) as window:
            await first_frame(window)
            apps = served.apps()
            assert len(apps) == 1
            code = await asyncio.to_thread(served.stop, number)
            assert code == (-number if number == signal.SIGKILL else 0)
            await ended(apps)
    assert "Traceback" not in (served.home / "stderr").read_text()


def test_without_the_extra_the_command_that_installs_it_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delitem(sys.modules, "mockexam.cli.browser_server", raising=False)
    monkeypatch.setitem(sys.modules, "textual_serve.server", None)
    assert run(["serve", "--no-open"]) == 1
    assert f"{sys.executable} -m pip install 'mockexam[serve]'" in capsys.readouterr().err


def test_a_taken_port_is_named_and_a_free_one_offered(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert run(["serve", "--no-open", "--port", str(port)]) == 1
        told = capsys.readouterr().err
    offered = re.search(r"mockexam serve --port (\d+)", told)
    assert str(port) in told
    assert offered is not None
    with socket.create_server(("127.0.0.1", int(offered[1]))):
        pass


@needs_browser
async def test_a_retry_in_a_browser(served: Served, tmp_path: Path) -> None:
    """GIVEN the app in a browser WHEN a retry is started and a real model saved THEN its marks are shown; a second
    window takes the app over with the attempt still running; and nothing was loaded from elsewhere.
    """
    async with browser(tmp_path / "profile") as new_page:
        page = await new_page()
        await page.open(served.address)
        await page.see("Retry a category")
        assert await page.evaluate("location.href") == f"{served.base}/"
        await page.type("2")
        await page.see("The water railway")
        await page.type("Down", "Down", "Enter")
        await page.see("Prepare the workspace")
        await page.see("this machine")
        await page.type("Enter")
        await page.see("to start the clock")
        await page.type("START", "Enter")
        await page.see("left")
        await page.see("–/5", look=lambda: page.evaluate("document.title"))  # type: ignore[arg-type]
        (question,) = (served.home / "mockexam").glob("*/q1_simple_model")

        shutil.copyfile(REFERENCE, question / "solution.py")
        await asyncio.to_thread(train, question)
        await page.see("5/5")

        other = await new_page()
        await other.send("Emulation.setDeviceMetricsOverride", width=390, height=800, deviceScaleFactor=1, mobile=False)
        await other.open(f"{served.base}/")
        await other.see("5/5")
        assert await other.evaluate("window.seen.cols") >= 60, "fewer columns than the app needs"
        await page.see("another window", look=lambda: page.evaluate("document.body.innerText"))  # type: ignore[arg-type]
        assert len(served.apps()) == 1

        for seen in (page, other):
            own = (f"{served.base}/", served.base.replace("http", "ws", 1) + "/")
            assert [address for address in seen.requested() if not address.startswith(own)] == []
            assert seen.complaints() == []
