"""Python code that an attack would have run, as the source of a lambda of one argument that it answers."""

from __future__ import annotations

from pathlib import Path

from tests.hostile.attack import SLEEP, Bait

_MIB = 1 << 20


def writes(bait: Bait, name: str) -> str:
    """Writes a file."""
    return f"lambda x: (__import__('pathlib').Path({str(bait.spot / name)!r}).write_text('x'), x)[1]"


def reads(path: Path) -> str:
    """Reads a file."""
    return f"lambda x: (__import__('pathlib').Path({str(path)!r}).read_bytes(), x)[1]"


def connects(bait: Bait) -> str:
    """Makes a connection."""
    return f"lambda x: (__import__('socket').create_connection(('127.0.0.1', {bait.port}), 1).close(), x)[1]"


def leaves_process() -> str:
    """Starts a process in a session of its own."""
    return f"lambda x: (__import__('subprocess').Popen(['sleep', {SLEEP!r}], start_new_session=True), x)[1]"


def forks(count: int) -> str:
    """Forks so often, each of which sleeps in a session of its own."""
    one = f"(o.fork() or (o.setsid(), o.execvp('sleep', ['sleep', {SLEEP!r}])))"
    return f"lambda x: ([{one} for o in [__import__('os')] for _ in range({count})], x)[1]"


def kills_parent() -> str:
    """Kills the process that watches it."""
    return "lambda x: (__import__('os').kill(__import__('os').getppid(), 9), x)[1]"


def fills_tmp(megabytes: int) -> str:
    """Fills the temporary folder, in files of 16 MiB."""
    folder = "__import__('tempfile').mkdtemp()"
    write = f"open(f'{{d}}/{{i}}', 'wb').write(bytes({16 * _MIB}))"
    return f"lambda x: ([{write} for d in [{folder}] for i in range({megabytes // 16})], x)[1]"


def floods_frames() -> str:
    """Writes nonsense to every descriptor that it has."""
    write = f"__import__('os').write(n, b'MXW1' + bytes([255] * 12) + bytes({_MIB}))"
    return f"lambda x: ([{write} for n in range(3, 256) if __import__('os').path.exists(f'/proc/self/fd/{{n}}')], x)[1]"


def forges_answer() -> str:
    """Writes frames of its own in the grader's format: an answer for a job that is not its own."""
    frame = (
        "__import__('mockexam.grading.ipc', fromlist=['send']).send(n, "
        "{'kind': k, 'shape': [-1, 1 << 60], 'dtype': 'object', 'inputs': [[[1]]], 'how': 'done', 'job': 'j1'}, b'x')"
    )
    sockets = "[n for n in range(3, 256) if __import__('os').path.exists(f'/proc/self/fd/{n}')]"
    return f"lambda x: ([{frame} for n in {sockets} for k in ('facts', 'answer', 'ended')], x)[1]"
