"""Findings about predicted classes, and how often each class is recognised. Pure."""

from __future__ import annotations

from collections import Counter

import numpy as np

from mockexam.bank.metric import METRICS
from mockexam.exam.class_report import MOST_CLASSES, MOST_CONFUSIONS, ClassRecall, ClassReport, Confusion
from mockexam.grading.examiner import metrics
from mockexam.grading.examiner.diagnosis_case import (
    LAGS,
    SIGNIFICANT,
    Array,
    DiagnosisCase,
    Evaluation,
    listed,
    per_cent,
)

CONSTANT = 1e-3
"""Probabilities that vary by less over all samples do not depend on the input; a trained model's vary far more."""
DOMINANT = 0.95  # a class predicted for this share of the samples is predicted nearly always
EXCESS = 0.05
"""And it must be predicted so much more often than it occurs: a frequent class may well be predicted nearly always."""
MEMORISED = 0.05  # if so many more training samples than unseen ones are right, training samples were memorised
IMBALANCED = 0.7  # a class with a larger share of the samples dominates the others
HARDLY = 0.1  # a class predicted less often than this share of its true number is as good as never predicted
ENOUGH = 20  # samples of a class from which its absence among the predictions is not chance
NAMED = 3  # classes named in one sentence
RARE = 0.5  # a class with less than this part of an even share of the training data is rare
OUTNUMBERED = 3.0  # and the largest class must have so many times its samples
MISSED = 0.2  # its recall lies at least so far below that of all other classes together
HALF_MISSED = 0.5  # recall below which a class is worth naming even if it costs no whole mark
TOGETHER = 0.6  # share of all errors between two classes from which the model confuses these two
RANKS_WELL = 0.8  # area under the ROC curve from which a better threshold is worth finding; 0.5 is chance
QUANTILES = np.linspace(0.01, 0.99, 99)  # quantiles of the predictions to try as thresholds
UNDECIDED = 0.05  # mean largest probability above uniform, below which a model has hardly begun to decide
OVERCONFIDENT = 0.15
"""Mean largest probability above the accuracy: for ordinary networks it is 0.02 to 0.1 (Guo et al. 2017,
https://arxiv.org/abs/1706.04599, table 1)."""


def obvious(case: DiagnosisCase) -> list[str]:
    """Constant predictions, a wrong threshold, or nearly always the same class."""
    found = _constant(case) or _threshold(case) or _one_class(case)
    return [found] if found else []


def never_predicted(case: DiagnosisCase) -> str:
    """Classes that are never predicted."""
    if not _by_class(case) or undecided(case):  # which class is slightly ahead then means nothing
        return ""
    true, predicted = _classes(case)
    counts, got = (np.bincount(classes, minlength=_class_count(case)) for classes in (true, predicted))
    known = _underrepresented(case)  # said with its cause
    missed = [
        c for c in range(_class_count(case)) if c not in known and counts[c] >= ENOUGH and got[c] < HARDLY * counts[c]
    ]
    if not missed:
        return ""
    missed.sort(key=lambda c: -counts[c])
    names = [_name(case, c) for c in missed[:NAMED]]
    unnamed = len(missed) - NAMED
    names += [f"{unnamed} others" if unnamed > 1 else "one other"] if unnamed > 0 else []
    share = f"{'together ' if len(missed) > 1 else ''}{per_cent(counts[missed].sum() / len(true))} of the samples"
    never = "hardly ever" if got[missed].any() else "never"
    return (
        f"The model {never} predicts {listed(names)}, {share}. Check how often such samples occur in training, how "
        "much they weigh in the loss, and what distinguishes them from the class predicted instead."
    )


def imbalance(case: DiagnosisCase) -> str:
    """Classes with a low recall that are rare in the training data."""
    rare, shares = _underrepresented(case), _train_shares(case)
    if not rare or shares is None:
        return ""
    true, predicted = _classes(case)
    rest = ~np.isin(true, rare)
    parts = [
        f"{_name(case, c)} is {per_cent(shares[c])} of the training data and has a recall of "
        f"{per_cent(_recall(true, predicted, c))}"
        for c in rare[:NAMED]
    ]
    others = per_cent(float((true == predicted)[rest].mean()))
    return (
        f"Class imbalance: {'; '.join(parts)}; the other classes have {others}. Check how much the rare samples weigh "
        "in the loss, and how often the model sees them."
    )


