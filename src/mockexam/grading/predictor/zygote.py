"""The zygote: imports TensorFlow once, runs no operation, and hands each model to a forked worker."""

from __future__ import annotations

import contextlib
import functools
import gc
import importlib
import os
import select
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from mockexam.grading import ipc
from mockexam.grading.predictor import confinement, loaded_model, model_job
from mockexam.grading.predictor.confinement import Confinement
from mockexam.grading.predictor.forked_worker import ForkedWorker
from mockexam.grading.predictor.gate import keras2_classes

IDLE_SECONDS = 600.0
"""After so long without a job the waiting worker ends and gives its memory back. A new one takes a job without having
warmed up, which costs the job less than a save must be still before it is received."""
POLL_SECONDS = 0.025  # how often a running job's memory and time are checked
SLACK_BYTES = 1024
TRIES = 3  # how many workers may die before they take a job until the predictor gives up
MISBEHAVED = frozenset({"crash", "nonsense"})
"""A worker that ends so ends the zygote too: a fresh predictor is cheaper than doubts about what was left behind."""
FILTERS = "kernel filters"
"""A key among the versions: so what is in force beside the sandbox is recorded with each submission."""
UNNEEDED = ("matplotlib", "pandas", "scipy", "sklearn")
"""What Keras imports only where it is installed, for jobs that no predictor does: 40 % of the work of its start."""
RELAYED = frozenset({"facts", "answer", "failed", "refused", "fault", "other_keras", "waits"})


class _CommandsClosedError(Exception):
    """The examiner is gone."""


def serve(commands: int, replies: int) -> int:
    """Import TensorFlow, report it, and do jobs until the commands end. Returns the exit code."""
    ipc.die_with_parent()
    ipc.hide_memory()
    ipc.adopt_orphans()
    try:
        versions = import_libraries()
    except BaseException as error:  # noqa: BLE001  # a broken installation is reported, not dumped
        ipc.send(replies, {"kind": "no_start", "text": f"{type(error).__name__}: {error}"[: model_job.MAX_ERROR]})
        return 1
    with contextlib.suppress(_CommandsClosedError, ipc.WireClosedError):
        if os.environ.get("MOCKEXAM_PREDICTOR") == "single" or not sys.platform.startswith("linux"):
            _serve_one(commands, replies, versions)
        else:
            _serve_forks(commands, replies, versions)
    return 0


def import_libraries() -> dict[str, str]:
    """Import everything that a job needs, and return the libraries' versions."""
    # A quarter of the imports' time would go into collections that find next to nothing. A fork lives for one model, so
    # it needs no collector either.
    gc.disable()
    for name in UNNEEDED:
        sys.modules[name] = None  # type: ignore[assignment]  # Python's own mark of what can't be imported

    import h5py
    import tensorflow as tf
    from tensorflow.core.protobuf import tensor_bundle_pb2

    from mockexam.grading.predictor.gate import check, graph, keras_file

    # What TensorFlow and the gate import on first use: once here instead of in each fork. Nothing runs.
    keras_version = _import_keras()
    _ = (tf.keras.models.load_model, tf.keras.layers.Dense, tf.saved_model.load)
    _ = (h5py.File, tensor_bundle_pb2, keras_file, check)
    graph.allowed_operations()
    # Have TensorFlow fill its lists of operations and kernels here, not on each fork's first operation. Starts no
    # operation, device or thread. What some version does not have is left to the forks.
    with contextlib.suppress(ImportError, AttributeError):
        from tensorflow.python.framework import kernels, op_def_registry
        from tensorflow.python.util import pywrap_xla_ops

        op_def_registry.get("AnUnknownOperation")
        kernels.get_registered_kernels_for_op("MatMul")
        pywrap_xla_ops.get_cpu_kernel_names()
    # Where a library collects all the same, it must not walk what the imports made: that would copy it into the fork.
    gc.freeze()
    return {"tensorflow": str(tf.__version__), "keras": keras_version}


def _import_keras() -> str:
    """Import this predictor's Keras and return its version."""
    if loaded_model.keras_here() == 3:
        import keras

        _leave_out_random_values()
        return str(keras.__version__)
    import tf_keras

    # So that files of TensorFlow 2.12 find what later versions have moved.
    for module in keras2_classes.INTERNAL_MODULES:
        sys.modules[f"tf_keras.{module}"] = importlib.import_module(f"tf_keras.src.{module}")
    return f"{tf_keras.__version__} (tf-keras)"


def _leave_out_random_values() -> None:
    """Have Keras make variables with zeros instead of random numbers, which the weights in the file replace at once.

    They take a third of the time to load a large LSTM. A file that lacks a layer's weights is refused, so no prediction
    comes from zeros. Where Keras has moved this method, all stays as it is.
    """
    import keras

    with contextlib.suppress(ImportError, AttributeError):
        from keras.src.initializers.random_initializers import RandomInitializer

        original = keras.Variable._initialize_with_initializer  # noqa: SLF001  # there is no public switch for it

        def initialize(variable: Any, initializer: Any) -> None:
            is_random = isinstance(initializer, RandomInitializer)
            original(variable, keras.initializers.Zeros() if is_random else initializer)

        keras.Variable._initialize_with_initializer = initialize  # noqa: SLF001  # as above


