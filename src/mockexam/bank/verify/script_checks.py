"""Reads a question's scripts without running them: what they import, what they save, and when."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mockexam
from mockexam.bank.verify.locate import QuestionFault, identifier

MAKER_MAY_IMPORT = frozenset({"numpy", "scipy", "sklearn", "PIL"})
"""Besides the standard library; what the marker's process has at hand."""
SOLUTION_MAY_IMPORT = MAKER_MAY_IMPORT | {"tensorflow", "keras", "pandas", "matplotlib"}
_SAVING = {"save", "export"}


def check_stub(question: str, path: Path) -> list[QuestionFault]:
    """Run untouched it must save nothing and say so in one line; filled in it must save `mymodel.keras`."""
    tree = _parse(question, path)
    if isinstance(tree, QuestionFault):
        return [tree]
    faults = [*_check_whole(question, path, tree), *_imports(question, path, tree, SOLUTION_MAY_IMPORT)]
    model = next((n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == "solution_model"), None)
    if model is None:
        remedy = "Add `def solution_model() -> tf.keras.Model:`."
        return [*faults, QuestionFault(question, "The stub has no function solution_model.", str(path), remedy)]
    if not _ends_in_one_line(model.body[-1]):
        faults.append(
            QuestionFault(
                question,
                "The untouched stub does not end before it saves.",
                f"{path}, line {model.body[-1].lineno}",
                'End solution_model() with `raise SystemExit("Write solution_model() first: nothing was saved.")`.',
            )
        )
    early = [call for node in tree.body if not _is_guard(node) for call in _saves(node)]
    faults += [
        QuestionFault(
            question, "The stub saves outside its main block.", f"{path}, line {call.lineno}", "Move it there."
        )
        for call in early
    ]
    return faults


def check_solution(question: str, path: Path) -> list[QuestionFault]:
    """A whole script in the stub's place: own imports, own seeds, and it saves."""
    tree = _parse(question, path)
    if isinstance(tree, QuestionFault):
        return [tree]
    faults = [*_check_whole(question, path, tree), *_imports(question, path, tree, SOLUTION_MAY_IMPORT)]
    called = {_name(node) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    if "fit" in called and "set_random_seed" not in called:
        remedy = "Call `tf.keras.utils.set_random_seed(7)` before the model is made."
        faults.append(QuestionFault(question, "The solution trains without setting its seeds.", str(path), remedy))
    return faults


def check_maker(question: str, path: Path) -> list[QuestionFault]:
    """A data maker imports what the marker has, and nothing of another question."""
    tree = _parse(question, path)
    return [tree] if isinstance(tree, QuestionFault) else _imports(question, path, tree, MAKER_MAY_IMPORT)


def _parse(question: str, path: Path) -> ast.Module | QuestionFault:
    try:
        return ast.parse(path.read_text(encoding="utf-8"), str(path))
    except OSError as error:
        return QuestionFault(question, f"The script can't be read: {error.strerror}.", str(path), "Restore the file.")
    except (SyntaxError, ValueError) as error:
        line = f", line {error.lineno}" if isinstance(error, SyntaxError) else ""
        return QuestionFault(question, f"This is no Python script: {error}.", f"{path}{line}", "Correct that line.")


def _check_whole(question: str, path: Path, tree: ast.Module) -> Iterator[QuestionFault]:
    guards = [node for node in tree.body if _is_guard(node)]
    if not guards:
        remedy = 'Add `if __name__ == "__main__":` with what makes and saves the model.'
        yield QuestionFault(question, "The script has no main block, so running it does nothing.", str(path), remedy)
    saved = [c.value for call in _saves(tree) for c in ast.walk(call) if isinstance(c, ast.Constant)]
    if not any(isinstance(value, str) and value.split("/")[0].startswith("mymodel") for value in saved):
        remedy = 'Save it with `model.save(HERE / "mymodel.keras")`.'
        yield QuestionFault(question, "The script saves no mymodel.keras.", str(path), remedy)


def _imports(question: str, path: Path, tree: ast.Module, allowed: frozenset[str]) -> list[QuestionFault]:
    faults = []
    for line, name in _imported(tree):
        if name not in allowed and name not in sys.stdlib_module_names:
            remedy = f"Use the standard library and {', '.join(sorted(allowed, key=str.lower))}."
            what = f"The script imports {name or 'a neighbour'}, which is not there when it runs."
            faults.append(QuestionFault(question, what, f"{path}, line {line}", remedy))
    return faults


def _imported(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Lines and top names; an empty name for a relative import."""
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


def _ends_in_one_line(node: ast.stmt) -> bool:
    """Whether it is `raise SystemExit("one line")`."""
    if not isinstance(node, ast.Raise) or not isinstance(node.exc, ast.Call) or _name(node.exc) != "SystemExit":
        return False
    said = node.exc.args[0].value if node.exc.args and isinstance(node.exc.args[0], ast.Constant) else None
    return isinstance(said, str) and bool(said.strip()) and "\n" not in said


PROBE_SECONDS = 120.0


def check_data(folder: Path, metric: str) -> list[QuestionFault]:
    """What is wrong with what the data maker makes: form, size, time, and that the same seed makes the same bytes.

    The two processes hash strings differently, so that an order that hangs on a set is found.
    """
    first = _probe(folder, metric, hash_seed=1)
    if isinstance(first, QuestionFault):
        return [first]
    question = identifier(folder)
    faults = [QuestionFault(question, f["what"], f["where"], f["remedy"]) for f in first["faults"]]
    if faults:
        return faults
    second = _probe(folder, metric, hash_seed=2)
    if isinstance(second, QuestionFault):
        return [second]
    return [
        QuestionFault(
            question,
            f"{function} makes other data in another run with the same seed.",
            f"{folder / 'data.py'}, {function}",
            "Use nothing random but rng: no clock, no set's order, no generator of a library.",
        )
        for function, made in first["made"].items()
        if second["made"].get(function) != made
    ]


def _probe(folder: Path, metric: str, *, hash_seed: int) -> Any:
    """What the process found, or the fault that it found nothing."""
    code = os.pathsep.join([str(Path(mockexam.__file__).parents[1]), *filter(None, [os.environ.get("PYTHONPATH")])])
    seed = {"PYTHONPATH": code, "PYTHONHASHSEED": str(hash_seed), "PYTHONDONTWRITEBYTECODE": "1"}
    with tempfile.TemporaryDirectory(prefix="mockexam-probe-") as name:
        result = Path(name) / "result.json"
        try:
            done = subprocess.run(
                [sys.executable, "-P", "-m", "mockexam.grading.examiner.data_module", folder.absolute(), metric,
                 result], cwd=name, stdin=subprocess.DEVNULL, capture_output=True, timeout=PROBE_SECONDS, check=False,
                env={**os.environ, **seed},
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return _fault(folder, f"The data maker was still at work after {PROBE_SECONDS:.0f} s.", "Make it quicker.")
        try:
            return json.loads(result.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
            return _fault(folder, f"The data maker's process died: {' '.join(last)[:200]}", "Correct it.")


def _fault(folder: Path, what: str, remedy: str) -> QuestionFault:
    return QuestionFault(identifier(folder), what, str(folder / "data.py"), remedy)
