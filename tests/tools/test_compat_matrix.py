"""`make compat`: what it counts as wrong, and what it says where a version can't be had."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

from compat import __main__ as command
from compat import environments, fixtures
from compat.cells import FORMATS, Cell, architecture_names, cells
from compat.environments import MARK, VERSIONS, NoBuildError, ready, surroundings
from compat.grading import Graded
from compat.table import MARKS, Matrix, cells_table, document, problems, summary
from devtools.told import TellError

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def matrix(tmp_path: Path) -> Matrix:
    """A row of each outcome, saved in all formats by one version; only `.h5` differs."""
    outcomes = ["same", "refused", "different", "fault", "rightly", "can't", ""]
    results = {}
    every = [*cells(tmp_path, ["2.15"], [f"a_{outcome}" for outcome in outcomes], list(FORMATS))]
    for cell in every:
        outcome = cell.architecture[2:] if cell.format == "h5" else "same"
        state = {"can't": "can't save", "": ""}.get(outcome, "done")
        cell.folder.mkdir(parents=True)
        told = {"state": state, "detail": "ValueError: no", "keras": "2.15.0"}
        (cell.folder / "cell.json").write_text(json.dumps(told))
        if state == "done":
            results[cell] = Graded(outcome, "Why.", "What to do.") if outcome != "same" else Graded("same")
    return Matrix(every, results, {})


def test_whatever_should_be_graded_and_is_not_is_wrong(matrix: Matrix) -> None:
    """Also what was not tried; not what the version itself can't, nor what is rightly refused."""
    assert [cell.architecture for cell in matrix.wrong()] == ["a_refused", "a_different", "a_fault", "a_"]
    told = problems(matrix)
    assert all(f"{cell.architecture}" in told for cell in matrix.wrong())
    assert "Why. What to do." in told


def test_the_table_has_a_mark_a_format(matrix: Matrix) -> None:
    """In the order of the formats, `.h5` first."""
    rows = cells_table(matrix).splitlines()[2:]

    assert [row.split("`")[1] for row in rows] == [
        MARKS[cell.architecture[2:]] + MARKS["same"] * 4 for cell in matrix.cells if cell.format == "h5"
    ]


def test_the_totals_leave_out_what_can_be_no_answer(matrix: Matrix) -> None:
    """28 of the other formats and one `.h5`, of all but the rightly refused and the impossible."""
    assert len(matrix.cells) == 35
    assert "Of 33 files" in summary(matrix)
    assert "29 (87.8 %)" in summary(matrix)
    assert summary(matrix) in document(matrix)


def test_every_model_is_in_the_table() -> None:
    """Each builder that takes nothing, whatever it is called."""
    tree = ast.parse((ROOT / "tools" / "compat" / "architectures.py").read_text(encoding="utf-8"))
    helpers = {"texts"}
    builders = {n.name for n in tree.body if isinstance(n, ast.FunctionDef) and not ast.unparse(n.args)} - helpers
    names, several = architecture_names()

    assert set(names) == builders
    assert len(names) >= 20
    assert set(several) < set(names)


def test_an_environment_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And anew if it was left half made, or is for other packages."""
    made: list[Path] = []

    def create(command: list[str], **_: object) -> None:
        (command[-1] / "bin").mkdir(parents=True)  # type: ignore[operator]
        for name in ("bin/python", "Scripts/python.exe"):
            (Path(command[-1]) / name).parent.mkdir(exist_ok=True)
            (Path(command[-1]) / name).touch()

    monkeypatch.setattr(environments.subprocess, "run", create)
    monkeypatch.setattr(environments, "install", lambda python, *_: made.append(python))
    monkeypatch.setattr(environments, "NEEDED_BYTES", 0)

    python = ready(VERSIONS[0], tmp_path)
    assert ready(VERSIONS[0], tmp_path) == python
    assert made == [python]

    (tmp_path / "venvs" / VERSIONS[0].name / MARK).write_text("other packages")
    ready(VERSIONS[0], tmp_path)
    assert made == [python, python]


def test_a_version_without_a_build_is_not_tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Said with the package and this Python; nothing half made stays."""

    def fails(*_: object) -> None:
        raise TellError("For this machine there is no build.\n  pip: ERROR: No matching distribution found for it")

    monkeypatch.setattr(environments.subprocess, "run", lambda *_, **__: None)
    monkeypatch.setattr(environments, "install", fails)
    monkeypatch.setattr(environments, "NEEDED_BYTES", 0)

    with pytest.raises(NoBuildError, match=r"2\.12\.1 for Python 3"):
        ready(VERSIONS[0], tmp_path)
    assert not (tmp_path / "venvs" / VERSIONS[0].name).exists()


def test_the_keras_of_this_shell_is_not_theirs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Variables that choose a Keras or a module's place are taken away; tf-keras is chosen where it is meant."""
    monkeypatch.setenv("TF_USE_LEGACY_KERAS", "1")
    monkeypatch.setenv("PYTHONPATH", "tools")
    by_name = {version.name: surroundings(version) for version in VERSIONS}

    assert [name for name, given in by_name.items() if "TF_USE_LEGACY_KERAS" in given] == ["tf-keras"]
    assert not any("PYTHONPATH" in given for given in by_name.values())


def test_an_unknown_name_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    """With the names that there are."""
    with pytest.raises(SystemExit) as ended:
        command.main(["--only", "2.14"])
    assert ended.value.code == 2
    assert "unknown: 2.14" in capsys.readouterr().err


def test_the_small_files_are_those_of_the_list() -> None:
    """And together small enough to be committed."""
    folder = ROOT / fixtures.FOLDER

    assert {path.name for path in folder.iterdir()} == {name.replace(" ", "-") for name in fixtures.NAMES}
    assert sum(path.stat().st_size for path in folder.rglob("*")) < fixtures.MOST_BYTES


def test_a_cell_that_was_never_begun_has_no_state(tmp_path: Path) -> None:
    """Nor one whose note was cut."""
    cell = Cell("2.15", "dense", "h5", tmp_path)
    assert cell.told()["state"] == ""
    (tmp_path / "cell.json").write_text('{"sta')
    assert cell.told()["state"] == ""
