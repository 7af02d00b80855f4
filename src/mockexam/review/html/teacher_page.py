"""The page of a class: how its marks are spread, what was refused and why, and a page for each student to hand out."""

from __future__ import annotations

import statistics
import tempfile
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from mockexam.bank.loader import Bank
from mockexam.bank.rubric import Rubric, rubric_of
from mockexam.errors import UserError
from mockexam.exam.hand_in import (
    HandIn,
    ModelGroup,
    Standing,
    StudentWork,
    is_refused,
    result_of,
    same_answers,
    same_bytes,
    same_remedy,
)
from mockexam.exam.scoring import MARKS_PER_QUESTION
from mockexam.files import reason_of
from mockexam.review.html.drawings import STEP, place
from mockexam.review.html.page import render
from mockexam.text import formats
from mockexam.text.units import metric_text

TITLE = "Marks of a class"
_START = 2000
"""Bytes of a page within which its title stands."""
_BINS = 8
"""Columns of the distribution for each number of marks."""
_SHOWN_MESSAGES = 5
_SHORT: Mapping[int | Standing, str] = {Standing.NOTHING: "–", Standing.NOT_ASKED: ""}
"""In the table of all students."""


class Bar(NamedTuple):
    """How many students have a result."""

    label: str
    students: int
    width: float
    """Per cent of the longest bar."""
    kind: str
    """`marks`, `full` or `none`."""


class Column(NamedTuple):
    """How many students have a metric in this part of the scale."""

    x: float
    """Per cent from the left."""
    height: float
    """Per cent of the highest column."""
    text: str


class QuestionSummary(NamedTuple):
    """How a class did on one question."""

    id: str
    title: str
    bars: tuple[Bar, ...]
    graded: int
    mean: str
    median: str
    full: int
    metric: str
    """At length; empty if nothing was graded, or today's bands are not those of the marks."""
    larger_is_better: bool
    edges: tuple[str, ...]
    columns: tuple[Column, ...]
    most: int
    """Students in the highest column."""


class StudentLine(NamedTuple):
    """What is said of one model in its student's section."""

    title: str
    """Of the question; empty for another model for the question above."""
    marks: str
    """`4/5`; empty if there are none."""
    text: str
    remedy: str
    kind: str
    """`graded`, `refused`, `waiting`, or `nothing` for a question without a model."""
    model: str
    note: str = ""


class StudentSection(NamedTuple):
    """A student's row and page."""

    name: str
    results: tuple[str, ...]
    """Of each question, for the table."""
    total: str
    lines: tuple[StudentLine, ...]
    left_out: tuple[str, ...]


class ReasonCard(NamedTuple):
    """Models without marks for the same reason."""

    group: ModelGroup
    messages: tuple[tuple[str, int], ...]
    """The most frequent ones, and how many models have each."""
    titles: tuple[str, ...]
    """Of their questions."""
    students: tuple[tuple[str, int], ...]
    """Each once, with the number of their models."""


class MissingWork(NamedTuple):
    """A student who handed in no model for some question."""

    name: str
    titles: tuple[str, ...]
    """Of the questions; empty if it is all of them."""
    left_out: tuple[str, ...]


def teacher_page(
    works: Sequence[StudentWork], bank: Bank, data: str, *, asked: Iterable[str] = (), notes: Sequence[str] = ()
) -> str:
    """The page of a class.

    `data`: what was graded on; `asked`: questions that have a place even if nobody handed in a model for them;
    `notes`: sentences about how it was graded.
    """
    hand_ins = [one for work in works for one in work.hand_ins]
    questions = _titles({*asked, *(one.question for one in hand_ins)}, bank)
    refused = [one for one in hand_ins if is_refused(one)]
    waiting = [one for one in hand_ins if result_of(one) is Standing.NOT_GRADED]
    missing = _missing(works, questions)
    return render(
        "teacher.html",
        title=TITLE,
        data=data,
        notes=notes,
        questions=[_summary(question, title, works, bank) for question, title in questions.items()],
        facts=_facts(works, hand_ins, refused, waiting, missing),
        refusals=_cards(refused, questions),
        faults=_cards(waiting, questions),
        missing=missing,
        same_bytes=_alike(same_bytes(hand_ins), questions),
        same_answers=_alike(same_answers(hand_ins), questions),
        unknown_answers=sum(one.marks is not None and not one.answers for one in hand_ins),
        students=[_section(work, questions) for work in works],
        place={work.name: number for number, work in enumerate(works, 1)},
    )


