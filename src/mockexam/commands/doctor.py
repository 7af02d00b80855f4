"""`mockexam doctor`: the quick look, then the one-minute test."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mockexam import paths
from mockexam.commands.progress import ProgressLine
from mockexam.doctor import full_checks, quick_checks
from mockexam.doctor.questions import check_questions

if TYPE_CHECKING:
    from mockexam.doctor.check import Check

_SIGNS = {"ok": "✓", "warn": "!", "fail": "✗"}


def doctor(*, as_json: bool, quick: bool, workspace: Path | None) -> int:
    """Print what was found; returns 1 if an exam can't be sat here, else 0."""
    place = workspace.expanduser().absolute() if workspace else paths.default_workspace_parent()
    checks = quick_checks(place)
    if not as_json:
        for check in checks:
            click.echo(_line(check))
    if not quick:
        more = check_questions(ProgressLine()) + asyncio.run(full_checks(place, ProgressLine()))
        if not as_json:
            for check in more:
                click.echo(_line(check))
        checks += more
    ready = all(check.status != "fail" for check in checks)
    if as_json:
        click.echo(json.dumps({"ready": ready, "checks": [asdict(check) for check in checks]}, ensure_ascii=False))
    else:
        click.echo("Ready for an exam." if ready else "Not ready: see the lines with ✗.")
    return 0 if ready else 1


def _line(check: Check) -> str:
    remedy = f"\n    {check.remedy}" if check.remedy else ""
    return f"{_SIGNS[check.status]} {check.name}: {check.text}{remedy}"
