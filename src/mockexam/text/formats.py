"""Dates, durations, numbers and verdicts as reports write them: in English and local time, whatever the locale.

`mockexam status` imports this: what it does not need, the registries of metrics and categories, is imported late.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime

from mockexam.exam.attempt import Phase
from mockexam.exam.paper import Mode
from mockexam.exam.policy import policy_for
from mockexam.exam.scoring import MARKS_PER_QUESTION, Verdict
from mockexam.exam.training_history import FitHistory, main_fit
from mockexam.text.units import distinct_digits, number_text

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July",
    "August", "September", "October", "November", "December",
)  # fmt: skip
_VERDICTS = {
    Verdict.GRADED: "graded",
    Verdict.INVALID_MODEL: "refused",
    Verdict.LIMIT_EXCEEDED: "over the limit",
    Verdict.GRADER_ERROR: "grader fault",
}


def local(wall: float) -> datetime:
    """A moment (seconds since 1970 UTC) in this machine's time zone; years 1 and 9999 stand for anything beyond."""
    try:
        return datetime.fromtimestamp(wall, tz=UTC).astimezone()
    except (OverflowError, OSError, ValueError):
        return datetime(1 if wall < 0 else 9999, 6, 15, tzinfo=UTC)


def iso(wall: float) -> str:
    """For a `datetime` attribute: `2026-03-09T14:05:00+01:00`."""
    return local(wall).isoformat(timespec="seconds")


def year(wall: float) -> str:
    """`2026`."""
    return str(local(wall).year)


def month(wall: float) -> str:
    """`Mar 2026`."""
    moment = local(wall)
    return f"{_MONTHS[moment.month - 1][:3]} {moment.year}"


def short_day(wall: float) -> str:
    """`9 Mar`."""
    moment = local(wall)
    return f"{moment.day} {_MONTHS[moment.month - 1][:3]}"


def day(wall: float) -> str:
    """`9 Mar 2026`."""
    return f"{short_day(wall)} {local(wall).year}"


def long_day(wall: float) -> str:
    """`9 March 2026`."""
    moment = local(wall)
    return f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}"


def clock(wall: float) -> str:
    """`14:05`."""
    return f"{local(wall):%H:%M}"


def minute(wall: float) -> str:
    """`9 Mar 2026, 14:05`."""
    return f"{day(wall)}, {clock(wall)}"


def zone(wall: float) -> str:
    """The time zone of written moments, as an offset: `UTC+01:00`."""
    return f"UTC{local(wall).isoformat()[-6:]}"


def lasting(seconds: float | None) -> str:
    """A duration: `4 h 12 min`, `9 min`, `40 s`; `untimed` for None."""
    if seconds is None:
        return "untimed"
    if seconds < 59.5:
        return f"{round(seconds)} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min"


def pace(seconds: float, minutes: int) -> str:
    """The time spent on a question against the advertised minutes: `12 of 40 min`, `! 52 of 40 min, over`."""
    spent = int(seconds / 60)
    return f"! {spent} of {minutes} min, over" if spent > minutes else f"{spent} of {minutes} min"


def at(elapsed: float) -> str:
    """Elapsed time of an attempt, rounded down: `1:02:09`."""
    whole = max(0, int(elapsed))
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"


def ago(days: float | None) -> str:
    """How long ago: `today`, `yesterday`, `12 days ago`, `5 months ago`, `3 years ago`; a dash for None."""
    if days is None:
        return "–"
    whole = max(0, int(days))
    if whole < 2:
        return ("today", "yesterday")[whole]
    if whole < 60:
        return f"{whole} days ago"
    return f"{whole // 30} months ago" if whole < 730 else f"{whole // 365} years ago"


def number(value: float | None, digits: int = 4) -> str:
    """A metric's value in so many significant digits; a dash for None."""
    if value is None:
        return "–"
    if not math.isfinite(value):
        return "not a number" if math.isnan(value) else ("−∞" if value < 0 else "∞")
    return number_text(value, digits).replace("-", "−")


