"""Findings on answers that stand for classes."""

from __future__ import annotations

import numpy as np

from mockexam.bank.metric import METRICS
from mockexam.grading.examiner import metrics
from mockexam.grading.examiner.diagnosis.case import Array, Case, Part, listed, per_cent
from mockexam.grading.examiner.diagnosis.fit_findings import SURE

SAME = 1e-3
"""Probabilities that differ by less over all samples do not depend on the input: a trained model's differ far more."""
MOSTLY = 0.95
"""One class in this share of the answers is nearly always."""
TOO_MANY = 0.05
"""By so much more often than it is true: a class of nine samples in ten may well be answered nearly always."""
BY_HEART = 0.05
"""So much more of the training samples right than of unseen ones tells that samples are known by heart."""
DROWNS = 0.7
"""A class with more of the samples than this drowns the others."""
HARDLY = 0.1
"""A class answered less often than this share of its true number is as good as never answered."""
ENOUGH = 20
"""Samples of a class from which its absence in the answers is no luck."""
NAMED = 3
"""Classes that are named in one sentence."""
RANKS_WELL = 0.8
"""Area under the ROC curve from which a ranking is worth a better threshold; 0.5 is chance."""
CUTS = np.linspace(0.01, 0.99, 99)
"""Quantiles of the answers that are tried as thresholds."""
UNIFORM = 0.05
"""Mean largest probability above an even split below which a model has hardly begun to decide."""
OVERSURE = 0.15
"""Mean largest probability above the share that is right: networks are off by 0.02 to 0.1 as a rule (Guo et al. 2017,
https://arxiv.org/abs/1706.04599, table 1), so this is no blemish but a sign."""


def plain(case: Case) -> list[str]:
    """The same answer always, a threshold in the wrong place, or one class nearly always."""
    told = _constant(case) or _threshold(case) or _one_class(case)
    return [told] if told else []


def never_answered(case: Case) -> str:
    """Classes that are never answered."""
    if not _by_class(case) or undecided(case):  # which class is a hair ahead then means nothing
        return ""
    truth, answered = _both(case)
    counts, got = (np.bincount(classes, minlength=_count(case)) for classes in (truth, answered))
    missed = [c for c in range(_count(case)) if counts[c] >= ENOUGH and got[c] < HARDLY * counts[c]]
    if not missed:
        return ""
    missed.sort(key=lambda c: -counts[c])
    names = [_name(case, c) for c in missed[:NAMED]]
    unnamed = len(missed) - NAMED
    names += [f"{unnamed} others" if unnamed > 1 else "one other"] if unnamed > 0 else []
    share = f"{'together ' if len(missed) > 1 else ''}{per_cent(counts[missed].sum() / len(truth))} of the samples"
    never = "hardly ever" if got[missed].any() else "never"
    return (
        f"The model {never} answers {listed(names)}, {share}. Look how often it meets such samples in training, how "
        "much they count there, and what could tell them from the class that is answered instead."
    )


def undecided(case: Case) -> str:
    """Probabilities that are nearly even."""
    if not _by_class(case) or not _one_choice(case) or _sure(case) - 1 / _count(case) >= UNIFORM:
        return ""
    return (
        "The probabilities are nearly even for every sample: the model has hardly begun to tell the classes apart. "
        "Look whether the loss still falls, at the learning rate, and at the scale of the inputs."
    )


def oversure(case: Case) -> str:
    """Probabilities that are surer than they are right."""
    if not _by_class(case) or not _one_choice(case):
        return ""
    sure, right = _sure(case), _right(case, case.held)
    if sure - right < OVERSURE:
        return ""
    found = f"The model is too sure of itself: {per_cent(sure)} sure on average, right in {per_cent(right)}. "
    if case.train is None:
        return f"{found}That comes of learning by heart, or of inputs unlike those in training."
    if _right(case, case.train) - right >= BY_HEART:
        return f"{found}That comes of training on when the samples are known by heart."
    return (
        f"{found}On its training samples it is no better: look at the scale of the inputs, and whether they reach the "
        "model as they did in training."
    )


