"""`mockexam grade` and `mockexam inspect`: one model outside an attempt, by the path that an attempt uses."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mockexam import paths
from mockexam.bank.loader import load_bank
from mockexam.batch.job import secret_of, world_of_seed
from mockexam.batch.planning import is_many
from mockexam.cli.grade_many import ManyOptions, grade_many, refuse_during_exam
from mockexam.cli.options import end, json_option
from mockexam.errors import GraderFaultError, UserError
from mockexam.exam.events import ModelFormat
from mockexam.exam.model_format import file_endings
from mockexam.exam.scoring import MARKS_PER_QUESTION, Verdict
from mockexam.text.units import metric_text, size_text
from mockexam.workspace.layout import find_workspace, model_format

if TYPE_CHECKING:
    from mockexam.bank.models import Question
    from mockexam.grading.protocol import ModelGraded, ModelInspected

_NOTHING = "Nothing here would be refused."
_SIGNS = {"refused": "✗", "warning": "!", "note": "·"}


@click.command()
@click.argument("model", type=click.Path(path_type=Path))
@click.option("--question", help="The question's id, or an unambiguous part of it; not needed inside a workspace.")
@click.option("--seed", type=click.IntRange(min=0), help="Grade on the data of this seed (see `bank show --unpack`).")
@click.option("--secret", metavar="TEXT", help="Draw the hold-out from this text, which nobody else knows.")
@json_option
@click.option("--jobs", type=click.IntRange(1, 256), help="Many models: how many at a time; by default one per core.")
@click.option("--scheduler", metavar="ADDRESS", help="Many models: use the Dask cluster at tcp://HOST:PORT.")
@click.option("--out", type=click.Path(path_type=Path), help="Many models: keep the results in this file.")
@click.option("--csv", type=click.Path(path_type=Path), help="Many models: also write a table for a spreadsheet.")
@click.option("--fresh", is_flag=True, help="Many models: grade again what was graded before.")
def grade(model: Path, question: str | None, seed: int | None, secret: str | None, as_json: bool, **many: Any) -> None:
    """Grade saved models outside an attempt.

    MODEL is graded exactly as in an attempt.

    It may also be a folder of models or a list of them: a .csv or .json file with `model`, `question` and `name`.
    Each model then gets one line. Results are kept as they come: after an interruption, the same command continues.

    Example: mockexam grade hand-ins/ --question ballast_car --csv marks.csv
    """
    options = ManyOptions(**many)
    if secret == "":
        raise click.UsageError("--secret is empty: the hold-out would be the one that everybody can draw.")
    target = model.expanduser()
    if is_many(target):
        end(grade_many(target, question=question, seed=seed, secret=secret, as_json=as_json, options=options))
    if model.exists() and options.given():
        raise click.UsageError(f"{', '.join(options.given())}: for a folder or a list of models, not for one model.")
    end(_grade_one(model, question=question, seed=seed, secret=secret, as_json=as_json))


@dataclass(frozen=True)
class Found:
    """A model file, the question it answers and the paper whose data it was trained on, as far as known."""

    path: Path
    format: ModelFormat
    question: Question | None
    code: str | None


def find_model(model: Path, question: str | None) -> Found:
    """Look at the path and at the workspace around it. Raises UserError for a missing or foreign file."""
    path = model.expanduser().absolute()
    try:
        str(path).encode()
    except UnicodeEncodeError:
        shown = str(path).encode(errors="replace").decode()
        raise UserError("The path holds bytes that are no text.", location=shown, hint="Rename it.") from None
    if not path.exists():
        raise UserError(
            "There is no such file or folder.",
            location=str(path),
            hint="Name a saved model, a folder of models or a list of them.",
        )
    form = model_format(path)
    if form is None:
        raise UserError(
            "This is no saved model.",
            location=str(path),
            hint=f"Name a {file_endings()} file, or the folder of a SavedModel (model.export(...)). A list of models "
            "ends in .csv or .json.",
        )
    found = find_workspace(path)
    bank = load_bank()
    name = question or (found.question if found else None)
    return Found(
        path=path,
        format=form,
        question=bank.question(name) if name else None,
        code=found.code if found else None,
    )


def _grade_one(model: Path, *, question: str | None, seed: int | None, secret: str | None, as_json: bool) -> int:
    """Print the verdict; returns 0 when graded, 1 when refused. Raises UserError, GraderFaultError."""
    found = find_model(model, question)
    if found.question is None:
        raise UserError(
            "Which question does this model answer?",
            location="--question",
            hint="Name one, e.g. --question simple_model; `mockexam bank list` shows all.",
        )
    data_seed = found.code if found.code and seed is None else world_of_seed(seed or 0)
    refuse_during_exam(found.question.id, data_seed)
    if sys.stderr.isatty():
        click.echo("marking · TensorFlow is starting", err=True)
    answer = asyncio.run(_grade(found, data_seed, secret_of(seed or 0, secret)))
    click.echo(_marks_json(answer, found, data_seed) if as_json else _marks_text(answer, data_seed))
    if answer.verdict is Verdict.GRADER_ERROR:
        raise GraderFaultError(answer.message or "The marker failed.", hint=answer.remedy)
    return 0 if answer.verdict is Verdict.GRADED else 1


async def _grade(found: Found, data_seed: str, secret: str) -> ModelGraded:
    from mockexam.grading.client import Grader

    assert found.question is not None
    async with Grader(paths.state_paths()) as grader:
        return await grader.grade(
            found.question.id, data_seed=data_seed, holdout_seed=secret, model=found.path, format=found.format
        )


def _marks_json(answer: ModelGraded, found: Found, data_seed: str) -> str:
    assert found.question is not None
    fields = answer.model_dump(mode="json", exclude={"type", "job", "standard_error"})
    return json.dumps({"model": str(found.path), "question": found.question.id, "world": data_seed, **fields})


def _marks_text(answer: ModelGraded, data_seed: str) -> str:
    if answer.verdict is not Verdict.GRADED:
        return f"no marks ({answer.verdict.value}): {answer.message} {answer.remedy}".strip()
    assert answer.metric is not None
    assert answer.value is not None
    text = f"{answer.marks}/{MARKS_PER_QUESTION} · {metric_text(answer.metric, answer.value, answer.next_at)}"
    return f"{text} · {data_seed} · {answer.isolation} · {answer.seconds:.1f} s"


@click.command()
@click.argument("model", type=click.Path(path_type=Path))
@click.option("--question", help="Also say what the grader would refuse for this question: an id, or a part of one.")
@json_option
def inspect(model: Path, question: str | None, as_json: bool) -> None:
    """Show what a saved model is. No marks.

    Its format, size, shapes and versions, and what the grader would refuse.

    Example: mockexam inspect mymodel.keras
    """
    found = find_model(model, question)
    answer = asyncio.run(_inspect(found))
    click.echo(
        json.dumps(answer.model_dump(exclude={"type", "job"}))
        if as_json
        else model_text(answer, with_question=found.question is not None)
    )
    end(1 if any(finding.severity == "refused" for finding in answer.findings) else 0)


async def _inspect(found: Found) -> ModelInspected:
    from mockexam.grading.client import Grader

    async with Grader(paths.state_paths()) as grader:
        return await grader.inspect(
            model=found.path, format=found.format, question=found.question.id if found.question else None
        )


def model_text(model: ModelInspected, *, with_question: bool = True) -> str:
    """The answer as lines of text."""
    saved_with = f", saved with {model.saved_with}" if model.saved_with else ""
    lines = [f"{model.format}, {size_text(model.size)}{saved_with}"]
    lines += [f"  input   {text}" for text in model.inputs]
    lines += [f"  output  {text}" for text in model.outputs]
    if model.parameters is not None:
        lines.append(f"  {model.parameters:,} parameters")
    if model.layers:
        lines.append(f"  layers  {', '.join(model.layers)}")
    for finding in model.findings:
        remedy = f" {finding.remedy}" if finding.remedy else ""
        lines.append(f"{_SIGNS[finding.severity]} {finding.message}{remedy}")
    if not any(f.severity == "refused" for f in model.findings):
        more = "" if with_question else " Its shapes and answers were not looked at: name a --question."
        lines.append(f"{_NOTHING}{more}")
    return "\n".join(lines)
