"""What grading a batch will take, told before it begins: jobs, memory and time. Reads sizes and earlier results alone.

The figures below were measured by `python tools/batch_cost.py`: after a change of how models are graded, run it again
on a quiet machine and put in what it prints. Nothing else has to change.
"""

from __future__ import annotations

import math
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from mockexam.bank.models import Question
from mockexam.batch.executor import available_cores
from mockexam.batch.job import BatchItem, read_content
from mockexam.batch.results import BatchResult, ResultLog
from mockexam.doctor.machine import read_memory
from mockexam.exam.scoring import Verdict
from mockexam.workspace.signature import Signature, sign

LOOP_SECONDS = 0.0098
"""Of `loop_seconds` on the machine that the times below are from: 2 cores, AMD EPYC."""
START_SECONDS = 3.0
"""Beside the models and hold-outs: TensorFlow starts in every worker before the first model, and all end."""
MODEL_SECONDS = 0.26
"""A worker's time for one model of no size, with as many workers as cores: 0.17 for a line, 0.35 for a mix."""
MEGABYTE_SECONDS = 0.005
"""More for each megabyte of it."""
HOLDOUT_SECONDS, IMAGES_SECONDS = 0.2, 1.3
"""To draw a hold-out, which a worker does once for each question and seed. Of the shipped questions, 14 of 16 without
images take 0.07 to 0.29, the others 0.9; those with images 0.4 to 2.1."""
WORKER_BYTES = 850_000_000
"""Memory of a worker with a small model: the worker, the examiner, TensorFlow, and what it predicts with."""
MODEL_FACTOR = 5
"""Memory for each byte of a model: its file read, unpacked, as weights, and copied into the graph."""
HOLDOUT_FACTOR = 2
"""Memory for each byte of a hold-out's features."""
HOLDOUT_BYTES, HOLDOUT_SAMPLES = 60_000_000, 1000
"""The largest hold-out of the shipped questions, and how many samples one of large images has."""

_KEPT_HOLDOUTS = 16
"""So many of the latest hold-outs an examiner keeps."""

UNSURE = (0.5, 2.0)
"""Around a time that was estimated from sizes alone: models of one size differ as much."""
SURER = (0.8, 1.4)
"""Around a time that was estimated from earlier results of these questions."""
_ENOUGH = 3
"""So many earlier results say more than the sizes do."""


@dataclass(frozen=True, slots=True)
class ModelCost:
    """A model to grade, as far as it matters here."""

    question: str
    """Id."""
    size: int
    """Bytes; 0 if it can't be read."""
    data: tuple[str, str]
    """Data seed and hold-out seed."""
    known: bool = False
    """It was graded in an earlier run."""


@dataclass(frozen=True, slots=True)
class BatchEstimate:
    """What a batch will take."""

    jobs: int
    seconds: tuple[float, float]
    """At least and at most, for what is not known; both 0 if all is."""
    memory: int
    """Bytes of all workers together."""
    from_results: bool
    """Whether earlier results of this batch say how long its models take."""


def model_costs(
    items: Sequence[BatchItem], results: ResultLog | None = None, progress: Callable[[int, int], None] | None = None
) -> list[ModelCost]:
    """What each item brings along; with `results` also whether it is known there, for which a changed model is read."""
    costs = []
    for number, item in enumerate(items):
        if progress:
            progress(number, len(items))
        state = sign(item.path) if not item.problem else None
        known = results is not None and state is not None and _is_known(item, state, results)
        data = (item.data_seed, item.holdout_seed)
        costs.append(ModelCost(item.question, state.size if state else 0, data, known))
    return costs


def _is_known(item: BatchItem, state: Signature, results: ResultLog) -> bool:
    if results.unchanged(item, state):
        return True
    content = read_content(item.path)
    return content is not None and results.known(item, content) is not None


def holdout_bytes(question: Question) -> int:
    """About the most that the features of a question's hold-out take; how many samples it has, only its data say."""
    contract = question.contract.input
    if contract.dtype == "string" or min(contract.shape, default=1) < 0:
        return HOLDOUT_BYTES
    width = {"uint8": 1}.get(contract.dtype, 4)
    return max(HOLDOUT_BYTES, HOLDOUT_SAMPLES * width * math.prod(contract.shape))


def holdout_seconds(question: Question) -> float:
    """About what drawing a question's hold-out takes on the machine of the figures."""
    return IMAGES_SECONDS if len(question.contract.input.shape) == 3 else HOLDOUT_SECONDS


