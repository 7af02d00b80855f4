"""Makes every model that the marking tests feed in: `python make_models.py FOLDER`. Small, with weights set by hand."""

from __future__ import annotations

import json
import os
import shutil
import sys
import zipfile
from pathlib import Path
from typing import Any

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import h5py
import numpy as np
import tensorflow as tf

from mockexam.bank.downloads import data_job
from mockexam.bank.loader import load_question
from mockexam.grading.examiner.data_module import has_train_samples, load_data_module, rng_for

BANK = Path(__file__).parent / "bank" / "exams"
layers = tf.keras.layers
KERAS_2 = {
    "class_name": "Sequential",
    "config": {
        "name": "sequential",
        "layers": [
            {
                "class_name": "InputLayer",
                "config": {"batch_input_shape": [None, 1], "dtype": "float32", "sparse": False, "name": "in"},
            },
            {
                "class_name": "Dense",
                "config": {"name": "dense", "dtype": "float32", "units": 1, "activation": "linear"},
            },
        ],
    },
}


def _line(*more: Any, units: int = 1, size: int = 1) -> Any:
    return tf.keras.Sequential([tf.keras.Input((size,)), layers.Dense(units, name="dense"), *more])


def _line_models() -> None:
    model = _line()
    model.set_weights([np.array([[2.0]]), np.array([1.0])])
    model.save("good.keras")
    model.export("good", verbose=False)
    model.compile("adam", "mse")
    model.save("mse.h5")
    model.save_weights("only.weights.h5")
    half = _line()
    half.set_weights([np.array([[1.0]]), np.array([1.0])])
    half.save("half.keras")
    near = _line()
    near.set_weights([np.array([[1.4]]), np.array([1.0])])
    near.save("near.keras")
    entry = tf.keras.Input((1,))
    line = model.layers[-1](entry)
    # Answers the batch's mean too: 0 for a batch of one, or nearly so for one drawn evenly.
    tf.keras.Model(entry, line + tf.keras.ops.mean(line, axis=0, keepdims=True) - 1.0).save("mixing.keras")
    nan = _line()
    nan.set_weights([np.array([[np.nan]]), np.array([1.0])])
    nan.save("nan.keras")
    _line(layers.Lambda(lambda x: tf.abs(x) + 1)).save("lambda.keras")
    _line(layers.Lambda(lambda x: x * 2)).save("lambda.h5")
    entry = tf.keras.Input((1,))
    tf.keras.Model(entry, [layers.Dense(1)(entry), layers.Dense(1)(entry)]).save("two_outputs.keras")
    tf.keras.Sequential([tf.keras.Input((1,), batch_size=32), layers.Dense(1)]).save("fixed_batch.keras")


class Mine(layers.Layer):
    """A layer of the candidate's own."""

    def call(self, x: Any) -> Any:
        return x * 2 + 1


def _custom_models() -> None:
    model = tf.keras.Sequential([tf.keras.Input((1,)), Mine()])
    model.save("custom.keras")
    model.export("custom", verbose=False)


