"""The predictor's parent process: imports TensorFlow once, runs no operation, and hands each model to a fork."""

from __future__ import annotations

import contextlib
import functools
import gc
import os
import select
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from mockexam.grading.lifeline import adopt_orphans, children, die_with_parent, hide_memory
from mockexam.grading.predictor import confinement, limits, model_job
from mockexam.grading.predictor.confinement import Confinement
from mockexam.grading.predictor.forked_worker import ForkedWorker
from mockexam.grading.wire import Frame, Reader, WireClosedError, WireError, send

LOOK_SECONDS = 0.025
"""How often memory and time of a model at work are looked at."""
SLACK_BYTES = 1024
TRIES = 3
"""How many spares may die before the predictor gives up."""
MISBEHAVED = frozenset({"crash", "nonsense"})
"""Such an end of a fork ends this process too: a fresh predictor is cheaper than the doubt what it has left behind."""
HELD = "kernel filters"
"""What is in force beside the sandbox stands among the versions, and so in the record of each submission."""
RELAYED = frozenset({"facts", "answer", "failed", "refused", "fault"})


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
        send(replies, {"kind": "no_start", "text": f"{type(error).__name__}: {error}"[: model_job.MAX_ERROR]})
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
    _fill_registries()
    # Out of the collector's sight: or each fork would walk, and so copy, all that the imports have made. A fork lives
    # for one model: what it leaves in cycles goes with it.
    gc.collect()
    gc.freeze()
    gc.disable()
    return {"tensorflow": str(tf.__version__), "keras": str(keras.__version__)}


def _touch_lazy_modules(tf: Any) -> None:
    """TensorFlow imports Keras on first use, the gate its parts: better once here than in each fork. Nothing runs."""
    import h5py
    from tensorflow.core.protobuf import tensor_bundle_pb2

    from mockexam.grading.predictor.gate import check, keras_file, operations

    _ = (tf.keras.models.load_model, tf.keras.layers.Dense, tf.saved_model.load)
    _ = (h5py.File, tensor_bundle_pb2, keras_file, check)
    operations.allowed()


def _fill_registries() -> None:
    """Have TensorFlow fill its lists of operations and kernels here, as each fork would on its first operation.

    Reads lists alone: no operation, no device and no thread. What does not exist in some version is left to the forks.
    """
    with contextlib.suppress(ImportError, AttributeError):
        from tensorflow.python.framework import kernels, op_def_registry
        from tensorflow.python.util import pywrap_xla_ops

        op_def_registry.get("AnUnknownOperation")
        kernels.get_registered_kernels_for_op("MatMul")
        pywrap_xla_ops.get_cpu_kernel_names()


def _serve_one(commands: int, replies: int, versions: Mapping[str, str]) -> None:
    """Where forking is not safe: this process takes one model and ends."""
    held = confinement.prepare()
    model_job.warm_up()
    send(replies, {"kind": "warm", "versions": {**versions, HELD: held.told}, "single": True})
    job = Reader(commands, max_body=0).next().header
    held.apply()
    model_job.work(replies, job)


def _serve_forks(commands: int, replies: int, versions: Mapping[str, str]) -> None:
    reader = Reader(commands, max_body=0)
    held = confinement.prepare()
    forked_worker = ForkedWorker(held, linger=0)
    forked_worker.wait_warm()
    send(replies, {"kind": "warm", "versions": {**versions, HELD: held.told}, "single": False})
    try:
        while True:
            job = dict(reader.next().header)
            # A fork never learns it: so no frame of one can pass for another job's.
            token = job.pop("token")
            forked_worker = _hand_over(forked_worker, job, held)
            ended = _watch(forked_worker, job, commands, functools.partial(_relay, token=token, replies=replies))
            send(replies, {**ended, "token": token})
            forked_worker.end()
            if ended["how"] in MISBEHAVED:
                return
            _clean()
            forked_worker = ForkedWorker(held)
    finally:
        forked_worker.end()
        _sweep()


def _hand_over(forked_worker: ForkedWorker, job: Mapping[str, Any], held: Confinement) -> ForkedWorker:
    """The spare that has taken the job: another one if it has died of something before. Raises WireError at last."""
    for _ in range(TRIES):
        try:
            forked_worker.give(job, job["values"] * job["samples"] * 8 + SLACK_BYTES)
        except WireError:
            forked_worker.end()
            forked_worker = ForkedWorker(held)
        else:
            return forked_worker
    forked_worker.give(job, job["values"] * job["samples"] * 8 + SLACK_BYTES)
    return forked_worker


def _watch(
    forked_worker: ForkedWorker, job: Mapping[str, Any], commands: int, relay: Callable[[Frame], bool]
) -> dict[str, Any]:
    """Relay what the fork sends about its job. Returns the closing frame: how the fork ended."""
    deadline = time.monotonic() + job["seconds"]
    try:
        while True:
            if limits.resident(forked_worker.pid) > job["memory"]:
                return _ended("memory")
            left = deadline - time.monotonic()
            if left <= 0:
                return _ended("time")
            if _look(forked_worker, commands, min(LOOK_SECONDS, left)):
                frame = forked_worker.reader.poll()
                if frame is not None and relay(frame):
                    return _ended("done")
    except WireClosedError:
        return _ended("crash", code=forked_worker.end())
    except WireError:
        return _ended("nonsense")


def _ended(how: str, **more: int) -> dict[str, Any]:
    return {"kind": "ended", "how": how, **more}


def _look(forked_worker: ForkedWorker, commands: int, seconds: float) -> bool:
    """Whether the fork has something to read. Raises if the examiner has gone meanwhile."""
    waiting = select.poll()
    waiting.register(forked_worker.fd, select.POLLIN)
    waiting.register(commands, 0)
    happened = dict(waiting.poll(seconds * 1000))
    if happened.get(commands, 0) & (select.POLLHUP | select.POLLERR):
        raise _CommandsClosedError
    return forked_worker.fd in happened


def _relay(frame: Frame, token: str, replies: int) -> bool:
    """Pass a frame on; True if it was the last one of a job. Raises WireError for a frame that is none of these."""
    if frame.kind not in RELAYED:
        raise WireError("an unknown kind of frame")
    send(replies, {**frame.header, "token": token}, frame.body)
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
