"""Which operations a SavedModel may hold, and what to call those that it may not.

`ops.txt` is a static list, one operation a line. It was made from the 1910 operations that TensorFlow 2.21 registers,
by leaving out these families and reading the rest through by eye:

- files and network: ReadFile, WriteFile, MatchingFiles, readers, checkpoints (Save, Restore, MergeV2Checkpoints …),
  ImmutableConst (maps a file), table initialisers and candidate samplers that read a vocabulary file, Skipgram,
  LoadAndRemapMatrix, RPC, Send and Recv, collectives, DTensor, TPU, FileSystemSetConfiguration;
- Python and foreign code: PyFunc and its kin, XlaCallModule and all of Xla* but the two slices that keras.ops uses,
  RemoteCall, SymbolicGradient, MlirPassthroughOp;
- printing and watching: Print, PrintV2 (can write to files), summaries, Debug* (write to addresses), DumpTensor,
  Timestamp, Abort, Sleep, statistics savers;
- datasets, iterators, queues, stages, barriers, accumulators, mutexes, batching, session handles: training's machinery;
- codecs: decoding and encoding images, sound and protocol buffers is native parsing of foreign bytes;
- TensorFlow 1's reference variables, tables and arrays, decision trees, and operations of TensorFlow's own tests.

What stays computes on its inputs alone, or holds variables, tables, random states and control flow inside the process.
An operation of a later TensorFlow is refused until it is put on the list.
"""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import Final

SAVERS: Final = frozenset({"SaveV2", "RestoreV2", "MergeV2Checkpoints", "ShardedFilename"})
"""In each export, in functions that TensorFlow 2 never calls when it loads a model. Allowed there alone."""
TEXT_TABLE: Final = "InitializeTableFromTextFileV2"
"""Reads a vocabulary file: allowed where the file can be none but an asset of the model."""
CALLERS: Final = frozenset(
    {
        "Case", "If", "PartitionedCall", "StatefulPartitionedCall", "StatelessCase", "StatelessIf", "StatelessWhile",
        "While",
    }
)  # fmt: skip
"""The allowed operations that call functions, which their attributes name."""
OUTPUT_COUNTS: Final = {
    "CTCBeamSearchDecoder": ("top_paths",),
    "ConcatOffset": ("N",),
    "CudnnRNNParamsToCanonical": ("num_params",),
    "CudnnRNNParamsToCanonicalV2": ("num_params_biases", "num_params_weights"),
    "DynamicPartition": ("num_partitions",),
    "ParseExample": ("Nsparse",),
    "ParseExampleV2": ("num_sparse",),
    "RaggedGather": ("OUTPUT_RAGGED_RANK",),
    "RaggedTensorFromVariant": ("output_ragged_rank",),
    "ShapeN": ("N",),
    "SparseSplit": ("num_split",),
    "Split": ("num_split",),
    "SplitV": ("num_split",),
    "Unpack": ("num",),
}
"""The allowed operations of which a number in the file says how many outputs they have."""
_FILES: Final = (
    r"File|Reader|Restore|^Save|^Load|^ImmutableConst|^MergeV2Checkpoints|^Sharded|Vocab|^Skipgram|CandidateSampler|LMDB|"
    r"SqlDataset|TFRecord|CSVDataset|TextLine|Snapshot|CheckPinned|^FileSystem"
)
_KINDS: Final = (
    ("graph_python", r"PyFunc"),
    ("graph_print", r"^Print|Summary|^Debug|^DumpTensor|^Timestamp|^ImportEvent"),
    ("graph_codec", r"^(Decode|Encode|ExtractJpeg|ParseTensor|SerializeTensor|Parse.*Example)"),
    ("graph_file", _FILES),
)


@functools.cache
def allowed() -> frozenset[str]:
    """The operations of `ops.txt`."""
    return frozenset(Path(__file__).with_name("ops.txt").read_text(encoding="ascii").split())


def reason(op: str) -> str:
    """The code under which an operation that is not allowed is refused; `graph_foreign` if TensorFlow has none such."""
    if not _registered(op):
        return "graph_foreign"
    for code, pattern in _KINDS:
        if re.search(pattern, op):
            return code
    return "graph_operation"


def _registered(op: str) -> bool:
    from tensorflow.python.framework import op_def_registry

    return op_def_registry.get(op) is not None
