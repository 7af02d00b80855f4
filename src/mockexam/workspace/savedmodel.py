"""Is a SavedModel folder complete, and do its pieces belong together?

An export writes the variables, then `saved_model.pb`, then `fingerprint.pb`. Over an older export the old
`saved_model.pb` stands beside the new variables for a moment.
"""

from __future__ import annotations

import stat
from pathlib import Path

from mockexam.workspace import checkpoint
from mockexam.workspace.judgement import COMPLETE, DOUBTFUL, Judgement, broken, not_yet
from mockexam.workspace.names import SAVE
from mockexam.workspace.safe_open import open_regular
from mockexam.workspace.signature import Entry, Signature

_GRAPH = "saved_model.pb"
_INDEX = "variables/variables.index"
_META_GRAPHS = 0x12
"""The first byte of `meta_graphs` in tensorflow/core/protobuf/saved_model.proto: field 2, with a length."""
_EXPORT = "export it with model.export('mymodel')"


def judge(folder: Path, signature: Signature) -> Judgement:
    """Whether the folder in this state is a whole SavedModel. Raises OSError."""
    links = [entry.name for entry in signature.entries if stat.S_ISLNK(entry.mode)]
    if links:
        return broken(f"{links[0]} in it is a link: copy the file itself")
    strange = [entry.name for entry in signature.entries if not entry.is_file and not entry.is_folder]
    if strange:
        return broken(f"{strange[0]} in it is not a regular file; {_EXPORT} again")
    graph = signature.entry(_GRAPH)
    if graph is None or not graph.is_file:
        return _without_graph(signature)
    if any(part.endswith("_temp") for entry in signature.entries for part in entry.name.split("/")):
        return not_yet("the export was interrupted while it wrote the variables; export it again")
    if not _is_whole_graph(folder / _GRAPH, graph.size):
        return not_yet(f"{_GRAPH} is cut short: the export was interrupted; export it again")
    return _judge_variables(folder, signature) or _judge_order(signature, graph)


def _without_graph(signature: Signature) -> Judgement:
    if signature.entry("config.json") and signature.entry("metadata.json"):
        return broken(f"it is an unpacked .keras file; {SAVE}")
    return not_yet(f"the folder has no {_GRAPH}: it is no SavedModel, or its export was interrupted; {_EXPORT}")


def _judge_variables(folder: Path, signature: Signature) -> Judgement | None:
    """What is wrong with the variables; None if they are all there."""
    index = signature.entry(_INDEX)
    if index is None or not index.is_file:
        return not_yet(f"{_INDEX} is missing: the export was interrupted; export it again")
    try:
        shards = checkpoint.shard_sizes((folder / _INDEX), index.size)
    except checkpoint.CutShortError:
        return not_yet(f"{_INDEX} is cut short: the export was interrupted; export it again")
    for name, size in shards.items():
        shard = signature.entry(f"variables/{name}")
        if shard is None or not shard.is_file:
            return not_yet(f"variables/{name} is missing: the export or the copy was interrupted")
        if shard.size < size:
            return not_yet(f"variables/{name} is cut short: the export or the copy was interrupted")
    return None


def _judge_order(signature: Signature, graph: Entry) -> Judgement:
    """Complete at once if written in an export's order; else after a while, for a copied folder has its own order."""
    variables = [e.modified_ns for e in signature.entries if e.is_file and e.name.startswith("variables/")]
    print_ = signature.entry("fingerprint.pb")
    if max(variables) > graph.modified_ns or (print_ and print_.modified_ns < graph.modified_ns):
        return DOUBTFUL
    return COMPLETE


def _is_whole_graph(path: Path, size: int) -> bool:
    """Whether a SavedModel message holds a meta graph and its last field ends where the file ends.

    The content of the fields is skipped. Wire format: https://protobuf.dev/programming-guides/encoding/
    """
    with open_regular(path) as file:
        at, graphs = 0, 0
        for _ in range(10_000):
            if at == size:
                return graphs > 0
            file.seek(at)
            start = file.read(20)
            try:
                at += checkpoint.field_length(start)
            except checkpoint.CutShortError:
                return False
            if at > size:
                return False
            graphs += start[0] == _META_GRAPHS
    return False
