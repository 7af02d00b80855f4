"""Asks the gate about SavedModels, honest and hostile: `python ask_gate.py MODELS FOLDER`, printed as JSON.

No operation of TensorFlow runs, here or in the gate.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import broken_indices
from hostile_graphs import CASES, serving
from tensorflow.core.framework import op_def_pb2
from tensorflow.core.protobuf import saved_model_pb2
from tensorflow.python.client import pywrap_tf_session
from tensorflow.python.eager import context

from mockexam import leveldb_table
from mockexam.grading.predictor.gate import GateRefusal, graph
from mockexam.grading.predictor.gate.check import check_graph, check_saved_model
from mockexam.grading.predictor.gate.variables import indexed_bytes

HONEST = ("good", "words", "bright", "custom", "rogue_loop", "rogue_eat", "rogue_flood", "rogue_mix", "no_signature")
DANGEROUS = (
    "Abort AddManySparseToTensorsMap AnonymousIteratorV3 AssertNextDataset BatchFunction CollectiveReduceV2 CSVDataset "
    "CreateSummaryFileWriter CudaGraph DTensorRestoreV2 DataServiceDatasetV4 DatasetToTFRecord DebugIdentity "
    "DebugIdentityV3 DebugNumericSummaryV2 DecodeCompressed DecodeGif DecodeImage DecodeJpeg DecodePng DecodeProtoV2 "
    "DecodeWav DeleteSessionTensor DumpTensor EagerPyFunc EncodePng EncodeProto FIFOQueueV2 FileSystemSetConfiguration "
    "FixedLengthRecordDatasetV2 FixedUnigramCandidateSampler GenerateVocabRemapping GetSessionHandleV2 ImmutableConst "
    "InitializeTableFromDataset InitializeTableFromTextFile IteratorGetNext LMDBDataset LoadAndRemapMatrix LoadDataset "
    "MatchingFiles MlirPassthroughOp MutexV2 ParseTensor Print PrintV2 PyFunc PyFuncStateless ReaderReadV2 ReadFile "
    "Recv RecordInput RegisterDatasetV2 RemoteCall Restore RestoreSlice RpcClient RpcServer Save SaveDatasetV2 "
    "SaveSlices Send Skipgram SleepOp SnapshotDatasetV2 SqlDataset StackV2 Stage SymbolicGradient TFRecordDatasetV2 "
    "TFRecordReaderV2 TPUCompile TextLineDataset Timestamp VariableV2 WholeFileReaderV2 WriteAudioSummary WriteFile "
    "WriteRawProtoSummary XlaCallModule XlaCustomCallV2 XlaHostCompute XlaLaunchV2 XlaSendToHost _HostRecv _Send"
)  # fmt: skip


def _whole_folders(good: Path, out: Path) -> Iterator[tuple[str, Path]]:
    """Models that are wrong beyond the graph."""
    raw = (good / "saved_model.pb").read_bytes()
    twice = saved_model_pb2.SavedModel.FromString(raw)
    twice.meta_graphs.add().CopyFrom(twice.meta_graphs[0])
    contents = {
        "cut_short": raw[: len(raw) // 2],
        "foreign": b"no model" * 100,
        "empty": b"",
        "two_graphs": twice.SerializeToString(),
        "no_graph": saved_model_pb2.SavedModel(saved_model_schema_version=1).SerializeToString(),
        "deep": _nested(1000),
    }
    for name, content in contents.items():
        shutil.copytree(good, out / name)
        (out / name / "saved_model.pb").write_bytes(content)
        yield name, out / name
    for name in ("text", "nothing", "huge", "debug"):
        shutil.copytree(good, out / name)
    (out / "text" / "saved_model.pb").rename(out / "text" / "saved_model.pbtxt")
    (out / "nothing" / "saved_model.pb").unlink()
    (out / "debug" / "debug").mkdir()
    for path in (out / "huge" / "saved_model.pb", out / "debug" / "debug" / "saved_model_debug_info.pb"):
        path.touch()
        os.truncate(path, 10**9)
    yield from ((name, out / name) for name in ("text", "nothing", "huge", "debug"))


def _indices(good: Path, out: Path) -> Iterator[tuple[str, Path]]:
    """Models whose variables' index is wrong, and one as it was."""
    entries = list(leveldb_table.entries((good / "variables" / "variables.index").read_bytes()))
    for name, made in broken_indices.CASES.items():
        shutil.copytree(good, out / name)
        (out / name / "variables" / "variables.index").write_bytes(made(entries))
        yield name, out / name


