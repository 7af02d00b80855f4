"""The predictor's parent process: imports TensorFlow once, runs no operation, and hands each model to a fork."""

from __future__ import annotations

import contextlib
import gc
import os
import select
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mockexam.grading.lifeline import adopt_orphans, children, die_with_parent, hide_memory
from mockexam.grading.predictor import limits, worker
from mockexam.grading.predictor.spare import Spare
from mockexam.grading.wire import Frame, Reader, WireClosedError, WireError, send

LOOK_SECONDS = 0.025
"""How often memory and time of a model at work are looked at."""
SLACK_BYTES = 1024
TRIES = 3
"""How many spares may die before the predictor gives up."""
RELAYED = frozenset({"facts", "answer", "failed"})


class _CommandsClosedError(Exception):
    """The examiner is gone."""


def serve(commands: int, replies: int) -> int:
    """Import TensorFlow, say so, and do jobs until the commands end. Returns the exit code."""
    die_with_parent()
    hide_memory()
    adopt_orphans()
    try:
        versions = _import()
    except BaseException as error:  # noqa: BLE001  # a broken installation is told, not dumped
        send(replies, {"kind": "no_start", "text": f"{type(error).__name__}: {error}"[: worker.MAX_ERROR]})
        return 1
    with contextlib.suppress(_CommandsClosedError, WireClosedError):
        if os.environ.get("MOCKEXAM_PREDICTOR") == "single" or not sys.platform.startswith("linux"):
            _serve_one(commands, replies, versions)
        else:
            _serve_forks(commands, replies, versions)
    return 0


def _import() -> dict[str, str]:
    import keras
    import tensorflow as tf

    _touch_lazy_modules(tf)
    # Out of the collector's sight: or each fork would walk, and so copy, all that the imports have made.
    gc.collect()
    gc.freeze()
    return {"tensorflow": str(tf.__version__), "keras": str(keras.__version__)}


def _touch_lazy_modules(tf: Any) -> None:
    """TensorFlow imports Keras on first use: better once here than in each fork. No operation runs."""
    import h5py

    _ = (h5py.File, tf.keras.models.load_model, tf.keras.layers.Dense, tf.saved_model.load)


def _serve_one(commands: int, replies: int, versions: Mapping[str, str]) -> None:
    """Where forking is not safe: this process takes one model and ends."""
    worker.warm_up()
    send(replies, {"kind": "warm", "versions": dict(versions), "single": True})
    worker.work(replies, Reader(commands, max_body=0).next().header)


def _serve_forks(commands: int, replies: int, versions: Mapping[str, str]) -> None:
    reader = Reader(commands, max_body=0)
    spare = _warm(Spare())
    send(replies, {"kind": "warm", "versions": dict(versions), "single": False})
    try:
        while True:
            job = reader.next()
            spare = _warm(spare)
            send(replies, _watch(spare, job.header, commands, replies))
            spare.end()
            _clean()
            spare = Spare()
    finally:
        spare.end()
        _sweep()


def _warm(spare: Spare) -> Spare:
    """The spare when it is warm, or another in its place if it has died of something. Raises WireError at last."""
    for _ in range(TRIES):
        try:
            spare.wait_warm()
        except WireError:
            spare.end()
            spare = Spare()
        else:
            return spare
    spare.wait_warm()
    return spare


def _watch(spare: Spare, job: Mapping[str, Any], commands: int, replies: int) -> dict[str, Any]:
    """Give a job to the fork and relay what it sends. Returns the closing frame: how the fork ended."""
    spare.give(job, job["values"] * job["samples"] * 8 + SLACK_BYTES)
    deadline = time.monotonic() + job["seconds"]
    try:
        while True:
            if limits.resident(spare.pid) > job["memory"]:
                return _ended("memory")
            left = deadline - time.monotonic()
            if left <= 0:
                return _ended("time")
            if _look(spare, commands, min(LOOK_SECONDS, left)):
                frame = spare.reader.poll()
                if frame is not None and _relay(frame, replies):
                    return _ended("done")
    except WireClosedError:
        return _ended("crash", code=spare.end())
    except WireError:
        return _ended("nonsense")


def _ended(how: str, **more: int) -> dict[str, Any]:
    return {"kind": "ended", "how": how, **more}


def _look(spare: Spare, commands: int, seconds: float) -> bool:
    """Whether the fork has something to read. Raises if the examiner has gone meanwhile."""
    waiting = select.poll()
    waiting.register(spare.fd, select.POLLIN)
    waiting.register(commands, 0)
    happened = dict(waiting.poll(seconds * 1000))
    if happened.get(commands, 0) & (select.POLLHUP | select.POLLERR):
        raise _CommandsClosedError
    return spare.fd in happened


def _relay(frame: Frame, replies: int) -> bool:
    """Pass a frame on; True if it was the last one of a job. Raises WireError for a frame that is none of these."""
    if frame.kind not in RELAYED:
        raise WireError("an unknown kind of frame")
    send(replies, frame.header, frame.body)
    return frame.kind != "facts"


def _clean() -> None:
    """Remove what a model has left: processes that it started, and files."""
    _sweep()
    folder = tempfile.gettempdir()
    if os.environ.get("MOCKEXAM_OWN_TMP") != folder:
        return
    for path in Path(folder).iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            with contextlib.suppress(OSError):
                path.unlink()


def _sweep() -> None:
    """Kill and reap all descendants: orphans of a model become children of this process."""
    for _ in range(100):
        found = children()
        if not found:
            return
        for pid in found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)
