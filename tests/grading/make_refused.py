"""Builds a file for each refusal and follows its remedy to the letter: `python make_refused.py FOLDER CODE…`.

Writes `FOLDER/<code>/refused…` and `FOLDER/<code>/mended…`, each `.keras`, `.h5` or a SavedModel folder. The weights of
the mended model are those of the refused one wherever the remedy says that no new training is needed.
"""

from __future__ import annotations

import importlib
import json
import os
import re
import shutil
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LINE, CLASSES = "simple_model/slow_line", "simple_model/tiny_classes"  # with time for a busy machine
WORDS, IMAGE = "text_classification/tiny_words", "image_classification/tiny_image"


@dataclass(frozen=True)
class RefusedFile:
    """How to build one, and how its remedy mends it; both run in the code's folder, one after the other."""

    build: Callable[[], None]
    follow: Callable[[], None]
    question: str = LINE
    quick: bool = False  # whether it belongs to the default tests
    legacy: bool = False  # whether it takes Keras 2, in a process of its own
    message: str = ""  # a pattern, for a refusal by the contract: those have no codes


def line(*more: Any, size: int = 1, units: int = 1) -> Any:
    """A small model as a script builds it; "training" is `fit`."""
    import tensorflow as tf

    layers = tf.keras.layers
    return tf.keras.Sequential([tf.keras.Input((size,)), *more, layers.Dense(units)])


def fit(model: Any) -> None:
    """Weights that a new model does not have."""
    import numpy as np

    model.set_weights([np.full(w.shape, 0.5, w.dtype) for w in model.get_weights()])


def same(one: Any, other: Any) -> None:
    """The mended model has the refused one's weights."""
    import numpy as np

    assert all((a == b).all() for a, b in zip(one.get_weights(), other.get_weights(), strict=True))
    assert all(np.all(w == 0.5) for w in one.get_weights())


def _plain() -> None:
    model = line()
    fit(model)
    model.save("mended.keras")


def _exported() -> None:
    model = line()
    fit(model)
    model.export("mended", verbose=False)


def filled(build: Callable[[], Any], file: str, *, export: bool) -> Callable[[], None]:
    """`FILLED`: the script's own model, `load_weights` in place of `fit`, and saved."""

    def follow() -> None:
        model = build()
        model.load_weights(file)
        assert all((w == 0.5).all() for w in model.get_weights())
        if export:
            model.export("mended", verbose=False)
        else:
            model.save("mended.keras")

    return follow


def trained(build: Callable[[], Any], file: str) -> Callable[[], None]:
    """Build, train and save the file that is refused."""

    def make() -> None:
        model = build()
        fit(model)
        model.save(file)

    return make


def _with_lambda() -> Any:
    import tensorflow as tf

    return line(tf.keras.layers.Lambda(lambda x: tf.abs(x) + 1))


def _own_layer() -> Any:
    import tensorflow as tf

    class Mine(tf.keras.layers.Layer):  # type: ignore[misc,name-defined,unused-ignore]
        """A layer of the candidate's own."""

        def call(self, x: Any) -> Any:
            return x * 2

    return line(Mine())


def _registered_function() -> Any:
    import tensorflow as tf

    def bend(x: Any) -> Any:
        return x * 2

    return line(tf.keras.layers.Dense(2, activation=bend))


def _between_layers() -> Any:
    import tensorflow as tf

    entry = tf.keras.Input((1,))
    return tf.keras.Model(entry, tf.keras.layers.Dense(1)((entry - 20.0) / 10.0) * 10.0)


def _loads_a_folder() -> Any:
    import tensorflow as tf

    if not Path("inner").exists():
        line().export("inner", verbose=False)
    entry = tf.keras.Input((1,))
    return tf.keras.Model(
        entry, tf.keras.layers.Dense(1)(tf.keras.layers.TFSMLayer("inner", call_endpoint="serve")(entry))
    )


