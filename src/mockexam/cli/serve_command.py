"""`mockexam serve`: the app in a browser on this machine."""

from __future__ import annotations

import errno
import os
import shlex
import socket
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path

import click

from mockexam import paths
from mockexam.errors import UserError

_LOOPBACK = "127.0.0.1"
_PORT = 8642


@click.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=_PORT,
    show_default=True,
    help=f"Port on {_LOOPBACK}; 0 takes any free one.",
)
@click.option(
    "--open/--no-open",
    "open_browser",
    default=True,
    help="Open your default browser (the default, where there is a desktop), or only print the address.",
)
def serve(port: int, open_browser: bool) -> None:
    """Show the app in a browser on this machine.

    For those who have no good terminal. Only this machine can reach it. The address works once: the browser that opens
    it first has the app. Ctrl+C stops the server. Closing the window or stopping the server is like leaving the app: a
    running attempt stays open, and its clock and scripts keep running.

    Example: mockexam serve
    """
    try:
        from mockexam.cli.browser_server import BrowserServer
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("mockexam"):
            raise
        raise UserError(
            "`mockexam serve` needs packages that are not installed.",
            location=f"Python package {error.name}",
            hint=f"Run: {shlex.quote(sys.executable)} -m pip install 'mockexam[serve]'",
        ) from None
    with _listen(port) as listening:
        server = BrowserServer(listening)
        launcher = _write_launcher(server.address) if open_browser and _has_desktop() else None

        out = sys.stdout

        def tell() -> None:
            click.echo(server.address, file=out)
            click.echo(
                "Open this address in a browser on this machine; it works once. Ctrl+C stops mockexam.", err=True
            )
            if launcher is not None:
                import webbrowser

                # Some browsers return only when they are closed.
                threading.Thread(target=webbrowser.open, args=(launcher.as_uri(),), daemon=True).start()

        try:
            server.run(tell)
        finally:
            if launcher is not None:
                launcher.unlink(missing_ok=True)
    click.echo("Stopped. If an attempt is running, it stays open and its clock keeps running.", err=True)


def _listen(port: int) -> socket.socket:
    """A socket on the loopback address and no other. Raises UserError if the port can't be used."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if sys.platform != "win32":  # there it would share the port with another program
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((_LOOPBACK, port))
        listening.listen()
    except OSError as error:
        listening.close()
        taken = error.errno == errno.EADDRINUSE
        raise UserError(
            f"Another program uses port {port}." if taken else f"Port {port} can't be used: {error.strerror}.",
            hint=f"Choose another one: mockexam serve --port {_free_port()}",
        ) from None
    return listening


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as trial:
        trial.bind((_LOOPBACK, 0))
        return int(trial.getsockname()[1])


def _has_desktop() -> bool:
    """Without one, a browser would open in the terminal."""
    graphical = bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    return graphical or sys.platform in ("darwin", "win32")


def _write_launcher(address: str) -> Path | None:
    """A page that leads to the address and that only this user can read; None if it can't be written.

    Other users of the machine can read the command lines of processes, so the token is never in a browser's.
    """
    with suppress(OSError):
        folder = paths.default_workspace_parent()  # browsers in a sandbox can't read hidden folders
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix="open-", suffix=".html", dir=folder)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(f'<!doctype html><meta http-equiv="refresh" content="0; url={address}">\n')
        return Path(name)
    return None
