"""The allow-list for configurations: classes and functions of Keras 3.15 that run no code in a file and open no file.

Static on purpose: a class that a newer Keras brings is refused until it has been reviewed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class AllowList:
    """What a configuration of one Keras may name."""

    by_module: Mapping[str, frozenset[str]]
    without_module: frozenset[str]
    refused: Mapping[str, str]
    """Names that are refused wherever they stand, each with the refusal's code."""
    operations: frozenset[str]
    """Operations that Keras can load only with their module, which an `.h5` file does not store."""
    functions: frozenset[str] = frozenset()
    """TensorFlow functions that a layer of `CALLING_LAYERS` may call."""

    def is_known(self, module: str | None, name: str) -> bool:
        """Whether a class is allowed. Without a module (.h5, or a custom class) only the name counts, as in Keras."""
        return name in (self.without_module if module is None else self.by_module.get(module, ()))


def names(text: str) -> frozenset[str]:
    """A set of the words in `text`."""
    return frozenset(text.split())


_WITH_DIMENSIONS = names(
    "AveragePooling AvgPool Conv ConvLSTM ConvTranspose Convolution ConvolutionTranspose Cropping "
    "GlobalAveragePooling GlobalAvgPool GlobalMaxPool GlobalMaxPooling MaxPool MaxPooling SpatialDropout UpSampling "
    "ZeroPadding AdaptiveAveragePooling AdaptiveMaxPooling DepthwiseConv SeparableConv SeparableConvolution"
)


def _dimensions(stem: str) -> list[str]:
    plain, transposed = stem.removesuffix("Transpose"), "Transpose" if stem.endswith("Transpose") else ""
    return [f"{plain}{n}D{transposed}" for n in (1, 2, 3)]


LAYERS = names(
    "Activation ActivityRegularization Add AdditiveAttention AlphaDropout Attention AugMix AutoContrast Average "
    "BatchNormalization Bidirectional CategoryEncoding CenterCrop Concatenate "
    "ContrastLimitedAdaptiveHistogramEqualization CutMix Dense Discretization Dot Dropout ELU EinsumDense Embedding "
    "Equalization Flatten GRU GRUCell GaussianDropout GaussianNoise GroupNormalization GroupQueryAttention "
    "HashedCrossing Hashing Identity InputLayer IntegerLookup LSTM LSTMCell Layer LayerNormalization LeakyReLU "
    "Masking MaxNumBoundingBoxes Maximum MelSpectrogram Minimum MixUp MultiHeadAttention Multiply Normalization PReLU "
    "Permute Pipeline RMSNormalization RNN RandAugment RandomBrightness RandomColorDegeneration RandomColorJitter "
    "RandomContrast RandomCrop RandomElasticTransform RandomErasing RandomFlip RandomGaussianBlur RandomGrayscale "
    "RandomHue RandomInvert RandomPerspective RandomPosterization RandomRotation RandomSaturation RandomSharpness "
    "RandomShear RandomTranslation RandomZoom ReLU RepeatVector Rescaling Reshape Resizing ReversibleEmbedding "
    "STFTSpectrogram SimpleRNN SimpleRNNCell Softmax Solarization SpectralNormalization StackedRNNCells StringLookup "
    "Subtract TextVectorization TimeDistributed UnitNormalization Wrapper"
) | frozenset(name for stem in _WITH_DIMENSIONS for name in _dimensions(stem))
"""Public layer classes, with their aliases."""
REFUSED_LAYERS = {"Lambda": "lambda", "TFSMLayer": "outside", "TorchModuleWrapper": "outside", "JaxLayer": "outside",
                  "FlaxLayer": "outside"}  # fmt: skip
