"""Loads and predicts hostile files as a careless program would: `python bare.py`, a path a line on standard input.

Nothing holds the models but limits that keep the machine alive, `safe_mode` is off and `compile` on. Each file gets
a fork of its own, and a line on standard output: `line` if it answered the true line, `other`, or what went wrong. Uses
nothing of ours, so that it can be run inside the grader's sandbox too.
"""

from __future__ import annotations

import contextlib
import os
import resource
import select
import signal
import sys
import time

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""
MEMORY, SECONDS, FILE_BYTES = 12 << 30, 8, 128 << 20


def run(path: str) -> bool:
    """Load, predict, and report."""
    import numpy as np
    import tensorflow as tf

    x = np.linspace(-1, 1, 64, dtype=np.float32)[:, None]
    if path.endswith((".keras", ".h5")):
        model = tf.keras.models.load_model(path, compile=True, safe_mode=False)
        answer = model(tf.constant(x), training=False)
    else:
        function = tf.saved_model.load(path).signatures["serving_default"]
        name = next(iter(function.structured_input_signature[1]))
        answer = next(iter(function(**{name: tf.constant(x)}).values()))
    return bool(np.allclose(answer, 2 * x + 1))


def child(path: str, out: int) -> None:
    """The life of a fork."""
    os.setsid()
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES, FILE_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (2 * SECONDS, 2 * SECONDS))
    try:
        outcome = "line" if run(path) else "other"
    except BaseException as error:  # noqa: BLE001  # whatever a model raises is reported
        outcome = f"{type(error).__name__} {error}"[:2000].replace("\n", " ")
    os.write(out, outcome.encode(errors="replace"))
    os._exit(0)


def parent(path: str) -> str:
    """Wait for a fork, and end it when its time is up."""
    into, out = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(into)
        child(path, out)
    os.close(out)
    ready = select.select([into], [], [], SECONDS)[0]
    outcome = os.read(into, 4000).decode(errors="replace") if ready else "time"
    time.sleep(0.02)
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    status = os.waitpid(pid, 0)[1]
    os.close(into)
    return outcome or f"died {os.waitstatus_to_exitcode(status)}"


def main() -> None:
    """Every file named, in turn."""
    import tensorflow as tf

    _ = (tf.saved_model.load, tf.keras.models.load_model)
    for line in sys.stdin:
        sys.stdout.write(parent(line.strip()).replace("\n", " ") + "\n")
        sys.stdout.flush()


main()
