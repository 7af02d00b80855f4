"""Does a model answer for each sample alone? Some samples are fed twice, in other company.

The windows of a series overlap: what follows one window lies in the features of another. A model that looks across the
samples of a batch could read its answers there, and would answer otherwise in other company. (That no model keeps what
it was fed in an earlier batch is the gate's to see to.)
"""

from __future__ import annotations

import random

import numpy as np
import numpy.typing as npt

from mockexam.exam.marking import Verdict
from mockexam.grading.examiner.contract import Refusal
from mockexam.grading.examiner.judge import Refused

COUNT = 64
"""As many as one batch of the predictor, so that the batches after it are the same as without it."""
TOLERANCE = 0.02
"""Of the spread of all answers. Another batch size moves float32 by 2e-7, float16 by some thousandths; what is looked
up moves by tenths."""
_REFUSAL = Refusal(
    "Your model answers otherwise for the same sample when it stands among other samples, or when it is asked again: "
    "it mixes samples, or draws random numbers.",
    "Keep the first axis (the batch) as it is in every layer, call layers with training=False, and save again.",
)


def draw(count: int, secret: str) -> list[int]:
    """Which of `count` samples are fed first and then once more among all; the same ones for the same secret."""
    rng = random.Random(f"company-{secret}")
    return rng.sample(range(count), COUNT) if count >= COUNT else rng.choices(range(count), k=COUNT)


def check(values: npt.NDArray[np.generic], again: list[int]) -> Refused | npt.NDArray[np.generic]:
    """The answers for all samples, from (64 + samples, ...) with those of `again` first; or why they don't count."""
    first, rest = values[: len(again)].astype(np.float64), values[len(again) :]
    later = rest[again].astype(np.float64)
    spread = float(rest.astype(np.float64).std())
    allowed = TOLERANCE * spread + 1e-5 * float(np.abs(later).max()) + 1e-9
    return Refused(Verdict.INVALID_MODEL, _REFUSAL) if float(np.abs(first - later).max()) > allowed else rest
