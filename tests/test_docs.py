"""What the documents point to is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("benchmarks/*.md")]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(document: Path) -> None:
    """Links and pictures within the project, relative to the document."""
    targets = re.findall(r"\]\((?!https?://|#)([^)#]+)", document.read_text(encoding="utf-8"))

    assert [target for target in targets if not (document.parent / target).exists()] == []


@pytest.mark.parametrize(
    "name", ["CONTRIBUTING.md", "SECURITY.md", "docs/questions.md", "docs/batch.md", "docs/packs.md"]
)
def test_every_path_that_is_named_is_there(name: str) -> None:
    """Paths of the project in backticks; those with a placeholder name none."""
    text = (ROOT / name).read_text(encoding="utf-8")
    named = re.findall(r"`((?:src|exams|scoring|tests|tools|docs|benchmarks)/[^`\s]*)`", text)

    assert [path for path in named if "<" not in path and "*" not in path and not (ROOT / path).exists()] == []


def test_the_readme_names_the_commands_that_there_are() -> None:
    """Its two commands call subcommands of tools/dev.py, and its table lists the app's commands."""
    from devtools.main import COMMANDS
    from mockexam.cli.main import cli

    text = (ROOT / "README.md").read_text(encoding="utf-8")

    assert set(re.findall(r"(?m)^python3 tools/dev\.py (\w+)$", text)) == {"exam", "test"} <= set(COMMANDS)
    table = re.findall(r"(?m)^\| .*\| .*\|$", text)
    assert [name for name in cli.commands if not any(f"`mockexam {name}" in row for row in table)] == []
