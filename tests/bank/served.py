"""A real HTTP server on the loopback address that hands out files, and fails on demand."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from mockexam.bank.models import Download


@dataclass
class Served:
    """What lies on the server, how it fails, and what was asked of it."""

    files: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    """Every request: method, path and, if any, range."""
    cut_after: list[int] = field(default_factory=list)
    """How many bytes the next answers send before the connection is cut."""
    ranges: bool = True
    status: dict[str, int] = field(default_factory=dict)
    """By path: an HTTP error to answer."""
    redirect: dict[str, str] = field(default_factory=dict)
    pages: set[str] = field(default_factory=set)
    """Paths where a web page stands."""
    root: str = ""

    def download(self, name: str, content: bytes, **changes: Any) -> Download:
        """Lay a file on the server; what a question's `[[downloads]]` says of it."""
        self.files[f"/{name}"] = content
        known = {
            "file": name,
            "urls": (f"{self.root}/{name}",),
            "sha256": hashlib.sha256(content).hexdigest(),
            "bytes": len(content),
            "title": "A small set",
            "authors": "Nobody",
            "licence": "CC0-1.0",
        }
        return Download.model_validate(known | changes)

    @property
    def gets(self) -> list[str]:
        return [line for line in self.asked if line.startswith("GET")]


@contextmanager
def serving() -> Iterator[Served]:
    """Serve until the block ends."""
    served = Served()

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            served.asked.append(f"HEAD {self.path}")
            self.send_response(200 if self.path in served.files else 404)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_GET(self) -> None:
            wanted = self.headers.get("Range", "")
            served.asked.append(f"GET {self.path} {wanted}".rstrip())
            if self.path in served.redirect:
                self.send_response(302)
                self.send_header("Location", served.redirect[self.path])
                self.end_headers()
            elif self.path in served.pages:
                self._send(b"<html>Log in</html>", 200, {"Content-Type": "text/html"})
            elif self.path in served.status or self.path not in served.files:
                self.send_error(served.status.get(self.path, 404))
            else:
                content = served.files[self.path]
                start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and served.ranges else 0
                if start >= len(content) > 0 and start:
                    self.send_error(416)
                    return
                head = {"Content-Type": "application/octet-stream"}
                if start:
                    head["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
                self._send(content[start:], 206 if start else 200, head)

        def _send(self, content: bytes, status: int, head: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in {**head, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            cut = served.cut_after.pop(0) if served.cut_after else len(content)
            self.wfile.write(content[:cut])
            self.close_connection = True

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.root = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
