"""All that can be checked of a question without training: in seconds, every mistake at once.

`python -m mockexam.bank.verify.static` is what screening runs: it reads a JSON list of question folders from standard
input and writes a JSON object a line, `question` and `fault`, which is empty for a question that may be drawn.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from mockexam.bank.category import CATEGORIES
from mockexam.bank.downloads import lacking
from mockexam.bank.handbook import Handbook, load_handbook, read_hints
from mockexam.bank.loader import file_hash, identifier, load_question, question_folders
from mockexam.bank.metric import METRICS
from mockexam.bank.models import QUESTION_FILES, Download, Question, Source
from mockexam.bank.rubric import EVIDENCE, Rubric, load_rubric, read_evidence
from mockexam.bank.verify.locate import NAME, QuestionFault, of_error, question_files, stale
from mockexam.bank.verify.script_checks import check_data, check_data_imports, check_solution, check_stub
from mockexam.errors import UserError
from mockexam.exam.model_format import listed
from mockexam.paths import scoring_of

PARTIAL = 2  # partial solutions (1 to 4 marks) that a jury must have
FLOOR_MARKS = 1
PLACEHOLDER = re.compile(r"<<([^<>]+)>>")  # what the template leaves to fill in: `<<what belongs here>>`
_TEXT = {".toml", ".md", ".py"}
T = TypeVar("T")


def check_questions(
    folders: Sequence[Path], handbook: Handbook, *, jobs: int = 2, told: Callable[[str], None] = lambda _: None
) -> list[QuestionFault]:
    """All faults of these questions, by question. `told` gets the id of each checked question."""

    def one(folder: Path) -> list[QuestionFault]:
        faults = check_question(folder, handbook)
        told(identifier(folder))
        return faults

    with ThreadPoolExecutor(max_workers=jobs) as pool:
        return [fault for faults in pool.map(one, folders) for fault in faults]


def check_orphans(roots: Sequence[Path]) -> list[QuestionFault]:
    """Folders of `scoring/` that belong to no question of the `exams/` beside it."""
    faults = []
    for root in roots:
        questions = {identifier(folder) for folder in question_folders(root)}
        for folder in question_folders(root.parent / "scoring"):
            if identifier(folder) not in questions:
                what, remedy = "This rubric has no question.", "Remove it, or add the question."
                faults.append(QuestionFault(identifier(folder), what, str(folder), remedy))
    return faults


def check_question(folder: Path, handbook: Handbook, *, data: bool = True) -> list[QuestionFault]:
    """All faults of the question in this folder; those of its `data` too, which takes seconds."""
    name = identifier(folder)
    if not NAME.fullmatch(folder.name):
        remedy = "Use lowercase letters, digits and underscores, such as orchard_yield."
        return [QuestionFault(name, "This is not a valid name for a question.", str(folder), remedy)]
    faults: list[QuestionFault] = []

    def read(reader: Callable[[], T]) -> T | None:
        try:
            return reader()
        except UserError as error:
            faults.append(of_error(name, error))
            return None

    question = read(lambda: load_question(folder))
    rubric = read(lambda: load_rubric(scoring_of(folder).parents[1], name))
    if (folder / "hints.md").is_file():
        read(lambda: read_hints(folder / "hints.md"))
    read(lambda: read_evidence(scoring_of(folder) / EVIDENCE))
    if (folder / "stub.py").is_file():
        faults += check_stub(name, folder / "stub.py")
    if question:
        faults += [
            *_check_skills(question, handbook),
            *_check_windows(question),
            *_check_sources(question),
            *_check_downloads(question),
        ]
    if rubric:
        faults += _check_jury(name, scoring_of(folder), rubric)
    faults += [*_check_stray_files(folder, rubric), *_check_placeholders(folder)]
    if question and rubric:
        faults += check_brief(question, rubric.metric)
        found = check_data_imports(name, folder / "data.py")
        if data and not found and not lacking(question):
            found = check_data(question, rubric.metric, twice=not _verified(question))
        faults += found
    return faults


def _verified(question: Question) -> bool:
    """Whether its evidence holds: its data have then been checked as they are now."""
    try:
        return not stale(question)
    except UserError:
        return False  # the check reports it


def _check_skills(question: Question, handbook: Handbook) -> Iterator[QuestionFault]:
    """Each must be in the handbook, if there is one, and one that a model can show."""
    known = {skill.id: skill for section in handbook.section for skill in section.skills}
    where = f"{question.folder / 'question.toml'}, key skills"
    for name in question.file.skills if known else ():
        if name not in known:
            what = f"The handbook has no skill {name!r}."
            yield QuestionFault(question.id, what, where, "Use a skill from docs/coverage.md.")
        elif not known[name].by_model:
            yield QuestionFault(question.id, f"No saved model can show {name!r}.", where, "Remove it.")
    for name in sorted({s for s in question.file.skills if question.file.skills.count(s) > 1}):
        yield QuestionFault(question.id, f"{name!r} is listed twice.", where, "Remove one.")


def _check_windows(question: Question) -> Iterator[QuestionFault]:
    """Grading detects look-ups among overlapping samples: where the shape leaves it open, the contract must say."""
    contract = question.contract.input
    open_ = contract.windows is None and not contract.overlaps and contract.shape not in ((), (1,))
    if open_ and CATEGORIES[question.category].windows:
        what = "The contract does not say whether samples are windows of a series, which may overlap."
        where = f"{question.folder / 'question.toml'}, key contract.input.windows"
        yield QuestionFault(question.id, what, where, "Add `windows = true` if they are, else `windows = false`.")


def _check_sources(question: Question) -> Iterator[QuestionFault]:
    """Each copy is the one that its hash promises; title, authors and licence stand in the brief."""
    try:
        brief = " ".join(question.brief.split())
    except (OSError, ValueError):
        return  # `check_brief` reports it
    for number, source in enumerate(question.file.sources):
        where = f"{question.folder / 'question.toml'}, key sources[{number}]"
        path = question.folder / (source.file or "question.toml")
        if not path.is_file():
            yield QuestionFault(question.id, f"{source.file} is missing.", where, "Add it, or correct 'file'.")
        elif source.file and file_hash(path) != source.sha256:
            what = f"{source.file} is not the file that 'sha256' promises."
            yield QuestionFault(question.id, what, where, "Make it again, or correct 'sha256'.")
        yield from _check_credit(question.id, source, brief, where)


def _check_credit(question: str, data: Source | Download, brief: str, where: str) -> Iterator[QuestionFault]:
    missing = [key for key in ("title", "authors", "licence") if getattr(data, key) not in brief]
    if missing:
        what = f"The brief does not name {listed(missing, 'and')} of its data."
        remedy = f"Write: from {data.title} by {data.authors} ({data.licence})."
        yield QuestionFault(question, what, where, remedy)


def _check_downloads(question: Question) -> Iterator[QuestionFault]:
    """`data.py` takes each from `DOWNLOADS`; title, authors and licence stand in the brief."""
    if not question.downloads:
        return
    try:
        brief = " ".join(question.brief.split())
        code = (question.folder / "data.py").read_text(encoding="utf-8")
    except (OSError, ValueError):
        return  # other checks report it
    for number, download in enumerate(question.downloads):
        where = f"{question.folder / 'question.toml'}, key downloads[{number}]"
        if "DOWNLOADS" not in code or download.file not in code:
            what = f"data.py does not read {download.file}."
            remedy = f'Read DOWNLOADS["{download.file}"]; write `DOWNLOADS: dict[str, Path] = {{}}` at the top.'
            yield QuestionFault(question.id, what, where, remedy)
        yield from _check_credit(question.id, download, brief, where)


def _check_jury(question: str, scoring: Path, rubric: Rubric) -> Iterator[QuestionFault]:
    path = scoring / "rubric.toml"
    files = {"reference": "reference.py"} | {f"jury.{n}.file": f"jury/{j.file}" for n, j in enumerate(rubric.jury)}
    for key, file in files.items():
        if (scoring / file).is_file():
            yield from check_solution(question, scoring / file)
        else:
            remedy = "Add the script, or remove the entry."
            yield QuestionFault(question, f"{file} is missing.", f"{path}, key {key}", remedy)
    marks = [jury.marks for jury in rubric.jury]
    if min(marks) > FLOOR_MARKS:
        what = f"The jury has no baseline that earns at most {FLOOR_MARKS} mark."
        yield QuestionFault(question, what, f"{path}, key jury", "Add an untrained or constant model.")
    partial = sum(FLOOR_MARKS <= m < rubric.reference.marks for m in marks)
    if partial < PARTIAL:
        what = f"{partial} of the jury solutions earn 1 to 4 marks; at least {PARTIAL} must."
        yield QuestionFault(question, what, f"{path}, key jury", "Add a mistake that learners really make.")


def _check_stray_files(folder: Path, rubric: Rubric | None) -> Iterator[QuestionFault]:
    """Files that are no part of the question, not named in data.py, and no `make_<stem>.py` of a file named there."""
    data = folder / "data.py"
    code = data.read_text(encoding="utf-8", errors="replace") if data.is_file() else ""
    jury = {f"scoring/jury/{j.file}" for j in rubric.jury} if rubric else set()
    known = {f"exams/{name}" for name in QUESTION_FILES} | {"scoring/rubric.toml", "scoring/reference.py"} | jury
    found = dict(question_files(folder))
    named = {name: path for name, path in found.items() if name.startswith("exams/") and path.name in code}
    known |= {*named, *(f"scoring/make_{path.stem}.py" for path in named.values())}
    for name, path in found.items():
        if name not in known and not (rubric is None and name.startswith("scoring/jury/")):
            remedy = "Remove it, or name it in rubric.toml (a solution) or in data.py (a file that it reads)."
            yield QuestionFault(identifier(folder), "This file belongs to nothing.", str(path), remedy)


def _check_placeholders(folder: Path) -> Iterator[QuestionFault]:
    """One fault for each file that still has a placeholder, at its first."""
    for _, path in question_files(folder):
        if path.suffix not in _TEXT:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        found = list(PLACEHOLDER.finditer(text))
        if found:
            line = text.count("\n", 0, found[0].start()) + 1
            what = f"There {'is 1 placeholder' if len(found) == 1 else f'are {len(found)} placeholders'} to replace."
            remedy = f"Write here: {' '.join(found[0][1].split())}"
            yield QuestionFault(identifier(folder), what, f"{path}, line {line}", remedy)


def check_brief(question: Question, metric: str) -> list[QuestionFault]:
    """It must name the metric, the file to save and the size limit."""
    path = question.folder / "brief.md"
    try:
        text = " ".join(path.read_text(encoding="utf-8").lower().replace("**", "").split())
    except (OSError, ValueError) as error:
        return [QuestionFault(question.id, f"The brief can't be read: {error}.", str(path), "Save it as UTF-8.")]
    faults = []
    if not re.search(METRICS[metric].in_brief, text):
        what = f"The brief does not name the metric, {metric}."
        faults.append(QuestionFault(question.id, what, str(path), "Name it under 'How it is graded'."))
    if "mymodel.keras" not in text:
        what = "The brief does not name the file to save, mymodel.keras."
        faults.append(QuestionFault(question.id, what, str(path), "Name it under 'Your model'."))
    limit = f"{question.contract.max_megabytes:g}"
    if not re.search(rf"(?<![\d.,]){re.escape(limit)}(\.0)? ?(mb|megabytes?)\b", text):
        what, where = f"The brief does not give the size limit, {limit} MB.", f"{path}, key contract.max_megabytes"
        faults.append(QuestionFault(question.id, what, where, f"Write 'at most {limit} MB'."))
    return faults


def first_fault(folder: Path, handbook: Handbook) -> str:
    """The first fault on one line, or nothing. Where the evidence holds, the slow check of the data is skipped.

    That of downloaded data too: they were published, and take longer.
    """
    try:
        question = load_question(folder)
        verified = bool(question.downloads) or _verified(question)
    except UserError:
        verified = False  # the check reports it
    for fault in check_question(folder, handbook, data=not verified):
        return f"{fault.what} ({fault.where}) {fault.remedy}".replace("\n", " ")
    return ""


def main() -> None:
    """Check the questions, two at a time."""
    folders = [Path(folder) for folder in json.load(sys.stdin)]
    handbook = load_handbook()
    with ThreadPoolExecutor(max_workers=2) as pool:
        for folder, fault in zip(folders, pool.map(lambda f: first_fault(f, handbook), folders), strict=True):
            sys.stdout.write(json.dumps({"question": identifier(folder), "fault": fault}) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
