"""`mockexam inspect`: what a saved model is, and what marking would refuse."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mockexam import paths
from mockexam.commands.model_file import Found, find_model
from mockexam.wording import size_text

if TYPE_CHECKING:
    from mockexam.grading.protocol import ModelInspected

_NOTHING = "Nothing here would be refused."
_MARKS = {"refused": "✗", "warning": "!", "note": "·"}


def inspect(model: Path, *, question: str | None, as_json: bool) -> int:
    """Print what the model is; returns 0, or 1 if marking would refuse it. Raises ToldError, GraderFaultError."""
    found = find_model(model, question)
    answer = asyncio.run(_ask(found))
    click.echo(
        json.dumps(answer.model_dump(exclude={"type", "job"}))
        if as_json
        else as_text(answer, asked=found.question is not None)
    )
    return 1 if any(f.severity == "refused" for f in answer.findings) else 0


async def _ask(found: Found) -> ModelInspected:
    from mockexam.grading.client import Grader

    async with Grader(paths.state()) as grader:
        return await grader.inspect(
            model=found.path, format=found.format, question=found.question.id if found.question else None
        )


def as_text(model: ModelInspected, *, asked: bool = True) -> str:
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
        lines.append(f"{_MARKS[finding.severity]} {finding.message}{remedy}")
    if not any(f.severity == "refused" for f in model.findings):
        lines.append(_NOTHING if asked else f"{_NOTHING} Its shapes and answers were not looked at: name a --question.")
    return "\n".join(lines)
