"""What the dearest paper that can be drawn costs: making its data, its workspace, its hold-outs, its references."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.figures import Figure
from mockexam import paths
from mockexam.bank.downloads import data_job, lacking
from mockexam.bank.loader import Bank, load_bank
from mockexam.bank.models import Question
from mockexam.bank.rubric import EVIDENCE, read_evidence
from mockexam.doctor.training import load_calibration
from mockexam.grading.client import Grader
from mockexam.grading.examiner.data_module import load_data_module, rng_for
from mockexam.paths import StatePaths


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one question."""

    data_seconds: float
    """Until the examiner has written the candidate's files; the median over the worlds."""
    megabytes: float
    """Of these files, in units of 10**6 bytes; the largest."""
    holdout_seconds: float
    """The median."""


def measure(*, quick: bool = False) -> list[Figure]:
    """Every question of the shipped bank whose data are here; a paper has the dearest of each category."""
    whole = load_bank(paths.exams_dir())
    absent = {q.id: "downloads are missing" for q in whole.questions.values() if lacking(q)}
    bank = whole.without_data(absent)
    with tempfile.TemporaryDirectory(prefix="mockexam-bench-") as name:
        costs = asyncio.run(_costs(bank, Path(name), ("bench-1",) if quick else ("bench-1", "bench-2", "bench-3")))
    slowest = max(costs, key=lambda name: costs[name].holdout_seconds)
    return [
        _paper(bank, "data of the dearest paper", 20, "s", lambda q: costs[q.id].data_seconds),
        _paper(bank, "workspace of the largest paper", 100, "MB", lambda q: costs[q.id].megabytes),
        Figure("slowest hold-out", costs[slowest].holdout_seconds, 5, unit="s", detail=slowest),
        *_references(bank),
        Figure("questions left out, whose downloads are missing", len(absent), unit="", detail=", ".join(absent)),
    ]


async def _costs(bank: Bank, folder: Path, data_seeds: tuple[str, ...]) -> Mapping[str, Cost]:
    async with Grader(StatePaths(folder / "home")) as grader:
        return {q.id: await _cost(grader, q, folder / q.id, data_seeds) for q in bank.questions.values()}


async def _cost(grader: Grader, question: Question, folder: Path, data_seeds: tuple[str, ...]) -> Cost:
    made, held, sizes = [], [], []
    for name in data_seeds:
        data = folder / name
        data.mkdir(parents=True)
        begun = time.perf_counter()
        await grader.make_data(question.id, data_seed=name, folder=data)
        made.append(time.perf_counter() - begun)
        sizes.append(sum(path.stat().st_size for path in data.rglob("*") if path.is_file()) / 10**6)
        maker = load_data_module(data_job(question))
        data_seed = maker.make_world(rng_for(name, question.id, "world"))
        begun = time.perf_counter()
        maker.make_holdout(data_seed, rng_for(name, question.id, "holdout", "bench"))
        held.append(time.perf_counter() - begun)
    return Cost(median(made), max(sizes), median(held))


def _paper(bank: Bank, name: str, goal: float, unit: str, cost: Callable[[Question], float]) -> Figure:
    """The sum over the categories of the dearest question."""
    categories = dict.fromkeys(question.category for question in bank.questions.values())
    dearest = [max(bank.of_category(category), key=cost) for category in categories]
    detail = ", ".join(f"{q.folder.name} {cost(q):.1f}" for q in dearest)
    return Figure(name, sum(map(cost, dearest)), goal, unit=unit, detail=detail)


def _references(bank: Bank) -> list[Figure]:
    """As `bank verify` saw them, the slowest seed of each; and as they were timed one by one for the doctor."""

    def verified(question: Question) -> float:
        evidence = read_evidence(paths.scoring_of(question.folder) / EVIDENCE)
        return max(run.train_seconds for run in evidence.models["reference.py"].runs) if evidence else 0.0

    found = [_paper(bank, "references of the dearest paper, verified", 900, "s", verified)]
    timed = load_calibration(bank.folder)
    if timed is not None:
        times = timed.questions
        found.append(_paper(bank, "the same, one by one", 900, "s", lambda q: times.get(q.id, 0.0)))
    return found
