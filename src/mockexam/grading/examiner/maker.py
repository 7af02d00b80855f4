"""`python -m mockexam.grading.examiner.maker`: makes one question's data in an own process, then ends.

An own process, so that a data maker's memory, imports and mistakes do not stay in the examiner. One frame in:
`question`, `folder` of the questions, `metric`, `world`, `secret`, and `train` (a folder) or `features` (a file).
Frames out: `progress`, then `train`, or `holdout` with the labels as its body (they never lie on disk); or `failed`.
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
from mockexam.errors import ToldError
from mockexam.grading.examiner.draws import load_maker, rng_for
from mockexam.grading.lifeline import die_with_parent
from mockexam.grading.wire import Reader, WireError, send

if TYPE_CHECKING:
    import numpy as np


def run(commands: int, replies: int) -> int:
    """Read the order, do it, tell. Returns the exit code."""
    die_with_parent()
    order = Reader(commands, max_body=0).next().header
    try:
        _train(order, replies) if order.get("train") else _holdout(order, replies)
    except WireError:
        return 1
    except ToldError as error:
        send(replies, {"kind": "failed", "what": error.what, "where": error.where})
    except BaseException as error:  # noqa: BLE001  # a data maker's mistake is told as the question's fault
        where = f"{order.get('question')}/data.py{_line(error)}"
        send(replies, {"kind": "failed", "what": f"{type(error).__name__}: {error}"[:2000], "where": where})
    return 0


def _train(order: Mapping[str, Any], replies: int) -> None:
    maker = load_maker(_folder(order))
    folder = Path(order["train"])
    if any(folder.iterdir()):
        raise ToldError("The folder for the data is not empty.", where=str(folder))
    told = [-1.0]

    def progress(fraction: float) -> None:
        bounded = min(1.0, max(0.0, float(fraction)))
        if bounded >= told[0] + 0.01:
            told[0] = bounded
            send(replies, {"kind": "progress", "fraction": bounded})

    world = maker.make_world(_rng(order, "world"))
    maker.write_train(world, _rng(order, "train"), folder, progress)
    files = [path for path in folder.rglob("*") if path.is_file()]
    if not files:
        raise ToldError("write_train wrote no file.", where=f"{order['question']}/data.py")
    send(replies, {"kind": "train", "files": len(files), "size": sum(path.stat().st_size for path in files)})


def _holdout(order: Mapping[str, Any], replies: int) -> None:
    import numpy as np

    from mockexam.grading.examiner.holdout import problem_with

    folder = _folder(order)
    maker = load_maker(folder)
    world = maker.make_world(_rng(order, "world"))
    features, labels = maker.make_holdout(world, _rng(order, "holdout"))
    problem = problem_with(load_question(folder).contract, order["metric"], features, labels)
    if problem:
        raise ToldError(f"The hold-out does not fit the question: {problem}.", where=f"{order['question']}/data.py")
    np.save(order["features"], features, allow_pickle=False)
    labels = np.ascontiguousarray(labels)
    header = {"kind": "holdout", "samples": len(labels), "shape": labels.shape, "dtype": labels.dtype.str}
    send(replies, header, labels.tobytes())


def _folder(order: Mapping[str, Any]) -> Path:
    return Path(order["folder"]) / str(order["question"])


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
