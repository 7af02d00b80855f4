"""One small model for each layer class that needs no code of one's own: name -> a function that builds it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import layers

Build = Callable[[], Any]
SERIES, FRAME, IMAGE, VOLUME, WORDS = (12, 4), (8, 8, 3), (16, 16, 3), (8, 8, 8, 2), (6,)
_PLAIN = ("Dropout", "GaussianDropout", "AlphaDropout", "GaussianNoise")


def line(shape: tuple[int | None, ...], *body: Any, dtype: str | None = None) -> Any:
    """A Sequential model of these layers."""
    return keras.Sequential([keras.Input(shape, dtype=dtype), *body])


def _one(name: str, shape: tuple[int | None, ...], *arguments: Any, dtype: str | None = None, **more: Any) -> Build:
    return lambda: line(shape, getattr(layers, name)(*arguments, **more), dtype=dtype)


def _pair(name: str, shape: tuple[int | None, ...], **more: Any) -> Build:
    def build() -> Any:
        left, right = keras.Input(shape), keras.Input(shape)
        return keras.Model([left, right], getattr(layers, name)(**more)([left, right]))

    return build


def _core() -> dict[str, Build]:
    return {
        "Dense": _one("Dense", (4,), 3, activation="relu"),
        "EinsumDense": _one("EinsumDense", SERIES, "abc,cd->abd", output_shape=(None, 5), bias_axes="d"),
        "Embedding": _one("Embedding", WORDS, 20, 4, mask_zero=True),
        "ReversibleEmbedding": _one("ReversibleEmbedding", WORDS, 20, 4),
        "Masking": _one("Masking", SERIES, mask_value=-1.0),
        "Identity": _one("Identity", (4,)),
        "Activation": _one("Activation", (4,), "swish"),
        "ActivityRegularization": _one("ActivityRegularization", (4,), l1=0.1),
        "Flatten": _one("Flatten", IMAGE),
        "Reshape": _one("Reshape", (12,), (3, -1)),
        "Permute": _one("Permute", SERIES, (2, 1)),
        "RepeatVector": _one("RepeatVector", (4,), 5),
        "Softmax": _one("Softmax", (4,)),
        "ReLU": _one("ReLU", (4,), max_value=6.0),
        "LeakyReLU": _one("LeakyReLU", (4,), negative_slope=0.1),
        "PReLU": _one("PReLU", (4,)),
        "ELU": _one("ELU", (4,)),
        **{name: _one(name, (4,), 0.2, seed=2**40) for name in _PLAIN},
        "SpatialDropout1D": _one("SpatialDropout1D", SERIES, 0.2),
        "SpatialDropout2D": _one("SpatialDropout2D", IMAGE, 0.2),
        "SpatialDropout3D": _one("SpatialDropout3D", VOLUME, 0.2),
        "SpectralNormalization": lambda: line((4,), layers.SpectralNormalization(layers.Dense(3))),
        "Pipeline": lambda: line(IMAGE, layers.Pipeline([layers.Rescaling(1 / 255), layers.RandomFlip()])),
        "Equalization": lambda: line(IMAGE, layers.Pipeline([layers.Equalization(), layers.Rescaling(2.0)])),
        "MaxNumBoundingBoxes": lambda: line(IMAGE, layers.Pipeline([layers.MaxNumBoundingBoxes(5), layers.ReLU()])),
    }


def _joins() -> dict[str, Build]:
    names = ("Add", "Average", "Concatenate", "Maximum", "Minimum", "Multiply", "Subtract")
    return {
        **{name: _pair(name, (4,)) for name in names},
        "Dot": _pair("Dot", (4,), axes=1),
        "Attention": _pair("Attention", SERIES, use_scale=True),
        "AdditiveAttention": _pair("AdditiveAttention", SERIES),
        "MultiHeadAttention": lambda: _attention(layers.MultiHeadAttention(2, 3)),
        "GroupQueryAttention": lambda: _attention(layers.GroupQueryAttention(4, 4, 2)),
    }


def _attention(layer: Any) -> Any:
    entry = keras.Input(SERIES)
    return keras.Model(entry, layer(entry, entry, use_causal_mask=True))


def _convolutions() -> dict[str, Build]:
    return {
        "Conv1D": _one("Conv1D", SERIES, 3, 3, padding="causal", dilation_rate=2),
        "Conv2D": _one("Conv2D", IMAGE, 3, 3, strides=2, groups=3),
        "Conv3D": _one("Conv3D", VOLUME, 2, 3),
        "Conv1DTranspose": _one("Conv1DTranspose", SERIES, 3, 3, strides=2),
        "Conv2DTranspose": _one("Conv2DTranspose", IMAGE, 3, 3, strides=2, padding="same"),
        "Conv3DTranspose": _one("Conv3DTranspose", VOLUME, 2, 3),
        "SeparableConv1D": _one("SeparableConv1D", SERIES, 3, 3),
        "SeparableConv2D": _one("SeparableConv2D", IMAGE, 3, 3, depth_multiplier=2),
        "DepthwiseConv1D": _one("DepthwiseConv1D", SERIES, 3),
        "DepthwiseConv2D": _one("DepthwiseConv2D", IMAGE, 3),
        **{f"{kind}Pooling{n}D": _one(f"{kind}Pooling{n}D", shape, 2) for kind in ("Max", "Average")
           for n, shape in ((1, SERIES), (2, IMAGE), (3, VOLUME))},
        **{f"Global{kind}Pooling{n}D": _one(f"Global{kind}Pooling{n}D", shape) for kind in ("Max", "Average")
           for n, shape in ((1, SERIES), (2, IMAGE), (3, VOLUME))},
        **{f"Adaptive{kind}Pooling{n}D": _one(f"Adaptive{kind}Pooling{n}D", shape, 2) for kind in ("Max", "Average")
           for n, shape in ((1, SERIES), (2, IMAGE), (3, VOLUME))},
        **{f"{kind}{n}D": _one(f"{kind}{n}D", shape, 2) for kind in ("UpSampling", "ZeroPadding", "Cropping")
           for n, shape in ((1, SERIES), (2, IMAGE), (3, VOLUME))},
    }  # fmt: skip


def _recurrent() -> dict[str, Build]:
    return {
        "LSTM": _one("LSTM", SERIES, 3, return_sequences=True),
        "GRU": _one("GRU", (None, 4), 3),
        "SimpleRNN": _one("SimpleRNN", SERIES, 3, dropout=0.1, recurrent_dropout=0.1),
        "ConvLSTM1D": _one("ConvLSTM1D", (3, 8, 2), 2, 3),
        "ConvLSTM2D": _one("ConvLSTM2D", (3, 8, 8, 2), 2, 3),
        "ConvLSTM3D": _one("ConvLSTM3D", (2, 5, 5, 5, 1), 2, 3),
        "LSTMCell": lambda: line(SERIES, layers.RNN(layers.LSTMCell(3))),
        "GRUCell": lambda: line(SERIES, layers.RNN(layers.GRUCell(3), go_backwards=True)),
        "SimpleRNNCell": lambda: line(SERIES, layers.RNN([layers.SimpleRNNCell(3), layers.SimpleRNNCell(2)])),
        "StackedRNNCells": lambda: line(SERIES, layers.RNN(layers.StackedRNNCells([layers.GRUCell(3)] * 1))),
        "Bidirectional": lambda: line(SERIES, layers.Bidirectional(layers.GRU(3), backward_layer=layers.GRU(
            3, go_backwards=True), merge_mode="sum")),
        "TimeDistributed": lambda: line((3, *FRAME), layers.TimeDistributed(layers.Conv2D(2, 3))),
    }  # fmt: skip


def _normalizations() -> dict[str, Build]:
    def adapted() -> Any:
        layer = layers.Normalization()
        layer.adapt(np.arange(12.0).reshape(4, 3))
        return line((3,), layer, layers.Dense(1))

    return {
        "BatchNormalization": _one("BatchNormalization", IMAGE, momentum=0.9),
        "LayerNormalization": _one("LayerNormalization", SERIES, axis=[-1]),
        "GroupNormalization": _one("GroupNormalization", IMAGE, groups=3),
        "RMSNormalization": _one("RMSNormalization", (4,)),
        "UnitNormalization": _one("UnitNormalization", (4,)),
        "Normalization": adapted,
        "Normalization_given": _one("Normalization", (3,), mean=[1.0, 2.0, 3.0], variance=[1.0, 1.0, 2.0]),
    }


def _tables() -> dict[str, Build]:
    def discrete() -> Any:
        layer = layers.Discretization(num_bins=3)
        layer.adapt(np.arange(30.0))
        return line((1,), layer)

    def crossing() -> Any:
        left, right = keras.Input((1,), dtype="int64"), keras.Input((1,), dtype="int64")
        return keras.Model([left, right], layers.HashedCrossing(5, output_mode="one_hot")([left, right]))

    return {
        "CategoryEncoding": _one("CategoryEncoding", (1,), 5, output_mode="one_hot", dtype="int32"),
        "Discretization": discrete,
        "Discretization_given": _one("Discretization", (1,), bin_boundaries=[0.0, 1.0, 2.5]),
        "Hashing": _one("Hashing", (1,), 1000, salt=[133, 137], dtype="string"),
        "HashedCrossing": crossing,
        "IntegerLookup": _one("IntegerLookup", (1,), vocabulary=[3, 5, 2**40], dtype="int64"),
        "StringLookup": _one("StringLookup", (1,), vocabulary=["/etc", "http://b", "c d"], dtype="string"),
        "TextVectorization": _one("TextVectorization", (1,), vocabulary=["a", "b", "://"], dtype="string",
                                  standardize="lower", split="character", ngrams=2),
        "TextVectorization_idf": _one("TextVectorization", (1,), output_mode="tf_idf", vocabulary=["a", "b"],
                                      idf_weights=[0.5, 0.7], dtype="string"),
    }  # fmt: skip


def _images() -> dict[str, Build]:
    plain = (
        "RandomErasing RandomGaussianBlur RandomPerspective RandomElasticTransform AutoContrast Solarization AugMix "
        "CutMix MixUp RandAugment ContrastLimitedAdaptiveHistogramEqualization"
    )
    by_factor = (
        "RandomBrightness RandomContrast RandomRotation RandomZoom RandomHue RandomSaturation RandomSharpness "
        "RandomGrayscale RandomInvert RandomColorDegeneration RandomColorJitter"
    )
    given: dict[str, tuple[Any, ...]] = {
        **dict.fromkeys(plain.split(), ()),
        **dict.fromkeys(by_factor.split(), (0.1,)),
        **dict.fromkeys(("CenterCrop", "RandomCrop", "Resizing"), (8, 8)),
        "RandomFlip": ("horizontal",),
        "RandomTranslation": (0.1, 0.1),
        "RandomShear": ((0.0, 0.1), (0.0, 0.1)),
        "RandomPosterization": (4,),
        "Rescaling": (1 / 255, -1.0),
    }
    found = {name: _one(name, IMAGE, *arguments) for name, arguments in given.items()}
    found["Rescaling_list"] = _one("Rescaling", IMAGE, [1.0, 2.0, 3.0], [0.0, 1.0, 0.0])
    found["MelSpectrogram"] = _one("MelSpectrogram", (400,), fft_length=64, sequence_stride=32, num_mel_bins=8)
    found["STFTSpectrogram"] = _one("STFTSpectrogram", (400, 1), frame_length=64, fft_length=64, frame_step=32)
    return found


def by_layer() -> dict[str, Build]:
    """A model for each layer class."""
    return (
        _core() | _joins() | _convolutions() | _recurrent() | _normalizations() | _tables() | _images()
    )  # fmt: skip
