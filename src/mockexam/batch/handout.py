"""Hands out questions to a class: a folder or a zip for each student, and the list that `mockexam grade` takes back."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import os
import re
import shutil
import tempfile
import unicodedata
import zipfile
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mockexam import paths
from mockexam.bank.loader import Bank
from mockexam.bank.models import Question
from mockexam.bank.papers import SEEDS, paper_of_seed
from mockexam.batch.discovery import HANDOUT_LIST, HANDOUT_STATE
from mockexam.batch.job import grade_data_seed, own_seed
from mockexam.batch.lists import LIST_COLUMNS, text_cell
from mockexam.errors import UserError
from mockexam.exam.model_format import FORMATS
from mockexam.files import atomic_writer, remove, rename, write_atomic, write_error
from mockexam.text.units import size_text
from mockexam.workspace.layout import BRIEF, DATA, README, SOLUTION
from mockexam.workspace.pack import zip_entry
from mockexam.workspace.question_files import put_task
from mockexam.workspace.signature import open_regular

_VERSION = 1
_PARTIAL = ".handout-"
"""What is being made has a name that begins so, beside its final place."""
_MAX_STATE = 4 << 20
_SPARE_BYTES = 50_000_000
"""What must stay free on the disk."""
_MAX_NAME = 60
"""Characters of a folder's name, so that paths stay short enough for every system."""
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
"""Names that Windows keeps for devices."""

MakeData = Callable[[str, str, Path, Callable[[float], None]], Awaitable[object]]
"""Writes a question's data (by id) of a data seed into an empty folder and reports its progress (0 to 1)."""
Progress = Callable[[float, str], None]


@dataclass(frozen=True, slots=True)
class HandoutItem:
    """A question and the name of its folder."""

    folder: str
    question: Question


@dataclass(frozen=True, slots=True)
class Student:
    """Who gets it."""

    name: str
    folder: str
    """Made from the name; no two differ by capital letters alone."""
    seed: int
    """Of the data, as for `grade --seed`."""


