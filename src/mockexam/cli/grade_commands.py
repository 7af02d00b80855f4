"""`mockexam grade` and `mockexam inspect`: one model outside an attempt, graded as in one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mockexam.bank.loader import load_bank
from mockexam.batch.job import grade_data_seed, grade_holdout_seed
from mockexam.batch.planning import is_many
from mockexam.cli.grade_many import ManyOptions, grade_many, marks_text, refuse_during_exam
from mockexam.cli.options import complete_question, end, fetch_data, json_option, run_with_grader
from mockexam.cli.progress_bar import waiting
from mockexam.errors import GraderFaultError, UserError
from mockexam.exam.events import ModelFormat
from mockexam.exam.model_format import file_endings
from mockexam.exam.scoring import Verdict
from mockexam.text.units import size_text
from mockexam.workspace.layout import find_workspace, model_format

if TYPE_CHECKING:
    from mockexam.bank.models import Question
    from mockexam.grading.protocol import ModelInspected

_SIGNS = {"refused": "✗", "warning": "!"}
_METRIC = ("metric", "value", "next_at")
"""What an exam does not show while it runs."""


@click.command()
@click.argument("model", type=click.Path(path_type=Path))
@click.option(
    "--question",
    help="The question's id, or an unambiguous part of it; not needed inside a workspace.",
    shell_complete=complete_question,
)
@click.option("--seed", type=click.IntRange(min=0), help="Grade on the data of this seed (see `bank show --unpack`).")
@click.option("--holdout-seed", metavar="TEXT", help="Generate the hold-out from this text, which only you know.")
@click.option("--secret", hidden=True)
@json_option
@click.option("--jobs", type=click.IntRange(1, 256), help="Many models: how many at a time; by default one per core.")
@click.option("--scheduler", metavar="ADDRESS", help="Many models: use the Dask cluster at tcp://HOST:PORT.")
@click.option("--out", type=click.Path(path_type=Path), help="Many models: save the results in this file.")
@click.option("--html", type=click.Path(path_type=Path), help="Many models: also write a page for the teacher.")
@click.option("--csv", type=click.Path(path_type=Path), help="Many models: also write a table for a spreadsheet.")
@click.option(
    "--columns",
    metavar="NAME|FILE",
    help="With --csv: write a gradebook for moodle, canvas, or with the columns of a .toml file.",
)
@click.option("--zeros", is_flag=True, help="With --columns: 0 for refused models and for nothing handed in.")
@click.option("--fresh", is_flag=True, help="Many models: grade again what was graded before.")
@click.option(
    "--dry-run", is_flag=True, help="Many models: grade nothing, only say how many there are and how long they take."
)
def grade(
    model: Path,
    question: str | None,
    seed: int | None,
    holdout_seed: str | None,
    secret: str | None,
    as_json: bool,
    **many: Any,
) -> None:
    """Grade saved models outside an attempt.

    MODEL is graded as in an attempt, on a new hold-out, so the value differs a little from the attempt's.
    During an exam, only the marks are shown for its questions. Exit code 1 if the model is refused; for many models,
    refused ones included, 0.

    It may also be a folder of models or a list of them: a .csv or .json file with `model`, `question` and `name`.
    Each model then gets one line. Results are saved one by one: after an interruption, the same command continues.

    Example: mockexam grade submissions/ --question ballast_car --csv marks.csv --html class.html
    """
    options = ManyOptions(**many)
    if holdout_seed is None:
        holdout_seed = secret
    if holdout_seed == "":
        raise click.UsageError("--holdout-seed is empty: anybody could generate the hold-out.")
    if options.csv and options.csv.suffix.lower() in (".xls", ".xlsx", ".ods"):
        raise click.UsageError("--csv writes a CSV file: name it .csv. Spreadsheets open it.")
    if options.scheduler == "":
        raise click.UsageError("--scheduler is empty: name the address that `dask scheduler` prints.")
    target = model.expanduser()
    if options.columns and not options.csv:
        raise click.UsageError("--columns: the gradebook needs a file, --csv FILE.")
    if options.zeros and not options.columns:
        raise click.UsageError("--zeros: only for a gradebook, with --columns.")
    if is_many(target):
        grade_many(target, question=question, seed=seed, holdout_seed=holdout_seed, as_json=as_json, options=options)
        return
    if model.exists() and options.given():
        raise click.UsageError(f"{', '.join(options.given())}: only for a folder or a list of models.")
    end(_grade_one(model, question=question, seed=seed, holdout_seed=holdout_seed, as_json=as_json))


@dataclass(frozen=True)
class ModelTarget:
    """A model file; its question and the code of its paper, if known."""

    path: Path
    format: ModelFormat
    question: Question | None
    code: str | None


def find_model(model: Path, question: str | None) -> ModelTarget:
    """Look at the path and the workspace around it. Raises UserError if it is missing or is not a saved model."""
    path = model.expanduser().absolute()
    try:
        str(path).encode()
    except UnicodeEncodeError:
        shown = str(path).encode(errors="replace").decode()
        raise UserError("The path is not valid text.", location=shown, hint="Rename it.") from None
    if not path.exists():
        hint = "Name a saved model, a folder of models or a list of them."
        raise UserError("No such file or folder.", location=str(path), hint=hint)
    form = model_format(path)
    if form is None:
        raise UserError(
            "Not a saved model.",
            location=str(path),
            hint=f"Name a {file_endings()} file, or the folder of a SavedModel (model.export(...)). A list of models "
            "ends in .csv or .json.",
        )
    found = find_workspace(path)
    bank = load_bank()
    name = question or (found.question if found else None)
    return ModelTarget(path, form, bank.question(name) if name else None, found.code if found else None)


def _grade_one(model: Path, *, question: str | None, seed: int | None, holdout_seed: str | None, as_json: bool) -> int:
    """Print the verdict; returns 0 when graded, 1 when refused. Raises UserError, GraderFaultError."""
    target = find_model(model, question)
    if target.question is None:
        raise UserError(
            "Which question is this model for?",
            location="--question",
            hint="Name one, e.g. --question simple_model; `mockexam bank list` shows all.",
        )
    data_seed = target.code if target.code and seed is None else grade_data_seed(seed or 0)
    shows_metric = not refuse_during_exam(target.question.id, data_seed)
    fetch_data([target.question])
    with waiting("grading; TensorFlow is starting"):
        hidden = grade_holdout_seed(seed or 0, holdout_seed)
        name, path, form = target.question.id, target.path, target.format
        graded = run_with_grader(
            lambda grader: grader.grade(name, data_seed=data_seed, holdout_seed=hidden, model=path, format=form)
        )
    if as_json:
        hidden_fields = () if shows_metric else _METRIC
        fields = graded.model_dump(mode="json", exclude={"type", "job", "standard_error", *hidden_fields})
        click.echo(json.dumps({"model": str(path), "question": name, "world": data_seed, **fields}))
    else:
        how = f" · {data_seed} · {graded.isolation} · {graded.seconds:.1f} s"
        click.echo(marks_text(graded, with_metric=shows_metric) + (how if graded.verdict is Verdict.GRADED else ""))
    if graded.verdict is Verdict.GRADER_ERROR:
        raise GraderFaultError(graded.message or "The grader failed.", hint=graded.remedy)
    return 0 if graded.verdict is Verdict.GRADED else 1


@click.command()
@click.argument("model", type=click.Path(path_type=Path))
@click.option(
    "--question",
    help="Also show what the grader would refuse for this question: an id, or part of one.",
    shell_complete=complete_question,
)
@json_option
def inspect(model: Path, question: str | None, as_json: bool) -> None:
    """Show what a saved model is. No marks.

    Its format, size, shapes and versions, and what the grader would refuse.

    Example: mockexam inspect mymodel.keras
    """
    target = find_model(model, question)
    with waiting("inspecting; TensorFlow is starting"):
        name = target.question.id if target.question else None
        inspected = run_with_grader(
            lambda grader: grader.inspect(model=target.path, format=target.format, question=name)
        )
    if as_json:
        click.echo(json.dumps(inspected.model_dump(exclude={"type", "job"})))
    else:
        click.echo(model_text(inspected, question=name or ""))
    end(1 if any(finding.severity == "refused" for finding in inspected.findings) else 0)


def model_text(model: ModelInspected, *, question: str) -> str:
    """An inspected model as lines of text; `question` is what it was checked for, empty if for none."""
    saved_with = f", saved with {model.saved_with}" if model.saved_with else ""
    lines = [f"{model.format}, {size_text(model.size)}{saved_with}"]
    lines += [f"  input   {text}" for text in model.inputs]
    lines += [f"  output  {text}" for text in model.outputs]
    if model.parameters is not None:
        lines.append(f"  {model.parameters:,} parameters")
    if model.layers:
        lines.append(f"  layers  {', '.join(model.layers)}")
    found = [finding for finding in model.findings if finding.severity != "note"]  # a note only says what follows
    lines += [f"{_SIGNS[one.severity]} {one.message} {one.remedy}".rstrip() for one in found]
    if not any(finding.severity == "refused" for finding in found):
        unchecked = "The grader can load this model. For a check of shapes and predictions, add --question."
        lines.append(f"The grader accepts this model for {question}." if question else unchecked)
    return "\n".join(lines)
