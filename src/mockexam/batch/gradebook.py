"""Gradebooks: the marks of a class as the table that a learning platform imports, a row per student.

The maps for Moodle and Canvas follow what their importers read (`grade/import/csv` of Moodle, `GradebookImporter` of
Canvas): see docs/batch.md.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field, ValidationInfo, field_validator

from mockexam.bank.loader import Bank
from mockexam.bank.metric import metric_of
from mockexam.bank.models import Strict, read_toml
from mockexam.batch.results import NOT_GRADED_YET, cell, csv_text, table_error
from mockexam.errors import UserError
from mockexam.exam.hand_in import Standing, StudentWork
from mockexam.exam.scoring import MARKS_PER_QUESTION
from mockexam.files import reason_of, write_atomic
from mockexam.text.units import metric_text, some_names
from mockexam.workspace.scripts import printable

_NAME = "name"
_SHOWN = 5
_EMAIL = ("email address", "email", "e-mail", "mail")


class ColumnMap(Strict):
    """The columns of a gradebook, in their order: students, marks and feedback of each question, total."""

    students: Mapping[str, tuple[str, ...]] = Field(min_length=1)
    """A column about the student, and the columns of the list that may fill it; `name` is the student's name."""
    identify: tuple[str, ...] = ()
    """Those by which the gradebook finds a student: each student has a value of their own there, or nobody has one."""
    keep_empty: bool = False
    """Whether a column about the student that nobody fills is written all the same."""
    marks: str = Field(default="{title}", min_length=1)
    """Heading of a question's marks."""
    feedback: str = ""
    """Heading of a question's feedback; empty if there is no such column."""
    titles: Mapping[str, str] = {}
    """What stands for `{title}`, by question id; the question's own title if it is not named here."""
    total: str = ""
    """Heading of the total, which is written for several questions; empty if there is no such column."""
    points_row: bool = False
    """Whether the first row says how many points a column has."""
    empty: str = ""
    """Stands where there are no marks."""

    @field_validator("students")
    @classmethod
    def _are_filled(cls, value: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
        for heading, sources in value.items():
            if not sources:
                raise ValueError(f'nothing fills {heading!r}: name a column of the list, such as ["name"]')
        return value

    @field_validator("marks", "feedback")
    @classmethod
    def _knows_the_title_alone(cls, value: str) -> str:
        if "{" in value.replace("{title}", ""):
            raise ValueError("in braces only {title} has a meaning")
        return value

    @field_validator("identify")
    @classmethod
    def _identify_by_columns(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        students: Mapping[str, object] = info.data.get("students", dict.fromkeys(value))
        for heading in value:
            if heading not in students:
                raise ValueError(f"[students] has no column {heading!r} (it has {', '.join(map(repr, students))})")
        return value


MAPS = {
    # An empty cell of a new grade item would be imported as a zero; a dash is none.
    "moodle": ColumnMap(
        students={
            "Student": (_NAME,),
            "Email address": _EMAIL,
            "ID number": ("id number", "idnumber", "id"),
            "Username": ("username", "login"),
        },
        identify=("Email address", "ID number", "Username"),
        feedback="{title} (feedback)",
        total="Total",
        empty="-",
    ),
    # Any other column would become an assignment: no feedback, no total.
    "canvas": ColumnMap(
        students={
            "Student": ("student", _NAME),
            # Canvas's own number, which it asks first: a school's `id` could be that of another student there.
            "ID": ("canvas id", "canvas user id"),
            "SIS User ID": ("sis user id",),
            "SIS Login ID": ("sis login id", "username", "login", *_EMAIL),
            "Section": ("section",),
        },
        identify=("ID", "SIS User ID", "SIS Login ID"),
        keep_empty=True,
        points_row=True,
    ),
}


def column_map(name: str, bank: Bank) -> ColumnMap:
    """A map by its name, or from a TOML file whose titles are of questions in the bank. Raises UserError."""
    if known := MAPS.get(name.lower()):
        return known
    path = Path(name).expanduser()
    if path.suffix.lower() != ".toml":
        raise UserError(
            f"There is no column map {name!r}.", location="--columns", hint=f"Use {', '.join(MAPS)} or a .toml file."
        )
    if not path.is_file():
        raise UserError("The column map is missing.", location=str(path), hint="Correct the path.")
    columns = read_toml(path, ColumnMap)
    titles = {_question_id(key, bank, path): title for key, title in columns.titles.items()}
    return columns.model_copy(update={"titles": titles})


def _question_id(key: str, bank: Bank, path: Path) -> str:
    """The question of a key in [titles]; one that is left out of the bank here may be in it elsewhere."""
    if key in bank.left_out:
        return key
    try:
        return bank.question(key).id
    except UserError as error:
        location = f"{path}, key titles.{printable(key)}"
        raise UserError(error.message, location=location, hint=error.hint) from None


def unfilled(columns: ColumnMap, listed: Sequence[tuple[str, Mapping[str, str]]]) -> list[str]:
    """A sentence about each column of a map of one's own that no column of the list can fill."""
    there = {_NAME} | {column for _, row in listed for column in row}
    sentences = []
    for heading, sources in columns.students.items():
        if not any(source.lower() in there for source in sources):
            wanted = " or ".join(f"`{source}`" for source in sources)
            where = f"the list has {', '.join(sorted(there))}" if listed else "without a list there is only `name`"
            sentences.append(f"Nothing fills the column {heading!r} of the gradebook. It needs {wanted}; {where}.")
    return sentences


@dataclass(frozen=True, slots=True)
class Gradebook:
    """A table that waits for its marks: who is in it, and what its columns are."""

    columns: ColumnMap
    titles: Mapping[str, str]
    """Of the questions, by id, in the order of the columns."""
    students: Mapping[str, Mapping[str, str]]
    """By name: the values of the columns about the student."""

    @property
    def header(self) -> tuple[str, ...]:
        """All headings."""
        about = dict.fromkeys(name for values in self.students.values() for name in values)
        total = [self.columns.total] if self._has_total else []
        return (*about, *(head for title in self.titles.values() for head in self._headings(title)), *total)

    def owns(self, header: Sequence[str]) -> bool:
        """Whether an earlier gradebook with this header has nothing that this one lacks."""
        marks = {self._headings(title)[0] for title in self.titles.values()}
        return {*header} <= {*self.header} and not marks.isdisjoint(header)

    def write(self, path: Path, works: Iterable[StudentWork], *, zeros: bool) -> None:
        """Write the table, completely or not at all. `zeros`: a refusal, or nothing handed in, is 0. Raises UserError.

        What the grader did not grade is never a zero, nor is a question that the student was not asked.
        """
        rows = [self._row(work, zeros=zeros) for work in works]
        points = [self._points()] if self.columns.points_row else []
        try:
            write_atomic(path, csv_text([self.header, *points, *rows]))
        except OSError as error:
            raise table_error(f"The gradebook can't be written: {reason_of(error)}.", path) from None

    @property
    def _has_total(self) -> bool:
        return bool(self.columns.total) and len(self.titles) > 1

    def _headings(self, title: str) -> list[str]:
        return [head.replace("{title}", title) for head in (self.columns.marks, self.columns.feedback) if head]

    def _points(self) -> list[object]:
        """The row of Canvas: `Points Possible` stands in the first column."""
        about = len(self.header) - len(self.titles) * (1 + bool(self.columns.feedback)) - self._has_total
        each: list[object] = [MARKS_PER_QUESTION, *([""] if self.columns.feedback else [])]
        total = [MARKS_PER_QUESTION * len(self.titles)] if self._has_total else []
        return ["Points Possible", *[""] * (about - 1), *each * len(self.titles), *total]

    def _row(self, work: StudentWork, *, zeros: bool) -> list[object]:
        row: list[object] = [cell(value) for value in self.students[work.name].values()]
        asked: list[int | None] = []
        for question in self.titles:
            result = work.result(question)
            zero = 0 if zeros and result in (Standing.REFUSED, Standing.NOTHING) else None
            marks = zero if isinstance(result, Standing) else result
            row.append(self.columns.empty if marks is None else marks)
            is_asked = result is not Standing.NOT_ASKED
            if is_asked:
                asked.append(marks)
            if self.columns.feedback:
                row.append(cell(feedback_text(work, question) if is_asked else ""))
        if self._has_total:
            known = [one for one in asked if one is not None]
            row.append(sum(known) if known and len(known) == len(asked) else self.columns.empty)
        return row


def feedback_text(work: StudentWork, question: str) -> str:
    """`4/5 · MAE 0.0213, 0.0013 to the next mark at 0.02`, a refusal with its remedy, or why there is nothing."""
    one = work.counted(question)
    if one is None:
        return work.why_nothing(question)
    if one.marks is None:
        return f"{f'{one.message} {one.remedy}'.strip() or NOT_GRADED_YET} {one.note}".rstrip()
    assert one.metric is not None
    assert one.value is not None
    text = f"{one.marks}/{MARKS_PER_QUESTION} · {metric_text(metric_of(one.metric).label, one.value, one.next_at)}"
    return f"{text}. {one.note}" if one.note else text


def gradebook(
    columns: ColumnMap,
    titles: Mapping[str, str],
    students: Iterable[str],
    listed: Iterable[tuple[str, Mapping[str, str]]] = (),
) -> Gradebook:
    """The table of these students. `listed`: a student, and what a row of the list says about them.

    Raises UserError if a column by which the gradebook finds students is not complete and unambiguous, or if two
    columns have one heading.
    """
    names = list(dict.fromkeys(students))
    known = _known(listed, {source.lower() for head in columns.identify for source in columns.students.get(head, ())})
    filled = {
        heading: [_first(known.get(name, {}) | {_NAME: name}, sources) for name in names]
        for heading, sources in columns.students.items()
    }
    for heading in columns.identify:
        sources = " or ".join(f"`{source}`" for source in columns.students.get(heading, ()))
        _check_identities(heading, names, filled.get(heading, []), f"the list, column {sources}")
    kept = {head: values for head, values in filled.items() if columns.keep_empty or any(values)}
    if not kept:
        raise UserError(
            "The column map finds nothing about the students in the list.",
            location="--columns",
            hint='Fill one of its columns from the name: "Student" = ["name"] in [students].',
        )
    asked = {question: columns.titles.get(question, title) for question, title in titles.items()}
    about = {name: {head: kept[head][at] for head in kept} for at, name in enumerate(names)}
    book = Gradebook(columns, _distinct(asked), about)
    _check_headings(book.header)
    return book


def _check_headings(header: Sequence[str]) -> None:
    """Raise UserError if two columns have one heading, or one has none: a platform would mix them up."""
    for heading in header:
        if not heading.strip() or header.count(heading) > 1:
            raise UserError(
                f"The gradebook would have two columns {printable(heading)!r}."
                if heading.strip()
                else "The gradebook would have a column without a heading.",
                location="--columns",
                hint="In the column map give marks, feedback and total headings of their own, with {title} in them.",
            )


def _known(listed: Iterable[tuple[str, Mapping[str, str]]], identities: Collection[str]) -> dict[str, dict[str, str]]:
    """What the rows of the list say about each student. Raises UserError if two disagree in one of these columns."""
    known: dict[str, dict[str, str]] = {}
    for student, row in listed:
        mine = known.setdefault(student, {})
        for column, value in row.items():
            before = mine.setdefault(column, value) or value
            if value and before != value and column in identities:
                raise UserError(
                    f"{student!r} has two values in the column `{printable(column)}`: {printable(before)} and "
                    f"{printable(value)}.",
                    location="the list",
                    hint="If they are two students, give them different names.",
                )
            mine[column] = before
    return known


def _first(values: Mapping[str, str], sources: Sequence[str]) -> str:
    return next((printable(found) for source in sources if (found := values.get(source.lower(), ""))), "")


def _check_identities(heading: str, names: Sequence[str], values: Sequence[str], where: str) -> None:
    """Raise UserError unless each student has a value of their own, or nobody has one. `where`: what fills them."""
    if not any(values):
        return
    missing = [name for name, value in zip(names, values, strict=True) if not value]
    if missing:
        raise UserError(
            f"These students have no {heading}: {some_names(missing, _SHOWN)}.",
            location=where,
            hint="Fill in that column of the list for all, or delete it: with gaps, marks can go to the wrong student.",
        )
    seen: dict[str, str] = {}
    for name, value in zip(names, values, strict=True):
        if (first := seen.setdefault(value.casefold(), name)) != name:  # platforms do not tell capitals apart
            raise UserError(
                f"{first} and {name} have the same {heading}: {value}.",
                location=where,
                hint="Correct the list: each student needs a value of their own.",
            )


def _distinct(titles: Mapping[str, str]) -> dict[str, str]:
    """Titles by id, with the id where two questions have the same title."""
    several = [title for title in titles.values() if list(titles.values()).count(title) > 1]
    return {question: f"{title} ({question})" if title in several else title for question, title in titles.items()}
