"""`mockexam bank`: the questions and exams there are, and a new question to fill in."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

import click

from mockexam import paths
from mockexam.bank.category import CATEGORIES
from mockexam.bank.loader import Bank, load_bank
from mockexam.bank.models import SHIPPED, InputContract, OutputContract, Question
from mockexam.batch.job import world_of_seed
from mockexam.cli.options import LateCommands, json_option
from mockexam.errors import UserError


@click.group(commands=LateCommands({"verify": "mockexam.cli.verify_commands:verify"}))
def bank() -> None:
    """List, show, check and add questions."""


@bank.command("list")
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
    return "" if question.pack == SHIPPED else f" · from {question.pack}"


def _question_data(question: Question) -> dict[str, Any]:
    """What a candidate may know of a question, as JSON-ready data."""
    return {
        "id": question.id,
        "category": question.category,
        "pack": question.pack,
        "title": question.title,
        "summary": question.file.summary,
        "minutes": question.file.minutes,
        "skills": list(question.file.skills),
        "contract": question.contract.model_dump(mode="json"),
        "fingerprint": question.fingerprint,
    }


@bank.command()
@click.argument("question")
@click.option("--unpack", type=click.Path(path_type=Path), help="Also put brief, stub and data into this new folder.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Seed of the data for --unpack.")
@json_option
def show(question: str, unpack: Path | None, seed: int, as_json: bool) -> None:
    """Show a question's task, contract and skills.

    QUESTION is an id or an unambiguous part of one. With --unpack you get what a candidate gets, to work on or to
    hand out.

    Example: mockexam bank show ballast_car --unpack handout --seed 7
    """
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
        f"  size    at most {contract.max_megabytes:g} MB",
        f"  skills  {', '.join(found.file.skills)}",
        "",
        found.brief.rstrip(),
    ]
    if unpack:
        lines += ["", f"Unpacked into {unpack}. Mark a model of it, or a folder of models, with:"]
        lines += [f"  mockexam grade PATH --question {found.id} --seed {seed}"]
    click.echo("\n".join(lines))


def _tensor_text(kind: str, contract: InputContract | OutputContract) -> str:
    return f"{kind} {('n', *contract.shape)}: {contract.meaning}".replace("'", "")


def _unpack(question: Question, folder: Path, seed: int) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UserError("The folder is there already and is not empty.", location=str(folder), hint="Name a new one.")
    data = folder / "data"
    try:
        data.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(question.folder / "brief.md", folder / "brief.md")
        shutil.copyfile(question.folder / "stub.py", folder / "solution.py")
    except OSError as error:
        raise UserError(f"The folder can't be made: {error.strerror}.", location=str(folder)) from None
    asyncio.run(_make_data(question.id, world_of_seed(seed), data))


async def _make_data(question: str, data_seed: str, folder: Path) -> None:
    from mockexam.grading.client import Grader

    async with Grader(paths.state_paths()) as grader:
        await grader.make_data(question, data_seed=data_seed, folder=folder, progress=lambda _: None)


@bank.command()
@click.argument("name", metavar="CATEGORY/NAME")
@click.option("--into", type=click.Path(path_type=Path), help="Your own folder of questions, with exams/ and scoring/.")
@json_option
def new(name: str, into: Path | None, as_json: bool) -> None:
    """Create a question with blanks to fill in.

    In a checkout, or with --into in a folder of your own.

    Example: mockexam bank new simple_model/my_line --into questions
    """
    from mockexam.bank.verify.locate import new_question

    root = into.expanduser().absolute() if into else paths.exams_dir().parent
    if into is None and root.name == "_bank":
        raise UserError(
            "This mockexam is installed, and its bank would be lost with the next update.",
            location=str(root),
            hint="Name the folder of your own questions: --into FOLDER.",
        )
    exams, scoring = new_question(root, name)
    if as_json:
        click.echo(json.dumps({"question": name, "exams": str(exams), "scoring": str(scoring)}))
        return
    prefix = f"{paths.BANK_VARIABLE}={root} " if into else ""
    lines = [
        f"{exams}",
        f"{scoring}",
        "Fill in the blanks, <<like this>>; docs/questions.md says how. Then:",
        f"  {prefix}mockexam bank verify --static {name}",
        f"  {prefix}mockexam bank verify {name}",
    ]
    click.echo("\n".join(lines))
