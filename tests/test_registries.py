"""Categories, metrics and formats are each added in one place: made-up ones get through; no table lacks a format."""

from __future__ import annotations

import random
import re
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any, get_args

import numpy as np
import pytest

from mockexam import paths
from mockexam.bank.category import CATEGORIES, Category
from mockexam.bank.handbook import Handbook
from mockexam.bank.loader import find_category, find_question, load_bank
from mockexam.bank.metric import METRICS, Metric
from mockexam.bank.models import InputContract
from mockexam.bank.papers import new_paper, retry_rules, rules
from mockexam.bank.rubric import rubric_of
from mockexam.bank.verify.static import check_brief, check_question
from mockexam.cli.bank_commands import _lines, _question_data
from mockexam.errors import UserError
from mockexam.exam.events import ModelFormat
from mockexam.exam.model_format import FORMATS, format_of_file
from mockexam.exam.scoring import Verdict
from mockexam.exam.standing import standings
from mockexam.grading.examiner import metrics, prediction_result, staging
from mockexam.grading.examiner.data_worker import Samples
from mockexam.grading.examiner.grade_model import GradingContext, grade_model
from mockexam.grading.examiner.prediction_job import PredictionOutcome, RawPredictions
from mockexam.grading.predictor import loaded_model
from mockexam.grading.predictor.gate.check import checks
from mockexam.grading.protocol import GradeModel
from mockexam.review.html.charts import category_cards
from mockexam.text import formats
from mockexam.tui.labels import category_word
from mockexam.workspace import completeness
from mockexam.workspace.layout import SUBMISSION_NAMES

COUNT = 100
TRUTH = np.arange(COUNT, dtype=np.float64)[:, None]
QUESTION = """
title = "Tide gauge"
summary = "A made-up question"
minutes = 10
skills = ["train.fit"]
[contract]
max_megabytes = 1.0
[contract.input]
shape = {shape}
dtype = "float32"
{windows}
meaning = "numbers"
[contract.output]
shape = [1]
form = "values"
meaning = "a number"
"""
RUBRIC = """
metric = "{metric}"
bands = [9.0, 5.0, 3.0, 2.0, 1.0]
[reference]
marks = 5
why = "a test"
[[jury]]
file = "floor.py"
marks = 0
why = "a test"
"""
EXAM = """
title = "A made-up exam"
duration_minutes = 60
[[questions]]
category = "{category}"
weight = 2
"""


@pytest.fixture
def tides(monkeypatch: pytest.MonkeyPatch) -> str:
    """A sixth category."""
    monkeypatch.setitem(CATEGORIES, "tide_tables", Category("tide_tables", "tables of tides", "tides"))
    return "tide_tables"


