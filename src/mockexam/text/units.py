"""Sizes, times, metrics and names as people read them."""

from __future__ import annotations

from collections.abc import Sequence


def size_text(size: int) -> str:
    """A number of bytes, in powers of ten: `1.2 MB`."""
    for unit, factor in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if size >= factor:
            return f"{size / factor:.1f} {unit}"
    return f"{size} bytes"


def time_text(seconds: float | None) -> str:
    """Seconds left, rounded up: `4:12:09`; `untimed` for None."""
    if seconds is None:
        return "untimed"
    whole = int(-(-seconds // 1))
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"


def minutes_text(seconds: float | None) -> str:
    """A length for reading: `5 hours`, `90 minutes`, `no time limit`."""
    if seconds is None:
        return "no time limit"
    hours, rest = divmod(round(seconds), 3600)
    if not rest and hours:
        return f"{hours} hour{'s' if hours > 1 else ''}"
    minutes, odd = divmod(round(seconds), 60)
    if odd:
        return f"{minutes} min {odd} s" if minutes else f"{odd} second{'s' if odd > 1 else ''}"
    return f"{minutes} minute{'s' if minutes != 1 else ''}"


def number_text(value: float, digits: int = 4) -> str:
    """A number with this many significant digits and no exponent: `0.9131`, `0.00007`."""
    text = f"{value:.{digits}g}"
    if "e" not in text:
        return text
    from decimal import Decimal

    return format(Decimal(text), "f")


MOST_DIGITS = 17
"""With so many significant digits, two different numbers always read differently."""


def distinct_digits(value: float, edge: float) -> int:
    """The fewest significant digits, at least four, with which two numbers read differently."""
    return next((d for d in range(4, MOST_DIGITS) if number_text(value, d) != number_text(edge, d)), MOST_DIGITS)


def metric_numbers(value: float, next_at: float | None) -> tuple[str, str, str]:
    """A metric's value, the distance to the next mark, and where that begins; the last two empty without a next mark.

    The value has enough digits to differ from the edge that it missed.
    """
    if next_at is None:
        return number_text(value), "", ""
    gap = abs(next_at - value)
    digits = distinct_digits(value, next_at)
    while digits < MOST_DIGITS and abs(float(number_text(value, digits)) - value) > gap / 10:
        digits += 1  # rounded, it would lie elsewhere on the way to the edge
    missing = number_text(gap, max(2, len(str(int(gap)))))  # all digits before the point, so that the sum is right
    return number_text(value, digits), missing, number_text(next_at, digits)


def metric_text(metric: str, value: float, next_at: float | None) -> str:
    """`accuracy 0.9131, 0.0069 to the next mark at 0.92`; without a next mark the value alone."""
    shown, missing, begins = metric_numbers(value, next_at)
    return f"{metric} {shown}, {missing} to the next mark at {begins}" if begins else f"{metric} {shown}"


def range_text(low: float, high: float) -> str:
    """An estimate, no more precise than it is: `about 20 to 40 s`, `about 3 to 5 minutes`, `about 2 to 4 hours`."""
    if high < 90:
        unit, length = "s", 1.0
    else:
        unit, length = ("minutes", 60.0) if high < 90 * 60 else ("hours", 3600.0)
    step = 5 if unit == "s" and high > 20 else 1
    least, most = (max(1, round(value / length / step) * step) for value in (low, high))
    return f"about {f'{least} to ' if least < most else ''}{most} {unit}"


def some_names(names: Sequence[str], most: int) -> str:
    """`Ann, Bob and 3 more`; with semicolons if one has a comma itself."""
    shown = names[:most]
    between = "; " if any("," in name for name in shown) else ", "
    more = len(names) - len(shown)
    return between.join(shown) + (f" and {more:,} more" if more else "")
