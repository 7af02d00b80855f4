"""Reads a SavedModel's graph and checks each of its nodes once, against the operations that are allowed.

`ops.txt` is a static allow-list, one operation a line: what a newer TensorFlow brings is refused until it is added. It
was made from the 1910 operations that TensorFlow 2.21 registers, without these families, the rest reviewed one by one:

- files and network: ReadFile, WriteFile, MatchingFiles, readers, checkpoints (Save, Restore, MergeV2Checkpoints …),
  ImmutableConst (maps a file), table initialisers and candidate samplers that read a vocabulary file, Skipgram,
  LoadAndRemapMatrix, RPC, Send and Recv, collectives, DTensor, TPU, FileSystemSetConfiguration;
- Python and other code: PyFunc and its kin, XlaCallModule and all of Xla* but the two slices that keras.ops uses,
  RemoteCall, SymbolicGradient, MlirPassthroughOp;
- printing and watching: Print, PrintV2 (can write to files), summaries, Debug* (write to addresses), DumpTensor,
  Timestamp, Abort, Sleep, statistics savers;
- datasets, iterators, queues, stages, barriers, accumulators, mutexes, batching, session handles: training's machinery;
- codecs: decoding and encoding images, sound and protocol buffers parses untrusted bytes in native code;
- TensorFlow 1's reference variables, tables and arrays, decision trees, and operations of TensorFlow's own tests.

What remains computes only on its inputs, or holds variables, tables, random states and control flow inside the process.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from mockexam.grading.predictor.gate import GateRefusal, variables

MAX_BYTES = 64 << 20
"""Of a graph; the largest Keras applications have 10 MB. Parsed, a message may take 50 times its size."""
MAX_NODES = 300_000
MAX_FUNCTIONS = 20_000
MAX_OUTPUTS = 10_000  # of one node: TensorFlow allocates each when it reads the graph
SAVERS: Final = frozenset({"SaveV2", "RestoreV2", "MergeV2Checkpoints", "ShardedFilename"})
"""In each export, in functions that TensorFlow 2 never calls when it loads a model; allowed nowhere else."""
TEXT_TABLE: Final = "InitializeTableFromTextFileV2"
"""Reads a vocabulary file; allowed where that can only be an asset of the model."""
CALLERS: Final = frozenset({"Case", "If", "PartitionedCall", "StatefulPartitionedCall", "StatelessCase", "StatelessIf",
                            "StatelessWhile", "While"})  # fmt: skip
"""The allowed operations that call functions, which their attributes name."""
OUTPUT_COUNTS: Final = {
    "CTCBeamSearchDecoder": ("top_paths",), "ConcatOffset": ("N",), "CudnnRNNParamsToCanonical": ("num_params",),
    "CudnnRNNParamsToCanonicalV2": ("num_params_biases", "num_params_weights"),
    "DynamicPartition": ("num_partitions",), "ParseExample": ("Nsparse",), "ParseExampleV2": ("num_sparse",),
    "RaggedGather": ("OUTPUT_RAGGED_RANK",), "RaggedTensorFromVariant": ("output_ragged_rank",), "ShapeN": ("N",),
    "SparseSplit": ("num_split",), "Split": ("num_split",), "SplitV": ("num_split",), "Unpack": ("num",),
}  # fmt: skip
"""The allowed operations whose number of outputs is an attribute in the file."""
_REASONS: Final = (
    ("graph_python", r"PyFunc"),
    ("graph_print", r"^Print|Summary|^Debug|^DumpTensor|^Timestamp|^ImportEvent"),
    ("graph_codec", r"^(Decode|Encode|ExtractJpeg|ParseTensor|SerializeTensor|Parse.*Example)"),
    ("graph_file", (r"File|Reader|Restore|^Save|^Load|^ImmutableConst|^MergeV2Checkpoints|^Sharded|Vocab|^Skipgram|"
                    r"CandidateSampler|LMDB|SqlDataset|TFRecord|CSVDataset|TextLine|Snapshot|CheckPinned|^FileSystem")),
)  # fmt: skip
_TRACED = re.compile(r"^__(?:inference|forward|backward)_(.*?)(?:_\d+)*$")


@functools.cache
def allowed_operations() -> frozenset[str]:
    """The operations of `ops.txt`."""
    return frozenset(Path(__file__).with_name("ops.txt").read_text(encoding="ascii").split())


def _reason(op: str) -> str:
    """The code that refuses an operation which is not allowed; `graph_foreign` if TensorFlow does not have it."""
    from tensorflow.python.framework import op_def_registry

    if op_def_registry.get(op) is None:
        return "graph_foreign"
    return next((code for code, pattern in _REASONS if re.search(pattern, op)), "graph_operation")


@dataclass
class FunctionBody:
    """A function, or the main graph, with what the walk noted."""

    name: str  # empty for the main graph
    proto: Any
    nodes: Any
    calls: list[str] = field(default_factory=list)  # one entry a call
    saves: bool = False  # whether it holds operations that save or restore checkpoints
    text_tables: list[Any] = field(default_factory=list)  # the nodes that fill a table from a text file

    @property
    def where(self) -> str:
        """Its name in the learner's code, without TensorFlow's prefix and numbers."""
        if not self.name:
            return "main graph"
        found = _TRACED.match(self.name)
        return f"function {found.group(1) if found and found.group(1) else self.name}"


def read(path: Path) -> Any:
    """The one meta graph of a SavedModel folder. Raises GateRefusal if it has none that TensorFlow 2 wrote."""
    from google.protobuf.message import DecodeError
    from tensorflow.core.protobuf import saved_model_pb2

    file = path / "saved_model.pb"
    if not file.is_file():
        raise GateRefusal("graph_text" if (path / "saved_model.pbtxt").exists() else "graph_damaged", "saved_model.pb")
    size = file.stat().st_size
    if size > MAX_BYTES:
        raise GateRefusal("graph_large", f"saved_model.pb of {size >> 20} MB")
    raw = file.read_bytes()
    try:
        graphs = saved_model_pb2.SavedModel.FromString(raw).meta_graphs
    except (DecodeError, RecursionError):
        raise GateRefusal("graph_damaged", "saved_model.pb") from None
    if not graphs:
        raise GateRefusal("graph_damaged", "saved_model.pb")
    if len(graphs) > 1:
        raise GateRefusal("graph_several", f"{len(graphs)} graphs")
    if not graphs[0].HasField("object_graph_def"):
        raise GateRefusal("graph_old", graphs[0].meta_info_def.tensorflow_version or "unknown")
    return graphs[0]


def walk(graph_def: Any) -> list[FunctionBody]:
    """The main graph and each function, all nodes of which are allowed. Raises GateRefusal."""
    functions = graph_def.library.function
    if len(functions) > MAX_FUNCTIONS:
        raise GateRefusal("graph_large", f"{len(functions)} functions")
    bodies = [FunctionBody("", graph_def, graph_def.node)]
    bodies += [FunctionBody(function.signature.name, function, function.node_def) for function in functions]
    if (count := sum(len(body.nodes) for body in bodies)) > MAX_NODES:
        raise GateRefusal("graph_large", f"{count} operations")
    names = {body.name for body in bodies[1:]}
    if len(names) < len(functions) or "" in names or names & allowed_operations():
        raise GateRefusal("graph_damaged", "functions of the same name, or of an operation's")
    _check_nodes(bodies, names)
    return bodies


def _check_nodes(bodies: Iterable[FunctionBody], functions: set[str]) -> None:
    budget = variables.ConstantBudget()
    plain = allowed_operations() - {"Const", *CALLERS, *OUTPUT_COUNTS}
    for body in bodies:
        for node in body.nodes:
            op = node.op
            if op == "Const":
                budget.add(node.attr["value"].tensor, body.where)
            elif op not in plain:
                _check_special(node, op, body, functions)


def _check_special(node: Any, op: str, body: FunctionBody, functions: set[str]) -> None:
    """Note a node that calls or saves, or refuse it: it is not among the plain allowed operations."""
    if op in CALLERS:
        body.calls += _callees(node.attr, body.where)
    elif op in OUTPUT_COUNTS:
        for attribute in OUTPUT_COUNTS[op]:
            if node.attr[attribute].i > MAX_OUTPUTS:
                raise GateRefusal("graph_large", f"{op} with {node.attr[attribute].i} outputs", body.where)
    elif op in SAVERS and body.name:
        body.saves = True
    elif op == TEXT_TABLE and body.name:
        body.text_tables.append(node)
    elif op in functions and _reason(op) == "graph_foreign":
        # A function may be called by its name, unless that is the name of an operation.
        body.calls.append(op)
    else:
        raise GateRefusal(_reason(op), op, body.where)


def _callees(attributes: Any, where: str) -> list[str]:
    """The functions that a node's attributes name. Raises GateRefusal for placeholders, which no export has."""
    found: list[Any] = []
    for value in attributes.values():
        kind = value.WhichOneof("value")
        if kind == "func":
            found.append(value.func)
        elif kind == "list":
            found += value.list.func
        elif kind == "placeholder":
            raise GateRefusal("graph_damaged", "a call of an unknown function", where)
    if any(function.attr for function in found):
        raise GateRefusal("graph_damaged", "a call of an unknown function", where)
    return [function.name for function in found]
