"""SavedModels with operations that no model needs, in the serving function."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import tensorflow as tf
from tensorflow.distribute.experimental.rpc.kernels import gen_rpc_ops as rpc

from tests.hostile.attack import Bait, attack
from tests.hostile.serving import line, save, save_answering, save_doing

raw = tf.raw_ops


def write(bait: Bait, name: str) -> Any:
    """Writes a file."""
    return tf.io.write_file(str(bait.spot / name), "x")


def fill_table(name: Any) -> Any:
    """A table filled from a text file."""
    table = raw.HashTableV2(key_dtype=tf.int64, value_dtype=tf.string, shared_name="t")
    return raw.InitializeTableFromTextFileV2(table_handle=table, filename=name, key_index=-1, value_index=-2)


def _numbers(text: Any) -> Any:
    return tf.io.decode_raw(text, tf.float32)


# Files


@attack("saved_model", "files_written", "here")
def write_file(path: Path, bait: Bait) -> None:
    save_doing(path, lambda: write(bait, "write_file"))


@attack("saved_model", "files_read", "here")
def read_file(path: Path, bait: Bait) -> None:
    """Another file's bytes as weights: full marks for who knows where the answers lie."""
    save_answering(path, lambda: _numbers(tf.io.read_file(str(bait.secret / "line.bin"))))


@attack("saved_model", "files_read", "here")
def matching_files(path: Path, bait: Bait) -> None:
    def weights() -> Any:
        found = tf.io.matching_files(f"{bait.secret}/*.bin")
        return tf.stack([2.0, tf.cast(tf.size(found), tf.float32)])

    save_answering(path, weights)


@attack("saved_model", "files_read", "here")
def immutable_const(path: Path, bait: Bait) -> None:
    """A constant that is mapped from a file."""
    place = str(bait.secret / "line.bin")
    save_answering(path, lambda: raw.ImmutableConst(dtype=tf.float32, shape=[2], memory_region_name=place))


@attack("saved_model", "files_read", "here")
def fixed_length_records(path: Path, bait: Bait) -> None:
    def weights() -> Any:
        data = tf.data.FixedLengthRecordDataset(str(bait.secret / "line.bin"), 8)
        return _numbers(data.reduce(tf.constant(""), lambda _, record: record))

    save_answering(path, weights)


@attack("saved_model", "files_read", "here")
def text_lines(path: Path, bait: Bait) -> None:
    def weights() -> Any:
        data = tf.data.TextLineDataset(str(bait.secret / "line.txt"))
        return tf.strings.to_number(tf.strings.split(data.reduce(tf.constant(""), lambda _, one: one))[:2])

    save_answering(path, weights)


@attack("saved_model", "files_read", "here")
def other_checkpoint(path: Path, bait: Bait) -> None:
    def weights() -> Any:
        prefix = str(bait.secret / "line")
        return raw.RestoreV2(prefix=prefix, tensor_names=["w"], shape_and_slices=[""], dtypes=[tf.float32])[0]

    save_answering(path, weights)


@attack("saved_model", "files_read", "here")
def table_from_file(path: Path, bait: Bait) -> None:
    save_doing(path, lambda: fill_table(str(bait.secret / "line.txt")))


@attack("saved_model", "files_written", "here")
def save_v2(path: Path, bait: Bait) -> None:
    target = str(bait.spot / "saved")
    save_doing(
        path, lambda: raw.SaveV2(prefix=target, tensor_names=["x"], shape_and_slices=[""], tensors=[tf.constant(1.0)])
    )


@attack("saved_model", "files_written", "here")
def save_in_inner_function(path: Path, bait: Bait) -> None:
    """Each export holds functions that save: this one is called by the model."""

    def innermost(value: Any) -> Any:
        saved = raw.SaveV2(
            prefix=str(bait.spot / "inner"), tensor_names=["x"], shape_and_slices=[""], tensors=[value]
        )  # fmt: skip
        with tf.control_dependencies([saved]):
            return tf.identity(value)

    called = tf.function(innermost, autograph=False)
    inner = tf.function(lambda value: called(value) + 0, autograph=False)
    save(path, lambda x: inner(line(x)))


@attack("saved_model", "files_written", "here")
def merge_checkpoints(path: Path, bait: Bait) -> None:
    """Moves a checkpoint away from where it lay."""
    old, new = [str(bait.spot / "kept" / "line")], str(bait.spot / "merged")
    save_doing(path, lambda: raw.MergeV2Checkpoints(checkpoint_prefixes=old, destination_prefix=new))


@attack("saved_model", "files_written", "here")
def print_into_file(path: Path, bait: Bait) -> None:
    stream = f"file://{bait.spot / 'printed'}"
    save_doing(path, lambda: raw.PrintV2(input="x", output_stream=stream))