def largest_holdout(questions: Iterable[Question]) -> int:
    """About the most bytes of features that any of these questions has."""
    return max(map(holdout_bytes, questions), default=HOLDOUT_BYTES)


def disk_bytes(costs: Sequence[ModelCost], jobs: int, questions: Iterable[Question]) -> int:
    """About what a run has on the disk at a time: for each job a copy of a model and the latest hold-outs."""
    todo = [cost for cost in costs if not cost.known]
    drawn = min(_KEPT_HOLDOUTS, len({(cost.question, *cost.data) for cost in todo}))
    return jobs * (max((cost.size for cost in todo), default=0) + drawn * largest_holdout(questions))


def worker_bytes(model: int, holdout: int = HOLDOUT_BYTES) -> int:
    """Memory that a worker needs for a model and a hold-out of so many bytes."""
    return WORKER_BYTES + MODEL_FACTOR * model + HOLDOUT_FACTOR * holdout


def default_jobs(sizes: Iterable[int] = (), holdout: int = HOLDOUT_BYTES) -> int:
    """One job per available core, fewer if there is too little memory for the largest models at the same time."""
    return fitting_jobs(available_cores(), read_memory().available, sizes, holdout)


def fitting_jobs(most: int, available: int, sizes: Iterable[int], holdout: int = HOLDOUT_BYTES) -> int:
    """How many of at most so many jobs fit into the available bytes, at least one."""
    largest = sorted(sizes, reverse=True)[:most] or [0] * most
    needed = accumulate(worker_bytes(size, holdout) for size in largest)
    return max(1, sum(bytes_ <= available for bytes_ in needed))


def estimate(
    costs: Sequence[ModelCost],
    jobs: int,
    *,
    questions: Sequence[Question] = (),
    results: Iterable[BatchResult] = (),
    slowness: float = 1.0,
) -> BatchEstimate:
    """What grading these models with so many jobs takes, without those that are known.

    `questions` are those of the models; a hold-out of another is taken for a usual one.
    `results` are of earlier runs of the same batch: the times in them are of this machine and these questions.
    `slowness` is how much slower than that of the figures this machine is, see `machine_slowness`.
    """
    todo = [cost for cost in costs if not cost.known]
    jobs = max(1, min(jobs, len(todo)))
    largest = sorted((cost.size for cost in todo), reverse=True)[:jobs]
    memory = sum(worker_bytes(size, largest_holdout(questions)) for size in largest)
    if not todo:
        return BatchEstimate(jobs, (0.0, 0.0), 0, from_results=False)
    usual = _usual_seconds(results)
    work = sum(usual.get(cost.question) or slowness * _model_seconds(cost.size) for cost in todo)
    # A worker draws a hold-out with the first model that needs it; earlier times hold that.
    sharing = Counter((cost.question, *cost.data) for cost in todo if cost.question not in usual)
    drawing = {question.id: holdout_seconds(question) for question in questions}
    work += slowness * sum(
        min(jobs, count) * drawing.get(question, HOLDOUT_SECONDS) for (question, *_), count in sharing.items()
    )
    seconds = slowness * START_SECONDS + work / jobs
    from_results = all(cost.question in usual for cost in todo)
    low, high = SURER if from_results else UNSURE
    return BatchEstimate(jobs, (seconds * low, seconds * high), memory, from_results)


def _model_seconds(size: int) -> float:
    return MODEL_SECONDS + MEGABYTE_SECONDS * size / 1e6


def _usual_seconds(results: Iterable[BatchResult]) -> Mapping[str, float]:
    """By question, a model's mean time in earlier results, if there are enough.

    The longest tenth, which waited for TensorFlow, and refusals, which take no time, are left aside.
    """
    times: dict[str, list[float]] = {}
    for result in results:
        if result.verdict is Verdict.GRADED and 0 < result.seconds < math.inf:
            times.setdefault(result.question, []).append(result.seconds)
    return {
        question: statistics.fmean(sorted(found)[: -math.ceil(len(found) / 10)])
        for question, found in times.items()
        if len(found) >= _ENOUGH
    }


def machine_slowness() -> float:
    """How much slower than the machine of the figures this one is, at the moment."""
    return loop_seconds() / LOOP_SECONDS


def loop_seconds() -> float:
    """Seconds of a fixed piece of work in Python, the best of three. Grading a small model is mostly such work."""

    def once() -> float:
        begun = time.perf_counter()
        text = ""
        for number in range(100_000):
            text = f"{number % 97}{text[:8]}"
        return time.perf_counter() - begun

    return min(once() for _ in range(3))
