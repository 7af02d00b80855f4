"""Findings on made-up predictions: each where it belongs, and none for a model as good as its question allows."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockexam.bank.models import OutputContract
from mockexam.bank.rubric import Rubric
from mockexam.grading.examiner import metrics
from mockexam.grading.examiner.diagnose_model import MAX_FINDINGS, findings
from mockexam.grading.examiner.diagnosis_case import DiagnosisCase, Evaluation, figure, listed, per_cent

Array = npt.NDArray[Any]
Data = tuple[Array, Array]
"""Predictions and labels."""
N = 2000
ACCURACY = (0.4, 0.6, 0.8, 0.9, 0.95)
ERRORS = (20.0, 10.0, 5.0, 2.0, 1.0)
CLASSES = ("dry", "ice", "snow", "wet")
NO_FEATURES = np.zeros((N, 1))


def case(
    held: Data,
    train: Data | None = None,
    *,
    metric: str = "accuracy",
    bands: tuple[float, ...] = ACCURACY,
    form: str = "probabilities",
    classes: tuple[str, ...] = (),
    series: bool = False,
    features: Array = NO_FEATURES,
) -> DiagnosisCase:
    """A graded model with these predictions."""
    rubric = Rubric.model_validate(
        {"metric": metric, "bands": bands, "reference": {"marks": 5, "why": "x"}, "jury": JURY}
    )
    output = OutputContract.model_validate(
        {"shape": held[0].shape[1:], "form": form, "meaning": "x", "classes": classes}
    )

    def part(data: Data) -> Evaluation:
        with np.errstate(all="ignore"):
            return Evaluation(*data, metrics.measure(metric, form, *data))

    return DiagnosisCase(rubric, output, series, part(held), part(train) if train else None, features)


JURY = ({"file": "a.py", "marks": 0, "why": "x"},)


def choices(labels: Array, right: float, sure: float = 0.9, *, seed: int = 0, shares: int = 4) -> Array:
    """Probabilities that name the right class in this share of the samples, each time so sure."""
    rng = np.random.default_rng(seed)
    named = np.where(rng.random(len(labels)) < right, labels, (labels + rng.integers(1, shares, len(labels))) % shares)
    predictions = np.full((len(labels), shares), (1 - sure) / (shares - 1))
    predictions[np.arange(len(labels)), named] = sure
    return predictions


def labels_of(shares: tuple[float, ...], seed: int = 1, count: int = N) -> Array:
    """Classes at random."""
    return np.random.default_rng(seed).choice(len(shares), count, p=shares)


EVEN = (0.25, 0.25, 0.25, 0.25)
LABELS, MORE = labels_of(EVEN), labels_of(EVEN, 2)
TRUTH = np.random.default_rng(3).uniform(3, 90, (N, 1))
NOISE = np.random.default_rng(4).normal(0, 1, (N, 1))


def first_finding_has(wanted: DiagnosisCase, *words: str) -> None:
    """The first finding says all of these."""
    found = findings(wanted)
    assert found
    for word in words:
        assert word in found[0], found


def values(predictions: Array, truth: Array = TRUTH, **more: Any) -> DiagnosisCase:
    """A regression model."""
    return case((predictions, truth), metric="mae", bands=ERRORS, form="values", **more)


# Full marks, and the fit


def test_full_marks_need_no_finding() -> None:
    """One sentence that says so, with the training data's value where there is one."""
    held = choices(LABELS, 0.97), LABELS
    found = findings(case(held, (choices(MORE, 0.99, seed=9), MORE)))

    assert len(found) == 1
    assert found[0].startswith("Full marks: accuracy 0.9")
    assert found[0].endswith("on the training data.")
    assert findings(case(held)) == (f"Full marks: accuracy {case(held).holdout.value:.4g} on unseen data.",)


def test_overfitting() -> None:
    """A mark more on the training data, by more than chance."""
    wanted = case((choices(LABELS, 0.7), LABELS), (choices(MORE, 0.99, seed=9), MORE))

    first_finding_has(wanted, "Overfitting: accuracy 0.99", "on unseen data")


def test_a_difference_within_chance_is_not_overfitting() -> None:
    """A mark more is not enough if chance could have made it: 91 of 100 against 89."""
    few = slice(0, 100)
    held, train = (
        (choices(np.where(np.random.default_rng(7).permutation(100) < wrong, (labels + 1) % 4, labels), 1.0), labels)
        for wrong, labels in ((11, LABELS[few]), (9, MORE[few]))
    )
    wanted = case(held, train)

    assert wanted.train is not None
    assert wanted.marks(wanted.train.value) > wanted.marks(wanted.holdout.value)
    assert not any("verfitting" in found for found in findings(wanted))


