"""The models of the matrix, built alike with the Keras of any TensorFlow since 2.12. Imported only there.

Every builder returns a model and the inputs that it is asked with: small, seeded, and trained for one step.
"""

import numpy as np
import tensorflow as tf

K = tf.keras
L = tf.keras.layers
OPS = getattr(tf.keras, "ops", None)
"""Keras 3 has functions of its own where Keras 2 took TensorFlow's."""
SAMPLES = 12
WORDS = ("the film was good", "the film was bad", "good", "bad acting and a bad plot", "a good plot", "the end")


def numbers(*shape):
    """Random numbers from 0 to 1, (samples, *shape)."""
    return np.random.default_rng(5).uniform(0, 1, (SAMPLES, *shape)).astype("float32")


def tokens(length, vocabulary):
    """Random word ids, (samples, length); the last ones of each are 0, as padding is."""
    ids = np.random.default_rng(5).integers(1, vocabulary, (SAMPLES, length))
    ids[:, -2:] = 0
    return ids.astype("int32")


def texts():
    """Texts, (samples, 1)."""
    return np.array([[WORDS[i % len(WORDS)]] for i in range(SAMPLES)])


def sequential(x, *layers, **options):
    """A Sequential model of these layers before two classes."""
    shape, dtype = x.shape[1:], "string" if x.dtype.kind == "U" else options.get("dtype", "float32")
    return K.Sequential([K.Input(shape=shape, dtype=dtype), *layers, L.Dense(2, activation="softmax")])


def trained(model, x, optimizer="adam", loss="sparse_categorical_crossentropy", **options):
    """Compile it and train it for one step."""
    model.compile(optimizer=optimizer, loss=loss, **options)
    fed = as_fed(x)
    out = model(fed)
    y = np.arange(SAMPLES) % 2
    if len(out.shape) > 2:
        y = np.zeros(tuple(out.shape[:-1]), "int32")
    model.fit(fed, y, batch_size=SAMPLES, epochs=1, verbose=0)
    return model


def as_fed(x):
    """Texts as TensorFlow's strings, whatever they are in."""
    if isinstance(x, dict):
        return {name: as_fed(part) for name, part in x.items()}
    if isinstance(x, (list, tuple)):
        return [as_fed(part) for part in x]
    return tf.constant(x.tolist()) if x.dtype.kind == "U" else x


def simple(x, *layers, **options):
    """A trained Sequential model and its inputs."""
    return trained(sequential(x, *layers, **options), x), x


def functional(x, body, dtype="float32", **options):
    """A trained functional model; `body` maps the input tensor to features."""
    start = K.Input(shape=x.shape[1:], dtype=dtype, name="features")
    model = K.Model(start, L.Dense(2, activation="softmax")(body(start)))
    return trained(model, x, **options), x


def dense():
    return simple(numbers(6), L.Dense(8, activation="relu"), L.Dropout(0.2))


def uncompiled():
    x = numbers(6)
    return sequential(x, L.Dense(8, activation="relu")), x


def legacy_adam():
    x = numbers(6)
    return trained(sequential(x, L.Dense(8, activation="relu")), x, optimizer=K.optimizers.legacy.Adam(0.01)), x


def adam_schedule():
    x = numbers(6)
    rate = K.optimizers.schedules.ExponentialDecay(0.01, 10, 0.9)
    optimizer = K.optimizers.Adam(rate, clipnorm=1.0)
    loss = K.losses.SparseCategoricalCrossentropy()
    return trained(sequential(x, L.Dense(8, activation="relu")), x, optimizer, loss, metrics=["accuracy"]), x


def cnn():
    x = numbers(12, 12, 3)
    return simple(x, L.Conv2D(4, 3, activation="relu"), L.MaxPooling2D(), L.Flatten(), L.Dense(8, activation="relu"))


def batch_normalization():
    x = numbers(12, 12, 3)
    layers = L.Conv2D(4, 3, use_bias=False), L.BatchNormalization(), L.ReLU(), L.GlobalAveragePooling2D()
    return simple(x, *layers)


def depthwise():
    x = numbers(12, 12, 3)
    layers = L.DepthwiseConv2D(3, activation="relu"), L.SeparableConv2D(4, 3, activation="relu")
    return simple(x, *layers, L.GlobalAveragePooling2D())


