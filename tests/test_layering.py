"""Who may import whom: the rules that keep commands quick, labels apart and the sandbox small."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[1] / "src"

HEAVY = {"tensorflow", "keras", "numpy", "sklearn", "scipy", "h5py", "pandas", "PIL"}
"""What the app's process never loads."""

INNER = "mockexam.grading.examiner", "mockexam.grading.predictor"
"""The two processes behind the protocol."""

APP = [
    "mockexam.__main__",
    "mockexam.bank",
    "mockexam.batch",
    "mockexam.cli",
    "mockexam.entry",
    "mockexam.doctor",
    "mockexam.exam",
    "mockexam.grading.client",
    "mockexam.store",
    "mockexam.review",
    "mockexam.session",
    "mockexam.text",
    "mockexam.tui",
    "mockexam.workspace",
]

PURE = {"mockexam", "mockexam.exam", "mockexam.errors", "mockexam.files", "mockexam.paths"}

AUTHORS = "mockexam.bank.verify"
"""What authors of questions run; it may import all it checks with."""

MAY_IMPORT: dict[str, set[str]] = {
    "mockexam.errors": {"mockexam"},
    "mockexam.files": {"mockexam.errors"},
    "mockexam.paths": {"mockexam"},
    "mockexam.text": {*PURE, "mockexam.text", "mockexam.bank"},
    "mockexam.text.units": {"mockexam"},
    "mockexam.leveldb_table": set(),
    "mockexam.exam": {"mockexam.exam"},
    "mockexam.machine_clock": {"mockexam.exam"},
    "mockexam.bank": {*PURE, "mockexam.bank"},
    "mockexam.store": {*PURE, "mockexam.store", "mockexam.text.units"},
    "mockexam.workspace": {
        *PURE,
        "mockexam.bank",
        "mockexam.leveldb_table",
        "mockexam.text.units",
        "mockexam.workspace",
    },
    "mockexam.session": {
        *PURE,
        "mockexam.bank",
        "mockexam.grading.client",
        "mockexam.grading.protocol",
        "mockexam.store",
        "mockexam.session",
        "mockexam.text.event_text",
        "mockexam.text.formats",
        "mockexam.text.units",
        "mockexam.workspace",
    },
    "mockexam.batch": {
        *PURE,
        "mockexam.bank",
        "mockexam.batch",
        "mockexam.doctor.machine",
        "mockexam.grading.client",
        "mockexam.grading.protocol",
        "mockexam.text.units",
        "mockexam.workspace",
    },
    "mockexam.doctor": {
        *PURE,
        "mockexam.bank",
        "mockexam.doctor",
        "mockexam.grading.client",
        "mockexam.grading.protocol",
        "mockexam.text.units",
        "mockexam.workspace",
    },
    "mockexam.review": {
        *PURE,
        "mockexam.bank",
        "mockexam.store",
        "mockexam.review",
        "mockexam.text",
        "mockexam.workspace",
    },
    "mockexam.grading.protocol": {"mockexam.exam"},
    "mockexam.grading.predictor": {
        "mockexam.grading.predictor",
        "mockexam.grading.ipc",
        "mockexam.leveldb_table",
    },
    "mockexam.grading.examiner": {
        *PURE,
        "mockexam.bank",
        "mockexam.grading.examiner",
        "mockexam.grading.protocol",
        "mockexam.grading.ipc",
    },
}
"""For a package: all that it may import of ours. An entry stands for all below it too, but `mockexam` for itself."""

MAY_OPEN_SCORING = (
    "mockexam.paths",
    "mockexam.bank.rubric",
    "mockexam.bank.screening",
    "mockexam.grading.examiner",
    "mockexam.review",
    AUTHORS,
)
"""During an attempt nothing else knows where rubrics and solutions lie, or what is in them."""

OPENS_SCORING = {"scoring_dir", "scoring_of", "load_rubric", "rubric_of"}


@dataclass(frozen=True)
class Import:
    """An import statement somewhere in the source, whether it runs at start or later."""

    module: str
    imported: str
    line: int

    def __str__(self) -> str:
        return f"{self.module}:{self.line} imports {self.imported}"


def below(module: str, package: str) -> bool:
    """Whether a module is a package or lies in it."""
    return module == package or module.startswith(package + ".")


def modules(package: str = "mockexam") -> list[str]:
    """The names of all modules in a package, as files tell them."""
    return [name for name in trees() if below(name, package)]


@cache
def trees() -> dict[str, ast.Module]:
    """Every module of the source, parsed."""
    found = {}
    for path in sorted(SOURCE.rglob("*.py")):
        parts = path.relative_to(SOURCE).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = ast.parse(path.read_text(encoding="utf-8"), str(path))
    return found