"""Layers that run code in the file or load another file, each with the refusal's code."""
CALLING_LAYERS = names("TFOpLambda SlicingOpLambda")
"""Keras 2's layers that call the TensorFlow function which their configuration names."""
REFUSED = {
    **REFUSED_LAYERS,
    # Keras 2's operations between layers, which Keras 3 can't load.
    **dict.fromkeys((*CALLING_LAYERS, "TensorFlowOpLayer"), "h5_operation"),
    # No classes, but values that Keras would make of code or by a lookup in TensorFlow.
    "__lambda__": "lambda", "__typespec__": "other_class", "TypeSpec": "other_class", "CompositeTensor": "other_class",
}  # fmt: skip
"""Names that are refused wherever they stand, each with the refusal's code."""
PLAIN_VALUES = names("__keras_tensor__ __tensor__ __numpy__ __bytes__ __ellipsis__ __slice__ __tuple__ TensorShape")
"""Names that stand for a plain value instead of a class."""
INITIALIZERS = names(
    "Constant GlorotNormal GlorotUniform HeNormal HeUniform Identity IdentityInitializer LecunNormal LecunUniform "
    "Ones Orthogonal OrthogonalInitializer RandomNormal RandomUniform STFT STFTInitializer TruncatedNormal "
    "VarianceScaling Zeros constant glorot_normal glorot_uniform he_normal he_uniform identity lecun_normal "
    "lecun_uniform normal one ones orthogonal random_normal random_uniform stft truncated_normal uniform "
    "variance_scaling zero zeros"
)
REGULARIZERS = names("L1 L1L2 L2 OrthogonalRegularizer l1 l1l2 l1_l2 l2 orthogonal_regularizer")
CONSTRAINTS = names(
    "MaxNorm MinMaxNorm NonNeg UnitNorm max_norm maxnorm min_max_norm minmaxnorm non_neg nonneg unit_norm unitnorm"
)
ACTIVATIONS = names(
    "celu elu exponential gelu glu hard_shrink hard_sigmoid hard_silu hard_swish hard_tanh leaky_relu linear "
    "log_sigmoid log_softmax mish relu relu6 selu sigmoid silu soft_shrink softmax softplus softsign sparse_plus "
    "sparse_sigmoid sparsemax squareplus swish tanh tanh_shrink threshold"
)
POLICIES = names(
    "AWQDTypePolicy DTypePolicy DTypePolicyMap FloatDTypePolicy GPTQDTypePolicy Int4DTypePolicy Policy "
    "QuantizedDTypePolicy QuantizedFloat8DTypePolicy"
)
_QUANTIZERS = names(
    "AWQConfig AbsMaxQuantizer Float8QuantizationConfig GPTQConfig Int4QuantizationConfig Int8QuantizationConfig"
)
MODELS = frozenset({"Functional", "Model", "Sequential"})

OPERATIONS = {
    "core": "Cast ConvertToTensor SaturateCast Scatter ScatterUpdate Slice SliceUpdate StopGradient Unstack",
    "einops": "Rearrange",
    "image": "AffineTransform CropImages ElasticTransform ExtractPatches GaussianBlur HSVToRGB MapCoordinates "
    "PadImages PerspectiveTransform RGBToGrayscale RGBToHSV Resize SSIM ScaleAndTranslate SobelEdges",
    "linalg": "Cholesky CholeskyInverse Det Eig Eigh Inv Lstsq LuFactor MatrixRank Norm Pinv Qr SVD Slogdet Solve "
    "SolveTriangular",
    "math": "CDist Erf Erfc Erfinv ExtractSequences FFT FFT2 IFFT2 IRFFT ISTFT InTopK Logdet Logsumexp RFFT Rsqrt STFT "
    "SegmentMax SegmentMin SegmentProd SegmentReduction SegmentSum TopK ViewAsComplex ViewAsReal",
    "nn": "AdaptiveAveragePool AdaptiveMaxPool AveragePool BatchNorm BinaryCrossentropy CTCDecode CTCLoss "
    "CategoricalCrossentropy Celu Conv ConvTranspose DepthToSpace DepthwiseConv DotProductAttention Elu Fold Gelu Glu "
    "HardShrink HardSigmoid HardSilu HardTanh LayerNorm LeakyRelu LogSigmoid LogSoftmax MaxPool Moments MultiHot "
    "Normalize OneHot PSNR Polar RMSNorm Relu Relu6 Selu SeparableConv Sigmoid Silu SoftShrink Softmax Softplus "
    "Softsign SpaceToDepth SparseCategoricalCrossentropy SparsePlus SparseSigmoid Sparsemax Squareplus TanhShrink "
    "Threshold Unfold",
    "numpy": "Abs Absolute Add All AllClose Amax Amin Angle Any Append Arange Arccos Arccosh Arcsin Arcsinh Arctan "
    "Arctan2 Arctanh Argmax Argmin Argpartition Argsort Array ArraySplit Average Bincount BitwiseAnd BitwiseInvert "
    "BitwiseLeftShift BitwiseNot BitwiseOr BitwiseRightShift BitwiseXor BroadcastTo Cbrt Ceil Clip Concatenate Conj "
    "Conjugate Copy Corrcoef Correlate Cos Cosh CountNonzero Cross Cumprod Cumsum Deg2rad Diag Diagflat Diagonal Diff "
    "Digitize Divide DivideNoNan Dot Dsplit Dstack Einsum EmptyLike Equal Exp Exp2 ExpandDims Expm1 Fabs Flip Fliplr "
    "Flipud Floor FloorDivide Fmax Fmin Fmod Full FullLike Gcd Geomspace GetItem Greater GreaterEqual Heaviside "
    "Histogram Hsplit Hstack Hypot I0 Imag Inner IsIn Isclose Isfinite Isinf Isnan Isneginf Isposinf Isreal Kron Lcm "
    "Ldexp LeftShift Less LessEqual Linspace Log Log10 Log1p Log2 Logaddexp Logaddexp2 LogicalAnd LogicalNot LogicalOr "
    "LogicalXor Logspace Matmul Max Maximum Mean Median Meshgrid Min Minimum Mod Moveaxis Multiply NanToNum Nanargmax "
    "Nanargmin Nancumprod Nancumsum Nanmax Nanmean Nanmedian Nanmin Nanpercentile Nanprod Nanquantile Nanstd Nansum "
    "Nanvar Ndim Negative Nextafter Nonzero NotEqual OnesLike Outer Pad Percentile Power Prod Ptp Quantile Rad2deg "
    "Ravel Real Reciprocal Repeat Reshape RightShift Roll Rot90 Round SearchSorted Select Sign Signbit Sin Sinc Sinh "
    "Size Slogdet Sort Split Sqrt Square Squeeze Stack Std Subtract Sum Swapaxes Take TakeAlongAxis Tan Tanh Tensordot "
    "Tile Trace Transpose Trapezoid Tril Triu TrueDivide Trunc Unique UnravelIndex Vander Var Vdot View Vsplit Vstack "
    "Where ZerosLike",
}
"""Operations of keras.ops between layers, by module below keras.src.ops."""
REFUSED_OPERATIONS = names("AssociativeScan Cond ForiLoop JVP Map Scan Switch VectorizedMap WhileLoop")
"""Operations that call a function, which a file can hold only as code."""
_BY_MODULE: dict[str, frozenset[str]] = {
    "keras": MODELS | POLICIES,
    "keras.models": MODELS,
    "keras.src.models.functional": MODELS,
    "keras.src.models.sequential": MODELS,
    "keras.src.models.model": MODELS,
    # As Keras 2 wrote them: harmless, and Keras itself reports what fails.
    "keras.src.engine.functional": MODELS,
    "keras.src.engine.sequential": MODELS,
    "keras.engine.functional": MODELS,
    "keras.layers": LAYERS,
    "keras.initializers": INITIALIZERS,
    "keras.regularizers": REGULARIZERS,
    "keras.constraints": CONSTRAINTS,
    "keras.dtype_policies": POLICIES,
    "keras.mixed_precision": POLICIES,
    "keras.mixed_precision.policy": POLICIES,
    "keras.quantizers": _QUANTIZERS,
    # Layers inside keras.applications.
    "keras.src.applications.convnext": frozenset({"LayerScale", "StochasticDepth"}),
    "keras.src.applications.inception_resnet_v2": frozenset({"CustomScaleLayer"}),
    **{f"keras.src.ops.{module}": names(listed) for module, listed in OPERATIONS.items()},
}
_OPERATION_NAMES = frozenset(name for listed in OPERATIONS.values() for name in listed.split())
FUNCTION_MODULES = frozenset({"builtins", "keras.activations"})
KERAS_3 = AllowList(
    by_module=_BY_MODULE,
    without_module=frozenset().union(*_BY_MODULE.values()),
    refused=REFUSED,
    operations=_OPERATION_NAMES - LAYERS,
)