def beside(value: float, edge: float) -> str:
    """A value with enough digits to differ from an edge that it missed."""
    return number(value, distinct_digits(value, edge))


def signed(value: float | None, digits: int = 1) -> str:
    """A change with its sign, by default with one decimal: `+0.4`, `−1.2`, `±0`; a dash for None."""
    if value is None:
        return "–"
    text = f"{value:+.{digits}f}"
    return text.replace("-", "−") if float(text) else "±0"


def marks(value: int | None) -> str:
    """`4/5`, or `–/5` if nothing was graded."""
    return f"{'–' if value is None else value}/{MARKS_PER_QUESTION}"


def chance(probability: float) -> str:
    """A probability in per cent, without false certainty: `under 1 %`, `over 99 %`."""
    if probability < 0.01:
        return "under 1 %"
    return "over 99 %" if probability > 0.99 else f"{probability * 100:.0f} %"


def likely_range(low: float, high: float) -> str:
    """A range in per cent: `15 to 75 %`."""
    return f"{low:.0f} to {high:.0f} %"


def metric(name: str | None) -> str:
    """A metric's name for a table: `accuracy`, `MAE`; a dash for None."""
    from mockexam.bank.metric import metric_of

    return metric_of(name).label if name else "–"


def metric_at_length(name: str | None) -> str:
    """A metric's name for a sentence: `accuracy`, `mean absolute error (MAE)`."""
    from mockexam.bank.metric import metric_of

    return metric_of(name).in_full if name else "–"


def first_upper(text: str) -> str:
    """The text with a capital first letter."""
    return text[:1].upper() + text[1:]


def mode(value: Mode) -> str:
    """`exam` or `retry`."""
    return policy_for(value).noun


def paper(code: str, *, repeat: bool) -> str:
    """`paper 7K3Q-F2XM`, with `(repeat)` if it was sat before."""
    return f"paper {code}{' (repeat)' if repeat else ''}"


def kind(value: Mode, *, repeat: bool) -> str:
    """`exam`, `repeat` for an exam of a paper that was sat before, or `retry`."""
    return "repeat" if repeat else mode(value)


def phase(value: Phase) -> str:
    """`running`, `grading` or `ended`."""
    return "grading" if value is Phase.GRADING else value.value


def clock_change(seconds: float) -> str:
    """A change of the computer's clock: `set forward by 2 min`, `set back by 40 s`."""
    return f"set {'forward' if seconds > 0 else 'back'} by {lasting(abs(seconds))}"


def verdict(value: Verdict | None) -> str:
    """A verdict in one or two words; `waiting` for None."""
    return _VERDICTS[value] if value else "waiting"


def category(name: str) -> str:
    """A category's title: `time series`."""
    from mockexam.bank.category import category_of

    return category_of(name).title


def training(fits: tuple[FitHistory, ...]) -> str:
    """The main one of some fits: `12 epochs, best val_loss 0.31 at epoch 8, overfits from epoch 9`; empty for none."""
    if not fits:
        return ""
    at = main_fit(fits)
    fit = fits[at]
    head = f"fit {at + 1} of {len(fits)}: " if len(fits) > 1 else ""
    early = f" of {fit.planned}" if fit.epochs[-1] < fit.planned else ""
    text = f"{head}{plural(fit.epochs[-1], 'epoch')}{early}"
    if fit.best_value is not None:
        text += f", best {fit.judged_by} {number(fit.best_value)} at epoch {fit.best_epoch}"
    return text if fit.gap_opens is None else f"{text}, overfits from epoch {fit.gap_opens}"


def questions(numbers: Sequence[int]) -> str:
    """For example `questions 2, 3`."""
    return f"question{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers))}"


def plural(count: int, word: str) -> str:
    """`1 attempt`, `3 attempts`, `2,000 attempts`."""
    return f"{count:,} {word}{'' if count == 1 else 's'}"
