"""`mockexam grade`: mark one model outside an attempt, by the path that an attempt uses."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mockexam import paths
from mockexam.batch.worlds import secret_of, world_of_seed
from mockexam.commands.exam_guard import refuse_during_exam
from mockexam.commands.model_file import Found, find_model
from mockexam.errors import GraderFaultError, ToldError
from mockexam.exam.marking import MARKS_PER_QUESTION, Verdict
from mockexam.wording import metric_text

if TYPE_CHECKING:
    from mockexam.commands.grade_many import Asked
    from mockexam.grading.protocol import ModelMarked


def grade(
    target: Path, *, question: str | None, seed: int | None, secret: str | None, as_json: bool, many: Asked
) -> int:
    """Mark one model, or all of a folder or a list; returns the exit code. Raises ToldError, GraderFaultError."""
    from mockexam.batch.planning import is_many

    if secret == "":
        raise click.UsageError("--secret is empty: the hold-out would be the one that everybody can draw.")
    if is_many(target.expanduser()):
        from mockexam.commands.grade_many import grade_many

        return grade_many(target.expanduser(), question=question, seed=seed, secret=secret, as_json=as_json, asked=many)
    if target.exists() and many.given():
        raise click.UsageError(f"{', '.join(many.given())}: for a folder or a list of models, not for one model.")
    return grade_one(target, question=question, seed=seed, secret=secret, as_json=as_json)


def grade_one(model: Path, *, question: str | None, seed: int | None, secret: str | None = None, as_json: bool) -> int:
    """Print the verdict; returns 0 when graded, 1 when refused. Raises ToldError, GraderFaultError."""
    found = find_model(model, question)
    if found.question is None:
        raise ToldError(
            "Which question does this model answer?",
            where="--question",
            remedy="Name one, e.g. --question simple_model; `mockexam bank list` shows all.",
        )
    world = found.code if found.code and seed is None else world_of_seed(seed or 0)
    refuse_during_exam(found.question.id, world)
    if sys.stderr.isatty():
        click.echo("marking · TensorFlow is starting", err=True)
    answer = asyncio.run(_mark(found, world, secret_of(seed or 0, secret)))
    click.echo(_as_json(answer, found, world) if as_json else _as_text(answer, world))
    if answer.verdict is Verdict.GRADER_ERROR:
        raise GraderFaultError(answer.message or "The marker failed.", remedy=answer.remedy)
    return 0 if answer.verdict is Verdict.GRADED else 1


async def _mark(found: Found, world: str, secret: str) -> ModelMarked:
    from mockexam.grading.client import Grader

    assert found.question is not None
    async with Grader(paths.state()) as grader:
        return await grader.mark(found.question.id, world=world, secret=secret, model=found.path, format=found.format)


def _as_json(answer: ModelMarked, found: Found, world: str) -> str:
    assert found.question is not None
    fields = answer.model_dump(mode="json", exclude={"type", "job", "standard_error"})
    return json.dumps({"model": str(found.path), "question": found.question.id, "world": world, **fields})


def _as_text(answer: ModelMarked, world: str) -> str:
    if answer.verdict is not Verdict.GRADED:
        return f"no marks ({answer.verdict.value}): {answer.message} {answer.remedy}".strip()
    assert answer.metric is not None
    assert answer.value is not None
    text = f"{answer.marks}/{MARKS_PER_QUESTION} · {metric_text(answer.metric, answer.value, answer.next_at)}"
    return f"{text} · {world} · {answer.isolation} · {answer.seconds:.1f} s"
