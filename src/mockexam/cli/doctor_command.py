"""`mockexam doctor`: quick checks, then the one-minute training test."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mockexam import paths
from mockexam.cli.options import end, json_option
from mockexam.cli.progress_bar import CommandProgress
from mockexam.doctor.full import full_checks
from mockexam.doctor.quick import check_questions, quick_checks

if TYPE_CHECKING:
    from mockexam.doctor.machine import Check

_SIGNS = {"ok": "✓", "warn": "!", "fail": "✗"}


@click.command()
@json_option
@click.option("--quick", is_flag=True, help="Skip the training test, which takes about a minute.")
@click.option("--workspace", type=click.Path(path_type=Path), help="The folder that you will work in.")
def doctor(as_json: bool, quick: bool, workspace: Path | None) -> None:
    """Check that this machine is ready.

    Checks versions, memory, disk, file watching, isolation and training speed.

    Example: mockexam doctor --quick
    """
    folder = workspace.expanduser().absolute() if workspace else paths.default_workspace_parent()
    checks: list[Check] = []

    def report(found: list[Check]) -> None:
        checks.extend(found)
        if not as_json:
            click.echo("\n".join(map(_line, found)))

    report(quick_checks(folder))
    if not quick:
        report(check_questions(CommandProgress()) + asyncio.run(full_checks(folder, CommandProgress())))
    ready = all(check.status != "fail" for check in checks)
    if as_json:
        click.echo(json.dumps({"ready": ready, "checks": [asdict(check) for check in checks]}, ensure_ascii=False))
    else:
        click.echo("Ready for an exam." if ready else "Not ready: see the lines with ✗.")
    end(0 if ready else 1)


def _line(check: Check) -> str:
    remedy = f"\n    {check.remedy}" if check.remedy else ""
    return f"{_SIGNS[check.status]} {check.name}: {check.text}{remedy}"