def _words(*, adapt: bool = True, mode: str = "int") -> Any:
    import tensorflow as tf

    layers = tf.keras.layers
    text = layers.TextVectorization(max_tokens=8, output_mode=mode, output_sequence_length=3 if mode == "int" else None)
    if adapt:
        text.adapt(["good day", "bad day"])
    after = [layers.Embedding(8, 1), layers.GlobalMaxPooling1D()] if mode == "int" else []
    return tf.keras.Sequential(
        [tf.keras.Input((1,), dtype=tf.string), text, *after, layers.Dense(1, activation="sigmoid")]
    )


def _tfidf_h5() -> None:
    model = _words(mode="tf_idf")
    model.save("refused.h5")


def _tfidf_again() -> None:
    model = _words(mode="tf_idf")
    model.load_weights("refused.h5")
    model.save("mended.keras")


def _sequence() -> Any:
    import tensorflow as tf

    layers = tf.keras.layers
    return tf.keras.Sequential([tf.keras.Input((1,)), layers.Reshape((1, 1)), layers.LSTM(2), layers.Dense(1)])


def _on_a_gpu() -> None:
    """Keras traces as it does where there is a GPU."""
    import tensorflow as tf

    rnn = importlib.import_module("keras.src.backend.tensorflow.rnn")  # the package has a function of that name

    model = _sequence()
    fit(model)
    there, real = rnn._is_gpu_available, tf.config.list_logical_devices
    rnn._is_gpu_available = lambda: True
    tf.config.list_logical_devices = lambda kind=None: ["GPU:0"] if kind == "GPU" else real(kind)
    try:
        model.export("refused", verbose=False)
    finally:
        rnn._is_gpu_available, tf.config.list_logical_devices = there, real


def _from_the_folder() -> None:
    import tensorflow as tf

    model = _sequence()
    for mine, saved in zip(model.variables, tf.saved_model.load("refused").variables, strict=True):
        mine.assign(saved)
    assert all((w == 0.5).all() for w in model.get_weights())
    model.save("mended.keras")


def _bfloat16(save: str) -> Callable[[], None]:
    def make() -> None:
        import tensorflow as tf

        layers = tf.keras.layers
        model = tf.keras.Sequential([tf.keras.Input((1,)), layers.Dense(1, dtype="bfloat16")])
        model.save(save)

    return make


def _weights_alone() -> None:
    model = line()
    fit(model)
    model.save_weights("w.weights.h5")
    Path("w.weights.h5").rename("refused.h5")


def _weights_renamed() -> None:
    shutil.copy("refused.h5", "mymodel.weights.h5")
    filled(line, "mymodel.weights.h5", export=False)()


def _served(function: Callable[[Any], Any]) -> Callable[[], None]:
    """A SavedModel whose serving function is this."""

    def make() -> None:
        import tensorflow as tf

        serve = tf.function(function, input_signature=[tf.TensorSpec((None, 1))])
        tf.saved_model.save(tf.Module(), "refused", signatures=serve)

    return make


def _without(function: str) -> Callable[[], None]:
    """Each of these remedies removes an operation and exports again."""
    assert function
    return _exported


def _writes(x: Any) -> Any:
    import tensorflow as tf

    with tf.control_dependencies([tf.io.write_file("/tmp/x", "x")]):
        return 2 * x


def _prints(x: Any) -> Any:
    import tensorflow as tf

    tf.print(x)
    return 2 * x


def _calls_python(x: Any) -> Any:
    import tensorflow as tf

    return tf.ensure_shape(tf.py_function(lambda v: v * 2, [x], tf.float32), (None, 1))


def _decodes(x: Any) -> Any:
    import tensorflow as tf

    return x + tf.cast(tf.size(tf.io.decode_jpeg(tf.strings.as_string(x[0, 0]))), tf.float32)


def _asks_the_time(x: Any) -> Any:
    import tensorflow as tf

    return x + tf.cast(tf.timestamp(), tf.float32)


def _queues(x: Any) -> Any:
    import tensorflow as tf

    return x + tf.cast(tf.raw_ops.QueueSizeV2(handle=tf.raw_ops.FIFOQueueV2(component_types=[tf.float32])), tf.float32)


def _large_constant(x: Any) -> Any:
    import tensorflow as tf

    return x + tf.reduce_sum(tf.constant(1.0, shape=(6000, 6000)) * x[0, 0])