def _constant(case: Case) -> str:
    answer = case.held.answer.reshape(len(case.held.answer), -1).astype(np.float64)
    if np.ptp(answer, axis=0).max() >= SAME:
        return ""
    which = f" ({_name(case, int(_both(case)[1][0]))})" if _by_class(case) and _one_choice(case) else ""
    return (
        f"The answer is the same for every sample{which}: it does not depend on the input. Look whether the loss fell "
        "in training, and whether the inputs have a size that the model can learn from."
    )


def _threshold(case: Case) -> str:
    """0 and 1 are ranked well, but 0.5 is no good place to cut."""
    labels = case.held.labels.astype(np.int64).ravel()
    if not _by_class(case) or case.output.form != "unit_interval" or labels.min() == labels.max():
        return ""
    ranking = metrics.auc(labels, case.held.answer.astype(np.float64).ravel())
    basis = case.train or case.held  # not the hold-out if it can be helped: the best cut there is partly luck
    cuts = np.unique(np.quantile(basis.answer.astype(np.float64), CUTS))
    cut = float(max(cuts, key=lambda c: case.measure(basis.answer, basis.labels, float(c))))
    value = case.measure(case.held.answer, case.held.labels, cut)
    more, gain = case.marks(value) - case.marks(case.held.value), value - case.held.value
    if ranking < RANKS_WELL or more < 1 or gain <= SURE * case.standard_error(case.held):
        return ""
    side = "low" if cut < metrics.THRESHOLD else "high"
    return (
        f"The model ranks the samples well (AUC {ranking:.2f}), but its answers are too {side}: the marker cuts at "
        "0.5, and the two classes part elsewhere. Look how often each class comes in training and how much it counts."
    )


def _one_class(case: Case) -> str:
    if not _by_class(case):
        return ""
    truth, answered = _both(case)
    counts = np.bincount(answered, minlength=_count(case))
    top = int(counts.argmax())
    share, true = float(counts[top] / len(answered)), float((truth == top).mean())
    if share < MOSTLY or share < true + TOO_MANY:
        return ""
    found = f"The model answers {_name(case, top)} for {per_cent(share)} of the samples; {per_cent(true)} of them are. "
    if true > DROWNS:
        return f"{found}The frequent class drowns the others: look how much each class counts in training."
    return (
        f"{found}It has hardly learned to tell them apart: look whether the loss fell, at the learning rate, and "
        "whether the inputs reach the model in the form and size that they had in training."
    )


def _sure(case: Case) -> float:
    """The mean largest probability."""
    answer = case.held.answer.astype(np.float64)
    top = answer.max(-1) if case.output.form == "probabilities" else np.maximum(answer, 1 - answer)
    return float(top.mean())


def _right(case: Case, part: Part) -> float:
    """The share of samples with the right class."""
    return float(
        (part.labels.astype(np.int64).ravel() == metrics.classes_of(case.output.form, part.answer).ravel()).mean()
    )


def _by_class(case: Case) -> bool:
    return METRICS[case.rubric.metric].compares == "classes"


def _one_choice(case: Case) -> bool:
    """Whether a sample is one choice among classes, not several at once."""
    return case.output.form == "probabilities" or case.output.values_a_sample == 1


def _both(case: Case) -> tuple[Array, Array]:
    """True and answered classes, flat."""
    truth = case.held.labels.astype(np.int64).ravel()
    return truth, metrics.classes_of(case.output.form, case.held.answer).ravel()


def _count(case: Case) -> int:
    return case.output.shape[-1] if case.output.form == "probabilities" else 2


def _name(case: Case, which: int) -> str:
    names = case.output.classes
    return f'"{names[which]}"' if len(names) == _count(case) else f"class {which}"
