"""`mockexam bank list` and `bank show`."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

import click

from mockexam import paths
from mockexam.bank.category import CATEGORIES
from mockexam.bank.loader import Bank, NamedExam, load_bank
from mockexam.bank.models import SHIPPED, InputContract, OutputContract, Question
from mockexam.batch.worlds import world_of_seed
from mockexam.errors import ToldError


def list_bank(*, as_json: bool) -> str:
    """All exams and questions; packs that were left out are told on standard error."""
    bank = load_bank()
    for pack in bank.broken:
        click.echo(str(pack), err=True)
    for name, fault in bank.unfit.items():
        click.echo(f"{name} is left out: {fault}", err=True)
    if as_json:
        return json.dumps(
            {
                "version": bank.version,
                "packs": [{"name": p.name, "distribution": p.distribution} for p in bank.packs],
                "exams": [_exam_data(e) for e in bank.exams.values()],
                "questions": [question_data(q) for q in bank.questions.values()],
                "left_out": dict(bank.unfit),
            }
        )
    return "\n".join(_lines(bank))


def _lines(bank: Bank) -> list[str]:
    lines = [f"question bank {bank.version}", "", "Exams"]
    lines += [f"  {e.name:<20} {e.exam.title} · {e.exam.duration_minutes:g} min" for e in bank.exams.values()]
    for category in CATEGORIES.values():
        lines += ["", category.title.capitalize()]
        lines += [
            f"  {q.id:<40} {q.title} · {q.file.minutes} min{_origin(q)}" for q in bank.of_category(category.id)
        ] or ["  none yet"]
    return lines


def _origin(question: Question) -> str:
    return "" if question.pack == SHIPPED else f" · from {question.pack}"


def _exam_data(named: NamedExam) -> dict[str, Any]:
    return {"name": named.name, **named.exam.model_dump(mode="json")}


def question_data(question: Question) -> dict[str, Any]:
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


def show_question(name: str, *, unpack: Path | None, seed: int, as_json: bool) -> str:
    """One question; with `unpack` its files and data are made there first. Raises ToldError."""
    question = load_bank().question(name)
    if unpack is not None:
        _unpack(question, unpack.expanduser().absolute(), seed)
    if as_json:
        data = question_data(question) | {"brief": question.brief}
        return json.dumps(data | ({"unpacked": str(unpack), "seed": seed} if unpack else {}))
    contract = question.contract
    lines = [
        f"{question.id} · {question.title} · {question.file.minutes} min{_origin(question)}",
        f"  input   {_input_text(contract.input)}",
        f"  output  {_output_text(contract.output)}",
        f"  size    at most {contract.max_megabytes:g} MB",
        f"  skills  {', '.join(question.file.skills)}",
        "",
        question.brief.rstrip(),
    ]
    if unpack:
        lines += ["", f"Unpacked into {unpack}. Mark a model of it, or a folder of models, with:"]
        lines += [f"  mockexam grade PATH --question {question.id} --seed {seed}"]
    return "\n".join(lines)


def _input_text(contract: InputContract) -> str:
    return f"{contract.dtype} {('n', *contract.shape)}: {contract.meaning}".replace("'", "")


def _output_text(contract: OutputContract) -> str:
    return f"{contract.form} {('n', *contract.shape)}: {contract.meaning}".replace("'", "")


def _unpack(question: Question, folder: Path, seed: int) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ToldError("The folder is there already and is not empty.", where=str(folder), remedy="Name a new one.")
    data = folder / "data"
    try:
        data.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(question.folder / "brief.md", folder / "brief.md")
        shutil.copyfile(question.folder / "stub.py", folder / "solution.py")
    except OSError as error:
        raise ToldError(f"The folder can't be made: {error.strerror}.", where=str(folder)) from None
    asyncio.run(_make_data(question.id, world_of_seed(seed), data))


async def _make_data(question: str, world: str, folder: Path) -> None:
    from mockexam.grading.client import Grader

    async with Grader(paths.state()) as grader:
        await grader.make_data(question, world=world, folder=folder, progress=lambda _: None)