_ADD_ONS = {
    "Addons": "TensorFlow Addons", "tensorflow_addons": "TensorFlow Addons", "tensorflow_hub": "TensorFlow Hub",
    "tensorflow_text": "TensorFlow Text", "tensorflow_probability": "TensorFlow Probability",
    "tensorflow_decision_forests": "TensorFlow Decision Forests", "keras_cv": "KerasCV", "keras_nlp": "KerasNLP",
    "keras_hub": "KerasHub", "keras_rs": "KerasRS", "transformers": "Transformers", "official": "TensorFlow Models",
}  # fmt: skip
"""Libraries with layers of their own, by package: of the module, or of the name that a class is registered under."""
_WITHOUT_MODULE = {"KerasLayer": "TensorFlow Hub"}  # as .h5 files name them
_OLD_PACKAGES = frozenset({"tf_keras", "tensorflow"})
_KERAS_2_ONLY = names(
    "AbstractRNNCell CuDNNGRU CuDNNLSTM DenseFeatures ExperimentalLinearModel LinearModel LocallyConnected1D "
    "LocallyConnected2D PeepholeLSTMCell RandomFourierFeatures RandomHeight RandomWidth SequenceFeatures "
    "SyncBatchNormalization ThresholdedReLU WideDeepModel"
)
"""Public classes of Keras 2 that Keras 3 does not have."""


def kind_of(module: str | None, registered: str, name: str) -> tuple[str, str]:
    """The code that refuses this class, and what was found. `registered` is `package>name`, or empty."""
    package, _, last = (registered or name).rpartition(">")
    top = (module or "").partition(".")[0]
    if add_on := _ADD_ONS.get(package) or _ADD_ONS.get(top) or (None if module else _WITHOUT_MODULE.get(name)):
        return "add_on", f"{last or name} of {add_on}"
    if package:
        return "own_class", last
    if top in _OLD_PACKAGES or (name in _KERAS_2_ONLY and top in ("", "keras")):
        return "old_class", name
    return ("other_class", f"{module}.{name}") if top == "keras" else ("own_class", name)