def check_page_path(path: Path, taken: Iterable[Path]) -> None:
    """Raise UserError unless such a page can be written there without replacing anything but such a page."""
    hint = "Name another file with --html."
    if any(path.resolve() == other.resolve() for other in taken):
        raise UserError("The page would replace another file of this command.", location=str(path), hint=hint)
    try:
        if path.exists() and not _is_page(path):
            raise UserError("This file exists and is not a page of a class.", location=str(path), hint=hint)
        tempfile.TemporaryFile(dir=path.parent).close()
    except OSError as error:
        message = f"The page can't be written: {reason_of(error)}."
        raise UserError(message, location=str(path), hint=hint) from None


def _is_page(path: Path) -> bool:
    with path.open("rb") as file:
        start = file.read(_START)
    return not start or f"<title>{TITLE} · mockexam</title>".encode() in start


def _titles(asked: Collection[str], bank: Bank) -> dict[str, str]:
    """By id, in the order of the bank. Models of which nobody knows the question have the id ''."""
    known = {name: question.title for name, question in bank.questions.items() if name in asked}
    return known | {name: name or "Unknown question" for name in sorted({*asked} - set(known))}


def _cards(hand_ins: Iterable[HandIn], titles: Mapping[str, str]) -> list[ReasonCard]:
    return [
        ReasonCard(
            group,
            group.messages[:_SHOWN_MESSAGES],
            tuple(title for name, title in titles.items() if any(one.question == name for one in group.hand_ins)),
            tuple(Counter(one.student for one in group.hand_ins).items()),
        )
        for group in same_remedy(hand_ins)
    ]


def _missing(works: Iterable[StudentWork], titles: Mapping[str, str]) -> list[MissingWork]:
    found = []
    for work in works:
        lacking = [
            title for name, title in titles.items() if work.result(name) in (Standing.NOTHING, Standing.MISPLACED)
        ]
        if lacking:
            shown = () if len(lacking) == len(titles) else tuple(lacking)
            # A row's name is the student's, which stands before it.
            reasons = (f"{one.reason}." if one.listed else str(one) for one in work.left_out)
            found.append(MissingWork(work.name, shown, tuple(reasons)))
    return found


def _facts(
    works: Sequence[StudentWork],
    hand_ins: Sequence[HandIn],
    refused: Sequence[HandIn],
    waiting: Sequence[HandIn],
    missing: Sequence[MissingWork],
) -> tuple[tuple[str, str], ...]:
    counts = {
        "Students": len(works),
        "Models": len(hand_ins),
        "Refused models": len(refused),
        "Models not graded": len(waiting),
        "Students lacking a model": len(missing),
    }
    return tuple((name, f"{count:,}") for name, count in counts.items())


def _summary(question: str, title: str, works: Sequence[StudentWork], bank: Bank) -> QuestionSummary:
    counted = [work.counted(question) for work in works]
    results = Counter(work.result(question) for work in works)
    marks = [one.marks for one in counted if one is not None and one.marks is not None]
    most = max(results.values(), default=1)
    labels: list[int | Standing] = [*range(MARKS_PER_QUESTION, -1, -1), *Standing]
    rubric = _rubric(question, [one for one in counted if one is not None], bank)
    places = _places([one.value for one in counted if one and one.value is not None], rubric) if rubric else Counter()
    for rare in (Standing.MISPLACED, Standing.NOT_ASKED):
        if not results[rare]:
            labels.remove(rare)
    return QuestionSummary(
        id=question,
        title=title,
        bars=tuple(_bar(label, results[label], most) for label in labels),
        graded=len(marks),
        mean=f"{statistics.fmean(marks):.2f}" if marks else "–",
        median=f"{statistics.median(marks):g}" if marks else "–",
        full=results[MARKS_PER_QUESTION],
        metric=formats.metric_at_length(rubric.metric) if rubric else "",
        larger_is_better=rubric.larger_is_better if rubric else True,
        edges=tuple(formats.number(edge) for edge in rubric.bands) if rubric else (),
        columns=tuple(_column(number, count, max(places.values())) for number, count in sorted(places.items())),
        most=max(places.values(), default=0),
    )