def _remembers() -> None:
    import tensorflow as tf

    module = tf.Module()
    module.table = tf.lookup.experimental.MutableHashTable(tf.string, tf.float32, default_value=0.0)

    def call(x: Any) -> Any:
        with tf.control_dependencies([module.table.insert(tf.constant(["a"]), x[0])]):
            return x + module.table.lookup(tf.constant(["a"]))

    module.call = tf.function(call, input_signature=[tf.TensorSpec((None, 1))])
    tf.saved_model.save(module, "refused", signatures=module.call)


def _no_signature() -> None:
    import tensorflow as tf

    tf.saved_model.save(tf.Module(), "refused")


def _old_format() -> None:
    import tensorflow as tf

    v1 = tf.compat.v1
    with tf.Graph().as_default(), v1.Session() as session:
        x = v1.placeholder(tf.float32, (None, 1), name="x")
        y = x * v1.get_variable("w", (1,))
        session.run(v1.global_variables_initializer())
        v1.saved_model.simple_save(session, "refused", {"x": x}, {"y": y})


def _changed(change: Callable[[Path], object]) -> Callable[[], None]:
    """An export, changed."""

    def make() -> None:
        line().export("refused", verbose=False)
        change(Path("refused"))

    return make


def _protobuf(change: Callable[[Any], object]) -> Callable[[Path], None]:
    def rewrite(folder: Path) -> None:
        from tensorflow.core.protobuf import saved_model_pb2

        file = folder / "saved_model.pb"
        model = saved_model_pb2.SavedModel.FromString(file.read_bytes())
        change(model)
        file.write_bytes(model.SerializeToString())

    return rewrite


def _rename_operation(model: Any) -> None:
    function = next(f for f in model.meta_graphs[0].graph_def.library.function if "wrapper" in f.signature.name)
    function.node_def.add(name="add_on", op="SentencepieceOp")


def _calls_itself(model: Any) -> None:
    functions = model.meta_graphs[0].graph_def.library.function
    function = next(f for f in functions if "wrapper" in f.signature.name)
    node = next(node for node in function.node_def if node.op == "StatefulPartitionedCall")
    node.attr["f"].func.name = function.signature.name


def _unknown_object(model: Any) -> None:
    variables = (node for node in model.meta_graphs[0].object_graph_def.nodes if node.WhichOneof("kind") == "variable")
    next(variables).registered_name = "candidate>Table"  # the graph needs it: it is not left out of the copy


