"""`mockexam bank`: list and show questions, add a new one, verify what they reward."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from itertools import count, product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mockexam import paths
from mockexam.bank.category import CATEGORIES
from mockexam.bank.handbook import load_handbook
from mockexam.bank.loader import Bank, load_bank, load_question
from mockexam.bank.models import SHIPPED, InputContract, OutputContract, Question
from mockexam.batch.job import grade_data_seed
from mockexam.cli.options import complete_question, end, fetch_data, json_option, run_with_grader
from mockexam.cli.progress_bar import CommandProgress, waiting
from mockexam.errors import UserError
from mockexam.workspace.question_files import put_task

if TYPE_CHECKING:
    from mockexam.bank.verify.locate import QuestionFault
    from mockexam.bank.verify.verification import Verification


@click.command("list")
@json_option
def list_(as_json: bool) -> None:
    """List the exams and the questions.

    Example: mockexam bank list
    """
    whole = load_bank()
    for pack in whole.broken:
        click.echo(str(pack), err=True)
    for name, fault in whole.unfit.items():
        click.echo(f"{name} is left out: {fault}", err=True)
    if not as_json:
        click.echo("\n".join(_lines(whole)))
        return
    data = {
        "version": whole.version,
        "packs": [{"name": p.name, "distribution": p.distribution} for p in whole.packs],
        "exams": [{"name": e.name, **e.exam.model_dump(mode="json")} for e in whole.exams.values()],
        "questions": [_question_data(q) for q in whole.questions.values()],
        "left_out": dict(whole.unfit),
    }
    click.echo(json.dumps(data))


def _lines(bank: Bank) -> list[str]:
    lines = [f"question bank {bank.version}", "", "Exams"]
    lines += [f"  {e.name:<20} {e.exam.title} · {e.exam.duration_minutes:g} min" for e in bank.exams.values()]
    for category in CATEGORIES.values():
        lines += ["", category.title.capitalize()]
        questions = bank.of_category(category.id)
        lines += [f"  {q.id:<40} {q.title} · {q.file.minutes} min{_origin(q)}" for q in questions] or ["  none yet"]
    return lines


def _origin(question: Question) -> str:
    origin = "" if question.pack == SHIPPED else f" · from {question.pack}"
    if not question.downloads:
        return origin
    from mockexam.bank.downloads import size_text
    from mockexam.bank.verify.locate import not_proved

    origin += f" · {size_text(question.downloads)} to download"
    return f"{origin} · not proven here" if not_proved(question) else origin


def _question_data(question: Question) -> dict[str, Any]:
    """The public facts of a question, JSON-ready."""
    return {
        "id": question.id,
        "category": question.category,
        "pack": question.pack,
        "title": question.title,
        "summary": question.file.summary,
        "minutes": question.file.minutes,
        "skills": list(question.file.skills),
        "contract": question.contract.model_dump(mode="json"),
        "sources": [source.model_dump(mode="json", exclude_none=True) for source in question.file.sources],
        "downloads": [download.model_dump(mode="json") for download in question.downloads],
        "fingerprint": question.fingerprint,
    }


@click.command()
@click.argument("question", shell_complete=complete_question)
@click.option("--unpack", type=click.Path(path_type=Path), help="Also write brief, stub and data into this new folder.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Seed of the data for --unpack.")
@json_option
def show(question: str, unpack: Path | None, seed: int, as_json: bool) -> None:
    """Show a question's task, contract and skills.

    QUESTION is an id or an unambiguous part of one. With --unpack you get the files of an exam, to work on or to
    hand out.

    Example: mockexam bank show ballast_car --unpack handout --seed 7
    """
    from mockexam.bank.downloads import size_text

    found = load_bank().question(question)
    if unpack is not None:
        _unpack(found, unpack.expanduser().absolute(), seed)
    if as_json:
        data = _question_data(found) | {"brief": found.brief}
        click.echo(json.dumps(data | ({"unpacked": str(unpack), "seed": seed} if unpack else {})))
        return
    contract = found.contract
    lines = [
        f"{found.id} · {found.title} · {found.file.minutes} min{_origin(found)}",
        f"  input   {_tensor_text(contract.input.dtype, contract.input)}",
        f"  output  {_tensor_text(contract.output.form, contract.output)}",
        f"  size    at most {contract.max_megabytes:g} MB of weights and graph",
        f"  skills  {', '.join(found.file.skills)}",
        *(f"  data    {one.file}, {size_text([one])}, {one.licence}, from {one.urls[0]}" for one in found.downloads),
        "",
        found.brief.rstrip(),
    ]
    if unpack:
        lines += ["", f"Unpacked into {unpack}. To grade a model for it, or a folder of models:"]
        lines += [f"  mockexam grade PATH --question {found.id} --seed {seed}"]
    click.echo("\n".join(lines))


def _tensor_text(kind: str, contract: InputContract | OutputContract) -> str:
    return f"{kind} {('n', *contract.shape)}: {contract.meaning}".replace("'", "")


def _unpack(question: Question, folder: Path, seed: int) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UserError("The folder exists and is not empty.", location=str(folder), hint="Name a new folder.")
    fetch_data([question])
    data = folder / "data"
    try:
        data.mkdir(parents=True, exist_ok=True)
        put_task(folder, question.folder)
    except OSError as error:
        raise UserError(f"The folder can't be created: {error.strerror}.", location=str(folder)) from None
    with waiting("generating the data"):
        code = grade_data_seed(seed)
        run_with_grader(lambda it: it.make_data(question.id, data_seed=code, folder=data, progress=lambda _: None))


@click.command()
@click.argument("name", metavar="CATEGORY/NAME")
@click.option("--into", type=click.Path(path_type=Path), help="Folder for your questions, with exams/ and scoring/.")
@json_option
def new(name: str, into: Path | None, as_json: bool) -> None:
    """Create a question with blanks to fill in.

    In this checkout, or with --into in your own folder.

    Example: mockexam bank new simple_model/my_line --into questions
    """
    from mockexam.bank.verify.locate import new_question

    root = into.expanduser().absolute() if into else paths.exams_dir().parent
    if into is None and root.name == "_bank":
        raise UserError(
            "This mockexam is installed: the next update would delete a new question.",
            location=str(root),
            hint="Name a folder for your own questions: --into FOLDER.",
        )
    exams, scoring = new_question(root, name)
    if as_json:
        click.echo(json.dumps({"question": name, "exams": str(exams), "scoring": str(scoring)}))
        return
    prefix = f"{paths.BANK_VARIABLE}={root} " if into else ""
    lines = [
        f"{exams}",
        f"{scoring}",
        "Fill in the blanks <<like this>> (see docs/questions.md). Then run:",
        f"  {prefix}mockexam bank verify --static {name}",
        f"  {prefix}mockexam bank verify {name}",
    ]
    click.echo("\n".join(lines))


@click.command()
@click.argument("questions", nargs=-1, shell_complete=complete_question)
@click.option("--static", is_flag=True, help="Skip the training; takes seconds.")
@click.option("--seeds", default="1,2,3,4,5,6", show_default=True, help="Seeds of the data to train and grade on.")
@click.option("--jobs", type=click.IntRange(1, 64), default=1, show_default=True, help="Number of solutions at a time.")
@click.option("--fresh", is_flag=True, help="Also train again what has not changed.")
@json_option
def verify(questions: tuple[str, ...], static: bool, seeds: str, jobs: int, fresh: bool, as_json: bool) -> None:
    """Verify what questions reward.

    Trains every solution of the QUESTIONS and grades it as in an attempt.

    A QUESTION is an id, an unambiguous part of one, a category, or the name of an exam; by default all. Data are
    downloaded only for a question or an exam that you name. You can interrupt this at any time:
    only what has changed is trained again. Choose the bands by seeds 1 to 3; seeds 4 to 6 run once these hold. Results
    of all six go into the question's calibration.json and, in a checkout, into tables in docs/.

    Example: mockexam bank verify --static simple_model
    """
    from mockexam.bank.loader import identifier
    from mockexam.bank.verify.locate import bank_roots, find_folders
    from mockexam.bank.verify.static import check_orphans, check_questions

    numbers = read_seeds(seeds)
    roots = bank_roots()
    folders = find_folders(roots, questions)
    if not static and (named := [name for name in questions if name not in CATEGORIES]):
        fetch_data(map(load_question, find_folders(roots, named)))
    progress, done = CommandProgress(), count(1)
    faults = check_questions(
        folders,
        load_handbook(),
        jobs=max(jobs, 2),
        told=lambda question: progress(next(done) / len(folders), f"checked {question}"),
    )
    if not questions:
        faults = [*faults, *check_orphans(roots)]
    broken = {fault.question for fault in faults}
    sound = [folder for folder in folders if identifier(folder) not in broken]
    if static:
        _report_static(len(folders), faults, [note for folder in sound if (note := _note(folder))], as_json=as_json)
    else:
        sound = list(_with_data(sound))
        faults = _train(sound, numbers, faults, jobs=jobs, fresh=fresh, as_json=as_json)
    end(1 if faults else 0)


def _with_data(folders: Sequence[Path]) -> Iterator[Path]:
    """The folders of those questions whose data can be made here; of the others, why not is printed."""
    from mockexam.bank.downloads import lacking, size_text

    for folder in folders:
        question = load_question(folder)
        if absent := lacking(question):
            what = f"{question.id} is left out: its data ({size_text(absent)}) are not on this computer."
            click.echo(f"{what} `mockexam bank verify {question.id}` downloads them.", err=True)
        else:
            yield folder


def _report_static(questions: int, faults: Sequence[QuestionFault], notes: Sequence[str], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"questions": questions, "faults": [vars(f) for f in faults], "unverified": notes}))
        return
    for fault in faults:
        click.echo(str(fault))
    for note in notes:
        click.echo(note, err=True)
    click.echo(f"{questions} question{'' if questions == 1 else 's'}, {len(faults)} faults")


def _note(folder: Path) -> str:
    """Why a question's evidence does not count; for a new question this is not a fault."""
    from mockexam.bank.verify.locate import stale

    try:
        return stale(load_question(folder))
    except UserError as error:
        return error.message


