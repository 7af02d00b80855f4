"""The allow-list for configurations of Keras 2: of TensorFlow 1.13 to 2.15 and of tf-keras, which loads them all.

Static on purpose, like the one for Keras 3. Modules stand here as `keras.…`: versions differ in `tf_keras.src.…`,
`keras.src.…` and, up to TensorFlow 2.12, `keras.…` for one and the same class.
"""

from __future__ import annotations

from typing import Final

from mockexam.grading.predictor.gate import classes
from mockexam.grading.predictor.gate.classes import AllowList, names

_LAYERS = classes.LAYERS | names(
    "AddLoss BatchNormalizationV1 BatchNormalizationV2 CuDNNGRU CuDNNLSTM LocallyConnected1D LocallyConnected2D "
    "RandomFourierFeatures RandomHeight RandomWidth SyncBatchNormalization ThresholdedReLU"
)
INTERNAL_MODULES: Final = {
    "engine.functional": classes.MODELS,
    "engine.sequential": classes.MODELS,
    "engine.training": classes.MODELS,
    "layers.core.tf_op_layer": classes.CALLING_LAYERS,
}
"""Modules below Keras's source whose classes have no public name. TensorFlow 2.12 writes them without `src`."""
_BY_MODULE = {
    "keras": classes.MODELS,
    "keras.models": classes.MODELS,
    "keras.layers": _LAYERS,
    "keras.layers.experimental": _LAYERS,
    "keras.layers.experimental.preprocessing": _LAYERS,
    "keras.initializers": classes.INITIALIZERS,
    "keras.regularizers": classes.REGULARIZERS,
    "keras.constraints": classes.CONSTRAINTS,
    "keras.mixed_precision": names("Policy"),
    "keras.mixed_precision.policy": names("Policy"),
    "keras.applications.convnext": names("LayerScale StochasticDepth"),
    "keras.applications.inception_resnet_v2": names("CustomScaleLayer"),
    **{f"keras.{module}": listed for module, listed in INTERNAL_MODULES.items()},
}
_FUNCTIONS = {
    "__operators__": "add eq getitem ne",
    "": "abs acos acosh add add_n argmax argmin argsort as_string asin asinh atan atan2 atanh batch_to_space "
    "bitcast boolean_mask broadcast_to cast clip_by_norm clip_by_value complex concat convert_to_tensor "
    "cos cosh cumsum divide einsum ensure_shape equal exp expand_dims eye fill floor floor_div floordiv "
    "floormod gather gather_nd greater greater_equal identity less less_equal linspace logical_and "
    "logical_not logical_or matmul maximum meshgrid minimum mod multiply negative norm not_equal one_hot "
    "ones ones_like pad pow range rank realdiv reduce_all reduce_any reduce_logsumexp reduce_max "
    "reduce_mean reduce_min reduce_prod reduce_sum repeat reshape reverse reverse_sequence roll round "
    "saturate_cast scalar_mul scatter_nd searchsorted sequence_mask shape sigmoid sign sin sinh size "
    "slice sort space_to_batch split sqrt square squeeze stack stop_gradient strided_slice subtract tan "
    "tanh tensor_scatter_nd_add tensor_scatter_nd_max tensor_scatter_nd_min tensor_scatter_nd_sub "
    "tensor_scatter_nd_update tensordot tile transpose truediv unravel_index unstack where zeros "
    "zeros_like",
    "math": "abs acos acosh add add_n angle argmax argmin asin asinh atan atan2 atanh bessel_i0 bessel_i0e "
    "bessel_i1 bessel_i1e betainc bincount ceil conj cos cosh count_nonzero cumprod cumsum "
    "cumulative_logsumexp digamma divide divide_no_nan equal erf erfc erfcinv erfinv exp expm1 floor "
    "floordiv floormod greater greater_equal igamma igammac imag in_top_k is_finite is_inf is_nan "
    "l2_normalize lbeta less less_equal lgamma log log1p log_sigmoid log_softmax logical_and logical_not "
    "logical_or logical_xor maximum minimum mod multiply multiply_no_nan ndtri negative nextafter "
    "not_equal polygamma polyval pow real reciprocal reciprocal_no_nan reduce_all reduce_any "
    "reduce_euclidean_norm reduce_logsumexp reduce_max reduce_mean reduce_min reduce_prod reduce_std "
    "reduce_sum reduce_variance rint round rsqrt scalar_mul sigmoid sign sin sinh softmax softplus "
    "softsign sqrt square squared_difference subtract tan tanh top_k truediv xdivy xlog1py xlogy "
    "zero_fraction zeta",
    "nn": "approx_max_k approx_min_k atrous_conv2d atrous_conv2d_transpose avg_pool avg_pool1d avg_pool2d "
    "avg_pool3d batch_norm_with_global_normalization batch_normalization bias_add conv1d conv1d_transpose "
    "conv2d conv2d_transpose conv3d conv3d_transpose conv_transpose convolution crelu depth_to_space "
    "depthwise_conv2d dilation2d dropout elu embedding_lookup experimental.general_dropout "
    "experimental.stateless_dropout fractional_avg_pool fractional_max_pool gelu in_top_k l2_normalize "
    "leaky_relu local_response_normalization log_softmax lrn max_pool max_pool1d max_pool2d max_pool3d "
    "max_pool_with_argmax moments normalize_moments pool relu relu6 selu separable_conv2d sigmoid "
    "sigmoid_cross_entropy_with_logits silu softmax softmax_cross_entropy_with_logits softplus softsign "
    "space_to_batch space_to_depth sparse_softmax_cross_entropy_with_logits swish tanh top_k "
    "weighted_cross_entropy_with_logits weighted_moments zero_fraction",
    "linalg": "adjoint band_part cholesky cholesky_solve cross det diag diag_part eig eigh eigvals eigvalsh einsum "
    "expm eye global_norm inv l2_normalize logdet lstsq lu matmul matrix_rank matrix_transpose matvec "
    "norm normalize pinv qr set_diag slogdet solve svd tensor_diag tensor_diag_part tensordot trace "
    "triangular_solve",
    "image": "adjust_brightness adjust_contrast adjust_gamma adjust_hue adjust_saturation central_crop "
    "combined_non_max_suppression convert_image_dtype crop_and_resize crop_to_bounding_box "
    "draw_bounding_boxes extract_glimpse extract_patches flip_left_right flip_up_down "
    "generate_bounding_box_proposals grayscale_to_rgb hsv_to_rgb image_gradients non_max_suppression "
    "non_max_suppression_overlaps non_max_suppression_padded non_max_suppression_with_scores "
    "pad_to_bounding_box per_image_standardization psnr random_brightness random_contrast random_crop "
    "random_flip_left_right random_flip_up_down random_hue random_saturation resize "
    "resize_with_crop_or_pad resize_with_pad rgb_to_grayscale rgb_to_hsv rgb_to_yiq rgb_to_yuv rot90 "
    "sample_distorted_bounding_box sobel_edges ssim ssim_multiscale stateless_random_brightness "
    "stateless_random_contrast stateless_random_crop stateless_random_flip_left_right "
    "stateless_random_flip_up_down stateless_random_hue stateless_random_saturation "
    "stateless_sample_distorted_bounding_box total_variation transpose yiq_to_rgb yuv_to_rgb",
    "keras.backend": "abs all any arange argmax argmin batch_dot batch_flatten batch_normalization bias_add cast "
    "cast_to_floatx clip concatenate conv1d conv2d conv2d_transpose conv3d cos cumprod cumsum "
    "depthwise_conv2d dot elu equal exp expand_dims eye flatten gather greater greater_equal hard_sigmoid "
    "in_top_k l2_normalize less less_equal log max maximum mean min minimum not_equal one_hot ones "
    "ones_like permute_dimensions pool2d pool3d pow prod random_bernoulli random_binomial random_normal "
    "random_uniform relu repeat repeat_elements reshape resize_images resize_volumes reverse round "
    "separable_conv2d shape sigmoid sign sin softmax softplus softsign spatial_2d_padding "
    "spatial_3d_padding sqrt square squeeze stack std stop_gradient sum tanh temporal_padding tile "
    "transpose truncated_normal",
    "keras.activations": "elu exponential gelu hard_sigmoid linear mish relu selu sigmoid softmax softplus softsign "
    "swish tanh",
    "signal": "dct fft fft2d fft3d fftshift frame hamming_window hann_window idct ifft ifft2d ifft3d ifftshift "
    "inverse_mdct inverse_stft irfft irfft2d irfft3d kaiser_bessel_derived_window kaiser_window "
    "linear_to_mel_weight_matrix mdct mfccs_from_log_mel_spectrograms overlap_and_add rfft rfft2d rfft3d "
    "stft vorbis_window",
    "random": "categorical gamma normal poisson shuffle truncated_normal uniform",
    "strings": "as_string bytes_split join length lower ngrams reduce_join regex_full_match regex_replace split "
    "strip substr to_number unicode_split unicode_split_with_offsets upper",
    "bitwise": "bitwise_and bitwise_or bitwise_xor invert left_shift right_shift",
    "dtypes": "cast complex saturate_cast",
}
"""Functions of TensorFlow's public interface that compute on their arguments alone, by module. Nothing that opens a
file, decodes one, prints, calls Python or another function, makes a variable or asks the system is here."""
V1_PREFIX = "compat.v1."
"""Before the name of a function that has kept TensorFlow 1's form, such as `compat.v1.shape` for `tf.shape`."""
KERAS_2 = AllowList(
    by_module=_BY_MODULE,
    without_module=frozenset().union(*_BY_MODULE.values()),
    refused={
        **{name: reason for name, reason in classes.REFUSED.items() if name not in classes.CALLING_LAYERS},
        # Operations by their graph's node, and attributes and methods by name.
        **dict.fromkeys(names("ClassMethod InstanceMethod InstanceProperty TensorFlowOpLayer"), "other_class"),
    },
    operations=frozenset(),
    functions=frozenset(
        f"{module}.{name}".lstrip(".") for module, listed in _FUNCTIONS.items() for name in listed.split()
    ),
)


def public_module(module: str) -> str:
    """A module's name without what differs between versions of Keras 2."""
    return module.removeprefix("tf_").replace("keras.src.", "keras.", 1)
