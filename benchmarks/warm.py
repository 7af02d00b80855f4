"""How long grading takes when the grader is warm, against load and predict in a bare, warm TensorFlow process."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.grading import PAUSE, Bare
from benchmarks.sizes import CLASSES, SIZES, Size, make_bank
from mockexam.exam.scoring import Verdict
from mockexam.grading.client import Grader
from mockexam.paths import BANK_VARIABLE, StatePaths

GOAL = 1.25
RUNS = 15
UNCOUNTED = 2
"""The hold-out is made with the first model of a question."""
HOLDOUT_SEED = "bench"  # draws noise


def measure(*, quick: bool = False) -> list[Figure]:
    """For each size: grading / bare load and predict; and the worst of them."""
    with tempfile.TemporaryDirectory(prefix="mockexam-bench-") as name:
        figures = asyncio.run(_measure(Path(name), 2 if quick else RUNS))
    worst = max(figures, key=lambda figure: figure.value)
    return [*figures, Figure("grading / bare, the worst of them", worst.value, GOAL, detail=worst.name)]


async def _measure(folder: Path, runs: int) -> list[Figure]:
    bank = make_bank(folder / "bank")
    state = StatePaths(folder / "home")
    # Where received models lie: the grader need not copy them from there.
    models = state.submissions / "bench"
    models.mkdir(parents=True)
    bare = await Bare.start()
    try:
        async with Grader(state, environment={BANK_VARIABLE: str(bank)}) as grader:
            await grader.warm_up()
            return [await _compare(bare, grader, size, models, runs) for size in SIZES]
    finally:
        await bare.end()


async def _compare(bare: Bare, grader: Grader, size: Size, folder: Path, runs: int) -> Figure:
    """Both ways in turn, the order changing; the medians."""
    model, features = folder / f"{size.name}.keras", folder / f"{size.name}.npy"
    weight = await bare.ask("save", name=size.name, shape=size.shape, classes=CLASSES, file=str(model), seed=1)
    await bare.ask("make_noise", shape=size.shape, samples=size.samples, file=str(features))
    ours: list[float] = []
    theirs: list[float] = []
    for number in range(runs + UNCOUNTED):
        for way in ("ours", "bare") if number % 2 else ("bare", "ours"):
            if way == "ours":
                seconds = await _mark(grader, size, model)
            else:
                seconds = await bare.ask("predict", model=str(model), features=str(features))
            if number >= UNCOUNTED:
                (ours if way == "ours" else theirs).append(seconds)
    mine, other = statistics.median(ours), statistics.median(theirs)
    detail = f"{mine * 1000:.0f} ms, bare {other * 1000:.0f} ms; {weight / 1e6:.2f} MB, {size.samples} samples"
    return Figure(f"grading / bare, {size.title}", mine / other, GOAL, detail=detail)


async def _mark(grader: Grader, size: Size, model: Path) -> float:
    await asyncio.sleep(PAUSE)
    begun = time.perf_counter()
    graded = await grader.grade(
        size.question, data_seed="bench", holdout_seed=HOLDOUT_SEED, model=model, format="keras"
    )
    seconds = time.perf_counter() - begun
    assert graded.verdict is Verdict.GRADED, graded
    return seconds