@pytest.fixture
def worst_error(monkeypatch: pytest.MonkeyPatch) -> str:
    """A ninth metric: an entry and a formula."""
    entry = Metric("worst_error", "values", "WE", "worst error", larger_is_better=False)
    monkeypatch.setitem(METRICS, "worst_error", entry)
    monkeypatch.setitem(metrics.FORMULAS, "worst_error", lambda truth, answer: float(np.abs(truth - answer).max()))
    return "worst_error"


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Make the bank that everything looks into: one question, one exam."""

    def make(category: str, metric: str = "mae", shape: str = "[4]", windows: str = "") -> str:
        folder = tmp_path / "bank" / "exams" / category / "gauge"
        folder.mkdir(parents=True)
        (folder / "question.toml").write_text(QUESTION.format(shape=shape, windows=windows))
        for file in ("brief.md", "stub.py", "data.py", "hints.md"):
            (folder / file).write_text("Marked by the worst error.")
        (folder.parents[1] / "made_up.toml").write_text(EXAM.format(category=category))
        monkeypatch.setenv(paths.BANK_VARIABLE, str(tmp_path / "bank"))
        scoring = paths.scoring_of(folder)
        scoring.mkdir(parents=True)
        (scoring / "rubric.toml").write_text(RUBRIC.format(metric=metric))
        return f"{category}/gauge"

    return make


class FakeBench(GradingContext):
    """A bench whose predictor answers from an array, and by something else when it is fed a part of the samples."""

    def __init__(self, folder: Path, answer: np.ndarray, apart: np.ndarray) -> None:
        host: Any = SimpleNamespace(sandbox=SimpleNamespace(record="none"), versions={})
        sample_cache: Any = SimpleNamespace(holdout=lambda *_: Samples(folder / "none.npy", COUNT, TRUTH))
        super().__init__(lambda _: host, folder, sample_cache, {}, lambda _: None)
        self._whole, self._apart = answer, apart
        self.fed: list[int] = []
        """How many samples were fed, each time."""

    def predict(self, model: Any, contract: Any, features: Any, samples: int, *_: Any, **how: Any) -> PredictionOutcome:
        rows = list(how.get("rows", ()))
        answer = np.ascontiguousarray(self._apart[rows] if rows else self._whole, np.float32)
        self.fed.append(len(answer))
        return PredictionOutcome("predicted", predictions=RawPredictions(answer.shape, "float32", answer.tobytes()))


def grade(question: str, folder: Path, error: float = 0.0, mixed: float = 0.0) -> tuple[Any, list[int]]:
    """The examiner's verdict on a model that is wrong by `error`, and by `mixed` more among few samples."""
    path = folder / "mymodel.keras"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", "{}")
        archive.writestr("model.weights.h5", b"x")
    bench = FakeBench(folder, TRUTH + error, TRUTH + error + mixed)
    request = GradeModel(job="1", question=question, data_seed="W", holdout_seed="s", model=str(path), format="keras")
    return grade_model(bench, request), bench.fed


def test_a_made_up_category_is_drawn_listed_and_told(tides: str, make: Any) -> None:
    """GIVEN one more entry THEN an exam asks for it, and every text knows its title."""
    make(tides)
    bank = load_bank()
    named = bank.exam("made_up")

    paper = new_paper(bank, named, {}, random.Random(1))
    assert [(i.question, i.category, i.folder) for i in paper.items] == [(f"{tides}/gauge", tides, f"q1_{tides}")]
    assert find_category("tide") == tides
    assert "tables of tides" in retry_rules(named, tides, timed=True).title
    assert "Tables of tides" in "\n".join(_lines(load_bank()))
    assert (formats.category(tides), category_word(tides)) == ("tables of tides", "tides")
    assert category_cards(standings([], CATEGORIES))[-1].standing.category == tides
    assert rules(named).title == "A made-up exam"


def test_a_category_that_is_not_in_the_registry_is_refused(make: Any) -> None:
    """With those that are."""
    make("tide_tables")
    with pytest.raises(UserError, match="time_series") as told:
        load_bank()
    assert "category" in told.value.location


def test_a_made_up_metric_marks_a_question_and_is_told(tides: str, worst_error: str, make: Any, tmp_path: Path) -> None:
    """GIVEN one more entry and its formula THEN the examiner marks by it, and reports name it."""
    question = find_question(make(tides, worst_error))
    rubric = rubric_of(question)

    told, _ = grade(question.id, tmp_path, error=2.5)

    assert (told.verdict, told.marks, told.metric, told.value) == (Verdict.GRADED, 3, worst_error, 2.5)
    assert not rubric.larger_is_better
    assert not [f for f in check_brief(question, rubric.metric) if "metric" in f.what]
    assert formats.metric(worst_error) == "WE"
    assert formats.metric_at_length(worst_error) == "worst error (WE)"


def test_a_metric_that_is_not_in_the_registry_is_refused(make: Any) -> None:
    """With those that are."""
    question = find_question(make("simple_model", "worst_error"))
    with pytest.raises(UserError, match="balanced_accuracy"):
        rubric_of(question)


