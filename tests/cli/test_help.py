"""Listing commands is quick: their one-line help is data, and their modules stay unloaded."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest

from mockexam.cli.main import bank, cli
from mockexam.cli.options import LazyCommand
from mockexam.cli.review_group import review

LIST = {"mockexam.cli", "mockexam.cli.main", "mockexam.cli.options", "mockexam.cli.review_group"}
"""What may be loaded to list commands."""
LAZY = [
    pytest.param(command, id=f"{group.name} {name}")
    for group in (cli, bank, review)
    for name, command in group.commands.items()
    if isinstance(command, LazyCommand)
]


def test_the_groups_are_lazy() -> None:
    """But for those few commands that stand beside their group."""
    assert len(LAZY) == 29


@pytest.mark.parametrize("lazy", LAZY)
def test_the_table_says_what_the_command_says(lazy: LazyCommand) -> None:
    """Its name and the first line of its help."""
    command = lazy.load()

    assert (command.name, command.get_short_help_str(200)) == (lazy.name, lazy.short_help)
    assert command.hidden is lazy.hidden is False


@pytest.mark.parametrize("group", ["", "review", "bank"])
def test_help_imports_no_command(group: str) -> None:
    """Neither our modules nor what they need."""
    code = (
        "import sys; from mockexam.cli.main import cli; cli.main([*sys.argv[1:], '--help'], standalone_mode=False);"
        "print('\\n'.join(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code, *group.split()], capture_output=True, text=True, check=True)
    loaded = set(done.stderr.splitlines())

    assert "Commands:" in done.stdout
    assert {name for name in loaded if name.startswith("mockexam.cli")} <= LIST
    assert not {"pydantic", "rich", "sqlite3", "textual"} & loaded


def test_a_command_that_there_is_not() -> None:
    """Lazy groups report it as others do."""
    with pytest.raises(click.UsageError, match="No such command"):
        cli.main(["sti"], standalone_mode=False)
