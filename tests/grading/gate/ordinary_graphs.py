"""Whole architectures as learners build them: name -> a function that builds one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import layers, ops

Build = Callable[[], Any]
IMAGE = (32, 32, 3)
_ACTIVATIONS = """
    celu elu exponential gelu hard_shrink hard_sigmoid hard_silu hard_tanh leaky_relu linear log_sigmoid
    log_softmax mish relu relu6 selu sigmoid silu soft_shrink softmax softplus softsign sparse_plus
    sparse_sigmoid sparsemax squareplus tanh tanh_shrink swish
"""


def _dense(*more: Any, size: int = 4, **first: Any) -> Any:
    return keras.Sequential([keras.Input((size,)), layers.Dense(8, **first), *more])


def _compiled(**how: Any) -> Build:
    def build() -> Any:
        model = _dense(layers.Dense(3, activation="softmax"))
        model.compile(**how)
        return model

    return build


def _settings() -> dict[str, Build]:
    initializers = (
        "glorot_normal", "he_uniform", "LecunNormal", "zeros", "ones", keras.initializers.Constant(0.5),
        keras.initializers.RandomNormal(stddev=0.1, seed=2**62), keras.initializers.TruncatedNormal(),
        keras.initializers.VarianceScaling(2.0, "fan_out"), keras.initializers.Orthogonal(), "random_uniform",
        keras.initializers.Identity(),
    )  # fmt: skip
    return {
        "initializers": lambda: _dense(*(layers.Dense(8, kernel_initializer=i, bias_initializer="ones")
                                         for i in initializers)),
        "activations": lambda: _dense(*(layers.Dense(8, activation=name) for name in _ACTIVATIONS.split())),
        "activation_functions": lambda: _dense(layers.Dense(3, activation=keras.activations.relu),
                                               layers.Activation(ops.tanh)),
        "activation_layers": lambda: _dense(layers.Dense(3, activation=layers.LeakyReLU()), layers.ReLU(6.0, 0.1)),
        "regularizers": lambda: _dense(
            layers.Dense(3, kernel_regularizer="l2", bias_regularizer=keras.regularizers.L1(0.1)),
            kernel_regularizer=keras.regularizers.L1L2(0.1, 0.2), activity_regularizer="l1",
        ),
        "orthogonal": lambda: _dense(kernel_regularizer=keras.regularizers.OrthogonalRegularizer(0.1)),
        "constraints": lambda: _dense(
            layers.Dense(8, kernel_constraint="unit_norm", bias_constraint="non_neg"),
            layers.Dense(8, kernel_constraint=keras.constraints.MinMaxNorm(0.1, 2.0)),
            kernel_constraint=keras.constraints.MaxNorm(2.0),
        ),
        "frozen": lambda: _dense(layers.Dense(3, trainable=False)),
        "no_bias": lambda: _dense(use_bias=False),
        "named": lambda: keras.Sequential(
            [keras.Input((4,), name="my input"), layers.Dense(3, name="Größe (cm): 1.5 *")], name="modèle #1"
        ),
        "fixed_batch": lambda: keras.Sequential([keras.Input((4,), batch_size=8), layers.Dense(2)]),
        "wide": lambda: _dense(layers.Dense(5000), size=300),
        "deep": lambda: _dense(*(layers.Dense(8) for _ in range(40))),
        "unbuilt": lambda: keras.Sequential([layers.Dense(8), layers.Dense(1)]),
        "built_late": _built_late,
        "trained": _trained,
    }  # fmt: skip


def _built_late() -> Any:
    model = keras.Sequential([layers.Dense(8), layers.Dense(1)])
    model(np.zeros((1, 4)))
    return model


def _trained() -> Any:
    model = _dense(layers.BatchNormalization(), layers.Dense(1))
    model.compile("adam", "mse", metrics=["mae"])
    model.fit(np.zeros((8, 4)), np.zeros((8, 1)), verbose=0)
    return model


def _compiling() -> dict[str, Build]:
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    schedule = keras.optimizers.schedules.ExponentialDecay(0.01, 100, 0.9)
    return {
        "compiled_names": _compiled(optimizer="rmsprop", loss="mse", metrics=["mae", "accuracy"]),
        "compiled_objects": _compiled(optimizer=keras.optimizers.AdamW(schedule, clipnorm=1.0), loss=loss,
                                      metrics=[keras.metrics.TopKCategoricalAccuracy(2), keras.metrics.AUC()]),
        "compiled_huber": _compiled(optimizer=keras.optimizers.SGD(0.1, momentum=0.9, nesterov=True),
                                    loss=keras.losses.Huber(), weighted_metrics=["mse"]),
        "compiled_own_loss": _compiled(optimizer="adam", loss=_own_loss),
    }  # fmt: skip


def _own_loss(truth: Any, answer: Any) -> Any:
    return ops.mean(ops.abs(truth - answer))


def _precision() -> dict[str, Build]:
    def policy(name: str) -> Build:
        return lambda: _dense(layers.BatchNormalization(dtype=name), layers.Dense(3, dtype="float32"), dtype=name)

    def quantized(mode: str) -> Build:
        def build() -> Any:
            model = keras.Sequential([keras.Input((6,)), layers.Embedding(20, 8), layers.Dense(16), layers.Dense(4)])
            model.quantize(mode)
            return model

        return build

    def lora() -> Any:
        model = _dense(layers.Dense(3))
        model.layers[0].enable_lora(2)
        return model

    return {
        **{f"dtype_{name}": policy(name) for name in ("mixed_float16", "mixed_bfloat16", "bfloat16", "float16")},
        "dtype_float64": policy("float64"),
        **{f"quantized_{mode}": quantized(mode) for mode in ("int8", "int4", "float8")},
        "lora": lora,
    }  # fmt: skip


def _residual() -> Any:
    entry = keras.Input(IMAGE)
    x = layers.Conv2D(8, 3, padding="same")(entry)
    for filters in (8, 16):
        short = layers.Conv2D(filters, 1)(x)
        x = layers.ReLU()(layers.BatchNormalization()(layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)))
        x = layers.MaxPooling2D()(layers.add([x, short]))
    return keras.Model(entry, layers.Dense(5, "softmax")(layers.GlobalAveragePooling2D()(x)))


def _inception() -> Any:
    entry = keras.Input(IMAGE)
    branches = [layers.Conv2D(4, size, padding="same", activation="relu")(entry) for size in (1, 3, 5)]
    x = layers.concatenate([*branches, layers.AveragePooling2D(3, 1, "same")(entry)])
    return keras.Model(entry, layers.Dense(1)(layers.Flatten()(x)))


def _unet() -> Any:
    entry = keras.Input(IMAGE)
    down = layers.Conv2D(8, 3, padding="same", activation="relu")(entry)
    x = layers.Conv2D(16, 3, padding="same", activation="relu")(layers.MaxPooling2D()(down))
    x = layers.Concatenate()([layers.Conv2DTranspose(8, 2, 2)(x), down])
    return keras.Model(entry, layers.Conv2D(1, 1, activation="sigmoid")(x))


def _transformer() -> Any:
    entry = keras.Input((10,), dtype="int32")
    places = layers.Embedding(10, 16)(ops.arange(10))
    x = layers.Embedding(50, 16)(entry) + places
    x = layers.LayerNormalization()(x + layers.MultiHeadAttention(2, 8, dropout=0.1)(x, x))
    x = layers.LayerNormalization()(x + layers.Dense(16)(layers.Dense(32, "gelu")(x)))
    return keras.Model(entry, layers.Dense(2, "softmax")(layers.GlobalAveragePooling1D()(x)))


def _siamese() -> Any:
    tower = keras.Sequential([keras.Input((8,)), layers.Dense(4, "relu"), layers.Dense(4)], name="tower")
    left, right = keras.Input((8,)), keras.Input((8,))
    distance = ops.sqrt(ops.sum(ops.square(tower(left) - tower(right)), axis=1, keepdims=True) + 1e-9)
    return keras.Model([left, right], layers.Dense(1, "sigmoid")(distance))


def _shared_layer() -> Any:
    entry, layer = keras.Input((8,)), layers.Dense(8)
    return keras.Model(entry, layer(layer(layers.ReLU()(layer(entry)))))


def _nested() -> Any:
    inner = keras.Sequential([keras.Input((8,)), layers.Dense(6), layers.Dense(4)])
    entry = keras.Input((8,))
    middle = keras.Model(entry, inner(layers.Dense(8)(entry)))
    return keras.Sequential([keras.Input((8,)), middle, layers.Dense(2)])


def _transfer() -> Any:
    base = keras.Sequential([keras.Input(IMAGE), layers.Conv2D(4, 3), layers.GlobalMaxPooling2D()], name="base")
    base.compile("adam", "mse", metrics=["mae"])
    base.trainable = False
    entry = keras.Input(IMAGE)
    model = keras.Model(entry, layers.Dense(3, "softmax")(base(layers.Rescaling(1 / 255)(entry), training=False)))
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def _many() -> Any:
    first, second = keras.Input((4,), name="first"), keras.Input((6,), name="second")
    x = layers.Concatenate()([first, second])
    return keras.Model({"first": first, "second": second}, {"a": layers.Dense(1)(x), "b": layers.Dense(3)(x)})


def _operators() -> Any:
    entry = keras.Input((6, 4))
    x = (entry * 2.0 + 1.0 - entry / 3.0) ** 2
    x = ops.where(x > 1.0, x, -x)
    x = x[:, 1:, ::2] + np.array([[1.0, 2.0]], "float32")
    x = ops.concatenate([x, ops.flip(x, axis=1), x[..., :1]], axis=-1)
    return keras.Model(entry, ops.max(ops.abs(x) @ ops.transpose(x, (0, 2, 1)), axis=-1))


def _operations() -> Any:
    entry = keras.Input((8, 8, 4))
    x = ops.reshape(entry, (-1, 64, 4))
    x = ops.softmax(ops.einsum("bij,bkj->bik", x, x), axis=-1) @ x
    x = ops.expand_dims(ops.cast(ops.clip(x, -1, 1), "float32"), -1)
    x = ops.squeeze(ops.pad(ops.tile(x, (1, 1, 2, 1)), ((0, 0), (1, 1), (0, 0), (0, 0))), -1)
    x = ops.stack([ops.mean(x, 1), ops.std(x, 1), ops.logsumexp(x, 1), ops.norm(x, axis=1)], axis=1)
    x = ops.repeat(ops.cumsum(ops.relu(x), axis=1), 2, axis=1)
    parts = ops.split(ops.moveaxis(x, 1, 2), 2, axis=1)
    shifted = ops.roll(parts[0], 1, axis=1) + ops.take(parts[1], [0, 1, 2, 3], axis=1)
    top = ops.top_k(ops.mean(shifted, -1), 2)
    return keras.Model(entry, top[0] + ops.cast(ops.argmax(shifted, -1)[:, :2], "float32"))


def _vision_operations() -> Any:
    entry = keras.Input(IMAGE)
    x = ops.image.resize(ops.image.rgb_to_grayscale(entry), (16, 16))
    x = ops.average_pool(ops.max_pool(x, 2), 2, padding="same")
    return keras.Model(entry, ops.one_hot(ops.argmax(ops.reshape(x, (-1, 16)), -1), 16))


def _text() -> Any:
    layer = layers.TextVectorization(max_tokens=50, output_sequence_length=8)
    layer.adapt(["a good day", "a bad day", "ein schöner Tag", "http://x.org/y is no path"])
    body = (layers.Embedding(50, 8, mask_zero=True), layers.Bidirectional(layers.LSTM(4)), layers.Dense(1, "sigmoid"))
    return keras.Sequential([keras.Input((1,), dtype="string"), layer, *body])


def _text_counts(mode: str) -> Build:
    def build() -> Any:
        layer = layers.TextVectorization(max_tokens=20, output_mode=mode, ngrams=2)
        layer.adapt(["a good day", "a bad day"])
        return keras.Sequential([keras.Input((1,), dtype="string"), layer, layers.Dense(1)])

    return build


def _lookups() -> Any:
    names, numbers = keras.Input((1,), dtype="string"), keras.Input((1,), dtype="int64")
    words, codes = layers.StringLookup(output_mode="one_hot"), layers.IntegerLookup(output_mode="multi_hot")
    words.adapt(["a", "b", "../c"])
    codes.adapt(np.array([3, 5, 8]))
    return keras.Model([names, numbers], layers.Dense(1)(layers.Concatenate()([words(names), codes(numbers)])))


def _augmented() -> Any:
    augment = keras.Sequential(
        [layers.RandomFlip(), layers.RandomRotation(0.1), layers.RandomZoom(0.2)], name="augment"
    )
    body = (layers.Rescaling(1 / 255), layers.Conv2D(8, 3, activation="relu"), layers.Flatten(), layers.Dense(2))
    return keras.Sequential([keras.Input(IMAGE), augment, *body])


def _forecast() -> Any:
    return keras.Sequential([
        keras.Input((None, 1)), layers.Conv1D(8, 3, padding="causal", activation="relu"),
        layers.LSTM(8, return_sequences=True), layers.GRU(8), layers.Dense(4), layers.Reshape((2, 2)),
    ])  # fmt: skip


def _encoder_decoder() -> Any:
    entry, said = keras.Input((6, 3)), keras.Input((5, 3))
    _, h, c = layers.LSTM(4, return_state=True)(entry)
    x = layers.LSTM(4, return_sequences=True)(said, initial_state=[h, c])
    return keras.Model([entry, said], layers.TimeDistributed(layers.Dense(2))(x))


def _autoencoder() -> Any:
    encoder = keras.Sequential([keras.Input((28, 28)), layers.Flatten(), layers.Dense(16, "relu")], name="encoder")
    decoder = keras.Sequential([keras.Input((16,)), layers.Dense(784), layers.Reshape((28, 28))], name="decoder")
    entry = keras.Input((28, 28))
    return keras.Model(entry, decoder(encoder(entry)))


def _gated() -> Any:
    entry = keras.Input((8,))
    gate = layers.Dense(8, "sigmoid")(entry)
    return keras.Model(entry, gate * layers.Dense(8)(entry) + (1 - gate) * entry)


def by_architecture() -> dict[str, Build]:
    """Architectures, settings and ways of compiling."""
    whole: dict[str, Build] = {
        "residual": _residual, "inception": _inception, "unet": _unet, "transformer": _transformer, "siamese": _siamese,
        "shared_layer": _shared_layer, "nested": _nested, "transfer": _transfer, "many": _many, "operators": _operators,
        "operations": _operations, "vision_operations": _vision_operations, "text": _text, "lookups": _lookups,
        "text_multi_hot": _text_counts("multi_hot"), "text_tf_idf": _text_counts("tf_idf"), "augmented": _augmented,
        "forecast": _forecast, "encoder_decoder": _encoder_decoder, "autoencoder": _autoencoder, "gated": _gated,
    }  # fmt: skip
    return whole | _settings() | _compiling() | _precision()


def by_application() -> dict[str, Build]:
    """Pretrained families, without their weights."""
    small = {"weights": None, "input_shape": (32, 32, 3), "classes": 5}
    return {
        "MobileNet": lambda: keras.applications.MobileNet(**small, alpha=0.25),
        "MobileNetV2": lambda: keras.applications.MobileNetV2(**small, alpha=0.35),
        "MobileNetV3Small": lambda: keras.applications.MobileNetV3Small(**small, alpha=0.75),
        "EfficientNetB0": lambda: keras.applications.EfficientNetB0(**small),
        "EfficientNetV2B0": lambda: keras.applications.EfficientNetV2B0(**small),
        "ResNet50": lambda: keras.applications.ResNet50(**small),
        "ResNet50V2": lambda: keras.applications.ResNet50V2(**small),
        "DenseNet121": lambda: keras.applications.DenseNet121(**small),
        "NASNetMobile": lambda: keras.applications.NASNetMobile(**small),
        "ConvNeXtTiny": lambda: keras.applications.ConvNeXtTiny(**small),
        "Xception": lambda: keras.applications.Xception(weights=None, input_shape=(71, 71, 3), classes=5),
        "InceptionV3": lambda: keras.applications.InceptionV3(weights=None, input_shape=(75, 75, 3), classes=5),
        "InceptionResNetV2": lambda: keras.applications.InceptionResNetV2(
            weights=None, input_shape=(75, 75, 3), classes=5
        ),
        "VGG16": lambda: keras.applications.VGG16(weights=None, input_shape=(32, 32, 3), include_top=False),
    }  # fmt: skip
