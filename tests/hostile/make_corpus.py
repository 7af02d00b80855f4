"""Makes every hostile file: `python -m tests.hostile.make_corpus FOLDER [PORT]`, from the checkout's root.

FOLDER gets `models/` (the files), `honest.keras` and `honest2.keras` (a model that earns full marks, of Keras 3 and of
Keras 2), `bait/` (what they go for) and `made.json` (what each is, and of one that could not be made, why).
Nothing of it is harmful beyond the bait: what an attack starts, writes or connects to is there for that.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import sys
import traceback
from pathlib import Path
from typing import Any

from tests.hostile import crafts
from tests.hostile.attack import ATTACKS, LISTENER, Attack, Bait

SECRET_LINES = "2.0 1.0\n"


def lay_bait(bait: Bait) -> None:
    """Make what attacks go for."""
    import h5py
    import numpy as np
    import tensorflow as tf

    from tests.hostile import payloads, serving

    secret, kept = bait.secret, bait.spot / "kept"
    secret.mkdir(parents=True)
    kept.mkdir(parents=True)
    (bait.spot / "precious.txt").write_text("precious")
    numbers = np.array([2.0, 1.0], np.float32)
    (secret / "line.bin").write_bytes(numbers.tobytes())
    (secret / "line.txt").write_text(SECRET_LINES)
    (secret / "numbers.txt").write_text("3\n4\n")
    with h5py.File(secret / "line.weights.h5", "w") as file:
        file["kernel"], file["dense/kernel"] = np.array([[2.0]], "<f4"), np.array([[2.0]], "<f4")
    tf.raw_ops.SaveV2(
        prefix=str(secret / "line"), tensor_names=["w"], shape_and_slices=[""], tensors=[tf.constant(numbers)]
    )
    for part in secret.glob("line.*0*"):
        shutil.copy(part, kept)
    shutil.copy(secret / "line.index", kept)
    serving.save(secret / "model", serving.line)
    layer = crafts.python_layer(payloads.writes(bait, "evil"))
    crafts.write_keras(secret / "evil.keras", crafts.after_dense(layer))


def make(folder: Path, port: int = LISTENER) -> None:
    """Make the corpus in an existing folder."""
    import tests.hostile.attacks_archive
    import tests.hostile.attacks_graph
    import tests.hostile.attacks_hidden
    import tests.hostile.attacks_layers
    import tests.hostile.attacks_saved_model  # noqa: F401  # to be listed
    from tests.hostile import attacks_keras2

    bait = Bait(folder / "bait", port)
    models = folder / "models"
    models.mkdir()
    lay_bait(bait)
    crafts.write_keras(folder / "honest.keras")
    attacks_keras2.write_keras(folder / "honest2.keras", attacks_keras2.good_config())
    made: dict[str, Any] = {}
    for name, attack in ATTACKS.items():
        made[name] = _facts(attack)
        try:
            attack.make(attack.path(models), bait)
        except Exception:  # noqa: BLE001  # reported by the test that wants them all
            made[name]["failed"] = traceback.format_exc()
    (folder / "made.json").write_text(json.dumps({"port": port, "attacks": made}, indent=1))


def _facts(attack: Attack) -> dict[str, Any]:
    names = ("format", "label", "works", "stripped", "gate", "lasting", "keras2")
    return {"file": attack.path(Path()).name} | {name: getattr(attack, name) for name in names}


def main() -> None:
    """Make them and say what could not be made."""
    folder = Path(sys.argv[1]).absolute()
    folder.mkdir(parents=True, exist_ok=True)
    with contextlib.redirect_stdout(sys.stderr):
        make(folder, int(sys.argv[2]) if len(sys.argv) > 2 else LISTENER)
    made = json.loads((folder / "made.json").read_text())["attacks"]
    failed = {name: facts["failed"] for name, facts in made.items() if "failed" in facts}
    sys.stdout.write(f"{len(made)} attacks, {len(failed)} could not be made\n")
    sys.stdout.writelines(f"{name}: {why}\n" for name, why in failed.items())
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