def imports(package: str = "mockexam") -> Iterator[Import]:
    """Every import in a package. `from a import b` counts as `a.b` where that is a module of ours."""
    known = trees()
    for module in modules(package):
        for node in ast.walk(known[module]):
            if isinstance(node, ast.Import):
                yield from (Import(module, alias.name, node.lineno) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                assert node.module is not None, f"{module} imports relatively"
                for alias in node.names:
                    whole = f"{node.module}.{alias.name}"
                    yield Import(module, whole if whole in known else node.module, node.lineno)


def loaded_after(names: list[str]) -> dict[str, str]:
    """Import modules in a fresh interpreter; what is loaded then, by module, and the file it comes from."""
    program = (
        "import importlib, json, sys\n"
        "for name in sys.argv[1:]: importlib.import_module(name)\n"
        "print(json.dumps({n: getattr(m, '__file__', None) or '' for n, m in list(sys.modules.items())}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *names],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert isinstance(answer, dict)
    return answer


def third_party(loaded: dict[str, str]) -> set[str]:
    """The top-level packages among loaded modules that neither Python nor we brought."""
    return {name.partition(".")[0] for name, file in loaded.items() if "site-packages" in file}


def test_the_app_loads_nothing_heavy() -> None:
    """Every module of the app's side, imported in one interpreter, leaves TensorFlow, NumPy and their kin alone."""
    names = [module for package in APP for module in modules(package)]
    assert "mockexam.cli" in names
    assert "mockexam.grading.client" in names

    loaded = loaded_after(names)

    assert {name.partition(".")[0] for name in loaded} & HEAVY == set()


@pytest.mark.parametrize(
    "package", ["mockexam.exam", "mockexam.store", "mockexam.paths", "mockexam.errors", "mockexam.files"]
)
def test_the_record_needs_no_library(package: str) -> None:
    """`mockexam status` reads the record; what it stands on loads the standard library alone."""
    # What `site` itself brings in, such as setuptools' hook, is not ours.
    before = third_party(loaded_after([]))

    assert third_party(loaded_after(modules(package))) - before == set()


def test_the_first_frame_waits_for_no_bank() -> None:
    """What the app shows first, and the desk behind it, can read no question nor look for packs before that."""
    first = ["mockexam.tui.launch", "mockexam.tui.app", "mockexam.tui.screens.home_screen", "mockexam.session.manager"]

    assert {"mockexam.bank.loader", "mockexam.bank.packs"} & set(loaded_after(first)) == set()


def test_only_the_cluster_needs_dask() -> None:
    """It is an extra: nothing that is imported at start may stand on it."""
    found = [i for i in imports() if i.imported.partition(".")[0] in {"dask", "distributed"}]

    assert {i.module for i in found} == {"mockexam.batch.cluster"}
    assert {"dask", "distributed"} & third_party(loaded_after(modules("mockexam.batch"))) == set()


def test_the_examiner_loads_without_tensorflow() -> None:
    """The examiner holds the labels; it never loads the library that runs foreign models."""
    names = [name for name in modules("mockexam.grading.examiner") if not name.endswith("__main__")]
    assert names

    loaded = loaded_after(names)

    assert {name.partition(".")[0] for name in loaded} & {"tensorflow", "keras", "h5py"} == set()


def test_what_draws_data_starts_quickly() -> None:
    """A process for each student's data: the models that check questions take longer to import than NumPy."""
    loaded = loaded_after(["mockexam.grading.examiner.data_worker", "mockexam.grading.examiner.data_module"])

    assert "numpy" in loaded
    assert {"asyncio", "pydantic", "mockexam.bank.models"} & set(loaded) == set()


def test_only_the_predictor_imports_tensorflow() -> None:
    """No other module imports TensorFlow, Keras or h5py, at any time."""
    found = [i for i in imports() if i.imported.partition(".")[0] in {"tensorflow", "keras", "h5py"}]

    assert [str(i) for i in found if not below(i.module, "mockexam.grading.predictor")] == []
    assert found, "the scan finds what the predictor imports"


def test_only_the_examiner_and_the_predictor_import_numpy_and_its_kin() -> None:
    """Not even inside a function: the app's process never needs them. Authors' commands train and compare."""
    allowed = (*INNER, AUTHORS)
    found = [i for i in imports() if i.imported.partition(".")[0] in HEAVY]

    assert [str(i) for i in found if not any(below(i.module, a) for a in allowed)] == []


@pytest.mark.parametrize("inner", INNER)
def test_the_app_reaches_the_inner_processes_only_by_the_protocol(inner: str) -> None:
    """Nobody but the processes themselves imports their code."""
    found = [i for i in imports() if below(i.imported, inner) and not below(i.module, inner)]

    assert [str(i) for i in found] == []


@pytest.mark.parametrize("package", sorted(MAY_IMPORT))
def test_a_package_imports_what_it_may(package: str) -> None:
    """The arrows of the house, for the rooms below the roof."""
    allowed = MAY_IMPORT[package]

    def fine(name: str) -> bool:
        return name in allowed or any(a != "mockexam" and below(name, a) for a in allowed)

    ours = [i for i in imports(package) if below(i.imported, "mockexam") and not below(i.module, AUTHORS)]

    assert [str(i) for i in ours if not fine(i.imported)] == []


def test_only_markers_and_reports_know_where_scoring_lies() -> None:
    """Rubrics and solutions stay out of the reach of everything that serves a running attempt."""
    found = [
        f"{module}:{node.lineno}"
        for module, tree in trees().items()
        if not any(below(module, allowed) for allowed in MAY_OPEN_SCORING)
        for node in ast.walk(tree)
        if (isinstance(node, ast.Attribute) and node.attr in OPENS_SCORING)
        or (isinstance(node, ast.alias) and node.name in OPENS_SCORING)
    ]

    assert found == []


def test_no_import_circle_not_even_a_lazy_one() -> None:
    """Imports inside functions count; those for type checkers alone do not run and do not."""
    assert circles(needs()) == []


def test_a_circle_is_found() -> None:
    """Whatever its length; two that share a module are one, and a module that leads into a circle is in none."""
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}, "e": set()}) == [["a", "b", "c"]]
    assert circles({"a": {"b", "c"}, "b": {"a"}, "c": {"a"}, "d": {"e"}, "e": {"d"}}) == [["a", "b", "c"], ["d", "e"]]
    assert circles({"a": {"b"}, "b": {"c"}, "c": set()}) == []