def test_underfitting() -> None:
    """The same on both, and short of full marks; far down, a word on what may be missing in the saved model."""
    middling = findings(case((choices(LABELS, 0.85), LABELS), (choices(MORE, 0.85, seed=9), MORE)))
    poor = findings(case((choices(LABELS, 0.5), LABELS), (choices(MORE, 0.5, seed=9), MORE)))

    assert [text.partition(":")[0] for text in middling] == ["Underfitting"]
    assert "missing from the saved model" not in middling[0]
    assert "missing from the saved model" in poor[0]
    assert "BatchNormalization" in poor[0]


def test_a_bit_of_both() -> None:
    """The training data fare better, yet earn no more."""
    held, train = (choices(LABELS, 0.65), LABELS), (choices(MORE, 0.78, seed=9), MORE)
    for features in (np.zeros((N, 8)), np.full(N, "words")):
        both = case(held, train, features=features)
        first_finding_has(both, "Some overfitting", "which information in the inputs")
    one = case(held, train, features=NO_FEATURES)
    first_finding_has(one, "Some overfitting", "one input")
    assert "which information" not in findings(one)[0]


def test_training_data_that_fare_worse_are_no_overfitting() -> None:
    """Wrong labels make them so: to train longer would be the wrong advice, unless nothing has been learned at all."""
    kinder = case((choices(LABELS, 0.88), LABELS), (choices(MORE, 0.72, seed=9), MORE))
    first_finding_has(kinder, "Harder training data", "by heart")
    untrained = case((choices(LABELS, 0.3), LABELS), (choices(MORE, 0.2, seed=9), MORE))
    first_finding_has(untrained, "Underfitting")


def test_without_training_data_nothing_is_said_of_the_fit() -> None:
    """A pack need not give them."""
    assert findings(case((choices(LABELS, 0.85, 0.9), LABELS))) == ()


# Classes


def test_constant_class() -> None:
    """Named; nothing else is said."""
    predictions = np.tile([0.3, 0.2, 0.4, 0.1], (N, 1)) + 1e-5 * NOISE
    wanted = case((predictions, LABELS), (predictions, MORE), classes=CLASSES)

    first_finding_has(wanted, 'the same for every sample ("snow")', "not depend on the input")
    assert len(findings(wanted)) == 1


def test_almost_only_one_class() -> None:
    """The probabilities move, the predictions hardly does; with a frequent class there is another reason for it."""
    frequent = labels_of((0.8, 0.1, 0.05, 0.05))
    for labels, why in ((LABELS, "hardly learned"), (frequent, "dominates training")):
        predictions = 0.1 + 0.1 * np.random.default_rng(5).random((N, 4))
        predictions[:, 0] += 0.4
        first_finding_has(
            case((predictions / predictions.sum(1, keepdims=True), labels), classes=CLASSES),
            'only one class: "dry" for 100 %',
            why,
        )


def test_a_frequent_class_may_be_predicted_often() -> None:
    """Nearly all samples are of it, and the rare ones are found."""
    labels = labels_of((0.97, 0.01, 0.01, 0.01))
    wanted = case((choices(labels, 0.995, 0.99), labels), bands=(0.5, 0.6, 0.7, 0.8, 0.9999))

    assert (wanted.holdout.predictions.argmax(1) == 0).mean() > 0.95
    assert findings(wanted) == ()


def test_a_class_that_is_never_predicted() -> None:
    """Named with its share, the larger ones first; a class too rare to tell is not."""
    labels = labels_of((0.5, 0.3, 0.195, 0.005))
    predictions = choices(np.where(labels >= 1, labels % 2, labels), 0.95, shares=2)
    predictions = np.hstack([predictions, np.full((N, 2), 0.01)])
    predictions /= predictions.sum(1, keepdims=True)
    wanted = case((predictions, labels), classes=CLASSES)

    first_finding_has(wanted, 'never predicts "snow", ', " % of the samples.")
    assert "wet" not in findings(wanted)[0]


