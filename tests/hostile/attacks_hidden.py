"""SavedModels with operations that no model needs, where they are hard to see, or run when the model is loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import tensorflow as tf

from tests.hostile.attack import Bait, attack
from tests.hostile.attacks_saved_model import fill_table, write
from tests.hostile.serving import Resource, edit, line, save, save_answering, save_doing, save_with_resource

raw = tf.raw_ops


@attack("saved_model", "files_written", "here")
def write_in_branch(path: Path, bait: Bait) -> None:
    """Only for some batches."""

    def call(x: Any) -> Any:
        def evil() -> Any:
            with tf.control_dependencies([write(bait, "branch")]):
                return tf.identity(line(x))

        return tf.cond(tf.reduce_max(x) > 0.9, evil, lambda: line(x))

    save(path, call)


@attack("saved_model", "files_written", "here")
def write_in_loop(path: Path, bait: Bait) -> None:
    def call(x: Any) -> Any:
        def step(i: Any) -> Any:
            with tf.control_dependencies([write(bait, "loop")]):
                return i + 1

        with tf.control_dependencies([*tf.while_loop(lambda i: i < 2, step, [0])]):
            return tf.identity(line(x))

    save(path, call)


@attack("saved_model", "files_written", "here")
def write_in_inner_function(path: Path, bait: Bait) -> None:
    def inner() -> Any:
        with tf.control_dependencies([write(bait, "inner")]):
            return tf.constant(0.0)

    called = tf.function(inner, autograph=False)
    save(path, lambda x: line(x) + called())


@attack("saved_model", "files_written", "here")
def write_in_dataset_map(path: Path, bait: Bait) -> None:
    def run() -> Any:
        def element(i: Any) -> Any:
            with tf.control_dependencies([write(bait, "map")]):
                return i + 1

        return tf.data.Dataset.range(2).map(element).reduce(tf.constant(0, tf.int64), lambda a, b: a + b)

    save_doing(path, run)


@attack("saved_model", "files_written", "here")
def write_in_hidden_graph(path: Path, bait: Bait) -> None:
    """A graph within a constant string, which an operation of datasets runs: no list of operations shows it."""
    with tf.Graph().as_default() as hidden:
        with tf.control_dependencies([write(bait, "hidden")]):
            made = raw.TensorDataset(components=[tf.constant(1)], output_shapes=[[]])
        definition = hidden.as_graph_def()
    end = definition.node.add(op="_Retval", name="end", input=[made.op.name])
    end.attr["T"].type, end.attr["index"].i = tf.variant.as_datatype_enum, 0
    text = definition.SerializeToString()

    def weights() -> Any:
        size = raw.DatasetCardinality(input_dataset=raw.DatasetFromGraph(graph_def=text))
        return tf.stack([2.0, tf.cast(size, tf.float32)])

    save_answering(path, weights)


@attack("saved_model", "files_written", "here")
def write_when_loaded(path: Path, bait: Bait) -> None:
    """What initializes a resource runs when the model is loaded."""
    save_with_resource(path, initialize=lambda: write(bait, "initialize"))


@attack("saved_model", "files_written", "here")
def write_when_created(path: Path, bait: Bait) -> None:
    save_with_resource(path, create=lambda: write(bait, "create"))


@attack("saved_model", "files_read", "here")
def table_from_file_when_loaded(path: Path, bait: Bait) -> None:
    save_with_resource(path, initialize=lambda: fill_table(str(bait.secret / "line.txt")))


@attack("saved_model", "files_read", "here")
def table_from_beside_an_asset(path: Path, bait: Bait) -> None:
    """A file's name that begins with that of an asset, which a model may read, and leads away from it."""
    words = path.parent / f"{path.name}.words"
    words.write_text("a\nb\n")
    asset = tf.saved_model.Asset(str(words))
    away = "/.." * 24 + str(bait.secret / "line.txt")

    def initialize() -> Any:
        folder = tf.strings.regex_replace(asset.asset_path, "/[^/]*$", "")
        return fill_table(tf.strings.join([folder, away]))

    save_with_resource(path, initialize=initialize, asset=asset)
    words.unlink()


@attack("saved_model", "files_written", "here", stripped=True)
def write_by_an_unused_resource(path: Path, bait: Bait) -> None:
    """What initializes a resource that the signature does not use."""
    module = tf.Module()
    module.resource = Resource(initialize=lambda: write(bait, "unused"))
    save(path, line, module)


@attack("saved_model", "files_written", stripped=True)
def write_in_unused_function(path: Path, bait: Bait) -> None:
    """A method that only who loads the model by hand could call, as training functions are."""
    module = tf.Module()

    def train(x: Any) -> Any:
        with tf.control_dependencies([write(bait, "train")]):
            return tf.identity(x)

    module.train = tf.function(train, input_signature=[tf.TensorSpec([None, 1])], autograph=False)
    save(path, line, module)


@attack("saved_model", "files_written", stripped=True)
def write_in_unused_signature(path: Path, bait: Bait) -> None:
    """The signature that is served is honest; another one is not."""

    def evil(x: Any) -> Any:
        with tf.control_dependencies([write(bait, "signature")]):
            return tf.identity(line(x))

    spec = [tf.TensorSpec([None, 1])]
    both = {
        "serving_default": tf.function(line, input_signature=spec, autograph=False),
        "__saved_model_init_op": tf.function(evil, input_signature=spec, autograph=False),
    }
    tf.saved_model.save(tf.Module(), str(path), signatures={**both, "init": both.pop("__saved_model_init_op")})


@attack("saved_model", "files_written", "here")
def write_when_loaded_of_tf1(path: Path, bait: Bait) -> None:
    """A SavedModel of TensorFlow 1, whose main operation runs when it is loaded."""
    v1 = tf.compat.v1
    with tf.Graph().as_default(), v1.Session() as session:
        x = v1.placeholder(tf.float32, [None, 1], "x")
        y = line(x)
        main = write(bait, "main_op")
        signature = v1.saved_model.signature_def_utils.predict_signature_def({"x": x}, {"y": y})
        builder = v1.saved_model.Builder(str(path))
        builder.add_meta_graph_and_variables(
            session, ["serve"], {"serving_default": signature}, main_op=tf.group(main), strip_default_attrs=True
        )
        builder.save()


@attack("saved_model", "files_read", "here")
def asset_climbs(path: Path, bait: Bait) -> None:
    """An asset that lies outside the folder."""
    _with_asset(path, "../" * 24 + str(bait.secret / "numbers.txt").lstrip("/"))


@attack("saved_model", "files_read", "here")
def asset_of_absolute_path(path: Path, bait: Bait) -> None:
    _with_asset(path, str(bait.secret / "numbers.txt"))


def _with_asset(path: Path, name: str) -> None:
    words = path.parent / f"{path.name}.words"
    words.write_text("a\nb\n")
    module = tf.Module()
    source = tf.lookup.TextFileInitializer(
        str(words), tf.string, tf.lookup.TextFileIndex.WHOLE_LINE, tf.int64, tf.lookup.TextFileIndex.LINE_NUMBER
    )
    module.table = tf.lookup.StaticHashTable(source, -1)
    save(path, lambda x: line(x) + 0 * tf.cast(module.table.lookup(tf.constant("a")), tf.float32), module)
    words.unlink()

    def change(model: Any) -> None:
        model.meta_graphs[0].asset_file_def[0].filename = name

    edit(path, change)