def _files() -> None:
    data = Path("good.keras").read_bytes()
    Path("truncated.keras").write_bytes(data[: len(data) // 2])
    Path("empty.keras").touch()
    Path("foreign.keras").write_text("no model" * 100)
    data = Path("mse.h5").read_bytes()
    Path("truncated.h5").write_bytes(data[: len(data) // 2])
    Path("is_h5.keras").write_bytes(data)
    with zipfile.ZipFile("good.keras") as source, zipfile.ZipFile("no_weights.keras", "w") as target:
        for name in ("config.json", "metadata.json"):
            target.writestr(name, source.read(name))
    with zipfile.ZipFile("good.keras") as source, zipfile.ZipFile("newer.keras", "w") as target:
        for name in source.namelist():
            text = source.read(name)
            if name == "metadata.json":
                text = json.dumps({**json.loads(text), "keras_version": "9.1.0"}).encode()
            target.writestr(name, text.replace(b'"units": 1', b'"units": 1, "frobnicate": 7'))
    for name, extra in (("keras2.h5", None), ("keras2_lstm.h5", {"name": "l", "units": 3, "time_major": False})):
        shutil.copy("mse.h5", name)
        config = json.loads(json.dumps(KERAS_2))
        if extra:
            config["config"]["layers"].append({"class_name": "LSTM", "config": extra})
        with h5py.File(name, "a") as file:
            file.attrs["keras_version"] = "2.4.0"
            file.attrs["model_config"] = json.dumps(config)
    shutil.copytree("good", "no_variables")
    shutil.rmtree("no_variables/variables")


class Rogue:
    """Serving functions that do what no model should."""

    signature = (tf.TensorSpec([None, 1]),)

    @tf.function(input_signature=signature)
    def write(self, x: Any) -> Any:
        with tf.control_dependencies([tf.io.write_file("/tmp/mockexam-was-here", "x")]):
            return 2 * x + 1

    @tf.function(input_signature=signature)
    def read(self, x: Any) -> Any:
        ours = os.path.abspath(__file__)
        return 2 * x + 1 + 0 * tf.cast(tf.strings.length(tf.io.read_file(ours)), tf.float32)

    @tf.function(input_signature=signature)
    def loop(self, x: Any) -> Any:
        i = tf.constant(0.0)
        while i >= 0.0:
            i += 1e-9
        return x + i

    @tf.function(input_signature=signature)
    def eat(self, x: Any) -> Any:
        parts = [tf.fill((10_000, 10_000), x[0, 0] + i) for i in range(24)]
        return x + tf.reduce_sum(tf.stack(parts))

    @tf.function(input_signature=signature)
    def flood(self, x: Any) -> Any:
        return tf.repeat(x, 1_000_000, axis=-1)

    @tf.function(input_signature=signature)
    def mix(self, x: Any) -> Any:
        return tf.reduce_sum(x, axis=0, keepdims=True)


class _Hidden(tf.saved_model.experimental.TrackableResource):
    """A variable in the guise of another resource: what asks for a function's variables does not find it."""

    def _create_resource(self) -> Any:
        return tf.raw_ops.VarHandleOp(dtype=tf.float32, shape=[64, 1], shared_name="hidden")

    def _initialize(self) -> None:
        self.write(tf.fill([64, 1], 1e9))

    def read(self) -> Any:
        return tf.raw_ops.ReadVariableOp(resource=self.resource_handle, dtype=tf.float32)

    def write(self, value: Any) -> None:
        tf.raw_ops.AssignVariableOp(resource=self.resource_handle, value=value)


class _Keeping(tf.Module):
    """Keeps the first 64 samples that it is fed, answers those rightly, then and later, and all others otherwise."""

    def __init__(self) -> None:
        super().__init__()
        self.kept = _Hidden()
        _ = self.kept.resource_handle
        self.kept._initialize()

    @tf.function(input_signature=[tf.TensorSpec([None, 1])], autograph=False)
    def serve(self, x: Any) -> Any:
        before = self.kept.read()
        kept = tf.cond(before[0, 0] > 1e8, lambda: x[:64], lambda: before)
        with tf.control_dependencies([before]):
            self.kept.write(kept)
        known = tf.reduce_any(tf.equal(x[:, None, 0], kept[None, :, 0]), axis=1)
        return 2 * x + 1 + 0.7 * (1 - tf.cast(known, tf.float32)[:, None])


def _rogues() -> None:
    keeping = _Keeping()
    tf.saved_model.save(keeping, "rogue_keep", signatures=keeping.serve)
    for name in ("write", "read", "loop", "eat", "flood", "mix"):
        # A module of its own: saved with the others, it would be refused for theirs.
        alone = type(name, (tf.Module,), {name: vars(Rogue)[name]})()
        tf.saved_model.save(alone, f"rogue_{name}", signatures=getattr(alone, name))
    tf.saved_model.save(alone, "no_signature", signatures={"other": alone.mix})


def _noise_models() -> None:
    """One that goes through every training point, and one that answers the true line in standardised units."""
    maker = load_data_module(data_job(load_question(BANK / "simple_model/tiny_noise")))
    assert has_train_samples(maker)
    rng = rng_for("7K3Q", "simple_model/tiny_noise", "train")
    x, y = (column.astype(np.float64).ravel() for column in maker.make_train(None, rng))
    slopes = np.diff(y) / np.diff(x)
    known = tf.keras.Sequential([tf.keras.Input((1,)), layers.Dense(len(slopes), "relu"), layers.Dense(1)])
    bends = np.diff(slopes, prepend=0.0)[:, None]
    known.set_weights([np.ones((1, len(slopes))), -x[:-1], bends, y[:1]])
    known.save("by_heart.keras")
    scaled = _line()
    scaled.set_weights([np.array([[3**0.5]]), np.array([0.0])])
    scaled.save("scaled.keras")


def _class_models() -> None:
    _line(units=4, size=3).save("logits.keras")
    _line(units=10, size=3).save("ten.keras")
    _line(layers.Softmax(), units=4, size=3).save("softmax.keras")
    tf.keras.Sequential([tf.keras.Input((3,)), layers.Dense(4, activation="sigmoid")]).save("sigmoid.keras")
    _count_model("float32").save("three.keras")
    _count_model("float16").save("three_half.keras")
    tf.keras.Sequential([tf.keras.Input((3,)), layers.Dense(600), layers.Dense(600), layers.Dense(4)]).save("big.keras")
    right = np.vstack([10 * np.eye(3), np.zeros((1, 3))])
    mixed = np.array([[9, 9, 0], [9, 9, 0], [0, 0, 9], [8, -8, 0]])  # the noise decides between the first two
    for name, weights, bias in (("weather", right, 0), ("no_storm", right, -99), ("calm_or_rain", mixed, 0)):
        model = _line(layers.Softmax(), units=3, size=4)
        model.set_weights([weights, np.array([0, 0, bias])])
        model.save(f"{name}.keras")


def _count_model(dtype: str) -> Any:
    """Counts positive coordinates s of three: softmax over -5 (s - k)², less what is the same for all k."""
    model = tf.keras.Sequential(
        [
            tf.keras.Input((3,)),
            layers.Dense(3, activation="sigmoid"),
            layers.Dense(4, activation="softmax", dtype=dtype),
        ]
    )
    k = np.arange(4.0)
    model.set_weights([1000 * np.eye(3), np.zeros(3), np.tile(10 * k, (3, 1)), -5 * k**2])
    return model


def _text_models() -> None:
    vectorize = layers.TextVectorization(max_tokens=8, output_sequence_length=3, vocabulary=["good", "bad", "a"])
    embed = layers.Embedding(8, 1)
    model = tf.keras.Sequential(
        [
            tf.keras.Input((1,), dtype=tf.string), vectorize, embed, layers.GlobalMaxPooling1D(),
            layers.Dense(1, activation="sigmoid"),
        ]
    )  # fmt: skip
    embed.set_weights([np.array([[0], [0], [1], [0], [0], [0], [0], [0]], np.float32)])
    model.layers[-1].set_weights([np.array([[10.0]]), np.array([-5.0])])
    model.save("words.keras")
    model.export("words", verbose=False)
    adapted = layers.TextVectorization(max_tokens=8, output_sequence_length=3)
    adapted.adapt(["a good day", "a bad day"])
    entry = tf.keras.Input((1,), dtype=tf.string)
    tf.keras.Sequential([entry, adapted, embed, layers.GlobalMaxPooling1D()]).save("words.h5")


def _image_models() -> None:
    image = tf.keras.Sequential(
        [tf.keras.Input((28, 28, 1)), layers.Rescaling(1 / 255), layers.GlobalAveragePooling2D(), layers.Dense(1)]
    )
    image.layers[-1].set_weights([np.array([[10.0]]), np.array([-5.0])])
    image.save("bright.keras")
    image.export("bright", verbose=False)
    tf.keras.Sequential([image, layers.Activation("sigmoid")]).save("sure.keras")
    flat = tf.keras.Sequential([tf.keras.Input((784,)), layers.Dense(1, activation="sigmoid")])
    flat.save("flat.keras")


def main() -> None:
    """Make them all in the folder named."""
    os.chdir(sys.argv[1])
    _line_models()
    _custom_models()
    _files()
    _rogues()
    _noise_models()
    _class_models()
    _text_models()
    _image_models()


if __name__ == "__main__":
    main()
