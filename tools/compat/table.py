"""The matrix as text: the table, what is not graded and why, and docs/compat.md as a whole."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from compat.cells import FORMATS, TOLERANCE, TOLERANCES, Cell
from compat.environments import VERSIONS
from compat.grading import Graded

MARKS = {"same": "✓", "rightly": "○", "refused": "✗", "different": "≠", "fault": "!", "can't": "·", "": " "}
WRONG = ("refused", "different", "fault")


@dataclass(frozen=True)
class Matrix:
    """Everything that a run found out."""

    cells: Sequence[Cell]
    results: Mapping[Cell, Graded]
    missing: Mapping[str, str]
    """Versions that were not tried, and why."""

    def outcome(self, cell: Cell) -> str:
        """A key of `MARKS`."""
        if cell in self.results:
            return self.results[cell].outcome
        return "can't" if cell.told()["state"].startswith("can't") else ""

    def wrong(self) -> list[Cell]:
        """What should be graded and is not, or differently; and what was left undone."""
        return [cell for cell in self.cells if self.outcome(cell) in (*WRONG, "")]


def document(matrix: Matrix) -> str:
    """docs/compat.md."""
    releases = [_release(matrix, version) for version in _unique(cell.version for cell in matrix.cells)]
    half = ", ".join(f"{a:g} for {name}" for name, (_, a) in TOLERANCES.items())
    return f"""# Which TensorFlow saved it

Made by `make compat`; run it again instead of editing this page.

Each model was built and trained for one step, saved, and loaded again in a fresh process by the TensorFlow named at
the top of its column, without any code of its own: its predictions then were written down, if they were still those
of the model that was saved. Then the grader, with its gate and its sandbox, was given the file, and its predictions
were compared with those: relative tolerance {TOLERANCE[0]:g}, absolute {TOLERANCE[1]:g} ({half}).

The goal: everything that a version itself can load again is graded with the same answers.

{summary(matrix)}

## The table

Five marks a cell, in this order:

{_formats()}

- `✓` graded with the same answers
- `○` rightly refused: the model has two inputs, and no question has; or it takes batches of one size alone
- `·` that version can't save it so, can't load it again itself, or does not answer with it as before
- `✗` refused, `≠` graded with other answers, `!` the grader failed: see below

{cells_table(matrix)}

{chr(10).join(f"- {line}" for line in releases)}

{_totals(matrix)}

## What is not graded

{problems(matrix)}

## What a version itself can't

{_impossible(matrix)}
"""


def cells_table(matrix: Matrix) -> str:
    """A row an architecture, a column a version; a mark for each format."""
    versions = _unique(cell.version for cell in matrix.cells)
    marks: dict[tuple[str, str], str] = defaultdict(str)
    for cell in matrix.cells:
        marks[cell.architecture, cell.version] += MARKS[matrix.outcome(cell)]
    rows = [
        f"| {architecture} | {' | '.join(f'`{marks[architecture, version]}`' for version in versions)} |"
        for architecture in _unique(cell.architecture for cell in matrix.cells)
    ]
    return "\n".join([f"| | {' | '.join(versions)} |", f"|---{'|---' * len(versions)}|", *rows])


def problems(matrix: Matrix) -> str:
    """Every cell that should be graded and is not, those with the same reason together."""
    groups: dict[str, list[Cell]] = defaultdict(list)
    for cell in matrix.wrong():
        graded = matrix.results.get(cell, Graded("", "It was not tried."))
        groups[f"{graded.text} {graded.remedy}".strip()].append(cell)
    return _grouped(groups) or "Nothing: all that their own version can load again is graded with the same answers."


def summary(matrix: Matrix) -> str:
    """One line of totals."""
    counts = Counter(map(matrix.outcome, matrix.cells))
    cannot = counts["can't"]
    due = counts["same"] + sum(counts[name] for name in (*WRONG, ""))
    share = counts["same"] / due if due else 1
    others = {
        "refused": "refused",
        "different": "with other answers",
        "fault": "where the grader failed",
        "": "not tried",
    }
    told = "".join(f", {counts[name]} {words}" for name, words in others.items() if counts[name])
    missing = "".join(f" Not tried: {name} ({why})." for name, why in matrix.missing.items())
    return (
        f"Of {due} files that can be answers and that their own version can load again, {counts['same']} "
        f"({int(1000 * share) / 10:g} %)\nare graded with the same answers{told}. {counts['rightly']} more can be no "
        f"answers and are rightly refused;\n{cannot} combinations that version itself can't save or load.{missing}"
    )


def _totals(matrix: Matrix) -> str:
    lines = ["| | same answers | refused | other answers | grader failed | rightly refused | the version can't |"]
    lines.append("|---|---|---|---|---|---|---|")
    for version in _unique(cell.version for cell in matrix.cells):
        counts = Counter(matrix.outcome(cell) for cell in matrix.cells if cell.version == version)
        columns = ("same", "refused", "different", "fault", "rightly", "can't")
        lines.append(f"| {version} | {' | '.join(str(counts[name]) for name in columns)} |")
    return "\n".join(lines)


def _impossible(matrix: Matrix) -> str:
    groups: dict[str, list[Cell]] = defaultdict(list)
    for cell in matrix.cells:
        told = cell.told()
        if matrix.outcome(cell) == "can't":
            groups[f"{told['state']}: {_short(told['detail'])}"].append(cell)
    return _grouped(groups)


def _grouped(groups: Mapping[str, Sequence[Cell]]) -> str:
    ordered = sorted(groups.items(), key=lambda item: -len(item[1]))
    return "\n".join(f"- {_named(cells)}: {_literal(reason)}" for reason, cells in ordered)


def _named(cells: Sequence[Cell]) -> str:
    """Cells in words: `2.12, 2.13: lstm h5`, what is alike in several versions once."""
    by_what: dict[str, list[str]] = defaultdict(list)
    for cell in cells:
        by_what[f"{cell.architecture} {cell.format}"].append(cell.version)
    by_versions: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for what, versions in by_what.items():
        architecture, _, format = what.partition(" ")
        by_versions[", ".join(versions)][architecture].append(format)
    parts = []
    for versions_text, found in by_versions.items():
        by_formats: dict[str, list[str]] = defaultdict(list)
        for architecture, formats in found.items():
            by_formats["/".join(formats)].append(architecture)
        named = ", ".join(f"{', '.join(names)} ({formats_text})" for formats_text, names in by_formats.items())
        parts.append(f"{versions_text}: {named}")
    return f"**{'; '.join(parts)}**"


def _short(text: str) -> str:
    """The start of a TensorFlow error, without what differs from model to model."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", text)
    return re.sub(r"0x[0-9a-f]+|_\d+\b|'/[^']*'|/\S*/", "…", text)[:160]


def _literal(text: str) -> str:
    """Somebody else's words in a list of Markdown: as they are, on one line."""
    return "`" + " ".join(text.replace("`", "'").split()) + "`"


def _formats() -> str:
    return "\n".join(f"{i}. {name}: `{call}`" for i, (name, (_, _, call)) in enumerate(FORMATS.items(), 1))


def _release(matrix: Matrix, version: str) -> str:
    packages = next(known.packages for known in VERSIONS if known.name == version)
    told = next(
        (told for cell in matrix.cells if cell.version == version and "keras" in (told := cell.told())), {"keras": "?"}
    )
    variables = next(known.variables for known in VERSIONS if known.name == version)
    also = "".join(f", with {name}={value}" for name, value in variables.items())
    return f"{version}: {', '.join(packages)} (Keras {told['keras']}{also})"


def _unique(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))
