"""The drawing of the estimate: the expected total with its interval, against the pass mark."""

from __future__ import annotations

from dataclasses import dataclass

from mockexam.report.estimate import PassEstimate
from mockexam.report.html.axes import Axis, Tick, per_cent_ticks

_ACROSS = Axis(0, 100)


@dataclass(frozen=True, slots=True)
class EstimateBar:
    """Positions in per cent from the left."""

    low: float
    width: float
    expected: float
    pass_mark: Tick
    ticks: tuple[Tick, ...]
    described: str
    rests_on: int
    """So many marks."""


def estimate_bar(estimate: PassEstimate, pass_mark: int) -> EstimateBar:
    """The bar, beside a pass mark in per cent."""
    low, high = _ACROSS.at(estimate.low), _ACROSS.at(estimate.high)
    return EstimateBar(
        low=low,
        width=round(high - low, 2),
        expected=_ACROSS.at(estimate.expected),
        pass_mark=Tick(_ACROSS.at(pass_mark), f"pass {pass_mark} %"),
        ticks=per_cent_ticks(),
        described=(
            f"Expected total {estimate.expected:.0f} %; with 80 % probability it lies between"
            f" {estimate.low:.0f} and {estimate.high:.0f} %; the pass mark is {pass_mark} %."
        ),
        rests_on=sum(count for _, count in estimate.evidence),
    )
