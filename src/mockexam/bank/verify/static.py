"""All that can be checked of a question without training: in seconds, every mistake at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from mockexam.bank.calibration import FILE_NAME, read_evidence
from mockexam.bank.category import CATEGORIES
from mockexam.bank.fingerprint import QUESTION_FILES
from mockexam.bank.handbook import Handbook
from mockexam.bank.hints import read_hints
from mockexam.bank.loader import load_question
from mockexam.bank.models import Question
from mockexam.bank.rubric import Rubric, load_rubric
from mockexam.bank.verify.locate import QuestionFault, identifier, of_error, orphans, question_files
from mockexam.bank.verify.script_checks import check_data, check_maker, check_solution, check_stub
from mockexam.bank.verify.text_checks import check_blanks, check_brief
from mockexam.errors import UserError
from mockexam.paths import scoring_of

PARTIAL = 2
"""Solutions between floor and full marks that a jury has at least."""
FLOOR_MARKS = 1
_NAME = re.compile(r"[a-z][a-z0-9_]{1,48}")
T = TypeVar("T")


def check_questions(
    folders: Sequence[Path], handbook: Handbook, *, jobs: int = 2, told: Callable[[str], None] = lambda _: None
) -> list[QuestionFault]:
    """All faults of these questions, by question. `told` gets each question's id when it is through."""

    def one(folder: Path) -> list[QuestionFault]:
        faults = check_question(folder, handbook)
        told(identifier(folder))
        return faults

    with ThreadPoolExecutor(max_workers=jobs) as pool:
        return [fault for faults in pool.map(one, folders) for fault in faults]


def check_orphans(roots: Sequence[Path]) -> list[QuestionFault]:
    """Folders of `scoring/` that belong to no question of the `exams/` beside it."""
    return [
        QuestionFault(
            identifier(folder), "A rubric without a question.", str(folder), "Remove it, or add the question."
        )
        for root in roots
        for folder in orphans(root)
    ]


def check_question(folder: Path, handbook: Handbook, *, data: bool = True) -> list[QuestionFault]:
    """All faults of the question in this folder; of its `data` too, which takes seconds."""
    name = identifier(folder)
    if not _NAME.fullmatch(folder.name):
        remedy = "Name it in small letters, digits and underscores: orchard_yield."
        return [QuestionFault(name, "This is no name for a question.", str(folder), remedy)]
    faults: list[QuestionFault] = []
    question = _told(name, faults, lambda: load_question(folder))
    rubric = _told(name, faults, lambda: load_rubric(scoring_of(folder).parents[1], name))
    if (folder / "hints.md").is_file():
        _told(name, faults, lambda: read_hints(folder / "hints.md"))
    _told(name, faults, lambda: read_evidence(scoring_of(folder) / FILE_NAME))
    if (folder / "stub.py").is_file():
        faults += check_stub(name, folder / "stub.py")
    if question:
        faults += [*_check_skills(question, handbook), *_check_windows(question)]
    if rubric:
        faults += _check_jury(name, scoring_of(folder), rubric)
    faults += _stray(folder, rubric)
    faults += check_blanks(folder)
    if question and rubric:
        faults += check_brief(question, rubric.metric)
        found = check_maker(name, folder / "data.py")
        faults += found or (check_data(folder, rubric.metric) if data else [])
    return faults


def _told(question: str, faults: list[QuestionFault], work: Callable[[], T]) -> T | None:
    try:
        return work()
    except UserError as error:
        faults.append(of_error(question, error))
        return None


def _check_skills(question: Question, handbook: Handbook) -> Iterator[QuestionFault]:
    """Each must stand in the handbook, if there is one, and be shown by a model."""
    known = {skill.id: skill for section in handbook.section for skill in section.skills}
    where = f"{question.folder / 'question.toml'}, key skills"
    for name in question.file.skills if known else ():
        if name not in known:
            yield QuestionFault(
                question.id, f"The handbook has no skill {name!r}.", where, "Use one of `docs/coverage.md`."
            )
        elif not known[name].by_model:
            yield QuestionFault(question.id, f"No saved model can show {name!r}.", where, "Leave it out.")
    for name in sorted({s for s in question.file.skills if question.file.skills.count(s) > 1}):
        yield QuestionFault(question.id, f"{name!r} is listed twice.", where, "Leave one out.")


def _check_windows(question: Question) -> Iterator[QuestionFault]:
    """Overlapping samples are defended against look-ups: where the shape does not tell, the contract has to."""
    contract = question.contract.input
    untold = contract.windows is None and not contract.overlaps and contract.shape not in ((), (1,))
    if untold and CATEGORIES[question.category].windows:
        what = "The contract does not tell whether samples are windows of a series, which may overlap."
        where = f"{question.folder / 'question.toml'}, key contract.input.windows"
        yield QuestionFault(question.id, what, where, "Add `windows = true` if they are, else `windows = false`.")


def _check_jury(question: str, scoring: Path, rubric: Rubric) -> Iterator[QuestionFault]:
    path = scoring / "rubric.toml"
    files = {"reference": "reference.py"} | {f"jury.{n}.file": f"jury/{j.file}" for n, j in enumerate(rubric.jury)}
    for key, file in files.items():
        if (scoring / file).is_file():
            yield from check_solution(question, scoring / file)
        else:
            yield QuestionFault(
                question, f"{file} is missing.", f"{path}, key {key}", "Add the script, or drop the entry."
            )
    marks = [jury.marks for jury in rubric.jury]
    if min(marks) > FLOOR_MARKS:
        what = f"No jury model is a floor of at most {FLOOR_MARKS} mark."
        yield QuestionFault(question, what, f"{path}, key jury", "Add an untrained or constant model.")
    partial = sum(FLOOR_MARKS <= m < rubric.reference.marks for m in marks)
    if partial < PARTIAL:
        what = f"{partial} of the jury models earn 1 to 4 marks; {PARTIAL} are needed."
        yield QuestionFault(question, what, f"{path}, key jury", "Add a mistake that learners really make.")


def _stray(folder: Path, rubric: Rubric | None) -> Iterator[QuestionFault]:
    """Files that nothing speaks of.

    A file beside data.py that it names is the question's own, and `scoring/.../make_<stem>.py` the script that made it.
    """
    maker = folder / "data.py"
    named = maker.read_text(encoding="utf-8", errors="replace") if maker.is_file() else ""
    jury = {f"scoring/jury/{j.file}" for j in rubric.jury} if rubric else set()
    known = {f"exams/{name}" for name in QUESTION_FILES} | {"scoring/rubric.toml", "scoring/reference.py"} | jury
    found = dict(question_files(folder))
    own = {name: path for name, path in found.items() if name.startswith("exams/") and path.name in named}
    known |= {*own, *(f"scoring/make_{path.stem}.py" for path in own.values())}
    for name, path in found.items():
        if name in known:
            continue
        if rubric is None and name.startswith("scoring/jury/"):
            continue
        remedy = "Remove it, or name it in rubric.toml (a solution) or data.py (what it reads)."
        yield QuestionFault(identifier(folder), "A stray file.", str(path), remedy)
