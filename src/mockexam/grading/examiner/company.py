"""Does a model answer for each sample alone? Some samples are fed once more, in other company, to another process.

The windows of a series overlap: what follows one window lies in the features of another. A model that looks across the
samples of a batch could read its answers there, and one that keeps what it was fed in those before it. Neither could
answer alike for a few samples that a process which has seen no others is fed, and it can't know which these will be.
"""

from __future__ import annotations

import random

import numpy as np
import numpy.typing as npt

from mockexam.exam.marking import Verdict
from mockexam.grading.examiner.contract import Refusal
from mockexam.grading.examiner.judge import Refused

COUNT = 64
"""One batch of the predictor. A model that looks up a share f of its answers has all of them left out in (1 − f)^64."""
TOLERANCE = 0.02
"""Of the spread of all answers. Another batch size moves float32 by 2e-7, float16 by some thousandths; what is looked
up moves by tenths."""
_REFUSAL = Refusal(
    "Your model answers otherwise for the same sample when it stands among other samples, or when it is asked again: "
    "it mixes samples, or draws random numbers.",
    "Keep the first axis (the batch) as it is in every layer, call layers with training=False, and save again.",
)


def draw(count: int, secret: str) -> list[int]:
    """Which of `count` samples are fed once more; the same ones for the same secret."""
    rng = random.Random(f"company-{secret}")
    return rng.sample(range(count), COUNT) if count >= COUNT else rng.choices(range(count), k=COUNT)


def check(
    answers: npt.NDArray[np.generic], apart: Refused | npt.NDArray[np.generic], rows: list[int]
) -> Refused | npt.NDArray[np.generic]:
    """`answers` for all samples, or why they don't count; `apart` are those for `rows` alone, if there are any."""
    if isinstance(apart, Refused):
        return apart
    among, spread = answers[rows].astype(np.float64), float(answers.astype(np.float64).std())
    allowed = TOLERANCE * spread + 1e-5 * float(np.abs(among).max()) + 1e-9
    same = float(np.abs(apart.astype(np.float64) - among).max()) <= allowed
    return answers if same else Refused(Verdict.INVALID_MODEL, _REFUSAL)
