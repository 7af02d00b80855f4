"""Jupyter notebooks as code: read, written, without their outputs, and run as a script, cell by cell.

Running this file by its path runs the notebook named on the command line. The candidate's own Python does that, so it
imports the standard library alone, and nothing that Python 3.9 lacks. The format:
https://nbformat.readthedocs.io/en/latest/format_description.html
"""

from __future__ import annotations

import json
import linecache
import re
import sys
import traceback
import types
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

ENDING = ".ipynb"
_MAGIC = re.compile(r"(\s*)(?:[!?](?!=)|%[A-Za-z]|[\w.]+\s*=\s*[!%][A-Za-z]|[\w.]+\?{1,2}\s*$)")
"""The start of a line that only IPython understands: `%matplotlib inline`, `!pip install x`, `files = !ls`, `fit?`."""
_CELL_MAGIC = re.compile(r"\s*%%(\w+)")
_RUNS_PYTHON = frozenset({"time", "timeit", "capture", "prun", "python", "python3"})
"""Cell magics below which the code is Python."""


class NotebookError(ValueError):
    """This is no notebook."""


class Cell(NamedTuple):
    """A cell with something in it."""

    is_code: bool
    """Otherwise it is text, such as Markdown."""
    source: str


def read_cells(text: str) -> list[Cell]:
    """The cells of a notebook in order, without empty ones. Raises NotebookError."""
    return [cell for found in _cells(_parse(text)) if (cell := _cell(found)).source.strip()]


def code_of(text: str) -> str:
    """A notebook as a script in the percent format: text as comments, and what only IPython understands too.

    Raises NotebookError.
    """
    parts = []
    for cell in read_cells(text):
        if cell.is_code:
            parts.append(f"# %%\n{_python(cell.source)}")
        else:
            lines = (f"# {line}".rstrip() for line in cell.source.rstrip().split("\n"))
            parts.append("\n".join(["# %% [markdown]", *lines]))
    return "\n\n".join(parts) + "\n" if parts else ""


def shown(text: str) -> str:
    """A notebook as its code; one that can't be read as it is, below a note."""
    try:
        return code_of(text)
    except NotebookError as error:
        return f"# This notebook can't be read: {error}. Its file as text:\n{text}"


def without_outputs(text: str) -> str:
    """The same notebook without what its cells printed and without pictures. Raises NotebookError."""
    notebook = _parse(text)
    for cell in _cells(notebook):
        cell.pop("attachments", None)
        if "outputs" in cell:
            cell["outputs"] = []
            cell["execution_count"] = None
    notebook.get("metadata", {}).pop("widgets", None)
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def notebook_text(cells: Iterable[Cell]) -> str:
    """A notebook with these cells, which nothing has run yet."""
    empty: dict[str, Any] = {"execution_count": None, "outputs": []}
    written = [
        {
            "cell_type": "code" if cell.is_code else "markdown",
            **(empty if cell.is_code else {}),
            "id": f"cell-{number}",
            "metadata": {},
            "source": cell.source.strip("\n").splitlines(keepends=True),
        }
        for number, cell in enumerate(cells, 1)
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    notebook = {"cells": written, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def _parse(text: str) -> dict[str, Any]:
    try:
        notebook = json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError):
        raise NotebookError("its JSON is broken") from None
    if not isinstance(notebook, dict) or not isinstance(notebook.get("metadata", {}), dict):
        raise NotebookError("it is JSON, but not a notebook")
    return notebook


def _cells(notebook: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The cells as written; before version 4 they stood in a worksheet."""
    sheets = notebook.get("worksheets")
    holder = sheets[0] if isinstance(sheets, list) and sheets and isinstance(sheets[0], dict) else notebook
    cells = holder.get("cells")
    if not isinstance(cells, list) or not all(isinstance(cell, dict) for cell in cells):
        raise NotebookError("it is JSON, but not a notebook")
    yield from cells


def _cell(found: dict[str, Any]) -> Cell:
    source = found.get("source", found.get("input", ""))
    lines = source if isinstance(source, list) else [source]
    text = "".join(line for line in lines if isinstance(line, str))
    return Cell(found.get("cell_type") == "code", text.replace("\r\n", "\n"))


def _python(source: str) -> str:
    """A cell's code with what only IPython understands as comments."""
    lines = source.rstrip().split("\n")
    first = next((line for line in lines if line.strip()), "")
    cell_magic = _CELL_MAGIC.match(first)
    if cell_magic and cell_magic[1] not in _RUNS_PYTHON:
        return "\n".join(f"# {line}".rstrip() for line in lines)
    return "\n".join(map(_python_line, lines))


def _python_line(line: str) -> str:
    magic = _MAGIC.match(line) or _CELL_MAGIC.match(line)
    if not magic:
        return line
    indent = line[: len(line) - len(line.lstrip())]
    # A block must hold more than a comment.
    return f"{indent}{'pass  ' if indent else ''}# {line.lstrip()}"


def _run(path: Path) -> int:
    """Run a notebook's code as the main program; returns the exit code."""
    name = path.name
    try:
        cells = read_cells(path.read_text(encoding="utf-8-sig", errors="replace"))
    except (OSError, NotebookError) as error:
        sys.stderr.write(f"{name} can't be read: {error}.\n")
        return 1
    # As for a script: its folder is searched for modules, and it is the main module.
    sys.argv, sys.path[0] = [str(path)], str(path.parent)
    main = types.ModuleType("__main__")
    main.__dict__.update(__file__=str(path), __builtins__=__builtins__, display=print)
    sys.modules["__main__"] = main
    for number, source in enumerate((_python(cell.source) for cell in cells if cell.is_code), 1):
        where = f"{name}, code cell {number}"
        linecache.cache[where] = (len(source), None, source.splitlines(keepends=True), where)
        try:
            exec(compile(source + "\n", where, "exec"), main.__dict__)  # noqa: S102  # the candidate's own code
        except Exception as error:  # noqa: BLE001  # as Python reports it, without this function
            traceback.print_exception(type(error), error, error.__traceback__ and error.__traceback__.tb_next)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(_run(Path(sys.argv[1]).absolute()))
