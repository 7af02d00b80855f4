"""How a training went: the values that Keras printed, epoch by epoch, and what they say."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

MOST_POINTS = 200
"""Epochs of one fit that are recorded."""
MOST_FITS = 20
"""Fits of one run that are recorded, the newest."""
MOST_SERIES = 24
"""Values of one epoch that are kept."""
_DIGITS = 5
"""Significant digits of a recorded value."""
_PATIENCE = 3
"""Epochs without a better val_loss, at least, before that means something; a tenth of all in a long training."""
_FALLS = 0.98
"""The loss falls if it is below this share of what it was."""
_RATES = ("learning_rate", "lr")
_ERROR = re.compile(r"loss|error|divergence|crossentropy|hinge|poisson|\b(r?mse|mae|mape|msle)\b")
"""In a metric's name: the smaller, the better."""


@dataclass(frozen=True, slots=True)
class FitHistory:
    """One call of `fit`. All series have one value for each of `epochs`."""

    planned: int
    """The number of epochs it was called with."""
    epochs: tuple[int, ...]
    """Their numbers, from 1; not all of them in a long training."""
    seconds: tuple[float, ...]
    """How long each took."""
    series: dict[str, tuple[float | None, ...]]
    """Values by Keras' names, such as loss and val_loss; None where none was printed or it was not finite."""

    @property
    def judged_by(self) -> str:
        """What tells the best epoch: `val_loss`, else `loss`; empty if neither was printed."""
        return next((name for name in ("val_loss", "loss") if self._numbers(name)), "")

    @property
    def best_epoch(self) -> int | None:
        """The number of the epoch with the smallest `judged_by`, the first of several; None if there is none."""
        at = self._best()
        return None if at is None else self.epochs[at]

    @property
    def best_value(self) -> float | None:
        """`judged_by` at the best epoch."""
        at = self._best()
        return None if at is None else self.series[self.judged_by][at]

    @property
    def stale_epochs(self) -> int:
        """How many epochs have passed since the best one."""
        best = self.best_epoch
        return 0 if best is None else self.epochs[-1] - best

    @property
    def gap_opens(self) -> int | None:
        """The first epoch of overfitting: val_loss has no longer improved while loss has fallen; None without it."""
        at = self._best()
        if at is None or self.judged_by != "val_loss":
            return None
        if self.stale_epochs < max(_PATIENCE, self.epochs[-1] // 10):
            return None
        before, after = self.series.get("loss", (None,))[at : at + 1], self._numbers("loss", after=at + 1)
        if not after or before[0] is None or after[-1] > before[0] - (1 - _FALLS) * abs(before[0]):
            return None
        return self.epochs[at + 1]

    @property
    def main_metric(self) -> str:
        """The first metric beside the losses, such as `accuracy`; empty if there is none."""
        names = (n for n in self.series if n not in _RATES and not n.startswith("val_") and not n.endswith("loss"))
        return next(names, "")

    def best(self, metric: str) -> tuple[str, int, float] | None:
        """What judges a metric (its `val_` twin, else itself), its best epoch, the first of several, and its value."""
        name = f"val_{metric}" if self._numbers(f"val_{metric}") else metric
        sign = 1 if _ERROR.search(metric) else -1
        known = [(sign * value, at) for at, value in enumerate(self.series.get(name, ())) if value is not None]
        if not known:
            return None
        value, at = min(known)
        return name, self.epochs[at], sign * value

    def _best(self) -> int | None:
        values = self.series.get(self.judged_by, ())
        known = [(value, at) for at, value in enumerate(values) if value is not None]
        return min(known)[1] if known else None

    def _numbers(self, name: str, after: int = 0) -> list[float]:
        return [value for value in self.series.get(name, ())[after:] if value is not None]


@dataclass(frozen=True, slots=True)
class TrainingHistory:
    """The fits of one run that have at least one epoch, oldest first."""

    fits: tuple[FitHistory, ...] = ()


def main_fit(fits: tuple[FitHistory, ...]) -> int:
    """The index of the fit that stands for some: the newest with more than one epoch, else the newest.

    A model is saved after one fit and received a moment later, when the next may have begun.
    """
    return next((at for at in reversed(range(len(fits))) if len(fits[at].epochs) > 1), len(fits) - 1)


def to_record(history: TrainingHistory) -> tuple[FitHistory, ...]:
    """The history in the size that is recorded: the newest fits, fewer epochs, rounded values."""
    return tuple(map(_bounded, history.fits[-MOST_FITS:]))


def _bounded(fit: FitHistory) -> FitHistory:
    count = len(fit.epochs)
    kept = list(range(count))
    if count > MOST_POINTS:
        best = fit.epochs.index(fit.best_epoch) if fit.best_epoch is not None else 0
        even = {round(i * (count - 1) / (MOST_POINTS - 2)) for i in range(MOST_POINTS - 1)}
        kept = sorted({*even, best})
    return FitHistory(
        planned=fit.planned,
        epochs=tuple(fit.epochs[i] for i in kept),
        seconds=tuple(round(fit.seconds[i], 2) for i in kept),
        series={name: tuple(_rounded(values[i]) for i in kept) for name, values in [*fit.series.items()][:MOST_SERIES]},
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(f"{value:.{_DIGITS}g}")


def fits_of(values: list[dict[str, object]]) -> tuple[FitHistory, ...]:
    """The fits from their recorded fields. Raises TypeError or AttributeError if they do not fit."""
    return tuple(_fit_of(**fields) for fields in values)  # type: ignore[arg-type]  # our own JSON; an archive's is checked by type


def _fit_of(planned: int, epochs: list[int], seconds: list[float], series: dict[str, list[float | None]]) -> FitHistory:
    return FitHistory(planned, tuple(epochs), tuple(seconds), {name: tuple(v) for name, v in series.items()})


def is_sound(fits: tuple[FitHistory, ...]) -> bool:
    """Whether these can be fits as recorded: not too many, and every series as long as its epochs."""
    return len(fits) <= MOST_FITS and all(
        0 < len(fit.epochs) <= MOST_POINTS
        and len(fit.seconds) == len(fit.epochs)
        and len(fit.series) <= MOST_SERIES
        and all(len(values) == len(fit.epochs) for values in fit.series.values())
        and all(0 < a < b for a, b in zip((0.5, *fit.epochs), fit.epochs, strict=False))
        for fit in fits
    )