def residual():
    def body(start):
        x = L.Conv2D(4, 3, padding="same", activation="relu")(start)
        y = L.Conv2D(4, 3, padding="same", activation="relu")(x)
        return L.GlobalMaxPooling2D()(L.Concatenate()([L.Add()([x, y]), start]))

    return functional(numbers(8, 8, 3), body)


def upsampling():
    x = numbers(8, 8, 3)
    layers = L.Conv2D(4, 3, strides=2, padding="same"), L.Conv2DTranspose(4, 3, strides=2, padding="same")
    return simple(x, *layers, L.LeakyReLU(), L.UpSampling2D(), L.AveragePooling2D(2))


def mobilenet():
    x = numbers(32, 32, 3)
    base = K.applications.MobileNetV2(input_shape=(32, 32, 3), alpha=0.35, include_top=False, weights=None)
    return simple(x, base, L.GlobalAveragePooling2D())


def activations():
    x = numbers(6)
    layers = (
        L.Dense(8, activation="swish"),
        L.LayerNormalization(),
        L.PReLU(),
        L.ELU(),
        L.Dense(4),
        L.Activation("gelu"),
    )
    return simple(x, *layers)


def augmentation():
    x = numbers(12, 12, 3) * 255
    layers = L.RandomFlip("horizontal"), L.RandomRotation(0.1), L.RandomZoom(0.1), L.Rescaling(1 / 255.0)
    return simple(x, *layers, L.Conv2D(4, 3, activation="relu"), L.GlobalAveragePooling2D())


def normalization():
    x = numbers(6) * 50
    layer = L.Normalization()
    layer.adapt(x)
    return simple(x, layer, L.Dense(8, activation="relu"))


def conv1d():
    x = numbers(16, 2)
    return simple(x, L.Conv1D(8, 3, padding="causal", activation="relu"), L.MaxPooling1D(), L.GlobalMaxPooling1D())


def simple_rnn():
    return simple(numbers(8, 2), L.SimpleRNN(6))


def lstm():
    return simple(numbers(8, 2), L.LSTM(6))


def gru():
    return simple(numbers(8, 2), L.GRU(6))


def bidirectional():
    return simple(numbers(8, 2), L.Bidirectional(L.LSTM(6)))


def stacked_rnn():
    layers = L.Bidirectional(L.GRU(4, return_sequences=True)), L.LSTM(6, return_sequences=True, dropout=0.1), L.LSTM(4)
    return simple(numbers(8, 2), *layers)


def rnn_cells():
    return simple(numbers(8, 2), L.RNN([L.LSTMCell(4), L.GRUCell(3)]))


def time_distributed():
    x = numbers(5, 8, 8, 1)
    frame = L.TimeDistributed(L.Conv2D(3, 3, activation="relu")), L.TimeDistributed(L.Flatten())
    return simple(x, *frame, L.LSTM(4))


def conv_lstm():
    return simple(numbers(4, 8, 8, 1), L.ConvLSTM2D(3, 3), L.GlobalAveragePooling2D())


def embedding():
    return simple(tokens(10, 50), L.Embedding(50, 4), L.GlobalAveragePooling1D())


def masked_embedding():
    x = tokens(10, 50)
    return simple(x, L.Embedding(50, 4, mask_zero=True), L.Bidirectional(L.LSTM(4)), dtype="int32")


def attention():
    def body(start):
        x = L.Dense(8)(start)
        x = L.LayerNormalization()(L.Add()([x, L.MultiHeadAttention(num_heads=2, key_dim=4)(x, x)]))
        return L.GlobalAveragePooling1D()(x)

    return functional(numbers(6, 3), body)


def text_words():
    layer = L.TextVectorization(max_tokens=40, output_sequence_length=8)
    layer.adapt(tf.constant(WORDS))
    return simple(texts(), layer, L.Embedding(40, 4), L.GlobalAveragePooling1D())


def text_tfidf():
    layer = L.TextVectorization(max_tokens=40, output_mode="tf_idf", ngrams=2)
    layer.adapt(tf.constant(WORDS))
    return simple(texts(), layer, L.Dense(4, activation="relu"))


def string_lookup():
    layer = L.StringLookup(output_mode="one_hot")
    layer.adapt(tf.constant(WORDS))
    return simple(texts(), layer, L.Dense(4, activation="relu"))


