"""What learners write into layers of their own, with plain TensorFlow: name -> (shape of the input, function)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

Functions = dict[str, Callable[[Any], Any]]


def _rows(*columns: Any) -> Any:
    """One float of each argument, whatever it is, so that all of them stay in the graph."""
    real = [column if column.dtype != tf.complex64 else tf.math.real(column) for column in columns]
    return tf.stack([tf.reduce_sum(tf.cast(column, tf.float32)) for column in real])[None]


def _strings(*parts: Any) -> Any:
    return tf.stack([tf.reduce_sum(tf.strings.length(part)) for part in parts])[None]


def _loop(x: Any) -> Any:
    for _ in tf.range(3):
        x = x + 1.0 if tf.reduce_sum(x) > 100.0 else x * 0.5
    return x


def _array(x: Any) -> Any:
    array = tf.TensorArray(tf.float32, 3)
    for i in range(3):
        array = array.write(i, x[:, i])
    return array.stack()


def _gradient(x: Any) -> Any:
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.reduce_sum(tf.nn.gelu(x) ** 2)
    return tape.gradient(y, x)


@tf.custom_gradient
def _own_gradient(x: Any) -> Any:
    return x * 2, lambda d: d * 3


@tf.recompute_grad
def _recomputed(x: Any) -> Any:
    return tf.tanh(x)


def _checked(x: Any) -> Any:
    tf.debugging.assert_all_finite(x, "finite")
    tf.debugging.assert_greater(tf.reduce_sum(tf.ones_like(x)), 0.0)
    tf.debugging.assert_rank(x, 2)
    with tf.control_dependencies([tf.debugging.Assert(tf.size(x) > 0, [x])]):
        return tf.ensure_shape(tf.debugging.check_numerics(x, "numerics"), (None, 12))


VECTORS: Functions = {
    "loop": tf.function(_loop),
    "array": _array,
    "gradient": tf.function(_gradient),
    "own_gradient": _own_gradient,
    "recompute": lambda x: _recomputed(x),  # noqa: PLW0108  # TensorFlow can't trace the wrapper itself
    "jit": tf.function(tf.tanh, jit_compile=True),
    "checked": _checked,
    "map": lambda x: tf.map_fn(lambda row: row * 2, x) + tf.vectorized_map(lambda row: row * 2, x),
    "scan": lambda x: tf.scan(lambda a, b: a + b, x) + tf.foldl(lambda a, b: a + b, x),
    "cond": lambda x: tf.cond(tf.reduce_sum(x) > 0, lambda: x, lambda: -x),
    "switch": lambda x: tf.switch_case(tf.cast(x[0, 0], tf.int32), [lambda: x, lambda: -x, lambda: x + 1]),
    "case": lambda x: tf.case([(tf.reduce_sum(x) > 0, lambda: x)], default=lambda: -x),
    "gather": lambda x: _rows(tf.gather(x, [0, 2], axis=1), tf.gather_nd(x, [[0, 1]]), tf.where(x > 0),
                              tf.boolean_mask(x, x > 0), tf.one_hot(tf.cast(x, tf.int32), 4)),
    "scatter": lambda x: _rows(tf.tensor_scatter_nd_update(x, [[0, 0]], [1.0]), tf.scatter_nd([[0]], [[1.0]], (2, 1)),
                               tf.tensor_scatter_nd_max(x, [[0, 0]], [1.0]), tf.dynamic_stitch([[0]], [[x[0]]]),
                               tf.dynamic_partition(x[0], tf.zeros(12, tf.int32), 2)[0]),
    "segments": lambda x: _rows(tf.math.segment_mean(x, tf.zeros(tf.shape(x)[:1], tf.int32)),
                                tf.math.unsorted_segment_max(x, tf.zeros(tf.shape(x)[:1], tf.int32), 1)),
    "sorting": lambda x: _rows(tf.sort(x), tf.argsort(x), tf.math.top_k(x, 3)[0], tf.searchsorted(tf.sort(x), x),
                               tf.reverse(x, [1]), tf.roll(x, 1, 1), tf.unique(x[0])[0], tf.argmax(x, 1)),
    "counting": lambda x: _rows(tf.math.bincount(tf.cast(x, tf.int32), minlength=5, maxlength=5, axis=-1),
                                tf.histogram_fixed_width(x, [0.0, 1.0], 5), tf.math.count_nonzero(x)),
    "special": lambda x: _rows(tf.math.lgamma(x), tf.math.digamma(x), tf.math.erfinv(tf.tanh(x)), tf.math.bessel_i0(x),
                               tf.math.igamma(tf.abs(x) + 1, tf.abs(x)), tf.math.zeta(tf.abs(x) + 2, tf.abs(x) + 1),
                               tf.math.ndtri(tf.sigmoid(x)), tf.math.xlogy(x, x), tf.math.special.dawsn(x),
                               tf.math.betainc(tf.abs(x) + 1, tf.abs(x) + 1, tf.sigmoid(x)), tf.atan2(x, x)),
    "cumulated": lambda x: _rows(tf.cumsum(x, 1), tf.math.cumprod(x, 1), tf.math.cumulative_logsumexp(x, 1)),
    "reduced": lambda x: _rows(tf.math.reduce_std(x, 1), tf.reduce_logsumexp(x, 1), tf.reduce_any(x > 0),
                               tf.math.reduce_euclidean_norm(x), tf.linalg.norm(x), tf.nn.moments(x, [1])[1]),
    "bits": lambda x: _rows(tf.bitwise.left_shift(tf.cast(x, tf.int32), 1) ^ 3, tf.bitcast(x, tf.int32)),
    "losses": lambda x: _rows(tf.nn.softmax_cross_entropy_with_logits(x, x), tf.nn.l2_loss(x), tf.nn.log_softmax(x),
                              tf.nn.sigmoid_cross_entropy_with_logits(x, x), tf.clip_by_global_norm([x], 1.0)[1]),
    "shapes": lambda x: _rows(tf.tile(x, [1, 2]), tf.repeat(x, 2), tf.meshgrid(x[0], x[0])[0], tf.eye(12), tf.range(9),
                              tf.broadcast_to(x[:1], tf.shape(x)), tf.stack(tf.unstack(x, axis=1)), tf.split(x, 2,
                              1)[0],
                              tf.linspace(0.0, 1.0, 5), tf.sequence_mask(tf.cast(x[:, 0], tf.int32), 12), tf.fill([3],
                              2.0),
                              tf.reverse_sequence(x, tf.fill(tf.shape(x)[:1], 3), 1, 0), tf.einsum("ij,ij->i", x, x),
                              tf.quantization.fake_quant_with_min_max_args(x), tf.pad(x, [[0, 0], [1, 1]], "REFLECT")),
    "random": lambda x: _rows(tf.random.normal((3,)), tf.random.uniform((3,), 0, 5, tf.int32), tf.random.shuffle(x),
                              tf.random.truncated_normal((3,)), tf.random.gamma((3,), 1.0), tf.random.poisson((3,),
                              1.0),
                              tf.random.categorical(x, 2)),
    "stateless": lambda x: _rows(tf.random.stateless_normal((3,), (1, 2)), tf.random.stateless_uniform((3,), (1, 2)),
                                 tf.random.stateless_gamma((3,), (1, 2), 1.0), tf.random.stateless_categorical(x, 2,
                                 (1, 2)),
                                 tf.random.stateless_binomial((3,), (1, 2), 3.0, 0.5),
                                 tf.random.stateless_truncated_normal((3,), (1, 2)),
                                 tf.random.stateless_poisson((3,), (1, 2), 1.0, tf.float32)),
    "ragged": lambda x: _rows(tf.RaggedTensor.from_tensor(x, lengths=tf.ones(tf.shape(x)[:1], tf.int32)).to_tensor(),
                              tf.reduce_mean(tf.RaggedTensor.from_tensor(x), 1), tf.ragged.range([3, 2]).to_tensor(),
                              tf.ragged.boolean_mask(x, x > 0).to_tensor(),
                              tf.map_fn(tf.reduce_sum, tf.RaggedTensor.from_tensor(x), fn_output_signature=tf.float32)),
    "sparse": lambda x: _rows(tf.sparse.to_dense(tf.sparse.reorder(tf.sparse.from_dense(x))),
                              tf.sparse.sparse_dense_matmul(tf.sparse.from_dense(x), tf.ones((12, 2))),
                              tf.sparse.reduce_sum(tf.sparse.concat(1, [tf.sparse.from_dense(x)] * 2)),
                              tf.nn.safe_embedding_lookup_sparse(tf.ones((5, 3)), tf.sparse.from_dense([[1, 2]]))),
}  # fmt: skip
SIGNALS: Functions = {
    "stft": lambda x: tf.abs(tf.signal.stft(x, 256, 128)),
    "istft": lambda x: tf.signal.inverse_stft(tf.signal.stft(x, 256, 128), 256, 128),
    "mel": lambda x: tf.signal.mfccs_from_log_mel_spectrograms(
        tf.math.log(tf.abs(tf.signal.stft(x, 256, 128)) @ tf.signal.linear_to_mel_weight_matrix(20, 129, 8000) + 1e-6)
    ),
    "fft": lambda x: tf.abs(tf.signal.fft(tf.cast(x, tf.complex64))) + tf.signal.irfft(tf.signal.rfft(x)),
    "dct": lambda x: tf.signal.dct(x) + tf.signal.idct(x),
    "frames": lambda x: tf.signal.overlap_and_add(tf.signal.frame(x, 8, 4) * tf.signal.hann_window(8), 4),
}
MATRICES: Functions = {
    "decompositions": lambda m: _rows(tf.linalg.cholesky(m @ tf.transpose(m, [0, 2, 1])), tf.linalg.qr(m)[0],
                                      tf.linalg.svd(m)[0], tf.linalg.lu(m)[0], tf.linalg.eig(m)[0],
                                      tf.linalg.eigh(m)[1], tf.linalg.slogdet(m)[1], tf.linalg.matrix_rank(m)),
    "solving": lambda m: _rows(tf.linalg.inv(m), tf.linalg.solve(m, m), tf.linalg.lstsq(m, m), tf.linalg.pinv(m),
                               tf.linalg.triangular_solve(m, m), tf.linalg.expm(m), tf.linalg.sqrtm(m),
                               tf.linalg.det(m)),
    "parts": lambda m: _rows(tf.linalg.band_part(m, 0, -1), tf.linalg.diag(tf.linalg.diag_part(m)), tf.linalg.trace(m),
                             tf.linalg.set_diag(m, m[:, 0]), tf.linalg.cross(m, m), tf.linalg.tensor_diag_part(m[0])),
}  # fmt: skip
IMAGES: Functions = {
    "resizing": lambda x: sum(tf.image.resize(x, (8, 8), method) for method in tf.image.ResizeMethod.__dict__.values()
                              if isinstance(method, str) and method.islower() and "." not in method),
    "colours": lambda x: _rows(tf.image.adjust_contrast(x, 2.0), tf.image.adjust_hue(x, 0.1), tf.image.rgb_to_hsv(x),
                               tf.image.adjust_saturation(x, 2.0), tf.image.adjust_gamma(x), tf.image.rgb_to_yuv(x),
                               tf.image.per_image_standardization(x), tf.image.rgb_to_grayscale(x)),
    "geometry": lambda x: _rows(tf.image.flip_left_right(x), tf.image.rot90(x), tf.image.resize_with_pad(x, 8, 12),
                                tf.image.central_crop(x, 0.5), tf.image.resize_with_crop_or_pad(x, 8, 20),
                                tf.image.crop_and_resize(x, [[0.0, 0.0, 1.0, 1.0]], [0], (8, 8)),
                                tf.image.extract_patches(x, [1, 4, 4, 1], [1, 4, 4, 1], [1, 1, 1, 1], "VALID")),
    "edges": lambda x: _rows(tf.image.sobel_edges(x), tf.image.image_gradients(x)[0], tf.image.total_variation(x)),
    "boxes": lambda x: _rows(tf.image.non_max_suppression(x[0, 0, :, :1] + tf.zeros((1, 4)), x[0, 0, :, 0], 3),
                             tf.image.draw_bounding_boxes(x, tf.zeros((1, 1, 4)), [[1.0, 0.0, 0.0]])),
    "chance": lambda x: _rows(tf.image.random_flip_left_right(x), tf.image.random_brightness(x, 0.1),
                              tf.image.random_contrast(x, 0.5, 1.5), tf.image.random_hue(x, 0.1),
                              tf.image.random_saturation(x, 0.5, 1.5), tf.image.random_crop(x[0], (8, 8, 3)),
                              tf.image.stateless_random_flip_up_down(x, (1, 2))),
    "convolutions": lambda x: _rows(tf.nn.conv2d(x, tf.ones((3, 3, 3, 2)), 1, "SAME"), tf.nn.max_pool2d(x, 2, 2,
                                    "SAME"),
                                    tf.nn.depthwise_conv2d(x, tf.ones((3, 3, 3, 2)), (1, 1, 1, 1), "SAME"),
                                    tf.nn.max_pool_with_argmax(x, 2, 2, "SAME")[0], tf.nn.space_to_depth(x, 2),
                                    tf.nn.depth_to_space(tf.nn.space_to_depth(x, 2), 2), tf.nn.lrn(x),
                                    tf.nn.atrous_conv2d(x, tf.ones((3, 3, 3, 2)), 2, "SAME"),
                                    tf.space_to_batch(x, [2, 2], [[0, 0], [0, 0]])),
    "similarity": lambda x: _rows(tf.image.psnr(x, x, 1.0), tf.image.ssim(x, x, 1.0, filter_size=5)),
}  # fmt: skip
TEXTS: Functions = {
    "cleaning": lambda x: _strings(tf.strings.lower(x), tf.strings.upper(x, "utf-8"), tf.strings.strip(x),
                                   tf.strings.regex_replace(x, "<[^>]+>|[^a-z ]", " "), tf.strings.substr(x, 0, 2),
                                   tf.strings.join([x, x], "-"), tf.strings.unicode_transcode(x, "UTF-8", "UTF-8")),
    "splitting": lambda x: _strings(tf.strings.split(x[:, 0]).to_tensor(""), tf.strings.bytes_split(x[:,
                                    0]).to_tensor(),
                                    tf.strings.unicode_split(x[:, 0], "UTF-8").to_tensor(""),
                                    tf.strings.ngrams(tf.strings.split(x[:, 0]), 2).to_tensor(""),
                                    tf.strings.reduce_join(tf.strings.split(x[:, 0]).to_tensor(""), -1)),
    "numbers": lambda x: _rows(tf.strings.to_number(tf.strings.regex_replace(x, "[^0-9]", "") + "0"),
                               tf.strings.to_hash_bucket_fast(x, 10), tf.strings.to_hash_bucket_strong(x, 10, [1, 2]),
                               tf.strings.regex_full_match(x, ".*a"), tf.strings.length(tf.strings.as_string(x == "a")),
                               tf.strings.unicode_decode(x[:, 0], "UTF-8").to_tensor(), tf.io.decode_raw(x, tf.uint8)),
    "base64": lambda x: _strings(tf.io.decode_base64(tf.io.encode_base64(x)), tf.strings.format("{}", x)),
}  # fmt: skip
ALL: dict[str, tuple[tuple[int, ...], str, Functions]] = {
    "vector": ((12,), "float32", VECTORS),
    "signal": ((2048,), "float32", SIGNALS),
    "matrix": ((3, 3), "float32", MATRICES),
    "image": ((16, 16, 3), "float32", IMAGES),
    "text": ((1,), "string", TEXTS),
}
