"""Ordinary models are never refused, and the gate's lists are complete for the installed Keras."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mockexam.grading.predictor.gate import classes
from mockexam.grading.predictor.gate.check import check
from tests.shared import made_once

HERE = Path(__file__).parent
BASES = {"InputLayer", "Layer", "RNN", "Wrapper"}
"""Layers that stand in no model of their own: each model has the first, others are what classes are made from."""


def run(folder: Path, *options: str) -> str:
    """What `ordinary.py` prints."""
    command = [sys.executable, str(HERE / "ordinary.py"), str(folder), *options]
    environment = {**os.environ, "PYTHONPATH": str(HERE.parents[2] / "src")}
    return subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout


@pytest.fixture(scope="session")
def ordinary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of ordinary models, made in seconds; read-only."""
    return made_once(tmp_path_factory, "ordinary-models", run)


@pytest.mark.slow
def test_no_ordinary_model_is_refused(ordinary: Path, tmp_path: Path) -> None:
    """Every layer class and many architectures, in both formats; only nested compile configs cost a copy."""
    models = [path for path in sorted(ordinary.iterdir()) if path.suffix in {".keras", ".h5"}]

    copied = [path.name for path in models if check(str(path), path.suffix[1:], str(tmp_path)) != str(path)]

    assert len({path.stem for path in models}) >= 150
    assert copied == ["transfer.keras"]


@pytest.mark.slow
def test_the_lists_are_complete_for_the_installed_keras(ordinary: Path) -> None:
    """Each public name is allowed, or refused for a reason; each layer has a model above."""
    installed: dict[str, list[str]] = json.loads((ordinary / "installed.json").read_text())
    modelled = {path.stem.removeprefix("layer_").partition("_")[0] for path in ordinary.glob("layer_*")}

    public = set(installed["layers"])
    assert public - classes.LAYERS == set(classes.REFUSED_LAYERS)
    assert not classes.LAYERS & set(classes.REFUSED_LAYERS)
    assert modelled <= public
    other_names = {
        name for name in public if "Pool" in name or name.startswith(("Convolution", "SeparableConvolution"))
    }
    assert public - other_names - modelled - BASES == set(classes.REFUSED_LAYERS)
    for module, listed in classes.OPERATIONS.items():
        assert set(installed[f"ops.{module}"]) - set(listed.split()) <= classes.REFUSED_OPERATIONS
    assert set(installed["activations"]) <= classes.ACTIVATIONS | {None}
    base = {"Initializer", "initializer", "Regularizer", "regularizer", "Constraint", "constraint"}
    assert set(installed["initializers"]) - base <= classes.INITIALIZERS
    assert set(installed["regularizers"]) - base <= classes.REGULARIZERS
    assert set(installed["constraints"]) - base <= classes.CONSTRAINTS
    assert all(classes.KERAS_3.is_known("keras.dtype_policies", name) for name in installed["dtype_policies"])


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_all_ordinary_models_pass_and_load(tmp_path: Path) -> None:
    """Applications and SavedModels too; what passes the gate loads, so a copy without compile configs is whole."""
    run(tmp_path, "--all")

    found = json.loads(run(tmp_path, "--check"))

    assert len(found) >= 300
    assert {name: entry["refusal"] for name, entry in found.items() if entry["refusal"]} == {}
    assert {name: entry["fault"] for name, entry in found.items() if entry["fault"]} == {}
