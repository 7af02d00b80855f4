"""The hold-outs on which mutations are graded, drawn once more beside the grader."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mockexam.bank.downloads import data_job
from mockexam.bank.loader import load_bank
from mockexam.bank.models import Question
from mockexam.bank.rubric import rubric_of
from mockexam.grading.examiner import metrics
from mockexam.grading.examiner.data_module import load_data_module, rng_for
from tests.fuzz.case import QUESTIONS

BANK = Path(__file__).resolve().parents[1] / "grading" / "bank"
DATA_SEED, HOLDOUT_SEED = "W", "s"


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Of one question."""

    question: Question
    features: Path
    """An .npy file."""
    few: Path
    """Of the first sixteen samples alone."""
    labels: npt.NDArray[Any]

    @property
    def values(self) -> int:
        """Numbers in one sample's answer."""
        return self.question.contract.output.values_a_sample

    def value(self, answer: npt.NDArray[Any]) -> float | None:
        """The rubric's metric of an answer; None if it is of a wrong length."""
        output = self.question.contract.output
        if answer.size != len(self.labels) * self.values:
            return None
        shaped = answer.reshape(len(self.labels), *output.shape)
        return metrics.measure(rubric_of(self.question).metric, output.form, shaped, self.labels)


def draw(folder: Path) -> Mapping[str, HeldOut]:
    """By the name of the models that answer the question; the features are kept in a folder."""
    bank = load_bank(BANK / "exams")
    found = {}
    for base, name in QUESTIONS.items():
        question = bank.questions[name]
        maker = load_data_module(data_job(question))
        data_seed = maker.make_world(rng_for(DATA_SEED, name, "world"))
        features, labels = maker.make_holdout(data_seed, rng_for(DATA_SEED, name, "holdout", HOLDOUT_SEED))
        whole, few = folder / f"{base}.npy", folder / f"{base}-few.npy"
        np.save(whole, features)
        np.save(few, features[:16])
        found[base] = HeldOut(question, whole, few, labels)
    return found