def confused(case: DiagnosisCase) -> str:
    """Two of several classes that are taken for each other, where that costs marks."""
    if not _by_class(case) or not _one_choice(case) or _class_count(case) < 3 or undecided(case):
        return ""
    true, predicted = _classes(case)
    wrong = true != predicted
    pairs = Counter(tuple(sorted(pair)) for pair in zip(true[wrong].tolist(), predicted[wrong].tolist(), strict=True))
    (pair, count) = pairs.most_common(1)[0] if pairs else ((0, 0), 0)
    between = np.isin(true, pair) & np.isin(predicted, pair)
    if count < ENOUGH or count < TOGETHER * wrong.sum() or _gain(case, np.where(between, true, predicted)) < 1:
        return ""
    one, other = (_name(case, c) for c in pair)
    return (
        f"The model confuses {one} with {other}: {per_cent(count / int(wrong.sum()))} of its errors are between these "
        "two classes. Check what distinguishes their samples, and whether the model can see it."
    )


def class_report(case: DiagnosisCase) -> ClassReport | None:
    """Recall by class and confusions on the hold-out: counts alone. None where samples have no single class."""
    if not _by_class(case) or not _one_choice(case):
        return None
    true, predicted = _classes(case)
    names = [name.strip('"') for name in (_name(case, c) for c in range(_class_count(case)))]
    if len(set(names)) < len(names):
        names = [f"class {c}" for c in range(len(names))]
    shares = _train_shares(case)
    recalls = [
        ClassRecall(
            names[c],
            int((true == c).sum()),
            int(((true == c) & (predicted == c)).sum()),
            None if shares is None else round(float(shares[c]), 4),
        )
        for c in np.unique(true).tolist()
    ]
    kept = {c.name for c in sorted(recalls, key=lambda c: c.recall)[:MOST_CLASSES]}
    wrong = true != predicted
    pairs = Counter(zip(true[wrong].tolist(), predicted[wrong].tolist(), strict=True)).most_common(MOST_CONFUSIONS)
    confusions = tuple(Confusion(names[a], names[b], count) for (a, b), count in pairs)
    return ClassReport(tuple(c for c in recalls if c.name in kept), confusions)


def undecided(case: DiagnosisCase) -> str:
    """Nearly uniform probabilities."""
    if not _by_class(case) or not _one_choice(case) or _confidence(case) - 1 / _class_count(case) >= UNDECIDED:
        return ""
    return (
        "The probabilities are nearly uniform for every sample: the model has hardly learned to tell the classes "
        "apart. Check whether the loss still falls, the learning rate, and the scale of the inputs."
    )


def overconfident(case: DiagnosisCase) -> str:
    """Probabilities well above the accuracy."""
    if not _by_class(case) or not _one_choice(case):
        return ""
    confidence, accuracy = _confidence(case), _accuracy(case, case.holdout)
    if confidence - accuracy < OVERCONFIDENT:
        return ""
    found = f"The model is overconfident: {per_cent(confidence)} sure on average, right for {per_cent(accuracy)}. "
    if case.train is None:
        return f"{found}This happens when it overfits, or when the inputs differ from those in training."
    if _accuracy(case, case.train) - accuracy >= MEMORISED:
        return f"{found}This happens when training continues after the samples are memorised."
    return (
        f"{found}It is no better on the training samples: check the scale of the inputs, and whether they reach the "
        "model as they did in training."
    )


def _constant(case: DiagnosisCase) -> str:
    predictions = case.holdout.predictions.reshape(len(case.holdout.predictions), -1).astype(np.float64)
    if np.ptp(predictions, axis=0).max() >= CONSTANT:
        return ""
    which = f" ({_name(case, int(_classes(case)[1][0]))})" if _by_class(case) and _one_choice(case) else ""
    return (
        f"The model predicts the same for every sample{which}: the prediction does not depend on the input. Check "
        "whether the loss fell in training, and the scale of the inputs."
    )


def _threshold(case: DiagnosisCase) -> str:
    """The ranking is good, but 0.5 does not separate the classes."""
    labels = case.holdout.labels.astype(np.int64).ravel()
    if not _by_class(case) or case.output.form != "unit_interval" or labels.min() == labels.max():
        return ""
    ranking = metrics.auc(labels, case.holdout.predictions.astype(np.float64).ravel())
    basis = case.train or case.holdout  # the training samples if possible: the best threshold is partly chance
    thresholds = np.unique(np.quantile(basis.predictions.astype(np.float64), QUANTILES))
    best = float(max(thresholds, key=lambda t: case.measure(basis.predictions, basis.labels, float(t))))
    value = case.measure(case.holdout.predictions, case.holdout.labels, best)
    more, gain = case.marks(value) - case.marks(case.holdout.value), value - case.holdout.value
    if ranking < RANKS_WELL or more < 1 or gain <= SIGNIFICANT * case.standard_error(case.holdout):
        return ""
    side = "low" if best < metrics.THRESHOLD else "high"
    return (
        f"The model ranks the samples well (AUC {ranking:.2f}), but its predictions are too {side}: the grader uses "
        "the threshold 0.5, which does not separate the classes here. Check how often each class occurs in training "
        f"and how much it weighs in the loss. If the training log shows much better values, {LAGS}."
    )