@pytest.mark.parametrize(("count", "names"), [(4, "class 2 or class 3"), (6, "or one other"), (8, "or 3 others")])
def test_several_classes_that_are_never_predicted(count: int, names: str) -> None:
    """At most three are named; their share is given."""
    labels = np.arange(N) % count
    predictions = np.eye(count)[np.arange(N) // count % 2] * 0.9 + 0.1 / count
    never = findings(case((predictions, labels), bands=(0.01, 0.5, 0.6, 0.7, 0.8)))[0]
    predictions[labels == 2] = np.where(
        np.arange(N)[labels == 2, None] % 97 == 0, np.eye(count)[2], predictions[labels == 2]
    )
    hardly = findings(case((predictions, labels), bands=(0.01, 0.5, 0.6, 0.7, 0.8)))[0]

    assert "The model never predicts class 2" in never
    assert names in never
    assert f"together {100 * (count - 2) / count:.0f} % of the samples" in never
    assert "The model hardly ever predicts class 2" in hardly


def test_nearly_uniform_probabilities() -> None:
    """The right class is a hair ahead."""
    predictions = choices(LABELS, 0.7, sure=0.27)

    first_finding_has(case((predictions, LABELS)), "nearly uniform")


def test_overconfident() -> None:
    """Why depends on whether it is better on its training data."""
    held = choices(LABELS, 0.75, sure=0.99), LABELS

    assert "memorised" in findings(case(held, (choices(MORE, 1.0, 0.99), MORE)))[-1]
    assert "scale of the inputs" in findings(case(held, (choices(MORE, 0.75, 0.99, seed=9), MORE)))[-1]
    assert "overconfident" in findings(case(held))[-1]


def test_a_calibrated_model() -> None:
    """A calibrated model is left in peace."""
    assert findings(case((choices(LABELS, 0.85, sure=0.88), LABELS))) == ()


# 0 or 1


def ranked(shift: float, seed: int = 6) -> Data:
    """Answers from 0 to 1 that rank the samples well, with the classes parted at another place than 0.5."""
    labels = labels_of((0.8, 0.2), seed)
    logits = 4 * labels - 2 + np.random.default_rng(seed).normal(0, 0.8, N) + shift
    return (1 / (1 + np.exp(-logits)))[:, None], labels


@pytest.mark.parametrize("metric", ["accuracy", "f1", "balanced_accuracy"])
@pytest.mark.parametrize(("shift", "side"), [(-2.2, "too low"), (2.2, "too high")])
def test_a_good_ranking_with_a_wrong_threshold(metric: str, shift: float, side: str) -> None:
    """It ranks well, 0.5 is not where the classes part."""
    for train in (None, ranked(shift, 7)):
        first_finding_has(
            case(ranked(shift), train, metric=metric, form="unit_interval"), "ranks the samples well", side
        )


def test_a_good_threshold_is_left_in_peace() -> None:
    """Cut where the classes part."""
    wanted = case(ranked(0.0), bands=(0.5, 0.7, 0.9, 0.985, 0.999), form="unit_interval")

    assert findings(wanted) == ()


def test_a_threshold_that_would_earn_nothing_is_left_in_peace() -> None:
    """No mark more by it, or a ranking too poor to speak of it."""
    no_mark = case(ranked(-2.2), bands=(0.5, 0.85, 0.997, 0.999, 1.0), form="unit_interval")
    labels = np.arange(N) % 2
    poor = 1 / (1 + np.exp(-(1.4 * labels - 3 + np.random.default_rng(6).normal(0, 2, N))))[:, None]
    wanted = case((poor, labels), bands=(0.4, 0.6, 0.8, 0.9, 0.95), form="unit_interval")

    assert not any("ranks" in found for found in findings(no_mark))
    assert wanted.marks(wanted.measure(poor, labels, 0.1)) > wanted.marks(wanted.holdout.value)
    assert not any("ranks" in found for found in findings(wanted))


def test_auc_asks_for_no_threshold() -> None:
    """A ranking is all that counts; a constant is none."""
    shifted = case(ranked(-2.2), metric="auc", bands=(0.5, 0.7, 0.9, 0.95, 0.9999), form="unit_interval")
    constant = case((np.full((N, 1), 0.4), ranked(0)[1]), metric="auc", form="unit_interval")

    assert findings(shifted) == ()
    first_finding_has(constant, "same for every sample: ")


def test_several_yes_or_no_at_once() -> None:
    """No finding that assumes one choice a sample comes up."""
    labels = np.random.default_rng(8).integers(0, 2, (N, 3))
    predictions = np.where(np.random.default_rng(9).random((N, 3)) < 0.85, labels, 1 - labels) * 0.9 + 0.05

    assert findings(case((predictions, labels), form="unit_interval")) == ()


# Numbers


def test_constant_value() -> None:
    """And nothing else."""
    wanted = values(np.full((N, 1), 40.0) + 1e-3 * NOISE, train=(np.full((N, 1), 40.0), TRUTH))

    first_finding_has(wanted, "about 40 for every sample", "the labels range from", "scale of the inputs")
    assert len(findings(wanted)) == 1


@pytest.mark.parametrize(
    ("predictions", "look"),
    [
        ((TRUTH - TRUTH.mean()) / TRUTH.std() + 0.05 * NOISE, "look standardised"),
        ((TRUTH - 3) / 87 + 0.01 * NOISE, "look scaled to 0 to 1"),
        (TRUTH / 10 + 0.1 * NOISE, "Did you scale the labels"),
        (TRUTH + 60 + NOISE, "Did you scale the labels"),
        (TRUTH * 3 + NOISE, "Did you scale the labels"),
    ],
)
def test_another_scale(predictions: Array, look: str) -> None:
    """With both ranges, and what the predictions look like."""
    first_finding_has(values(predictions), "the labels from", "on another scale than the labels", look)


def test_wrong_sign() -> None:
    """High where the truth is low."""
    first_finding_has(values(93 - TRUTH + NOISE), "low where the labels are high")


def test_worse_than_a_constant() -> None:
    """Unrelated predictions that any fixed number would beat."""
    wild = np.random.default_rng(10).normal(0, 300, (N, 1))

    first_finding_has(values(wild), "always predicting", "would be better")


@pytest.mark.parametrize("spread", [1.5, 3.0, 8.0, 18.0])
def test_honest_errors_are_left_in_peace(spread: float) -> None:
    """A regression shrinks towards the middle the less it knows; that is no other scale."""
    noisy = TRUTH + spread * NOISE * np.sqrt(np.pi / 2)
    share = TRUTH.var() / noisy.var()
    shrunk = TRUTH.mean() + share * (noisy - noisy.mean())

    assert findings(values(noisy)) == ()
    assert findings(values(shrunk)) == ()


def test_a_scale_that_costs_little_is_left_in_peace() -> None:
    """The predictions are too close together, but another scale would earn nothing."""
    noisy = TRUTH + 15 * NOISE

    assert findings(values(TRUTH.mean() + 0.5 * (noisy - noisy.mean()))) == ()


def test_each_number_is_looked_at_by_itself() -> None:
    """The one that is wrong is named; the truths may be of any size."""
    truth = np.hstack([TRUTH, 1e4 * TRUTH[::-1], TRUTH])
    predictions = np.hstack([TRUTH + NOISE, np.full((N, 1), 4e5), TRUTH / 30])
    found = findings(values(predictions, truth))

    assert len(found) == 2
    assert found[0].startswith("Output 2: the model predicts about 400,000 for every sample")
    assert found[1].startswith("Output 3: the predictions are on another scale")


def test_at_most_three_numbers() -> None:
    """More would not be read."""
    truth = np.hstack([TRUTH] * 5)

    assert len(findings(values(np.zeros_like(truth), truth))) == MAX_FINDINGS


# Forecasts


def forecast(seed: int = 11) -> tuple[Array, Array]:
    """Windows (n, 24, 2) whose first column wanders on, and its next 6 values."""
    rng = np.random.default_rng(seed)
    walks = 50 + np.cumsum(rng.normal(0, 3, (N, 30)), axis=1)
    return np.stack([walks[:, :24], rng.uniform(0, 5, (N, 24))], axis=-1), walks[:, 24:]


@pytest.mark.parametrize(("repeated", "words"), [(slice(-1, None), "the last value"), (slice(-6, None), "last 6 val")])
def test_a_forecast_that_repeats_the_past(repeated: slice, words: str) -> None:
    """The last value, or the last stretch."""
    features, truth = forecast()
    predictions = features[:, repeated, 0] + np.zeros_like(truth) + 0.1 * NOISE

    first_finding_has(values(predictions, truth, series=True, features=features), "repeats", words)


def test_late_steps_that_cost_most() -> None:
    """The error of the last steps against that of the first."""
    features, truth = forecast()
    rng = np.random.default_rng(12)
    grown = truth + rng.normal(0, 1, truth.shape) * [1, 1, 2, 3, 4, 4]
    even = truth + rng.normal(0, 1, truth.shape) * [2, 2, 2, 3, 3, 3]

    first_finding_has(values(grown, truth, series=True, features=features), "late steps cost most")
    assert findings(values(even, truth, series=True, features=features)) == ()
    assert findings(values(grown, truth, features=features)) == ()  # several numbers, but no steps


def test_a_forecast_that_is_constant_or_scaled() -> None:
    """Steps are one thing: no number of theirs is named."""
    features, truth = forecast()

    first_finding_has(
        values(np.tile([50.0, 50, 51, 51, 52, 52], (N, 1)), truth, series=True, features=features), "for every sample"
    )
    first_finding_has(
        values((truth - 50) / 12, truth, series=True, features=features), "predictions range from", "standardised"
    )


# Whatever comes


def test_at_most_three_the_weightiest_first() -> None:
    """Overfitting before a missing class before being too sure."""
    predictions, train = choices(LABELS, 0.7, 0.99), choices(MORE, 1.0, 0.99)
    predictions[predictions.argmax(1) == 3] = [0.99, 0.01, 0, 0]
    found = findings(case((predictions, LABELS), (train, MORE)))

    assert [text.split()[0] for text in found] == ["Overfitting:", "The", "The"]
    assert "never predicts" in found[1]
    assert "overconfident" in found[2]
    assert len(found) == MAX_FINDINGS


@given(
    seed=st.integers(0, 10_000),
    scale=st.sampled_from([0.0, 1e-30, 1e-3, 1.0, 1e6, 1e30, 1e300]),
    count=st.sampled_from([1, 2, 3, 30]),
    numbers=st.sampled_from([1, 2, 12]),
    metric=st.sampled_from(["mae", "rmse", "huber", "mape"]),
    series=st.booleans(),
)
def test_wild_numbers_break_nothing(
    seed: int, scale: float, count: int, numbers: int, metric: str, series: bool
) -> None:
    """Any finite predictions are diagnosed, however few, large or alike."""
    rng = np.random.default_rng(seed)
    predictions, truth = scale * rng.normal(size=(count, numbers)), rng.integers(0, 3, (count, numbers)).astype(float)
    wanted = case(
        (predictions, truth), (predictions, truth), metric=metric, bands=ERRORS, form="values", series=series,
        features=rng.normal(size=(count, 5, 2)),
    )  # fmt: skip
    assert len(findings(wanted)) <= MAX_FINDINGS


@given(
    seed=st.integers(0, 10_000),
    count=st.sampled_from([1, 2, 30, 100]),
    metric=st.sampled_from(["accuracy", "balanced_accuracy", "f1", "auc"]),
    form=st.sampled_from(["probabilities", "unit_interval"]),
)
def test_wild_classes_break_nothing(seed: int, count: int, metric: str, form: str) -> None:
    """As above; with auc both classes occur, as the grader demands."""
    rng = np.random.default_rng(seed)
    labels = np.arange(count + 1) % 2 if metric == "auc" else rng.integers(0, 2, count + 1)
    top = rng.choice([0.0, 0.5, 1.0, rng.random()], count + 1)
    predictions = np.stack([1 - top, top], 1) if form == "probabilities" else top[:, None]

    assert len(findings(case((predictions, labels), (predictions, labels), metric=metric, form=form))) <= MAX_FINDINGS


def test_figures_read_well() -> None:
    """Whole numbers where they are large, few digits else, and no exponents that a reader has to work out."""
    numbers = {0.01234: "0.0123", 0.0000123: "0.0000123", 0.0: "0", 90.0: "90", -31.62: "-31.6", 265_398.4: "265,398"}
    numbers |= {999.97: "1,000"}
    assert [figure(value) for value in numbers] == list(numbers.values())
    assert figure(0.91384, 4) == "0.9138"
    assert figure(1.5e30) == "1.5e+30"
    assert [per_cent(v) for v in (0.0, 0.005, 0.256, 1.0)] == ["0 %", "0.5 %", "26 %", "100 %"]
    assert [listed(words) for words in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["", "a", "a or b", "a, b or c"]


def test_the_standard_error_comes_from_blocks() -> None:
    """The standard error is about that of independent samples; samples that come in lumps have a larger one."""
    wanted = case((choices(LABELS, 0.8), LABELS))
    alone = wanted.standard_error(wanted.holdout)
    order = np.argsort(choices(LABELS, 0.8).argmax(1) == LABELS, kind="stable")
    lumped = Evaluation(wanted.holdout.predictions[order], LABELS[order], 0.8)

    assert alone == pytest.approx((0.8 * 0.2 / N) ** 0.5, rel=0.5)
    assert wanted.standard_error(lumped) > 5 * alone
