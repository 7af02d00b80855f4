"""Checks a question's scripts without running them, and the data that its `data.py` makes."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from mockexam.bank.downloads import data_job
from mockexam.bank.models import Question
from mockexam.bank.screening import python_path
from mockexam.bank.verify.locate import QuestionFault
from mockexam.errors import UserError

DATA_MAY_IMPORT = frozenset({"numpy", "scipy", "sklearn", "PIL"})
"""Besides the standard library: what the grader's process has."""
SOLUTION_MAY_IMPORT = DATA_MAY_IMPORT | {"tensorflow", "keras", "pandas", "matplotlib"}
DATA_SECONDS = 120.0
_SAVING = {"save", "export"}
_Problem = tuple[str, int, str]  # what is wrong, the line (0: the whole script), and what to do


def check_stub(question: str, path: Path) -> list[QuestionFault]:
    """Untouched, it must save nothing and say so in one line; filled in, it must save `mymodel.keras`."""
    return _check(question, path, _stub_problems)


def check_solution(question: str, path: Path) -> list[QuestionFault]:
    """It must be a whole script in place of the stub: with its imports, its seeds, and a save."""
    return _check(question, path, _solution_problems)


def check_data_imports(question: str, path: Path) -> list[QuestionFault]:
    """`data.py` must import only what the grader has, and nothing of another question."""
    return _check(question, path, lambda tree: _import_problems(tree, DATA_MAY_IMPORT))


def _check(question: str, path: Path, find: Callable[[ast.Module], Iterable[_Problem]]) -> list[QuestionFault]:
    problems: Iterable[_Problem]
    try:
        problems = find(ast.parse(path.read_text(encoding="utf-8"), str(path)))
    except OSError as error:
        problems = [(f"The script can't be read: {error.strerror}.", 0, "Restore the file.")]
    except (SyntaxError, ValueError) as error:
        problems = [(f"This is not valid Python: {error}.", getattr(error, "lineno", 0), "Correct that line.")]
    places = ((what, f"{path}, line {line}" if line else str(path), remedy) for what, line, remedy in problems)
    return [QuestionFault(question, *place) for place in places]


def _stub_problems(tree: ast.Module) -> Iterator[_Problem]:
    yield from _script_problems(tree)
    model = next((n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == "solution_model"), None)
    if model is None:
        yield "The stub has no function solution_model.", 0, "Add `def solution_model() -> tf.keras.Model:`."
        return
    if not _exits_with_one_line(model.body[-1]):
        remedy = 'End solution_model() with `raise SystemExit("Write solution_model() first: nothing was saved.")`.'
        yield "The untouched stub does not stop before it saves.", model.body[-1].lineno, remedy
    for call in (call for node in tree.body if not _is_guard(node) for call in _saves(node)):
        yield "The stub saves outside its main block.", call.lineno, "Move it there."


def _solution_problems(tree: ast.Module) -> Iterator[_Problem]:
    yield from _script_problems(tree)
    called = {_name(node) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    if "fit" in called and "set_random_seed" not in called:
        remedy = "Call `tf.keras.utils.set_random_seed(7)` before you build the model."
        yield "The solution trains without setting its seeds.", 0, remedy


def _script_problems(tree: ast.Module) -> Iterator[_Problem]:
    if not any(map(_is_guard, tree.body)):
        remedy = 'Add `if __name__ == "__main__":` with what makes and saves the model.'
        yield "The script has no main block, so running it does nothing.", 0, remedy
    saved = [c.value for call in _saves(tree) for c in ast.walk(call) if isinstance(c, ast.Constant)]
    if not any(isinstance(value, str) and value.split("/")[0].startswith("mymodel") for value in saved):
        yield "The script saves no mymodel.keras.", 0, 'Save it with `model.save(HERE / "mymodel.keras")`.'
    yield from _import_problems(tree, SOLUTION_MAY_IMPORT)


def _import_problems(tree: ast.Module, allowed: frozenset[str]) -> Iterator[_Problem]:
    remedy = f"Use only the standard library and {', '.join(sorted(allowed, key=str.lower))}."
    for line, name in _imported(tree):
        if name not in allowed and name not in sys.stdlib_module_names:
            what = f"The script imports {name or 'a neighbouring module'}, which is not available when it runs."
            yield what, line, remedy


def _imported(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Lines and top-level names; an empty name for a relative import."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name.split(".")[0]) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, "" if node.level else (node.module or "").split(".")[0]


def _saves(tree: ast.AST) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _SAVING:
            yield node


def _name(call: ast.Call) -> str:
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _is_guard(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and "__name__" in {n.id for n in ast.walk(node.test) if isinstance(n, ast.Name)}


def _exits_with_one_line(node: ast.stmt) -> bool:
    """Whether it is `raise SystemExit("one line")`."""
    if not isinstance(node, ast.Raise) or not isinstance(node.exc, ast.Call) or _name(node.exc) != "SystemExit":
        return False
    text = node.exc.args[0].value if node.exc.args and isinstance(node.exc.args[0], ast.Constant) else None
    return isinstance(text, str) and bool(text.strip()) and "\n" not in text


def check_data(question: Question, metric: str, *, twice: bool) -> list[QuestionFault]:
    """Faults of the data. Made `twice`, by processes that hash strings differently, no order may depend on a set."""
    name, data = question.id, question.folder / "data.py"
    try:
        first = _make_data(question, metric, hash_seed=1)
        if first["faults"]:
            return [QuestionFault(name, f["what"], f["where"], f["remedy"]) for f in first["faults"]]
        second = _make_data(question, metric, hash_seed=2) if twice else first
    except UserError as error:
        return [QuestionFault(name, error.message, str(data), error.hint)]
    what = "makes other data when it runs again with the same seed."
    remedy = "Use nothing random but rng: no clock, no order of a set, no generator of a library."
    changed = [function for function, made in first["made"].items() if second["made"].get(function) != made]
    return [QuestionFault(name, f"{function} {what}", f"{data}, {function}", remedy) for function in changed]


def _make_data(question: Question, metric: str, *, hash_seed: int) -> Any:
    """What `data_module` reports of the data. Raises UserError if it reports nothing."""
    seed = {"PYTHONPATH": python_path(), "PYTHONHASHSEED": str(hash_seed), "PYTHONDONTWRITEBYTECODE": "1"}
    seed["OPENBLAS_NUM_THREADS"] = "1"  # as in the grader, see `grading.examiner_process`
    with tempfile.TemporaryDirectory(prefix="mockexam-check-") as name:
        result = Path(name) / "result.json"
        try:
            done = subprocess.run(
                [sys.executable, "-P", "-m", "mockexam.grading.examiner.data_module", metric, result],
                cwd=name, input=json.dumps(data_job(question)).encode(), capture_output=True, timeout=DATA_SECONDS,
                check=False, env={**os.environ, **seed},
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise UserError(f"data.py took over {DATA_SECONDS:.0f} s.", hint="Make it faster.") from None
        try:
            return json.loads(result.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            last = " ".join(done.stderr.decode(errors="replace").strip().splitlines()[-1:])
            raise UserError(f"data.py crashed: {last[:200]}", hint="Correct it.") from None