def _bar(label: int | Standing, count: int, most: int) -> Bar:
    text = formats.marks(label) if isinstance(label, int) else label.value
    kind = "none" if isinstance(label, Standing) else "full" if label == MARKS_PER_QUESTION else "marks"
    return Bar(text, count, round(100 * count / most, 1), kind)


def _rubric(question: str, counted: Sequence[HandIn], bank: Bank) -> Rubric | None:
    """The rubric behind these marks; None if nothing was graded, or it would give other marks today."""
    graded = [(one.metric, one.value, one.marks) for one in counted if one.marks is not None]
    known = bank.questions.get(question)
    if not graded or known is None:
        return None
    try:
        rubric = rubric_of(known)
    except UserError:
        return None
    agree = all(
        metric == rubric.metric and value is not None and rubric.marks(value) == marks
        for metric, value, marks in graded
    )
    return rubric if agree else None


def _places(values: Iterable[float], rubric: Rubric) -> Counter[int]:
    """How many values lie in each part of the scale, `_BINS` for each number of marks, all drawn equally wide."""
    last = _BINS * (MARKS_PER_QUESTION + 1) - 1
    return Counter(
        min(last, int(place(value, rubric.bands, larger_is_better=rubric.larger_is_better) / STEP * _BINS))
        for value in values
    )


def _column(number: int, count: int, most: int) -> Column:
    text = f"{formats.plural(count, 'student')} with {formats.marks(number // _BINS)}"
    return Column(x=round(number * STEP / _BINS, 2), height=round(100 * count / most, 1), text=text)


def _alike(groups: Iterable[ModelGroup], titles: dict[str, str]) -> list[tuple[str, ModelGroup]]:
    """Groups with the title of their question, the largest first."""
    return [
        (titles[group.hand_ins[0].question], group) for group in sorted(groups, key=lambda group: -len(group.hand_ins))
    ]


def _section(work: StudentWork, questions: dict[str, str]) -> StudentSection:
    results = [work.result(question) for question in questions]
    return StudentSection(
        name=work.name,
        results=tuple(_SHORT.get(one, str(one)) for one in results),
        total=_total(results) if len(results) > 1 else "",
        lines=tuple(line for question, title in questions.items() for line in _lines(work, question, title)),
        left_out=tuple(str(one) for one in work.left_out if one.question not in questions),
    )


def _total(results: Sequence[int | Standing]) -> str:
    """What has no marks counts for nothing here, not as a zero: that is for the teacher to decide."""
    marks = [one for one in results if isinstance(one, int)]
    if not marks:
        return "no marks"
    rest = len(results) - len(marks) - results.count(Standing.NOT_ASKED)
    without = f"; {formats.plural(rest, 'question')} without marks" if rest else ""
    return f"{sum(marks)} of {MARKS_PER_QUESTION * len(marks)} marks{without}"


def _lines(work: StudentWork, question: str, title: str) -> Iterable[StudentLine]:
    """The model that counts, then the others for the same question."""
    counted = work.counted(question)
    if counted is None:
        if work.result(question) is not Standing.NOT_ASKED:
            yield StudentLine(title, "", work.why_nothing(question), "", "nothing", "")
        return
    yield _line(counted, title)
    for one in work.hand_ins:
        if one.question == question and one is not counted:
            yield _line(one, "")


def _line(one: HandIn, title: str) -> StudentLine:
    if one.marks is not None and one.metric is not None and one.value is not None:
        text = metric_text(formats.metric(one.metric), one.value, one.next_at)
        return StudentLine(title, formats.marks(one.marks), text, "", "graded", one.model, one.note)
    if is_refused(one):
        return StudentLine(title, "", one.message, one.remedy, "refused", one.model, one.note)
    return StudentLine(title, "", one.message, one.remedy, "waiting", one.model, one.note)