@attack("saved_model", "files_written", "here")
def summary_writer(path: Path, bait: Bait) -> None:
    def write() -> Any:
        writer = raw.SummaryWriter(shared_name="w")
        made = raw.CreateSummaryFileWriter(
            writer=writer, logdir=str(bait.spot / "logs"), max_queue=1, flush_millis=1, filename_suffix=""
        )
        with tf.control_dependencies([made]):
            return raw.FlushSummaryWriter(writer=writer)

    save_doing(path, write)


@attack("saved_model", "files_written", "here")
def cached_dataset(path: Path, bait: Bait) -> None:
    def read() -> Any:
        data = tf.data.Dataset.range(2).cache(str(bait.spot / "cache"))
        return data.reduce(tf.constant(0, tf.int64), lambda a, b: a + b)

    save_doing(path, read)


@attack("saved_model", "files_written", "here")
def saved_dataset(path: Path, bait: Bait) -> None:
    save_doing(path, lambda: tf.data.Dataset.range(2).save(str(bait.spot / "dataset")))


@attack("saved_model", "files_written", "here")
def debug_identity(path: Path, bait: Bait) -> None:
    """A tensor that passes through is written down where an address says."""
    place = f"file://{bait.spot / 'debug'}"
    save_doing(path, lambda: raw.DebugIdentity(input=tf.constant(1.0), tensor_name="a:0", debug_urls=[place]))


# Network and processes


@attack("saved_model", "network", "here", lasting=True)
def debug_identity_to_server(path: Path, bait: Bait) -> None:
    place = f"grpc://127.0.0.1:{bait.port}"
    save_doing(path, lambda: raw.DebugIdentity(input=tf.constant(1.0), tensor_name="a:0", debug_urls=[place]))


@attack("saved_model", "network", "here")
def rpc_client(path: Path, bait: Bait) -> None:
    def call() -> Any:
        client, _ = rpc.rpc_client(server_address=f"127.0.0.1:{bait.port}", timeout_in_ms=1500, shared_name="c")
        future, _ = rpc.rpc_call(client=client, method_name="x", args=[tf.constant(1.0)], timeout_in_ms=1500)
        return rpc.rpc_check_status(status_or=future)[0]

    save_doing(path, call)


@attack("saved_model", "network")
def rpc_server(path: Path, bait: Bait) -> None:
    save_doing(path, lambda: rpc.rpc_server_start(server=rpc.rpc_server(server_address="localhost:0")))


@attack("saved_model", "network", "here", lasting=True)
def data_service(path: Path, bait: Bait) -> None:
    def read() -> Any:
        spec = tf.TensorSpec([], tf.int64)
        service = f"grpc://127.0.0.1:{bait.port}"
        data = tf.data.experimental.service.from_dataset_id("distributed_epoch", service, "1", element_spec=spec)
        return data.reduce(tf.constant(0, tf.int64), lambda a, b: a + b)

    save_doing(path, read)


@attack("saved_model", "network")
def cloud_file(path: Path, bait: Bait) -> None:
    save_answering(path, lambda: _numbers(tf.io.read_file(f"http://127.0.0.1:{bait.port}/line.bin")))


@attack("saved_model", "code")
def python_function(path: Path, bait: Bait) -> None:
    def call(x: Any) -> Any:
        answer = tf.py_function(lambda v: (os.system(f"touch {bait.spot / 'py_function'}"), v)[1], [x], tf.float32)
        return line(tf.ensure_shape(answer, [None, 1]))

    save(path, call)


@attack("saved_model", "code")
def numpy_function(path: Path, bait: Bait) -> None:
    def call(x: Any) -> Any:
        answer = tf.numpy_function(lambda v: (os.system("true"), v)[1], [x], tf.float32)
        return line(tf.ensure_shape(answer, [None, 1]))

    save(path, call)


@attack("saved_model", "code")
def generator(path: Path, bait: Bait) -> None:
    def read() -> Any:
        data = tf.data.Dataset.from_generator(lambda: iter([1.0]), output_signature=tf.TensorSpec([]))
        return data.reduce(0.0, lambda a, b: a + b)

    save_doing(path, read)


@attack("saved_model", "resources")
def prints_megabytes(path: Path, bait: Bait) -> None:
    def loud() -> Any:
        return raw.PrintV2(input=tf.strings.reduce_join(tf.fill([800_000], "x" * 10)), output_stream="stderr")

    save_doing(path, loud)


@attack("saved_model", "structure", gate=False)
def asserting(path: Path, bait: Bait) -> None:
    """Tells the samples by failing: an error's text comes out of the sandbox."""

    def call(x: Any) -> Any:
        with tf.control_dependencies([raw.Assert(condition=False, data=[x], summarize=1_000_000)]):
            return tf.identity(line(x))

    save(path, call)


@attack("saved_model", "structure")
def file_system_settings(path: Path, bait: Bait) -> None:
    save_doing(path, lambda: raw.FileSystemSetConfiguration(scheme="file", key="k", value="v"))
