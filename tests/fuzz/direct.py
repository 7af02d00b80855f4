"""Mutations without the grader's processes: the examiner's look, the gate, and what TensorFlow makes of the file.

Ten times as quick as the whole way, and blind for what only processes do.
"""

from __future__ import annotations

from mockexam.grading.examiner import staging
from tests.fuzz.case import Case
from tests.fuzz.heldout import HeldOut
from tests.fuzz.tensorflow_client import TensorFlowProcess

ENDED = ("died", "hung", "memory")
"""How outcomes begin that say nothing of the file but that it ended a process."""


def outcome_of(made: Case, held: HeldOut, process: TensorFlowProcess, *, load: bool = True) -> str:
    """`refused ...`, `let through` (if it is not to be loaded), `failed ...`, `alike`, or one of `ENDED`."""
    try:
        staging.check(staging.look(made.path, made.kind), held.question.contract.max_megabytes)
    except staging.RefusedError:
        return "refused by the examiner"
    if not load:
        return process.ask("looked_at", path=str(made.path), kind=made.kind)
    asked = {"path": str(made.path), "kind": made.kind, "features": str(held.few), "values": held.values}
    return process.ask("graded", **asked, honest=str(made.source))


def wrong_with(made: Case, outcome: str) -> str:
    """Why it must not be so; empty if it is well."""
    if outcome.startswith("gate fault"):
        return "the gate itself failed"
    if outcome == "other answer":
        return "it was answered, but not as TensorFlow answers by itself"
    return "it was answered" if made.never and outcome == "alike" else ""