def _serve_one(commands: int, replies: int, versions: Mapping[str, str]) -> None:
    """Where forking is not safe, this process takes one model and ends."""
    confined = confinement.prepare()
    model_job.warm_up()
    ipc.send(replies, {"kind": "warm", "versions": {**versions, FILTERS: confined.filters}, "single": True})
    job = ipc.Reader(commands, max_body=0).next().header
    model_job.work_confined(replies, job, confined)


def _serve_forks(commands: int, replies: int, versions: Mapping[str, str]) -> None:
    reader = ipc.Reader(commands, max_body=0)
    confined = confinement.prepare()
    worker = ForkedWorker(confined, linger=0)
    worker.wait_warm()
    ipc.send(replies, {"kind": "warm", "versions": {**versions, FILTERS: confined.filters}, "single": False})
    try:
        while True:
            if not ipc.readable(commands, IDLE_SECONDS):
                worker.end()
            job = dict(reader.next().header)
            # A fork never learns the token, so none of its frames can pass for another job's.
            token = job.pop("token")
            worker = _hand_over(worker, job, confined)
            ended = _watch(worker, job, commands, functools.partial(_relay, token=token, replies=replies))
            ipc.send(replies, {**ended, "token": token})
            worker.end()
            if ended["how"] in MISBEHAVED:
                return
            _clean_up()
            worker = ForkedWorker(confined)
    finally:
        worker.end()
        _kill_descendants()


def _hand_over(worker: ForkedWorker, job: Mapping[str, Any], confined: Confinement) -> ForkedWorker:
    """The worker that took the job: a new one if this one has ended meanwhile. Raises WireError after the last try."""
    max_body = job["values"] * job["samples"] * 8 + SLACK_BYTES
    for _ in range(TRIES):
        try:
            if not worker.ended:
                worker.give(job, max_body)
                return worker
        except ipc.WireError:
            worker.end()
        worker = ForkedWorker(confined)
    worker.give(job, max_body)
    return worker


def _watch(
    worker: ForkedWorker, job: Mapping[str, Any], commands: int, relay: Callable[[ipc.Frame], bool]
) -> dict[str, Any]:
    """Relay a worker's frames about its job. Returns the closing frame: how the worker ended.

    The time that it waited for a processor, since others kept the machine busy, does not count: no model fails because
    a training runs beside it. A model that sleeps does not wait so; one with many threads meets its limit of processor
    time.
    """
    began = time.monotonic()
    deadline, waited = began + job["seconds"], confinement.waited_for_processor(worker.pid)
    try:
        while True:
            if confinement.resident_memory(worker.pid) > job["memory"]:
                return {"kind": "ended", "how": "memory"}
            left = deadline - time.monotonic()
            if left <= 0:
                spared = confinement.waited_for_processor(worker.pid) - waited
                later = began + min(job["seconds"] + spared, job["seconds"] * ipc.BUSY_TIMES)
                if later - time.monotonic() < POLL_SECONDS:
                    return {"kind": "ended", "how": "time"}
                relay(ipc.Frame({"kind": "waits", "seconds": later - deadline}))
                deadline = later
                continue
            if _has_frame(worker, commands, min(POLL_SECONDS, left)):
                frame = worker.reader.poll()
                if frame is not None and relay(frame):
                    return {"kind": "ended", "how": "done"}
    except ipc.WireClosedError:
        return {"kind": "ended", "how": "crash", "code": worker.end()}
    except ipc.WireError:
        return {"kind": "ended", "how": "nonsense"}


def _has_frame(worker: ForkedWorker, commands: int, seconds: float) -> bool:
    """Whether the worker has sent something within `seconds`. Raises _CommandsClosedError if the examiner is gone."""
    if sys.platform != "linux":
        raise NotImplementedError
    waiting = select.poll()
    waiting.register(worker.fd, select.POLLIN)
    waiting.register(commands, 0)
    happened = dict(waiting.poll(seconds * 1000))
    if happened.get(commands, 0) & (select.POLLHUP | select.POLLERR):
        raise _CommandsClosedError
    return worker.fd in happened


def _relay(frame: ipc.Frame, token: str, replies: int) -> bool:
    """Pass a frame on; True if it was the job's last. Raises WireError for a frame of another kind."""
    if frame.kind not in RELAYED:
        raise ipc.WireError("an unknown kind of frame")
    ipc.send(replies, {**frame.header, "token": token}, frame.body)
    return frame.kind not in ("facts", "waits")


def _clean_up() -> None:
    _kill_descendants()
    folder = tempfile.gettempdir()
    if os.environ.get("MOCKEXAM_OWN_TMP") != folder:
        return
    for path in Path(folder).iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            with contextlib.suppress(OSError):
                path.unlink()


def _kill_descendants() -> None:
    """Kill and reap all descendants: a model's orphans become children of this process."""
    for _ in range(100):
        found = ipc.children()
        if not found:
            return
        for pid in found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, ipc.KILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)
