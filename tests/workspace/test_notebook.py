"""Notebooks: read as code, written, stripped, and run by a plain Python."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from mockexam.workspace import notebook, scripts
from mockexam.workspace.layout import NOTEBOOK, SOLUTION, script_of
from mockexam.workspace.notebook import Cell, NotebookError, code_of, notebook_text, read_cells, shown, without_outputs
from mockexam.workspace.receive import Store
from mockexam.workspace.script_run import ScriptRun
from mockexam.workspace.scripts import find_scripts, read_scripts, store_scripts


def written(*cells: str, **more: Any) -> str:
    """A notebook with these cells of code, one that has run."""
    picture = [{"output_type": "display_data", "data": {"image/png": "x" * 100}}]
    return json.dumps(
        {
            "cells": [
                {"cell_type": "code", "source": [source], "outputs": picture, "execution_count": 3} for source in cells
            ],
            "metadata": {},
            "nbformat": 4,
            "nbformat_minor": 5,
            **more,
        }
    )


def test_it_is_shown_as_code() -> None:
    """Text as comments, and without what the cells printed."""
    text = notebook_text([Cell(False, "# Trees\nand\n\nshrubs"), Cell(True, "x = 1\nprint(x)\n"), Cell(True, "  ")])

    assert code_of(text) == "# %% [markdown]\n# # Trees\n# and\n#\n# shrubs\n\n# %%\nx = 1\nprint(x)\n"
    assert "image/png" not in code_of(written("x = 1"))


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("%matplotlib inline", "# %matplotlib inline"),
        ("!pip install x", "# !pip install x"),
        ("if colab:\n    !pip install x", "if colab:\n    pass  # !pip install x"),
        ("files = !ls", "# files = !ls"),
        ("model.fit?", "# model.fit?"),
        ("%%time\nx = 1", "# %%time\nx = 1"),
        ("%%bash\nls\n\nrm x", "# %%bash\n# ls\n#\n# rm x"),
        ("rest = (a\n    % b)", "rest = (a\n    % b)"),
        ("same = (a\n    != b)", "same = (a\n    != b)"),
        ("print('100 %')", "print('100 %')"),
    ],
)
def test_only_what_python_does_not_understand_becomes_a_comment(line: str, code: str) -> None:
    assert code_of(written(line)) == f"# %%\n{code}\n"


def test_older_forms_and_odd_cells_are_read() -> None:
    """A source as one text, the worksheets of version 3, a mark at the beginning, and types that nobody expects."""
    assert code_of("\ufeff" + json.dumps({"cells": [{"cell_type": "code", "source": "a = 1"}]})) == "# %%\na = 1\n"
    old = {"worksheets": [{"cells": [{"cell_type": "code", "input": ["a = 1\n", "b"]}]}]}
    assert code_of(json.dumps(old)) == "# %%\na = 1\nb\n"
    assert read_cells(json.dumps({"cells": [{"source": 5}, {"cell_type": 3, "source": [1, "x"]}]})) == [
        Cell(False, "x")
    ]


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"cells": 1}', '{"cells": ["a"]}', "[" * 100_000])
def test_a_broken_one_is_shown_as_it_is(text: str) -> None:
    with pytest.raises(NotebookError):
        code_of(text)
    assert shown(text).startswith("# This notebook can't be read")
    assert shown(text).endswith(text)


def test_scripts_show_its_code_and_keep_its_bytes(tmp_path: Path) -> None:
    """What is stored is the notebook itself; one that is too large loses its outputs, and that is said."""
    (tmp_path / "q").mkdir()
    store = Store(tmp_path / "store", "a1")
    said: list[str] = []
    (tmp_path / "q" / NOTEBOOK).write_text(written("x = 1"))

    kept = store.root / store_scripts(tmp_path / "q", store, 1, tell=said.append)
    assert (kept / NOTEBOOK).read_text() == written("x = 1")
    assert [(s.name, s.text) for s in read_scripts(kept)] == [(NOTEBOOK, "# %%\nx = 1\n")]
    assert not said

    (tmp_path / "q" / NOTEBOOK).write_text(written("y = 2", metadata={"widgets": "x" * scripts.MAX_FILE_BYTES}))
    kept = store.root / store_scripts(tmp_path / "q", store, 1, tell=said.append)
    assert [s.text for s in read_scripts(kept)] == ["# %%\ny = 2\n"]
    assert (kept / NOTEBOOK).stat().st_size < 1000
    assert len(said) == 1
    assert "without its outputs" in said[0]
    assert [script.name for script in find_scripts(kept)] == [NOTEBOOK]


def test_stripping_leaves_the_code() -> None:
    text = without_outputs(written("x = 1", "y = 2"))

    assert code_of(text) == code_of(written("x = 1", "y = 2"))
    assert "image/png" not in text


def test_the_script_is_the_one_that_was_changed_last(tmp_path: Path) -> None:
    """`solution.py`, unless a notebook is newer, or is all there is."""
    import os

    assert script_of(tmp_path) == SOLUTION
    (tmp_path / NOTEBOOK).write_text(written())
    assert script_of(tmp_path) == NOTEBOOK
    (tmp_path / SOLUTION).write_text("")
    os.utime(tmp_path / NOTEBOOK, (1, 1))
    assert script_of(tmp_path) == SOLUTION
    os.utime(tmp_path / SOLUTION, (0, 0))
    assert script_of(tmp_path) == NOTEBOOK


async def run(folder: Path, text: str) -> tuple[list[str], int | None]:
    """Run a notebook as the app does: its lines, and how it ended."""
    (folder / NOTEBOOK).write_text(text)
    script = await ScriptRun.start(folder, folder.parent / "run", script=NOTEBOOK)
    lines = [line async for output in script.output() for line in output.lines]
    return lines, (await script.wait()).code


async def test_it_runs_as_a_script(tmp_path: Path) -> None:
    """In its folder, as the main program, with what other modules lie beside it; magics are passed over."""
    folder = tmp_path / "q"
    folder.mkdir()
    (folder / "helper.py").write_text("VALUE = 7\n")
    cells = [
        "%matplotlib inline\n!false\nimport helper\nfrom pathlib import Path",
        "def f():\n    return helper.VALUE",
        "if __name__ == '__main__':\n    print(f(), Path(__file__).parent == Path.cwd())\ndisplay('shown')",
        "import inspect, pickle\nprint(inspect.getsource(f).splitlines()[0], pickle.loads(pickle.dumps(f)) is f)",
    ]

    lines, code = await run(folder, written(*cells))

    assert lines == ["7 True", "shown", "def f(): True"]
    assert code == 0


async def test_an_error_names_the_cell_and_the_line(tmp_path: Path) -> None:
    """And nothing of the code that runs it."""
    folder = tmp_path / "q"
    folder.mkdir()
    lines, code = await run(folder, written("def f():\n    return 1 / 0", "x = 1\nf()"))

    assert code == 1
    assert lines[-1] == "ZeroDivisionError: division by zero"
    assert [line.strip() for line in lines if "code cell 2" in line or "code cell 1" in line] == [
        'File "solution.ipynb, code cell 2", line 2, in <module>',
        'File "solution.ipynb, code cell 1", line 2, in f',
    ]
    assert not any("notebook.py" in line for line in lines)
    assert "f()" in [line.strip() for line in lines]

    lines, code = await run(folder, "{")
    assert (lines, code) == (["solution.ipynb can't be read: its JSON is broken."], 1)


def test_any_python_can_run_it() -> None:
    """The candidate's own may have none of our packages: the file stands on the standard library alone."""
    import ast

    tree = ast.parse(Path(notebook.__file__).read_text(encoding="utf-8"), feature_version=(3, 9))
    named = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    named |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}

    assert {str(name).partition(".")[0] for name in named} <= sys.stdlib_module_names