def _nested(depth: int) -> bytes:
    """What a function takes: a list in a list in a list …, deeper than protobuf reads."""
    content = b""
    for _ in range(depth):
        content = b"\x0a" + _length(content) + content  # ListValue.values
        content = b"\x9a\x03" + _length(content) + content  # StructuredValue.list_value
    # An output signature, an entry's value, concrete_functions, object_graph_def, meta_graphs.
    for field in (0x22, 0x12, 0x12, 0x3A, 0x12):
        content = bytes([field]) + _length(content) + content
    return content


def _length(content: bytes) -> bytes:
    size, out = len(content), bytearray()
    while size > 0x7F:
        out.append(size & 0x7F | 0x80)
        size >>= 7
    return bytes([*out, size])


def _verdict(path: Path) -> list[str] | None:
    """What the gate says of the whole graph."""
    try:
        check_graph(graph.read(path), path)
    except GateRefusal as refusal:
        return [refusal.reason, refusal.found, refusal.where]
    return None


def _harmless(path: Path, honest: bytes) -> bool:
    """Whether the gate refuses a model, or what it passes is the honest one."""
    try:
        return _passed(path) == honest
    except GateRefusal:
        return True


def _passed(path: Path) -> bytes:
    """The graph that the gate passes, but for the functions' attributes: they may name functions that are gone."""
    with tempfile.TemporaryDirectory() as scratch:
        passed = Path(check_saved_model(str(path), scratch)) / "saved_model.pb"
        model = saved_model_pb2.SavedModel.FromString(passed.read_bytes())
    for function in model.meta_graphs[0].graph_def.library.function:
        function.attr.clear()
    return model.SerializeToString(deterministic=True)


def _verdicts(models: Path, out: Path) -> Iterator[tuple[str, list[str] | None]]:
    yield from ((name, _verdict(models / name)) for name in (*HONEST, "rogue_write", "rogue_read"))
    good = models / "good"
    raw = (good / "saved_model.pb").read_bytes()
    for name, change in CASES.items():
        model = saved_model_pb2.SavedModel.FromString(raw)
        shutil.copytree(good, out / name)
        change(model.meta_graphs[0], out / name)
        (out / name / "saved_model.pb").write_bytes(model.SerializeToString())
        yield name, _verdict(out / name)
    yield from ((name, _verdict(path)) for name, path in _whole_folders(good, out))
    yield from ((name, _verdict(path)) for name, path in _indices(good, out))
    for op in DANGEROUS.split():
        model = saved_model_pb2.SavedModel.FromString(raw)
        serving(model.meta_graphs[0]).node_def.add(name="x", op=op)
        (out / "no_object_graph" / "saved_model.pb").write_bytes(model.SerializeToString())
        yield f"op {op}", _verdict(out / "no_object_graph")


def _registered() -> dict[str, Any]:
    """What TensorFlow itself says of the operations that are allowed."""
    raw = pywrap_tf_session.TF_GetBuffer(pywrap_tf_session.TF_GetAllOpList())
    known = {op.name: op for op in op_def_pb2.OpList.FromString(raw).op}
    here = [known[name] for name in sorted(graph.allowed_operations() & known.keys())]
    return {
        "unknown": sorted((graph.allowed_operations() | {*graph.SAVERS, graph.TEXT_TABLE}) - known.keys()),
        "callers": [op.name for op in here if any(a.type in {"func", "list(func)"} for a in op.attr)],
        "counted": {op.name: sorted({o.number_attr for o in op.output_arg} - {""}) for op in here},
    }


def main() -> None:
    """Print what the gate says of each."""
    models, out = Path(sys.argv[1]), Path(sys.argv[2])
    report = {
        "verdicts": dict(_verdicts(models, out)),
        "harmless": {name: _harmless(out / name, _passed(models / "good")) for name in CASES},
        "registered": _registered(),
        "indexed": indexed_bytes(models / "good" / "variables" / "variables.index"),
        "ran": context.context()._context_handle is not None,  # set by the first operation
    }
    json.dump(report, sys.stdout)


if __name__ == "__main__":
    main()
