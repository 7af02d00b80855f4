"""May this SavedModel be loaded? Parses its graph by TensorFlow's own classes and runs no operation."""

from __future__ import annotations

from pathlib import Path

from mockexam.grading.predictor.gate import graph
from mockexam.grading.predictor.gate.checkpoint import check_variables
from mockexam.grading.predictor.gate.functions import check_calls, check_files
from mockexam.grading.predictor.gate.objects import check_objects
from mockexam.grading.predictor.gate.refusal import GateRefusal
from mockexam.grading.predictor.gate.state import check_state

_DEBUG = "debug/saved_model_debug_info.pb"


def check_saved_model(path: str, _scratch: str = "") -> str:
    """The path again. Raises GateRefusal unless all that loading and calling the model can do is known to be harmless.

    Files that no SavedModel has are ignored, whatever they are: TensorFlow opens none but the graph, its fingerprint,
    the debug information, the variables and the assets that the graph names, and no operation that is allowed opens
    another. Editors and file managers leave theirs behind, and refusing those would cost an honest candidate marks.
    """
    folder = Path(path)
    meta_graph = graph.read(folder)
    bodies = graph.walk(meta_graph.graph_def)
    check_calls(bodies)
    check_files(bodies, meta_graph)
    check_state(bodies, meta_graph.object_graph_def)
    check_objects(meta_graph, folder)
    check_variables(meta_graph.object_graph_def, folder)
    debug = folder / _DEBUG
    if debug.exists() and debug.stat().st_size > graph.MAX_BYTES:
        raise GateRefusal("graph_large", _DEBUG)
    return path