def _one_class(case: DiagnosisCase) -> str:
    if not _by_class(case):
        return ""
    true, predicted = _classes(case)
    counts = np.bincount(predicted, minlength=_class_count(case))
    top = int(counts.argmax())
    share, occurs = float(counts[top] / len(predicted)), float((true == top).mean())
    if share < DOMINANT or share < occurs + EXCESS:
        return ""
    only = "only" if share == 1 else "almost only"
    found = f"The model predicts {only} one class: {_name(case, top)} for {per_cent(share)} of the samples, "
    found += f"though only {per_cent(occurs)} belong to it. "
    if occurs > IMBALANCED:
        return f"{found}Class imbalance: the frequent class dominates training. Check how much each weighs in the loss."
    return (
        f"{found}It has hardly learned to tell them apart: check whether the loss fell, the learning rate, and whether "
        "the inputs reach the model in the form and scale that they had in training."
    )


def _underrepresented(case: DiagnosisCase) -> list[int]:
    """Classes whose low recall comes from their rarity in training, the lowest recall first.

    They are predicted less often than they occur, and their errors cost a mark or most of their samples.
    """
    shares = _train_shares(case)
    if shares is None or not _one_choice(case) or undecided(case):
        return []
    true, predicted = _classes(case)
    count = _class_count(case)
    rare = [c for c in range(count) if shares[c] < RARE / count and shares[c] * OUTNUMBERED <= shares.max()]
    rest = ~np.isin(true, rare)
    if not rare or not rest.any():
        return []
    others = float((true == predicted)[rest].mean())
    found = []
    for c in rare:
        mine = true == c
        if mine.sum() < ENOUGH or (predicted == c).sum() >= mine.sum():
            continue
        recall = _recall(true, predicted, c)
        chance = SIGNIFICANT * float(np.sqrt(max(recall * (1 - recall), 1 / mine.sum()) / mine.sum()))
        costs = recall < HALF_MISSED or _gain(case, np.where(mine, true, predicted)) >= 1
        if costs and recall < others - max(MISSED, chance):
            found.append((recall, c))
    return [c for _, c in sorted(found)]


def _train_shares(case: DiagnosisCase) -> Array | None:
    """The share of each class in the training data; None if the question offers no training samples."""
    if case.train is None or not _by_class(case):
        return None
    labels = case.train.labels.astype(np.int64).ravel()
    return np.bincount(labels, minlength=_class_count(case)) / len(labels)


def _recall(true: Array, predicted: Array, which: int) -> float:
    return float((predicted[true == which] == which).mean())


def _gain(case: DiagnosisCase, predicted: Array) -> int:
    """The marks that these flat classes would earn more on the hold-out."""
    shape = case.holdout.predictions.shape
    one_hot = np.eye(_class_count(case))[predicted] if case.output.form == "probabilities" else predicted
    value = case.measure(one_hot.reshape(shape).astype(np.float64), case.holdout.labels)
    return case.marks(value) - case.marks(case.holdout.value)


def _confidence(case: DiagnosisCase) -> float:
    predictions = case.holdout.predictions.astype(np.float64)
    top = predictions.max(-1) if case.output.form == "probabilities" else np.maximum(predictions, 1 - predictions)
    return float(top.mean())


def _accuracy(case: DiagnosisCase, part: Evaluation) -> float:
    return metrics.accuracy(
        part.labels.astype(np.int64).ravel(), metrics.classes_of(case.output.form, part.predictions).ravel()
    )


def _by_class(case: DiagnosisCase) -> bool:
    return METRICS[case.rubric.metric].compares == "classes"


def _one_choice(case: DiagnosisCase) -> bool:
    """Whether a sample belongs to one class, not to several at once."""
    return case.output.form == "probabilities" or case.output.values_a_sample == 1


def _classes(case: DiagnosisCase) -> tuple[Array, Array]:
    """True and predicted classes, flat."""
    true = case.holdout.labels.astype(np.int64).ravel()
    return true, metrics.classes_of(case.output.form, case.holdout.predictions).ravel()


def _class_count(case: DiagnosisCase) -> int:
    return case.output.shape[-1] if case.output.form == "probabilities" else 2


def _name(case: DiagnosisCase, which: int) -> str:
    names = case.output.classes
    return f'"{names[which]}"' if len(names) == _class_count(case) else f"class {which}"
