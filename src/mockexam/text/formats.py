"""Dates, lengths and numbers as reports write them. English and local time, whatever the system's language."""

from __future__ import annotations

import math
from datetime import UTC, datetime

from mockexam.bank.category import category_of
from mockexam.bank.metric import metric_of
from mockexam.exam.paper import Mode
from mockexam.exam.policy import policy_for
from mockexam.exam.scoring import MARKS_PER_QUESTION, Verdict
from mockexam.text.units import number_text

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July",
    "August", "September", "October", "November", "December",
)  # fmt: skip
_VERDICTS = {
    Verdict.GRADED: "marked",
    Verdict.INVALID_MODEL: "refused",
    Verdict.LIMIT_EXCEEDED: "over the limit",
    Verdict.GRADER_ERROR: "marker fault",
}


def local(wall: float) -> datetime:
    """A moment (seconds since 1970 UTC) in this machine's time zone; the first or last day there is, if beyond it."""
    try:
        return datetime.fromtimestamp(wall, tz=UTC).astimezone()
    except (OverflowError, OSError, ValueError):
        return datetime(1 if wall < 0 else 9999, 6, 15, tzinfo=UTC)


def iso(wall: float) -> str:
    """For a `datetime` attribute: `2026-03-09T14:05:00+01:00`."""
    return local(wall).isoformat(timespec="seconds")


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
    """The time zone that moments are written in, as its distance from UTC: `UTC+01:00`."""
    return f"UTC{local(wall).isoformat()[-6:]}"


def lasting(seconds: float | None) -> str:
    """A length of time for reading: `4 h 12 min`, `9 min`, `40 s`; `untimed` for None."""
    if seconds is None:
        return "untimed"
    if seconds < 59.5:
        return f"{round(seconds)} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min"


def at(elapsed: float) -> str:
    """A moment of an attempt: `1:02:09`."""
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
    """A value with as many digits as tell it from an edge that it missed."""
    digits = next((d for d in range(4, 17) if number(value, d) != number(edge, d)), 17)
    return number(value, digits)


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
    """A probability in per cent. Never surer than an estimate can be: `under 1 %`, `over 99 %`."""
    if probability < 0.01:
        return "under 1 %"
    return "over 99 %" if probability > 0.99 else f"{probability * 100:.0f} %"


def metric(name: str | None) -> str:
    """A metric's name for a table: `accuracy`, `MAE`; a dash for None."""
    return metric_of(name).label if name else "–"


def metric_at_length(name: str | None) -> str:
    """A metric's name for a sentence: `accuracy`, `mean absolute error (MAE)`."""
    return metric_of(name).in_full if name else "–"


def first_upper(text: str) -> str:
    """With a capital letter at its beginning."""
    return text[:1].upper() + text[1:]


def mode(value: Mode) -> str:
    """`exam` or `practice`."""
    return "exam" if policy_for(value).has_verdict else "practice"


def verdict(value: Verdict | None) -> str:
    """A verdict in one or two words; `waiting` for None."""
    return _VERDICTS[value] if value else "waiting"


def category(name: str) -> str:
    """A category as people call it."""
    return category_of(name).title


def few(count: int) -> str:
    """A small number in a sentence: `five`, `27`."""
    return "five" if count == 5 else f"{count:,}"


def plural(count: int, word: str) -> str:
    """`1 attempt`, `3 attempts`, `2,000 attempts`."""
    return f"{count:,} {word}{'' if count == 1 else 's'}"
