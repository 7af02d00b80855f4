"""Recall by class and the confusion matrix as text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from mockexam.exam.class_report import ClassRecall, ClassReport

MATRIX_CLASSES = 10
"""Classes up to which the whole confusion matrix is shown."""
SHOWN = 5
"""Otherwise, so many classes and confusions are shown."""
_LONGEST_NAME = 16
_SHORT_NAME = 4
"""Characters up to which all classes' names can stand above columns; then they need no numbers."""


def recall_text(one: ClassRecall) -> str:
    """The recall in per cent, rounded down: `100 %` means all of them."""
    return f"{100 * one.right // one.samples} %"


def share_text(share: float) -> str:
    """A share of the training data in per cent."""
    return f"{100 * share:.1f} %" if 0 < share < 0.01 else f"{100 * share:.0f} %"


def shows_matrix(report: ClassReport) -> bool:
    """Whether its confusion matrix is whole and small enough to be shown."""
    return len(report.classes) <= MATRIX_CLASSES and report.matrix is not None


def class_lines(report: ClassReport, width: int) -> list[str]:
    """One table of recall and confusion matrix; the lowest recalls and top confusions where that does not fit."""
    if shows_matrix(report):
        shares = any(c.train_share is not None for c in report.classes)
        for with_shares in (True, False) if shares else (False,):
            table = list(_table(report, with_shares=with_shares))
            if max(map(len, table)) <= width:
                return table
    return list(_lists(report, width))


def _table(report: ClassReport, *, with_shares: bool) -> Iterator[str]:
    matrix, classes = report.matrix or (), report.classes
    heads, names = _heads([_cut(c.name, _LONGEST_NAME) for c in classes])
    cell = 2 + max(len(str(one)) for one in (*heads, *(c for row in matrix for c in row)))
    wide = max(len("true class"), *map(len, names))

    def row(name: str, recall: str, share: str, cells: Iterable[object]) -> str:
        training = f"{share:>16}" if with_shares else ""
        return f"{name:<{wide}}{recall:>8}{training}  {''.join(f'{one:>{cell}}' for one in cells)}"

    yield "confusion matrix: rows true, columns predicted"
    yield row("true class", "recall", "training share", heads)
    for name, one, counts in zip(names, classes, matrix, strict=True):
        share = "" if one.train_share is None else share_text(one.train_share)
        yield row(name, recall_text(one), share, (count or "·" for count in counts))


def _heads(names: list[str]) -> tuple[list[str], list[str]]:
    """Heads of the matrix' columns and rows: the names, or numbers from 0 where those are too long."""
    short = [re.sub(r"^class (?=\d+$)", "", name) for name in names]
    if max(map(len, short)) <= _SHORT_NAME:
        return short, names
    numbers = [str(number) for number in range(len(names))]  # as the model's outputs
    return numbers, [_cut(f"{number} {name}", _LONGEST_NAME) for number, name in zip(numbers, names, strict=True)]


def _lists(report: ClassReport, width: int) -> Iterator[str]:
    lowest, confusions = report.lowest[:SHOWN], report.confusions[:SHOWN]
    yield "lowest recall" if len(report.classes) > SHOWN else "recall by class"
    facts = [f"{recall_text(one):>5} of {one.samples:,}" for one in lowest]
    room = max(4, width - 4 - max(map(len, facts)))
    names = [_cut(one.name, room) for one in lowest]
    wide = max(map(len, names))
    for name, fact in zip(names, facts, strict=True):
        yield f"  {name:<{wide}}  {fact}"
    if confusions:
        yield "most confused"
    for pair in confusions:
        yield _cut(f"  {pair.samples:,} × {pair.true} as {pair.predicted}", width)


def _cut(text: str, width: int) -> str:
    printable = "".join(" " if unicodedata.category(c).startswith("C") else c for c in text)
    return printable if len(printable) <= width else printable[: max(1, width - 1)] + "…"
