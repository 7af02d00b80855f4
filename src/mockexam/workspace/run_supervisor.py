"""Supervises one run of a script, and outlives the app: `python -P -m mockexam.workspace.run_supervisor JSON`.

It is a process of its own, so that neither a crash of the app nor its closed terminal ends a training. It answers one
line of JSON on stdout, `{}` or `{"error": ...}`, and from then on speaks by the files in the run's folder alone. It
starts within some 50 ms: it imports nothing but the standard library.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from mockexam.files import remove, write_atomic

RUN = "run.json"
"""The script, its start (wall seconds since 1970 UTC), and its process."""
ENDED = "ended.json"
"""How the run ended; written whole, once."""
OUTPUT = "output"
"""What the script printed."""
OLDER = "output.old"
"""The end of the output before OUTPUT was last emptied."""
STOP = "stop"
"""An empty file that asks for a stop."""
LOCK = "lock"
"""Locked while the supervisor lives: the system unlocks it, whatever ends the process, and a reboot does too."""

_NICENESS = 10
"""Added to the app's: the clock and the keys come before the training."""
_KEPT_BYTES = 1 << 20
_POLL_SECONDS = 0.1
_WRITE_AGAIN_SECONDS = 2.0
_WRITE_TRIES = 300
_KILL = getattr(signal, "SIGKILL", signal.SIGTERM)


def main() -> int:
    """Start the script and stay with it to its end; see `ScriptRun.start` for the keys of the JSON."""
    spec: dict[str, Any] = json.loads(sys.argv[1])
    # A grandchild of the app: the app has nothing to wait for, and leaves no zombie.
    if hasattr(os, "fork") and os.fork():
        os._exit(0)
    folder = Path(spec["folder"])
    asked: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _: asked.append(number))
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, lambda *_: None)
    if hasattr(os, "nice"):
        with suppress(OSError):
            os.nice(_NICENESS)
    try:
        held = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        _lock(held, wait=True)
        script = _start(spec, folder)
    except OSError as error:
        _answer({"error": error.strerror or str(error)})
        return 1
    _answer({})
    started = _seconds()
    stopped = _wait(script, spec, folder, asked)
    # What the script has started and left behind ends with it.
    _signal(script, _KILL)
    _write_end(folder, {"code": script.returncode, "seconds": round(_seconds() - started, 3), "stopped": stopped})
    return 0


def is_supervised(folder: Path) -> bool:
    """Whether the supervisor of this run lives."""
    try:
        descriptor = os.open(folder / LOCK, os.O_RDWR)
    except OSError:
        return False
    try:
        return not _lock(descriptor, wait=False)
    finally:
        os.close(descriptor)


def remove_runs(attempt: Path) -> None:
    """Remove the folder of the runs of an attempt that is over; where one still goes on, only have it stopped."""
    with suppress(OSError):
        supervised = [home for home in attempt.iterdir() if is_supervised(home)]
        for home in supervised:
            (home / STOP).touch()
        if not supervised:
            remove(attempt)


def process_identity(pid: int) -> str:
    """What no other process will ever share: boot and start time; empty if it is gone, or not on Linux."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()  # proc_pid_stat(5): from field 3, the state, on
    return "" if fields[0] in "ZX" else f"{boot} {fields[19]}"


def _start(spec: dict[str, Any], folder: Path) -> subprocess.Popen[bytes]:
    """The script, started and on record. Raises OSError."""
    flags = getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0) | getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
    with (folder / OUTPUT).open("ab", buffering=0) as output:
        script = subprocess.Popen(
            spec["command"],
            cwd=spec["cwd"],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            creationflags=flags,
        )
    run = {
        "question": folder.name,
        "python": spec["command"][0],
        "script": spec["command"][-1],
        "cwd": spec["cwd"],
        "started": time.time(),
        "pid": script.pid,
        "identity": process_identity(script.pid),
    }
    try:
        write_atomic(folder / RUN, json.dumps(run))
    except OSError:
        _signal(script, _KILL)
        script.wait()
        raise
    return script


def _wait(script: subprocess.Popen[bytes], spec: dict[str, Any], folder: Path, asked: list[int]) -> bool:
    """Wait for the end; on request, or when the time is up, bring it about. Returns whether it was stopped."""
    begun, wall = _seconds(), time.time()
    steps = [(signal.SIGINT, spec["interrupt"]), (signal.SIGTERM, spec["terminate"]), (_KILL, 0.0)]
    stopped, due = False, 0.0
    while script.poll() is None:
        now = _seconds()
        over = spec["limit"] is not None and max(now - begun, time.time() - wall) >= spec["limit"]
        stopped = stopped or bool(asked) or over or (folder / STOP).exists()
        if stopped and steps and now >= due:
            number, seconds = steps.pop(0)
            _signal(script, number)
            due = now + seconds
        with suppress(OSError):  # a full disk; the next round tries again
            _bound(folder, spec["most_bytes"])
        time.sleep(_POLL_SECONDS)
    return stopped


def _bound(folder: Path, most_bytes: int) -> None:
    """Empty the output at its limit, and keep its end. The script goes on at the new beginning: it appends."""
    if (folder / OUTPUT).stat().st_size <= most_bytes - _KEPT_BYTES:
        return
    with (folder / OUTPUT).open("r+b") as file:
        file.seek(-min(_KEPT_BYTES, os.fstat(file.fileno()).st_size), os.SEEK_END)
        (folder / OLDER).write_bytes(file.read(_KEPT_BYTES))
        file.truncate(0)


def _write_end(folder: Path, end: dict[str, Any]) -> None:
    for _ in range(_WRITE_TRIES):  # a full disk may get room again; a folder that is gone does not come back
        try:
            write_atomic(folder / ENDED, json.dumps(end))
        except FileNotFoundError:
            return
        except OSError:
            time.sleep(_WRITE_AGAIN_SECONDS)
        else:
            return


def _signal(script: subprocess.Popen[bytes], number: int) -> None:
    """Send a signal to the script's group."""
    with suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(script.pid, number)
        else:
            script.terminate()


def _answer(answer: dict[str, str]) -> None:
    """Tell the app, which may be gone, and let go of its pipe."""
    with suppress(OSError):
        os.write(1, json.dumps(answer).encode() + b"\n")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 1)
    os.close(nothing)


def _lock(descriptor: int, *, wait: bool) -> bool:
    """Lock an open file; False if somebody else holds it, unless told to wait."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:
        if wait:
            raise
        return False
    return True


def _seconds() -> float:
    """A clock that nobody can set, and that goes on in suspend where the system has one."""
    if sys.platform == "linux":
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    else:  # noqa: RET505  # mypy knows an `else` of another platform to be meant
        return time.monotonic()


if __name__ == "__main__":
    sys.exit(main())
