"""Whether runs prove what a question claims. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mockexam.authoring.fault import Fault
from mockexam.authoring.kept_runs import STUB
from mockexam.bank.evidence import Evidence, Run
from mockexam.bank.rubric import Rubric

REFERENCE = "reference.py"
REFERENCE_SECONDS = 300.0
"""On two cores."""
EDGE_ERRORS = 2.0
"""Standard errors that a metric keeps from every edge of a band, so that luck moves nobody a mark."""


def expectations(rubric: Rubric) -> dict[str, int]:
    """Marks by solution: the reference, the jury, the untouched stub."""
    return {REFERENCE: rubric.reference.marks, **{f"jury/{j.file}": j.marks for j in rubric.jury}, STUB: 0}


def edge_distance(run: Run, rubric: Rubric) -> float | None:
    """How many standard errors a run's metric lies from the nearest edge; None where there is no spread or metric."""
    if run.value is None or not run.standard_error:
        return None
    return min(abs(run.value - band) for band in rubric.bands) / run.standard_error


def judge(question: str, scoring: Path, rubric: Rubric, evidence: Evidence) -> list[Fault]:
    """All that the runs show to be wrong."""
    return [
        fault
        for file, solution in evidence.models.items()
        for run in solution.runs
        for fault in _judge_run(question, scoring, rubric, file, solution.expected, run)
    ]


def _judge_run(question: str, scoring: Path, rubric: Rubric, file: str, expected: int, run: Run) -> Iterator[Fault]:
    where = f"{scoring / 'rubric.toml'}, {file}, seed {run.seed}"
    if file == STUB:
        if run.verdict != "nothing_saved":
            where = f"{scoring}, {file}, seed {run.seed}"
            yield Fault(question, "The untouched stub saves a model.", where, "End it before it saves.")
        return
    if run.verdict != "graded":
        what = f"{file} was not graded ({run.verdict}): {run.message or 'it saved no model'}"
        yield Fault(question, what, where, "Correct the solution or the contract.")
        return
    assert run.value is not None
    value = f"{rubric.metric} {run.value:.4g}"
    if run.marks != expected:
        what = f"{file} earned {run.marks} marks where {expected} are expected ({value})."
        yield Fault(question, what, where, "Move the bands, or change the solution or the expectation.")
    distance = edge_distance(run, rubric)
    if distance is not None and distance < EDGE_ERRORS:
        what = f"{file} lies {distance:.1f} standard errors from a band's edge ({value} ± {run.standard_error:.2g})."
        yield Fault(question, what, where, "Move the band, or make the hold-out larger.")
    if file == REFERENCE and run.train_seconds > REFERENCE_SECONDS:
        what = f"The reference took {run.train_seconds:.0f} s, over {REFERENCE_SECONDS:.0f}."
        yield Fault(question, what, where, "Make the model or the data smaller. Was the machine busy otherwise?")