def _train(
    folders: Sequence[Path], seeds: Sequence[int], faults: list[QuestionFault], *, jobs: int, fresh: bool, as_json: bool
) -> list[QuestionFault]:
    """Train and grade every solution of these questions; returns all faults. Raises UserError."""
    from mockexam.bank.verify.solution_run import RunCache, versions
    from mockexam.bank.verify.verification import Verification, load_subject

    subjects = [load_subject(folder) for folder in folders]
    cache = RunCache(paths.state_paths().scratch / "verify", versions(), fresh=fresh)
    if fresh:
        for subject in subjects:
            for file, seed in product(subject.files, seeds):
                cache.forget(subject.question, subject.rubric, file, seed)
    verification = Verification(subjects, seeds, cache, progress=CommandProgress(), faults=faults)
    asyncio.run(_run(verification, jobs))
    _report(verification, verification.write(), as_json=as_json)
    return verification.faults


def read_seeds(text: str) -> tuple[int, ...]:
    """`1,2,3` as numbers. Raises UserError."""
    try:
        numbers = tuple(dict.fromkeys(int(part) for part in text.split(",")))
    except ValueError:
        numbers = ()
    if not numbers or min(numbers) < 0:
        hint = "Use whole numbers from 0, separated by commas: 1,2,3."
        raise UserError(f"Not a list of seeds: {text!r}.", location="--seeds", hint=hint)
    return numbers


