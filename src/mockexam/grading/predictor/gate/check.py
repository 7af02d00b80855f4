"""The gate's entry: may this model be loaded? Runs no TensorFlow operation."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from mockexam.grading.predictor.gate import OtherKerasError, graph
from mockexam.grading.predictor.gate.functions import check_calls, check_files, check_state
from mockexam.grading.predictor.gate.objects import check_objects
from mockexam.grading.predictor.gate.pruning import prune, write_copy
from mockexam.grading.predictor.gate.variables import check_variables


def check(path: str, kind: str, scratch: str, keras: int | None = None) -> str:
    """The path to load: `path`, or a copy below `scratch` without what must not be loaded.

    Raises GateRefusal, and OtherKerasError if the model passes but is for another Keras than this major version.
    """
    passed, wanted = checks()[kind](path, scratch)
    if keras is not None and wanted is not None and wanted != keras:
        raise OtherKerasError
    return passed


def checks() -> dict[str, Callable[[str, str], tuple[str, int | None]]]:
    """By format, each returns the path to load and the major version of Keras to load it with, None for any.

    Imported late: where h5py is broken, the predictor can still report it.
    """
    from mockexam.grading.predictor.gate.keras_file import check_h5, check_keras

    return {"keras": check_keras, "h5": check_h5, "saved_model": _any_keras}


def _any_keras(path: str, scratch: str) -> tuple[str, None]:
    return check_saved_model(path, scratch), None


def check_saved_model(path: str, scratch: str) -> str:
    """A copy below `scratch` with what the signature needs. Raises GateRefusal unless that is known to be harmless.

    Whatever else the graph holds is not judged, for it is not loaded. Other files in the folder are ignored: editors
    and file managers leave such files behind, and a refusal would cost an honest learner marks.
    """
    folder = Path(path)
    meta_graph = graph.read(folder)
    prune(meta_graph)
    check_graph(meta_graph, folder)
    return write_copy(meta_graph, folder, scratch)


def check_graph(meta_graph: Any, folder: Path) -> None:
    """Raises GateRefusal unless all that loading and calling this graph can do is known to be harmless."""
    bodies = graph.walk(meta_graph.graph_def)
    check_calls(bodies)
    check_files(bodies, meta_graph)
    check_state(bodies, meta_graph.object_graph_def)
    check_objects(meta_graph, folder)
    check_variables(meta_graph.object_graph_def, folder)