@pytest.mark.parametrize(
    ("category", "shape", "windows", "defended"),
    [
        ("tide_tables", "[24, 2]", "", True),
        ("tide_tables", "[24]", "windows = true", True),
        ("tide_tables", "[24]", "", False),
        ("time_series", "[24, 2]", "", True),
        ("time_series", "[24, 2]", "windows = false", False),
    ],
)
def test_samples_that_overlap_are_fed_apart_whatever_the_category(
    category: str, shape: str, windows: str, defended: bool, tides: str, make: Any, tmp_path: Path
) -> None:
    """GIVEN a model that looks across its batch THEN the contract decides whether that is looked for."""
    question = make(category, shape=shape, windows=windows)

    honest, fed = grade(question, tmp_path)
    mixing, _ = grade(question, tmp_path, mixed=50.0)

    assert (honest.verdict, honest.marks) == (Verdict.GRADED, 5)
    assert fed == ([COUNT, prediction_result.COUNT] if defended else [COUNT])
    assert mixing.verdict is (Verdict.INVALID_MODEL if defended else Verdict.GRADED)


def test_every_shipped_series_is_defended_and_nothing_else() -> None:
    """By its shape: only what could be taken for a series, and is none, writes the key."""
    shipped = load_bank(paths.exams_dir()).questions.values()
    assert {q.category for q in shipped if q.contract.input.overlaps} == {"time_series"}
    assert all(q.contract.input.overlaps for q in shipped if q.category == "time_series")
    written = {q.id: _question_data(q)["contract"]["input"].get("windows") for q in shipped}
    assert set(written.values()) == {None, False}
    assert {name for name, windows in written.items() if windows is False} == {
        "learning_dataset/bat_stations",  # pictures without an axis of colours
        "learning_dataset/fashion_mnist",
        "learning_dataset/pigeon_post",  # pairs of numbers
    }


def test_texts_and_written_words() -> None:
    """Strings are no windows, and what is written is dumped."""
    contract = InputContract(shape=(24,), dtype="float32", meaning="x", windows=True)
    assert InputContract.model_validate(contract.model_dump()) == contract
    assert not InputContract(shape=(3, 4), dtype="string", meaning="x").overlaps


@pytest.mark.parametrize(("windows", "told"), [("", True), ("windows = true", False), ("windows = false", False)])
def test_authors_of_a_series_are_asked_whether_a_row_is_a_window(windows: str, told: bool, make: Any) -> None:
    """A shape of one axis does not tell: it could be a row of a table."""
    question = find_question(make("time_series", shape="[24]", windows=windows))
    faults = check_question(question.folder, Handbook())
    assert any("contract.input.windows" in fault.where for fault in faults) == told


def test_every_metric_has_a_formula_and_names() -> None:
    """And every formula an entry."""
    assert set(metrics.FORMULAS) == set(METRICS)
    for metric in METRICS.values():
        assert re.search(metric.in_brief, f"marked by {metric.label.lower()}.")
        assert not re.search(metric.in_brief, "marked by nothing at all")


def test_every_table_covers_every_format() -> None:
    """What is received is judged, looked at, let through the gate and loaded."""
    known = set(FORMATS)
    assert known == set(get_args(ModelFormat)) == set(SUBMISSION_NAMES.values())
    assert {f for f in known if FORMATS[f].is_folder} == set(completeness.FOLDER_CHECKS)
    assert {f for f in known if not FORMATS[f].is_folder} == set(completeness.FILE_CHECKS)
    assert known == set(staging.CHECKS) == set(checks()) == set(loaded_model.LOADERS)


def test_a_files_ending_tells_its_format() -> None:
    """In any case of letters; a folder has none."""
    found = {name: format_of_file(name) for name in ("a.keras", "A.H5", "a.hdf5", "a.txt", "mymodel")}
    assert [spec and spec.id for spec in found.values()] == ["keras", "h5", "h5", None, None]


def test_an_old_record_of_a_category_and_metric_that_are_gone_still_reads() -> None:
    """By the words of their ids."""
    assert (formats.category("old_kind"), category_word("old_kind")) == ("old kind", "old kind")
    assert formats.metric("old_kind") == formats.metric_at_length("old_kind") == "old kind"