@dataclass(frozen=True, slots=True)
class Handout:
    """What a class gets, and where."""

    folder: Path
    items: tuple[HandoutItem, ...]
    students: tuple[Student, ...]
    own_data: bool
    """Each student has a seed, and so data, of their own."""
    zipped: bool
    about: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By name: what else the table of students says of each; gradebooks find them by it."""

    def place(self, student: Student) -> Path:
        """What the student gets: a folder, or a zip."""
        return self.folder / (f"{student.folder}.zip" if self.zipped else student.folder)

    def list_text(self) -> str:
        """The list for `mockexam grade`: a row for each student and question."""
        text = io.StringIO()
        writer = csv.writer(text, quoting=csv.QUOTE_ALL)
        others = list(dict.fromkeys(column for values in self.about.values() for column in values))
        writer.writerow((*LIST_COLUMNS, *others))
        for student in self.students:
            for item in self.items:
                place = f"{student.folder}/{item.folder}"
                about = self.about.get(student.name, {})
                cells = (text_cell(about.get(column, "")) for column in others)
                writer.writerow((place, item.question.id, text_cell(student.name), student.seed, *cells))
        return text.getvalue()

    def state(self) -> dict[str, Any]:
        """All that the files depend on, JSON-ready."""
        return {
            "version": _VERSION,
            "zipped": self.zipped,
            "own_data": self.own_data,
            "questions": [[item.folder, item.question.id, item.question.fingerprint] for item in self.items],
            "students": [[student.name, student.folder, student.seed] for student in self.students],
        }


def items_of(bank: Bank, names: Sequence[str], seed: int) -> tuple[HandoutItem, ...]:
    """The questions of these names, or those that an exam draws with this seed. Raises UserError."""
    if len(names) == 1 and is_exam(bank, names[0]):
        paper = paper_of_seed(bank, bank.exam(names[0]), seed % SEEDS)
        return tuple(HandoutItem(item.folder, bank.question(item.question)) for item in paper.items)
    if exam := next((name for name in names if is_exam(bank, name)), None):
        raise UserError("An exam is handed out alone.", location=exam, hint="Name one exam, or only questions.")
    questions = list({question.id: question for question in map(bank.question, names)}.values())
    return tuple(HandoutItem(f"q{n}_{question.category}", question) for n, question in enumerate(questions, 1))


def is_exam(bank: Bank, name: str) -> bool:
    """Whether a word on the command line names an exam, not a question."""
    return name in bank.exams or name.endswith(".toml")


def students_of(names: Sequence[str], seed: int, *, own_data: bool) -> tuple[Student, ...]:
    """The students of a class, with this seed or with seeds of their own."""
    taken: set[str] = set()
    students = []
    for name in names:
        folder = _folder_name(name, taken)
        taken.add(folder.casefold())
        students.append(Student(name, folder, own_seed(seed, name) if own_data else seed))
    return tuple(students)


def _folder_name(name: str, taken: set[str]) -> str:
    """A name for a folder on every system, and in a list: letters, digits, spaces, `-` and `_`; none that is taken."""
    plain = unicodedata.normalize("NFC", name)
    safe = "".join(c if c.isalnum() or c in " -_" else "_" for c in plain)[:_MAX_NAME].strip(" -_") or "student"
    if _RESERVED.fullmatch(safe):
        safe = f"student {safe}"
    number, folder = 1, safe
    while folder.casefold() in taken:
        number += 1
        folder = f"{safe}-{number}"
    return folder


async def hand_out(handout: Handout, make_data: MakeData, progress: Progress) -> None:
    """Make what is missing of it; what is there stays as it is. Raises UserError, and what `make_data` raises."""
    try:
        todo = _open_folder(handout)
        if todo and handout.own_data:
            await _hand_out_own(handout, todo, make_data, progress)
        elif todo:
            await _hand_out_same(handout, todo, make_data, progress)
        _put_list(handout)
    except OSError as error:
        raise write_error(error, handout.folder, what="What is handed out") from None
    progress(1.0, "Handed out")


def _open_folder(handout: Handout) -> list[Student]:
    """Make the folder, or check that it holds an earlier part of the same; returns who still has nothing.

    Raises UserError, OSError.
    """
    top, state = handout.folder, handout.state()
    home = paths.home().resolve()
    if top.resolve() == home or home in top.resolve().parents:
        raise UserError("mockexam keeps its records here.", location=str(top), hint="Name another folder with --to.")
    if os.path.lexists(top) and not top.is_dir():
        raise UserError("This is a file, not a folder.", location=str(top), hint="Name a new folder with --to.")
    if top.is_dir() and any(top.iterdir()):
        if (found := _read_state(top / HANDOUT_STATE)) is None:
            raise UserError("The folder exists and is not empty.", location=str(top), hint="Name a new folder.")
        if found != state:
            raise UserError(
                "Something else was handed out in this folder: another seed, other students, questions or options.",
                location=str(top),
                hint="Name a new folder, or repeat the command that began it.",
            )
    top.mkdir(parents=True, exist_ok=True)
    write_atomic(top / HANDOUT_STATE, json.dumps(state))
    for left in top.glob(f"{_PARTIAL}*"):  # of an earlier run that was interrupted
        remove(left)
    return [student for student in handout.students if not os.path.lexists(handout.place(student))]


def _put_list(handout: Handout) -> None:
    """Write the list, unless there is one, and make the places that it names. Raises OSError."""
    for student in handout.students:
        for item in handout.items:
            (handout.folder / student.folder / item.folder).mkdir(parents=True, exist_ok=True)
    if not os.path.lexists(handout.folder / HANDOUT_LIST):
        # Excel needs the byte order mark.
        write_atomic(handout.folder / HANDOUT_LIST, handout.list_text().encode("utf-8-sig"))


def _read_state(path: Path) -> object:
    """What an earlier run wrote; None if there is no such file or it is damaged."""
    try:
        with open_regular(path) as file:
            return json.loads(file.read(_MAX_STATE))
    except (OSError, ValueError, RecursionError):
        return None


async def _hand_out_same(handout: Handout, todo: Sequence[Student], make_data: MakeData, progress: Progress) -> None:
    """Make the data once and copy them. Not by hard links: a file that one student changes would change for all."""
    steps = len(handout.items) + len(todo)
    with _partial(handout) as first:
        await _fill(handout, first, todo[0].seed, make_data, lambda done, text: progress(done / steps, text))
        for number, student in enumerate(todo):
            progress((len(handout.items) + number) / steps, f"{number + 1} of {len(todo)} students")
            if number == 1:
                _check_space(handout, todo[0], len(todo) - 1)
            with _partial(handout) as folder:
                if not handout.zipped:
                    shutil.copytree(first, folder, dirs_exist_ok=True)
                _put(handout, student, first if handout.zipped else folder)
            await asyncio.sleep(0)  # where Ctrl+C takes effect


async def _hand_out_own(handout: Handout, todo: Sequence[Student], make_data: MakeData, progress: Progress) -> None:
    """Make data for each student."""
    steps = len(todo) * len(handout.items)
    for number, student in enumerate(todo):
        before = number * len(handout.items)

        def report(done: float, _: str, before: int = before, number: int = number) -> None:
            progress((before + done) / steps, f"{number + 1} of {len(todo)} students")

        if number == 1:
            _check_space(handout, todo[0], len(todo) - 1)
        with _partial(handout) as folder:
            await _fill(handout, folder, student.seed, make_data, report)
            _put(handout, student, folder)


@contextmanager
def _partial(handout: Handout) -> Iterator[Path]:
    """A folder beside the final places; what is left of it is removed."""
    folder = Path(tempfile.mkdtemp(prefix=_PARTIAL, dir=handout.folder))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        remove(folder)


async def _fill(handout: Handout, folder: Path, seed: int, make_data: MakeData, report: Progress) -> None:
    """Write all that a student gets; `report` counts in questions."""
    write_atomic(folder / README, _readme(handout))
    for number, item in enumerate(handout.items):
        place = folder / item.folder
        (place / DATA).mkdir(parents=True)
        put_task(place, item.question.folder)
        text = f"data of {item.question.title}"

        def told(fraction: float, number: int = number, text: str = text) -> None:
            report(number + min(1.0, max(0.0, fraction)), text)

        told(0.0)
        await make_data(item.question.id, grade_data_seed(seed), place / DATA, told)


def _put(handout: Handout, student: Student, folder: Path) -> None:
    """Move a whole folder to its place, or zip it there. Raises OSError."""
    place = handout.place(student)
    if not handout.zipped:
        if os.path.lexists(place):
            raise UserError(
                "Something else appeared at this path. It was not changed.", location=str(place), hint="Move it away."
            )
        rename(folder, place)
        return
    with atomic_writer(place, overwrite=False) as file, zipfile.ZipFile(file, "w") as archive:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            name = f"{student.folder}/{path.relative_to(folder).as_posix()}"
            with path.open("rb") as source, archive.open(zip_entry(name), "w", force_zip64=True) as member:
                shutil.copyfileobj(source, member)


def _check_space(handout: Handout, done: Student, left: int) -> None:
    """Raise UserError if the disk can't hold so many more students like the first one."""
    place = handout.place(done)
    files = [place] if handout.zipped else [path for path in place.rglob("*") if path.is_file()]
    needed = left * sum(path.stat().st_size for path in files) + _SPARE_BYTES
    free = shutil.disk_usage(handout.folder).free
    if free < needed:
        raise UserError(
            f"Not enough disk space: {size_text(free)} are free, {left} more students need {size_text(needed)}.",
            location=str(handout.folder),
            hint="Free some space and run the same command again: it continues. With --zip, less is needed.",
        )


_README = """# {title}

{questions}

Each folder has the task (`{brief}`: read all of it first), a script to complete (`{solution}`) and the training data
(`{data}/`). Work in it with any editor, on any machine with TensorFlow 2.12 or newer.

## What to hand in

Save the model of each question in the question's folder, under one of these names:

| name | how |
|---|---|
{formats}

`{solution}` saves the first one when you run it. Hand in this whole folder, without `{data}/` if it is large, or the
saved models alone. If there are several, the newest file under one of these names counts. A model is graded from 0 to
5 on data that it has not seen.
"""


def _readme(handout: Handout) -> str:
    lines = [f"- `{i.folder}/`: {i.question.title} (about {i.question.file.minutes} minutes)" for i in handout.items]
    return _README.format(
        title=handout.items[0].question.title if len(lines) == 1 else f"{len(lines)} questions",
        questions="\n".join(lines),
        brief=BRIEF,
        solution=SOLUTION,
        data=DATA,
        formats="\n".join(f"| `{s.shown}` | `{s.how}` |" for s in FORMATS.values()),
    )
