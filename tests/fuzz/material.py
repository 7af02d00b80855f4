"""What a mutation puts in the place of something honest."""

from __future__ import annotations

from typing import Any

CANARY = "/tmp/mockexam-fuzz-canary"
"""A file that only a mutation's own code could make."""
NUMBERS = (0, 1, -1, 2, 7, 127, 128, 255, 256, 65_535, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**53, 2**63 - 1, 2**64 - 1)
JSON_VALUES: tuple[Any, ...] = (
    None, True, False, "", "x", "..", CANARY, f"file://{CANARY}", "https://127.0.0.1/x", "__import__('os').getpid()",
    "a" * 5000, "\x00", "naïve ✓", [], {}, [[]], [None], 1e308, -1e308, 0.5, float("nan"), float("inf"), *NUMBERS,
    {"class_name": "Lambda", "config": {}}, {"class_name": "__lambda__", "config": {"value": "4wAAAA=="}},
    {"module": "builtins", "class_name": "eval", "config": {}}, {"class_name": "__tensor__", "config": {"value": [1]}},
    {"module": "os", "class_name": "function", "config": "system", "registered_name": "function"},
    {"class_name": "__typespec__", "spec_name": "X", "spec": []},
)  # fmt: skip
CLASSES = (
    "Lambda", "TFSMLayer", "TorchModuleWrapper", "FlaxLayer", "JaxLayer", "Functional", "Sequential", "Model", "Layer",
    "InputLayer", "Dense", "Conv2D", "LSTM", "Wrapper", "StringLookup", "TextVectorization", "Dropout", "function",
    "eval", "Mine", "__lambda__", "", "dense",
)  # fmt: skip
NEVER = frozenset({"Lambda", "TFSMLayer", "TorchModuleWrapper", "FlaxLayer", "JaxLayer", "eval", "Mine", "__lambda__"})
"""A layer of these classes runs what came with the file, or nothing that Keras knows: it must never get marks."""
MODULES = (
    "os",
    "builtins",
    "subprocess",
    "keras.utils",
    "keras.config",
    "keras.src.utils.file_utils",
    "mine",
    "",
    "keras",
)
KEYS = (
    "compile_config", "build_config", "registered_name", "module", "class_name", "config", "vocabulary", "function",
    "arguments", "shared_object_id", "filepath", "dtype",
)  # fmt: skip
WORDS = (
    b"WriteFile", b"ReadFile", b"PyFunc", b"EagerPyFunc", b"PrintV2", b"MatchingFiles", b"Save", b"RestoreV2", b"Abort",
    b"DebugIdentityV2", b"PartitionedCall", b"While", b"Identity", b"MatMul", b"Placeholder", b"Const", b"NoOp",
    b"AddV2", b"serving_default", b"__saved_model_init_op", b"main_op", b"saved_model_main_op", b"variables", b"",
    b"..", CANARY.encode(), b"../" * 8 + b"etc/passwd", b"assets/../../x", b"\xff\xfe", b"x" * 3000,
    b"int32", b"value", b"dtype",
)  # fmt: skip