async def _run(verification: Verification, jobs: int) -> None:
    """Each job has its own grader and its own state folder."""
    from mockexam.grading.client import Grader

    with tempfile.TemporaryDirectory(prefix="mockexam-verify-") as name:
        async with AsyncExitStack() as stack:
            states = [paths.StatePaths(Path(name) / str(number)) for number in range(jobs)]
            await verification.run([await stack.enter_async_context(Grader(state)) for state in states])


def _report(verification: Verification, written: Sequence[str], *, as_json: bool) -> None:
    from mockexam.bank.verify.tables import COLUMNS, row, write_tables

    tables: list[Path] = []
    if written:
        bank = load_bank()
        shipped = [q for q in bank.questions.values() if q.folder.is_relative_to(bank.folder)]
        tables = write_tables(shipped, load_handbook())
    if as_json:
        evidence = {name: found.model_dump(mode="json") for name, found in verification.evidence.items()}
        faults = [vars(fault) for fault in verification.faults]
        click.echo(json.dumps({"questions": evidence, "faults": faults, "written": list(written)}))
        return
    rubrics = {subject.question.id: subject.rubric for subject in verification.subjects}
    for name, found in verification.evidence.items():
        rows = [list(COLUMNS), *(row(file, solution, rubrics[name]) for file, solution in found.models.items())]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        click.echo(f"{name} · {found.metric}")
        for cells in rows:
            click.echo("  " + "  ".join(map(str.ljust, cells, widths)).rstrip())
    for fault in verification.faults:
        click.echo(str(fault))
    for path in tables:
        click.echo(f"Written: {path}", err=True)
    click.echo(f"{len(written)} of {len(verification.subjects)} questions verified, {len(verification.faults)} faults")
