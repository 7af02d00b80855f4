"""`python -m mockexam.grading.examiner.data_worker`: makes one question's data in an own process, then ends.

An own process, so that a data maker's memory, imports and mistakes do not stay in the examiner. One frame in: `order`,
`question`, its `folder`, `metric`, `world`, `secret`, `at_most` (samples), and `into`. Frames out:

| order | into | frames |
|---|---|---|
| `files` | an empty folder for the candidate's data | `progress`, then `files` |
| `holdout` | a file for the features | `samples` with the labels as its body: they never lie on disk |
| `train` | a file for the features | as `holdout`; `none` if the data maker gives no training samples |

Or `failed`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if __name__ == "__main__":
    _IN, _OUT = os.dup(0), os.dup(1)
    os.dup2(2, 1)

from mockexam.bank.loader import load_question
from mockexam.errors import UserError
from mockexam.grading.examiner.data_loading import gives_train, load_maker, rng_for
from mockexam.grading.lifeline import die_with_parent
from mockexam.grading.wire import Reader, WireError, send

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

PICK_SEED = 5
"""Draws the training samples that are looked at: the same ones each time, so that two models can be compared."""


def run(commands: int, replies: int) -> int:
    """Read the order, do it, tell. Returns the exit code."""
    die_with_parent()
    order = Reader(commands, max_body=0).next().header
    try:
        {"files": _files, "holdout": _holdout, "train": _train}[order["order"]](order, replies)
    except WireError:
        return 1
    except UserError as error:
        send(replies, {"kind": "failed", "what": error.message, "where": error.location})
    except BaseException as error:  # noqa: BLE001  # a data maker's mistake is told as the question's fault
        where = f"{order.get('question')}/data.py{_line(error)}"
        send(replies, {"kind": "failed", "what": f"{type(error).__name__}: {error}"[:2000], "where": where})
    return 0


def _files(order: Mapping[str, Any], replies: int) -> None:
    maker = load_maker(_folder(order))
    folder = Path(order["into"])
    if any(folder.iterdir()):
        raise UserError("The folder for the data is not empty.", location=str(folder))
    told = [-1.0]

    def progress(fraction: float) -> None:
        bounded = min(1.0, max(0.0, float(fraction)))
        if bounded >= told[0] + 0.01:
            told[0] = bounded
            send(replies, {"kind": "progress", "fraction": bounded})

    data_seed = maker.make_world(_rng(order, "world"))
    maker.write_train(data_seed, _rng(order, "train"), folder, progress)
    files = [path for path in folder.rglob("*") if path.is_file()]
    if not files:
        raise UserError("write_train wrote no file.", location=f"{order['question']}/data.py")
    send(replies, {"kind": "files", "files": len(files), "size": sum(path.stat().st_size for path in files)})


def _holdout(order: Mapping[str, Any], replies: int) -> None:
    maker = load_maker(_folder(order))
    data_seed = maker.make_world(_rng(order, "world"))
    _give(order, replies, "hold-out", *maker.make_holdout(data_seed, _rng(order, "holdout")))


def _train(order: Mapping[str, Any], replies: int) -> None:
    import numpy as np

    maker = load_maker(_folder(order))
    if not gives_train(maker):
        send(replies, {"kind": "none"})
        return
    features, labels = maker.make_train(maker.make_world(_rng(order, "world")), _rng(order, "train"))
    if len(features) > order["at_most"]:
        # In their order, which in a time series means something.
        picks = np.sort(np.random.default_rng(PICK_SEED).choice(len(features), order["at_most"], replace=False))
        features, labels = features[picks], labels[picks]
    _give(order, replies, "training set", features, labels)


def _give(
    order: Mapping[str, Any], replies: int, what: str, features: npt.NDArray[Any], labels: npt.NDArray[Any]
) -> None:
    import numpy as np

    from mockexam.grading.examiner.data_check import problem_with

    problem = problem_with(load_question(_folder(order)).contract, order["metric"], features, labels)
    if problem:
        raise UserError(f"The {what} does not fit the question: {problem}.", location=f"{order['question']}/data.py")
    np.save(order["into"], features, allow_pickle=False)
    labels = np.ascontiguousarray(labels)
    header = {"kind": "samples", "samples": len(labels), "shape": labels.shape, "dtype": labels.dtype.str}
    send(replies, header, labels.tobytes())


def _folder(order: Mapping[str, Any]) -> Path:
    return Path(order["folder"])


def _rng(order: Mapping[str, Any], purpose: Any) -> np.random.Generator:
    return rng_for(order["world"], order["question"], purpose, order["secret"] if purpose == "holdout" else "")


def _line(error: BaseException) -> str:
    """The line of `data.py` that raised, if one did."""
    trace, line = error.__traceback__, ""
    while trace is not None:
        if trace.tb_frame.f_code.co_filename.endswith("data.py"):
            line = f", line {trace.tb_lineno}"
        trace = trace.tb_next
    return line


if __name__ == "__main__":
    sys.exit(run(_IN, _OUT))
