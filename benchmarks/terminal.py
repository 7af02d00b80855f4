"""A program on a terminal of its own, as a person would see it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager


class Screen:
    """A running program and what it has painted so far."""

    def __init__(self, process: subprocess.Popen[bytes], master: int, begun: float) -> None:
        """`begun` is the moment (of time.perf_counter) just before it was started."""
        self.process = process
        self._master = master
        self._begun = begun
        self.painted = b""

    def wait_for(self, text: bytes, seconds: float = 30.0) -> float:
        """Seconds from the start of the program until this text was painted. Raises TimeoutError."""
        while text not in self.painted:
            if time.perf_counter() - self._begun > seconds or not self.read(0.5):
                raise TimeoutError(f"{text!r} was not painted; the end of what was: {self.painted[-300:]!r}")
        return time.perf_counter() - self._begun

    def read(self, seconds: float) -> bool:
        """Take what comes within so many seconds; False once the program has ended."""
        ready, _, _ = select.select([self._master], [], [], seconds)
        if ready:
            try:
                chunk = os.read(self._master, 1 << 16)
            except OSError:
                chunk = b""
            self.painted += chunk
            return bool(chunk)
        return self.process.poll() is None

    def type(self, keys: bytes) -> None:
        """Press these keys."""
        os.write(self._master, keys)

    def drain(self, seconds: float) -> None:
        """Read for so long, as a terminal does."""
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            if not self.read(left):
                raise RuntimeError(f"the program ended; the end of what it painted: {self.painted[-300:]!r}")


@contextmanager
def on_terminal(
    command: Sequence[str], environ: Mapping[str, str], size: tuple[int, int] = (80, 24)
) -> Iterator[Screen]:
    """Run a command on a terminal of this many columns and lines; it is killed at the end."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
    env = {**environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    begun = time.perf_counter()
    process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, env=env, start_new_session=True)
    os.close(slave)
    try:
        yield Screen(process, master, begun)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        os.close(master)
