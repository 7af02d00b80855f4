"""`mockexam grade`: mark one model outside an attempt, by the path that an attempt uses."""

from __future__ import annotations

import asyncio
import json
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mockexam import paths
from mockexam.commands.model_file import Found, find_model
from mockexam.errors import GraderFaultError, ToldError
from mockexam.exam.marking import MARKS_PER_QUESTION, Verdict
from mockexam.exam.paper import Mode
from mockexam.records.journal import Journal

if TYPE_CHECKING:
    from mockexam.grading.protocol import ModelMarked


def world_of_seed(seed: int) -> str:
    """Names the numbers that `--seed` stands for, apart from any paper's."""
    return f"seed-{seed}"


def grade(model: Path, *, question: str | None, seed: int | None, as_json: bool) -> int:
    """Print the verdict; returns 0 when graded, 1 when refused. Raises ToldError, GraderFaultError."""
    found = find_model(model, question)
    if found.question is None:
        raise ToldError(
            "Which question does this model answer?",
            where="--question",
            remedy="Name one, e.g. --question simple_model; `mockexam bank list` shows all.",
        )
    world = found.code if found.code and seed is None else world_of_seed(seed or 0)
    _refuse_during_exam(found.question.id, world)
    answer = asyncio.run(_mark(found, world, seed or 0))
    click.echo(_as_json(answer, found, world) if as_json else _as_text(answer))
    if answer.verdict is Verdict.GRADER_ERROR:
        raise GraderFaultError(answer.message or "The marker failed.", remedy=answer.remedy)
    return 0 if answer.verdict is Verdict.GRADED else 1


def _refuse_during_exam(question: str, world: str) -> None:
    """An exam tells marks only; this command would tell the metric of a question on the running paper."""
    database = paths.state().database
    if not database.exists():
        return
    with closing(Journal(database)) as journal:
        running = journal.unsettled()
        attempt = journal.attempt(running) if running else None
    if attempt is None or attempt.mode is not Mode.EXAM or attempt.paper.code != world:
        return
    if any(item.question == question for item in attempt.paper.items):
        raise ToldError(
            "This question is on the paper of the exam under way.",
            where=question,
            remedy="Save the model in its folder: the exam marks it. Or use --seed for other numbers.",
        )


async def _mark(found: Found, world: str, seed: int) -> ModelMarked:
    from mockexam.grading.client import Grader

    assert found.question is not None
    async with Grader(paths.state()) as grader:
        return await grader.mark(
            found.question.id, world=world, secret=f"grade-{seed}", model=found.path, format=found.format
        )


def _as_json(answer: ModelMarked, found: Found, world: str) -> str:
    assert found.question is not None
    fields = answer.model_dump(mode="json", exclude={"type", "job", "standard_error"})
    return json.dumps({"model": str(found.path), "question": found.question.id, "world": world, **fields})


def _as_text(answer: ModelMarked) -> str:
    if answer.verdict is not Verdict.GRADED:
        return f"no marks ({answer.verdict.value}): {answer.message} {answer.remedy}".strip()
    text = f"{answer.marks}/{MARKS_PER_QUESTION} · {answer.metric} {answer.value:.4g}"
    if answer.next_at is not None:
        text += f" · next mark at {answer.next_at:.4g}"
    return f"{text} · {answer.isolation} · {answer.seconds:.1f} s"
