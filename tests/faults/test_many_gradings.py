"""A thousand gradings through one grader: nothing grows, nothing hangs, and the same file gets the same verdict."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from mockexam.exam.events import ModelFormat
from mockexam.grading.client import Grader
from mockexam.paths import BANK_VARIABLE, StatePaths
from tests.faults.real import BANK

LINE, CLASSES, WORDS = "simple_model/tiny_line", "simple_model/tiny_classes", "text_classification/tiny_words"
MIX = (
    (LINE, "good.keras"), (LINE, "half.keras"), (LINE, "good"), (LINE, "mse.h5"), (LINE, "nan.keras"),
    (LINE, "lambda.keras"), (LINE, "lambda.h5"), (LINE, "custom.keras"), (LINE, "truncated.keras"),
    (LINE, "truncated.h5"), (LINE, "is_h5.keras"), (LINE, "newer.keras"), (LINE, "no_weights.keras"),
    (LINE, "no_variables"), (LINE, "no_signature"), (LINE, "rogue_mix"), (LINE, "two_outputs.keras"),
    (CLASSES, "three.keras"), (CLASSES, "softmax.keras"), (CLASSES, "ten.keras"), (WORDS, "words.keras"),
    (LINE, "empty.keras"),
)  # fmt: skip
"""Good, wrong and broken models of all formats. None of them hangs."""
WARM_UP = 50
"""After so many gradings all that is loaded once is loaded."""
LONGEST = 30.0
"""Seconds for one grading on a busy machine."""
GROWTH = 20 * 2**20
"""Bytes that a process may have grown from the first measure to the last: the allocator's noise, not a leak a job."""


@dataclass(frozen=True)
class Measure:
    """What a process holds."""

    memory: int
    """Bytes, resident."""
    files: int
    """Open descriptors."""
    threads: int

    def __str__(self) -> str:
        return f"{self.memory / 2**20:.1f} MiB, {self.files} open files, {self.threads} threads"


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("isolation", ["", "limits"])
async def test_nothing_grows_in_a_thousand_gradings(
    models: Path, tmp_path: Path, isolation: str, record_property: Callable[[str, object], None]
) -> None:
    """Memory and open files of app, examiner and predictor at the end are those after the first fifty."""
    number = 200 if isolation else 1000
    verdicts: dict[tuple[str, str], set[object]] = {}
    slowest, begun = 0.0, time.monotonic()
    async with Grader(
        StatePaths(tmp_path / "home"), environment={BANK_VARIABLE: str(BANK), "MOCKEXAM_ISOLATION": isolation}
    ) as grader:
        early: dict[str, Measure] = {}
        for count in range(number):
            question, name = MIX[count % len(MIX)]
            start = time.monotonic()
            async with asyncio.timeout(LONGEST):
                reply = await grader.grade(
                    question, data_seed="W", holdout_seed="s", model=models / name, format=_format(models / name)
                )
            slowest = max(slowest, time.monotonic() - start) if count else 0.0
            verdict = (reply.verdict, reply.marks, reply.value, reply.message)
            verdicts.setdefault((question, name), set()).add(verdict)
            if count == WARM_UP:
                early = dict(_measures(grader))
        late = dict(_measures(grader))
        left = [path.name for path in (tmp_path / "home" / "scratch").rglob("job*") if path.name != "jobs"]
    figures = [f"{number} gradings in {time.monotonic() - begun:.0f} s, the slowest {slowest:.2f} s"]
    figures += [f"{name} after {WARM_UP}: {early[name]}; at the end: {late[name]}" for name in early]
    record_property("figures", "; ".join(figures))
    assert {what: found for what, found in verdicts.items() if len(found) != 1} == {}
    assert left == []
    assert early.keys() == late.keys() >= {"app", "examiner", "predictor"}
    for name, before in early.items():
        after = late[name]
        assert after.memory - before.memory < GROWTH, name
        assert abs(after.files - before.files) <= 2, name
        assert abs(after.threads - before.threads) <= 1, name


def _format(model: Path) -> ModelFormat:
    return {".keras": "keras", ".h5": "h5"}.get(model.suffix, "saved_model")  # type: ignore[return-value]


def _measures(grader: Grader) -> Iterator[tuple[str, Measure]]:
    """App, examiner, and the topmost process of the predictor that has TensorFlow in it."""
    yield "app", _measure(psutil.Process())
    examiner = psutil.Process(grader.pid)
    yield "examiner", _measure(examiner)
    below = [p for p in examiner.children(recursive=True) if p.memory_info().rss > 150 * 2**20]
    with suppress(ValueError):
        yield "predictor", _measure(min(below, key=lambda p: p.create_time()))


def _measure(process: psutil.Process) -> Measure:
    return Measure(process.memory_info().rss, process.num_fds(), process.num_threads())