def _cut(name: str) -> Callable[[Path], None]:
    return lambda folder: os.truncate(folder / name, (folder / name).stat().st_size // 2)


def _cut_variables() -> None:
    import tensorflow as tf

    line(tf.keras.layers.Dense(4000)).export("refused", verbose=False)
    _cut("variables/variables.data-00000-of-00001")(Path("refused"))


def _as_text(folder: Path) -> None:
    (folder / "saved_model.pb").rename(folder / "saved_model.pbtxt")


def _lose_vocabulary() -> None:
    """An export whose text file was not copied along."""
    import tensorflow as tf

    Path("words.txt").write_text("good\nbad\n", encoding="utf-8")
    module = tf.Module()
    words = tf.lookup.TextFileInitializer(
        "words.txt", tf.string, tf.lookup.TextFileIndex.WHOLE_LINE, tf.int64, tf.lookup.TextFileIndex.LINE_NUMBER
    )
    module.table = tf.lookup.StaticVocabularyTable(words, 1)
    module.call = tf.function(
        lambda x: tf.cast(module.table.lookup(x), tf.float32) / 8, input_signature=[tf.TensorSpec((None, 1), tf.string)]
    )
    tf.saved_model.save(module, "refused", signatures=module.call)
    shutil.copytree("refused", "whole")
    (Path("refused") / "assets" / "words.txt").unlink()


def _whole_again() -> None:
    Path("whole").rename("mended")


def _rezipped(
    change: Callable[[dict[str, bytes]], dict[str, bytes]], method: int = zipfile.ZIP_STORED
) -> Callable[[], None]:
    """A Keras file whose members were changed by another program."""

    def make() -> None:
        model = line()
        fit(model)
        model.save("original.keras")
        with zipfile.ZipFile("original.keras") as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        with zipfile.ZipFile("refused.keras", "w", method) as archive:
            for name, data in change(members).items():
                archive.writestr(name, data)

    return make


def _unchanged() -> None:
    shutil.copy("original.keras", "mended.keras")


def _config(old: str, new: str) -> Callable[[dict[str, bytes]], dict[str, bytes]]:
    def change(members: dict[str, bytes]) -> dict[str, bytes]:
        text = members["config.json"].decode()
        assert re.search(old, text), text
        return members | {"config.json": re.sub(old, new, text, count=1).encode()}

    return change


def _weights(change: Callable[[Any], object]) -> Callable[[dict[str, bytes]], dict[str, bytes]]:
    def rewrite(members: dict[str, bytes]) -> dict[str, bytes]:
        import io

        import h5py

        file = io.BytesIO(members["model.weights.h5"])
        with h5py.File(file, "r+") as opened:
            change(opened)
        return members | {"model.weights.h5": file.getvalue()}

    return rewrite


def _twice(file: Any) -> None:
    file["layers/dense/vars/again"] = file["layers/dense/vars/0"]


def _texts(file: Any) -> None:
    file["layers/dense/note"] = ["some", "words"]


def _too_wide() -> None:
    line(size=3, units=4).save("small.keras")
    with zipfile.ZipFile("small.keras") as source, zipfile.ZipFile("refused.keras", "w") as target:
        for name in source.namelist():
            data = source.read(name)
            target.writestr(name, data.replace(b'"units": 4', b'"units": 99999999') if name == "config.json" else data)


def _over_the_limit() -> None:
    import tensorflow as tf

    layers = tf.keras.layers
    model = line(layers.Dense(400), layers.Dense(700), size=3, units=4)
    model.compile("adam", "mse")
    model.save("refused.keras")


def _fewer_units() -> None:
    import tensorflow as tf

    layers = tf.keras.layers
    model = line(layers.Dense(40), size=3, units=4)
    tf.keras.Sequential([model, layers.Softmax()]).save("mended.keras")


def _of_a_hub() -> None:
    """As TensorFlow Hub's layer stands in a file: by its name, which Keras looks up."""
    import keras

    @keras.saving.register_keras_serializable(package="keras_hub", name="Backbone")
    class Backbone(keras.layers.Dense):
        """Stands for an add-on's layer."""

    model = keras.Sequential([keras.Input((1,)), Backbone(1)])
    fit(model)
    model.save("refused.keras")


def _loaded(wrap: Callable[[Any, Any], list[Any]]) -> Callable[[], None]:
    """Around the saved model, other layers."""

    def follow() -> None:
        import tensorflow as tf

        model = tf.keras.models.load_model("refused.keras")
        tf.keras.Sequential(wrap(tf.keras, model)).save("mended.keras")

    return follow


def _remembering(**batch: Any) -> Callable[[], Any]:
    def build() -> Any:
        import tensorflow as tf

        layers = tf.keras.layers
        entry = tf.keras.Input(batch_shape=(1, 1)) if batch else tf.keras.Input((1,))
        return tf.keras.Sequential([entry, layers.Reshape((1, 1)), layers.LSTM(2, **batch), layers.Dense(1)])

    return build


def _words_outside() -> None:
    import tensorflow as tf

    layers = tf.keras.layers
    after = [layers.Embedding(8, 1), layers.GlobalMaxPooling1D(), layers.Dense(1, activation="sigmoid")]
    tf.keras.Sequential([tf.keras.Input((3,)), *after]).save("refused.keras")


def _words_inside(keras: Any, model: Any) -> list[Any]:
    vectorize = keras.layers.TextVectorization(max_tokens=8, output_sequence_length=3)
    vectorize.adapt(["good day", "bad day"])
    return [keras.Input((1,), dtype="string"), vectorize, model]


def _flat() -> None:
    import tensorflow as tf

    layers = tf.keras.layers
    tf.keras.Sequential([tf.keras.Input((784,)), layers.Dense(1, activation="sigmoid")]).save("refused.keras")


def _where_installed() -> None:
    import keras

    model = keras.models.load_model("refused.keras")
    same(model, model)
    model.export("mended", verbose=False)


def _keras_2() -> None:
    import tensorflow as tf

    layers = tf.keras.layers
    entry = {"x": tf.keras.Input((1,), name="x")}
    columns = layers.DenseFeatures([tf.feature_column.numeric_column("x")])
    model = tf.keras.Model(entry, layers.Dense(1)(columns(entry)))
    fit(model)
    model.save("refused.h5")


def _calls_a_hash() -> None:
    import tensorflow as tf

    entry = tf.keras.Input((1,))
    buckets = tf.strings.to_hash_bucket_fast(tf.strings.as_string(entry), 8)
    model = tf.keras.Model(entry, tf.keras.layers.Dense(1)(entry + tf.cast(buckets, tf.float32)))
    fit(model)
    model.save("refused.keras")


def _exported_by_keras_2() -> None:
    import tensorflow as tf

    (file,) = Path().glob("refused.*")
    tf.keras.models.load_model(file, compile=False).export("mended")


def _no_weights(members: dict[str, bytes]) -> dict[str, bytes]:
    return {name: data for name, data in members.items() if not name.startswith("model.weights")}


CASES: dict[str, RefusedFile] = {
    "lambda": RefusedFile(
        trained(_with_lambda, "refused.keras"), filled(_with_lambda, "refused.keras", export=True), quick=True
    ),
    "own_class": RefusedFile(
        trained(_own_layer, "refused.keras"), filled(_own_layer, "refused.keras", export=True), quick=True
    ),
    "own_function": RefusedFile(
        trained(_registered_function, "refused.h5"), filled(_registered_function, "refused.h5", export=True)
    ),
    "add_on": RefusedFile(_of_a_hub, _where_installed, quick=True),
    "old_class": RefusedFile(_keras_2, _exported_by_keras_2, legacy=True),
    "tensorflow_function": RefusedFile(_calls_a_hash, _exported_by_keras_2, legacy=True),
    "other_class": RefusedFile(_rezipped(_config(r'"class_name": "Dense"', '"class_name": "Marvel"')), _exported),
    "outside": RefusedFile(
        trained(_loads_a_folder, "refused.keras"), filled(_loads_a_folder, "refused.keras", export=True)
    ),
    "h5_operation": RefusedFile(
        trained(_between_layers, "refused.h5"), filled(_between_layers, "refused.h5", export=False), quick=True
    ),
    "size": RefusedFile(_too_wide, _fewer_units, CLASSES),
    "own_size": RefusedFile(_over_the_limit, _fewer_units, CLASSES, quick=True),
    "claims": RefusedFile(_rezipped(_config(r'"units": 1\b', '"units": 9999999')), _unchanged),
    "member": RefusedFile(_rezipped(lambda m: {**m, "__MACOSX/._config.json": b"x"}), _unchanged),
    "hdf5_link": RefusedFile(_rezipped(_weights(_twice)), _unchanged),
    "hdf5_form": RefusedFile(_rezipped(_weights(_texts)), _unchanged),
    "damaged": RefusedFile(_rezipped(lambda m: m | {"model.weights.h5": m["model.weights.h5"][:300]}), _unchanged),
    "bomb": RefusedFile(
        _rezipped(lambda m: m | {"assets/vocabulary.txt": bytes(9_000_000)}, zipfile.ZIP_DEFLATED), _unchanged
    ),
    "graph_file": RefusedFile(_served(_writes), _without("tf.io.write_file"), quick=True),
    "graph_print": RefusedFile(_served(_prints), _without("tf.print")),
    "graph_python": RefusedFile(_served(_calls_python), _without("tf.py_function")),
    "graph_codec": RefusedFile(_served(_decodes), _without("tf.io.decode_jpeg")),
    "graph_operation": RefusedFile(_served(_queues), _without("a queue")),
    "graph_foreign": RefusedFile(_changed(_protobuf(_rename_operation)), _exported),
    "graph_state": RefusedFile(_remembers, _without("the table")),
    "graph_recursive": RefusedFile(_changed(_protobuf(_calls_itself)), _exported),
    "graph_constant": RefusedFile(_served(_large_constant), _without("the constant")),
    "graph_variables": RefusedFile(_cut_variables, _exported),
    "graph_asset": RefusedFile(_lose_vocabulary, _whole_again, WORDS),
    "graph_object": RefusedFile(_changed(_protobuf(_unknown_object)), _exported),
    "graph_text": RefusedFile(_changed(_as_text), _exported),
    "graph_several": RefusedFile(
        _changed(_protobuf(lambda model: model.meta_graphs.add().CopyFrom(model.meta_graphs[0]))), _exported
    ),
    "graph_old": RefusedFile(_old_format, _exported),
    "graph_damaged": RefusedFile(_changed(_cut("saved_model.pb")), _exported, quick=True),
    "vocabulary": RefusedFile(_tfidf_h5, _tfidf_again, WORDS, quick=True),
    "gpu": RefusedFile(_on_a_gpu, _from_the_folder, quick=True),
    "bfloat16_h5": RefusedFile(_bfloat16("refused.h5"), _bfloat16("mended.keras")),
    "only_weights": RefusedFile(_weights_alone, _weights_renamed, quick=True),
    "no_signature": RefusedFile(_no_signature, _exported),
    "a fixed batch": RefusedFile(
        trained(_remembering(stateful=True), "refused.keras"),
        filled(_remembering(), "refused.keras", export=False),
        message="Your model only accepts batches of exactly 1 samples.*",
    ),
    "logits": RefusedFile(
        trained(lambda: line(size=3, units=4), "refused.keras"),
        _loaded(lambda keras, model: [model, keras.layers.Activation("softmax")]),
        CLASSES,
        quick=True,
        message=".*the softmax is missing.",
    ),
    "no strings": RefusedFile(
        _words_outside, _loaded(_words_inside), WORDS, message="Your model expects .*; the input .* is plain strings.*"
    ),
    "flattened": RefusedFile(
        _flat,
        _loaded(lambda keras, model: [keras.Input((28, 28, 1)), keras.layers.Flatten(), model]),
        IMAGE,
        message=r"Your model expects samples of shape \(784,\).*",
    ),
}
"""By the code of `error_messages.TEXTS` or of one of its rules; those with a `message` are the contract's."""
NO_FILE = {
    "no_weights": "staging says the same before the gate looks: `test_grade_model` has the file",
    "path": "today's Keras saves the words themselves; `gate/test_keras_gate` makes it by hand",
    "too_big": "a configuration of megabytes: `gate/test_keras_gate` has it",
    "archive": "no program writes such a file; `gate/test_keras_gate` makes it by hand",
    "shape": "no program writes such a file; `gate/test_h5_gate` makes it by hand",
    "graph_large": "a graph of 64 MB or 300,000 operations: `gate/test_saved_model_gate` makes it by hand",
    "graph_saver": "no saved function does so by accident; `gate/hostile_graphs` makes it by hand",
    "keras_lambda": "only without the gate, which says the same as `lambda`",
    "not_found_class": "of a Keras that the grader loads with Keras 2",
    "not_found_function": "only without the gate, which says the same as `own_function`",
    "weights_missing": "staging says the same first",
    "damaged_file": "only without the gate, which says `damaged`",
    "damaged_folder": "only without the gate, which says `graph_variables` or `graph_damaged`",
    "types": "the contract compares the declared types first; a model that declares none can't be saved",
    "shapes": "the contract compares the declared shapes first; a model that declares none can't be saved",
    "memory": "takes more memory than a test may",
    "files": "only without the gate, which says `graph_file`",
    "outputs": "the contract counts the declared outputs first; a model that declares none can't be saved",
    "odd_output": "the contract compares what is declared first; a model that declares nothing can't be saved",
}
"""Why the other texts have no file here."""


def main() -> None:
    """Make the files of these codes in the folder named."""
    root = Path(sys.argv[1])
    report = {}
    for code in sys.argv[2:]:
        (root / code).mkdir()
        os.chdir(root / code)
        try:
            CASES[code].build()
            CASES[code].follow()
        except Exception as error:  # noqa: BLE001  # the test says which remedy failed
            report[code] = f"{type(error).__name__}: {error}"
    json.dump(report, sys.stdout)


if __name__ == "__main__":
    main()