def operators():
    return functional(numbers(6), lambda start: L.Dense(4)((start * 2.0 - 1.0)[:, 1:5] / 3.0))


def functions():
    mean, exp = (OPS.mean, OPS.exp) if OPS else (tf.reduce_mean, tf.exp)
    concat = OPS.concatenate if OPS else tf.concat
    return functional(numbers(6, 3), lambda start: concat([mean(start, axis=1), exp(-start[:, -1, :])], axis=-1))


def nested():
    inner = K.Sequential([K.Input(shape=(12, 12, 3)), L.Conv2D(4, 3, activation="relu"), L.GlobalMaxPooling2D()])
    middle = K.Input(shape=(12, 12, 3))
    outer = K.Model(middle, L.Dense(4, activation="relu")(inner(middle)), name="outer")
    return functional(numbers(12, 12, 3), lambda start: outer(L.Rescaling(2.0)(start)))


def base_in_sequential():
    start = K.Input(shape=(8, 8, 3))
    base = K.Model(start, L.Conv2D(4, 3, activation="relu")(start), name="base")
    return simple(numbers(8, 8, 3), base, L.GlobalAveragePooling2D())


def slashes():
    x = numbers(8, 8, 3)
    layers = L.Conv2D(4, 3, name="block1/conv"), L.GlobalMaxPooling2D(name="block1/pool"), L.Dense(4, name="head/dense")
    return simple(x, *layers)


def mixed_float16():
    return in_policy("mixed_float16")


def mixed_bfloat16():
    return in_policy("mixed_bfloat16")


def in_policy(policy):
    """A small CNN whose last layer too is in half precision."""
    K.mixed_precision.set_global_policy(policy)
    try:
        return simple(numbers(8, 8, 3), L.Conv2D(4, 3, activation="relu"), L.BatchNormalization(), L.Flatten())
    finally:
        K.mixed_precision.set_global_policy("float32")


def one_in_a_list():
    x, start = numbers(6), K.Input(shape=(6,), name="features")
    model = K.Model([start], [L.Dense(2, activation="softmax")(L.Dense(4)(start))])
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(x, np.arange(SAMPLES) % 2, epochs=1, verbose=0)
    return model, x


def one_in_a_dict():
    x, start = numbers(6), K.Input(shape=(6,), name="features")
    model = K.Model({"features": start}, L.Dense(2, activation="softmax")(L.Dense(4)(start)))
    return trained(model, {"features": x}), {"features": x}


def subclassed():
    class Mine(K.Model):
        def __init__(self):
            super().__init__()
            self.first, self.last = L.Dense(8, activation="relu"), L.Dense(2, activation="softmax")

        def call(self, inputs):
            return self.last(self.first(inputs))

    x = numbers(6)
    return trained(Mine(), x), x


def two_in_a_list():
    left, right = K.Input(shape=(6,), name="left"), K.Input(shape=(3,), name="right")
    model = K.Model([left, right], L.Dense(2, activation="softmax")(L.Concatenate()([left, right])))
    x = [numbers(6), numbers(3)]
    return trained(model, x), x


def two_in_a_dict():
    left, right = K.Input(shape=(6,), name="left"), K.Input(shape=(3,), name="right")
    merged = L.Concatenate()([left, right])
    model = K.Model({"left": left, "right": right}, L.Dense(2, activation="softmax")(merged))
    x = {"left": numbers(6), "right": numbers(3)}
    return trained(model, x), x


MANY_INPUTS = ("two_in_a_list", "two_in_a_dict")
ARCHITECTURES = (
    dense, uncompiled, legacy_adam, adam_schedule, cnn, batch_normalization, depthwise, residual, upsampling,
    mobilenet, activations, augmentation, normalization, conv1d, simple_rnn, lstm, gru, bidirectional, stacked_rnn,
    rnn_cells, time_distributed, conv_lstm, embedding, masked_embedding, attention, text_words, text_tfidf,
    string_lookup, operators, functions, nested, base_in_sequential, slashes, mixed_float16, mixed_bfloat16,
    one_in_a_list, one_in_a_dict, subclassed, two_in_a_list, two_in_a_dict,
)  # fmt: skip
