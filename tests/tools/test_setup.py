"""tools/dev.py from a fresh checkout to a whole environment, whatever comes between: real venv and pip."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.shared import mounting

TOOLS = Path(__file__).parents[2] / "tools"
WHEEL = "standin-1.0-py3-none-any.whl"
BACKEND = """
import os, zipfile

def build_editable(folder, config_settings=None, metadata_directory=None):
    info, name = "mockexam-0.1.0.dist-info", "mockexam-0.1.0-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(folder, name), "w") as wheel:
        wheel.writestr("mockexam.pth", os.path.abspath("src") + "\\n")
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\\nName: mockexam\\nVersion: 0.1.0\\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(f"{info}/RECORD", f"mockexam.pth,,\\n{info}/METADATA,,\\n{info}/WHEEL,,\\n{info}/RECORD,,\\n")
    return name
"""
PROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "mockexam"
version = "0.1.0"
"""
PATIENCE = 300
"""Seconds that one step may take on a busy machine; it takes a few."""
pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals and mounts of POSIX")


class Mirror:
    """A package index on this machine with one package; it can be made to keep its visitors waiting."""

    def __init__(self, wheel: bytes) -> None:
        self.fetched = 0
        self.asked, self.go = threading.Event(), threading.Event()
        mirror = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body, kind = f'<a href="/{WHEEL}">{WHEEL}</a>'.encode(), "text/html"
                if self.path == f"/{WHEEL}":
                    mirror.fetched += 1
                    mirror.asked.set()
                    mirror.go.wait()
                    body, kind = wheel, "application/octet-stream"
                elif self.path != "/simple/standin/":
                    self.send_error(404)
                    return
                self.send_response(200)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Silent."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a killed pip hangs up
        self.url = f"http://127.0.0.1:{self._server.server_port}/simple"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def wait_for(self, visitor: subprocess.Popen[str]) -> None:
        """Until this set-up's pip asks for the package; a set-up that ends before tells why."""
        deadline = time.monotonic() + PATIENCE
        while not self.asked.wait(0.1):
            assert visitor.poll() is None, visitor.communicate()
            assert time.monotonic() < deadline

    def close(self) -> None:
        self.go.set()
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The one package that is needed."""
    path, info = tmp_path_factory.mktemp("wheel") / WHEEL, "standin-1.0.dist-info"
    files = {
        "standin.py": "WHOLE = True\n",
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: standin\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = ""
    for name, text in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
        record += f"{name},sha256={digest},{len(text)}\n"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in {**files, f"{info}/RECORD": f"{record}{info}/RECORD,,\n"}.items():
            archive.writestr(name, text)
    return path.read_bytes()


@pytest.fixture
def mirror(wheel: bytes) -> Iterator[Mirror]:
    mirror = Mirror(wheel)
    yield mirror
    mirror.close()


@pytest.fixture
def checkout(wheel: bytes, tmp_path: Path) -> Path:
    """A checkout in a folder with spaces and letters beyond ASCII, whose app says that all is there."""
    root = tmp_path / "Übung für die Prüfung"
    shutil.copytree(TOOLS / "devtools", root / "tools" / "devtools", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(TOOLS / "dev.py", root / "tools")
    # The real packages need gigabytes; these tests must not depend on how full this machine's disk is.
    module = root / "tools" / "devtools" / "environment.py"
    source = module.read_text(encoding="utf-8")
    assert "\nNEEDED_BYTES = 4 * 10**9\n" in source
    module.write_text(source.replace("NEEDED_BYTES = 4 * 10**9", "NEEDED_BYTES = 10**8"), encoding="utf-8")
    (root / "src" / "mockexam").mkdir(parents=True)
    (root / "src" / "mockexam" / "__init__.py").touch()
    (root / "src" / "mockexam" / "__main__.py").write_text("import standin\nprint('whole', standin.WHOLE)\n")
    (root / "backend.py").write_text(BACKEND)
    (root / "pyproject.toml").write_text(PROJECT)
    (root / "requirements.lock").write_text(f"standin==1.0 --hash=sha256:{hashlib.sha256(wheel).hexdigest()}\n")
    return root


def hear_interrupts() -> None:
    """As in a terminal: these tests may run in the background of a shell, which ignores Ctrl+C for all in it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def start(checkout: Path, url: str, *before: str) -> subprocess.Popen[str]:
    """`python3 tools/dev.py exam` in a plain locale, with this package index."""
    settings = {"PIP_INDEX_URL": url, "PIP_CONFIG_FILE": os.devnull, "PIP_NO_CACHE_DIR": "1"}
    return subprocess.Popen(
        [*before, sys.executable, "tools/dev.py", "exam"],
        cwd=checkout, env={"PATH": os.environ["PATH"], "HOME": str(checkout), "LC_ALL": "POSIX", **settings},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8", start_new_session=True,
        preexec_fn=hear_interrupts,  # noqa: PLW1509  # one call, without a lock
    )  # fmt: skip


@pytest.mark.timeout(4 * PATIENCE)
def test_interrupted_killed_and_begun_twice_it_ends_whole(checkout: Path, mirror: Mirror) -> None:
    """GIVEN a set-up that met Ctrl+C while it fetched, and one that was killed, so that its pip goes on alone
    WHEN two more begin at once THEN they wait for that pip, one of them makes the environment, and both run the app."""
    stopped = start(checkout, mirror.url)
    mirror.wait_for(stopped)
    os.killpg(stopped.pid, signal.SIGINT)
    _, told = stopped.communicate(timeout=PATIENCE)
    assert stopped.returncode == 130
    assert "again" in told
    assert "Traceback" not in told

    mirror.asked.clear()
    killed = start(checkout, mirror.url)
    mirror.wait_for(killed)
    killed.kill()
    killed.wait()
    fetched = mirror.fetched
    both = [start(checkout, mirror.url) for _ in range(2)]
    for one in both:
        assert one.stderr is not None
        assert "waiting" in one.stderr.readline()
    assert mirror.fetched == fetched
    mirror.go.set()
    for one in both:
        out, told = one.communicate(timeout=PATIENCE)
        assert (one.returncode, out) == (0, "whole True\n"), told
    assert mirror.fetched == fetched + 1

    third = start(checkout, mirror.url)
    assert third.communicate(timeout=PATIENCE) == ("whole True\n", "")
    assert mirror.fetched == fetched + 1


DISKS = {
    "read-only": ["--ro-bind", "{root}", "{root}"],
    "full": ["--size", "65536", "--tmpfs", "{root}", "--ro-bind", "{copy}/tools", "{root}/tools"],
}


@pytest.mark.parametrize("disk", DISKS)
def test_a_disk_that_can_not_hold_it_is_told(disk: str, checkout: Path, tmp_path: Path, mirror: Mirror) -> None:
    """What is wrong and what to do; nothing is fetched, and nothing half made is left."""
    copy = shutil.copytree(checkout, tmp_path / "copy")
    words = [word.format(root=checkout, copy=copy) for word in DISKS[disk]]
    for name in ("requirements.lock", "pyproject.toml") if disk == "full" else ():
        words += ["--ro-bind", str(copy / name), str(checkout / name)]
    run = start(checkout, mirror.url, *mounting("--dev-bind", "/", "/", *words, "--chdir", str(checkout)))
    _, told = run.communicate(timeout=PATIENCE)
    assert run.returncode == 1
    assert "what to do: " in told
    assert "Traceback" not in told
    assert not (checkout / ".venv").exists()
    assert mirror.fetched == 0