def needs() -> dict[str, set[str]]:
    """For every module those of ours that it imports at any time, so not for type checkers alone."""
    known = trees()
    unread = {module: for_types_alone(tree) for module, tree in known.items()}
    found: dict[str, set[str]] = {module: set() for module in known}
    for one in imports():
        if one.imported in known and one.imported != one.module and one.line not in unread[one.module]:
            found[one.module].add(one.imported)
    return found


def for_types_alone(tree: ast.Module) -> set[int]:
    """The lines below an `if TYPE_CHECKING:`."""
    blocks = [n for n in ast.walk(tree) if isinstance(n, ast.If) and "TYPE_CHECKING" in ast.unparse(n.test)]
    return {line for block in blocks for part in block.body for line in range(part.lineno, (part.end_lineno or 0) + 1)}


def circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """The groups of modules that reach each other, sorted."""

    def reached(start: str) -> set[str]:
        found, ahead = set[str](), list(graph[start])
        while ahead:
            name = ahead.pop()
            if name not in found:
                found.add(name)
                ahead += graph[name]
        return found

    reach = {name: reached(name) for name in graph}
    groups = {frozenset(other for other in reach[name] if name in reach[other]) for name in graph}
    return sorted(sorted(group) for group in groups if group)


def test_every_package_under_rule_exists() -> None:
    """A rule for a package that was renamed would hold nothing."""
    known = trees()

    assert [package for package in (*APP, *MAY_IMPORT, *INNER) if package not in known] == []


MOST_FILES, MOST_LINES, MOST_CLASS_LINES = 232, 400, 250
"""How many files the source may have, how long one may be, and how long a class."""


def test_the_source_stays_readable() -> None:
    """Few files, none too long, no class too long."""
    lengths = {name: tree.body[-1].end_lineno or 0 for name, tree in trees().items() if tree.body}
    classes = {
        f"{name}.{node.name}": (node.end_lineno or 0) - node.lineno + 1
        for name, tree in trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }

    assert len(trees()) <= MOST_FILES
    assert {name: lines for name, lines in lengths.items() if lines > MOST_LINES} == {}
    assert {name: lines for name, lines in classes.items() if lines > MOST_CLASS_LINES} == {}


def test_a_name_stands_for_one_thing() -> None:
    """No file name and no public class name twice."""
    files = Counter(name.rpartition(".")[2] for name in trees() if not name.endswith("__main__"))
    packages = {name.rpartition(".")[2] for name in trees() if any(below(n, name) and n != name for n in trees())}
    classes = Counter(
        node.name
        for tree in trees().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )

    assert [name for name, count in files.items() if count > 1 and name not in packages] == []
    assert [name for name, count in classes.items() if count > 1] == []
