"""What a batch will take, told before it begins: jobs, memory, time. Nothing is graded for it."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mockexam.bank.loader import load_bank
from mockexam.batch.cost import (
    HOLDOUT_BYTES,
    MODEL_FACTOR,
    BatchEstimate,
    ModelCost,
    estimate,
    fitting_jobs,
    holdout_bytes,
    worker_bytes,
)
from mockexam.batch.job import read_content, versions
from mockexam.batch.planning import plan
from mockexam.batch.results import BatchResult, ResultLog, Verdicted
from mockexam.cli.main import invoke
from mockexam.exam.scoring import Verdict
from mockexam.paths import BANK_VARIABLE, HOME_VARIABLE, StatePaths
from mockexam.text.units import range_text
from tests.batch.conftest import BANK

LINE = "simple_model/tiny_line"
MEGABYTE = 10**6
Capture = pytest.CaptureFixture[str]


def costs(count: int, megabytes: float = 0.1, *, own_data: bool = False, known: int = 0) -> list[ModelCost]:
    return [
        ModelCost(LINE, int(megabytes * MEGABYTE), (f"seed-{n if own_data else 0}", "h"), known=n < known)
        for n in range(count)
    ]


def middle(found: BatchEstimate) -> float:
    return sum(found.seconds) / 2


def test_memory_and_cores_limit_the_jobs() -> None:
    """Large models need more memory each, but only if they are graded at the same time; one job always runs."""
    small = worker_bytes(MEGABYTE)
    large = worker_bytes(150 * MEGABYTE)
    assert large - small == 149 * MEGABYTE * MODEL_FACTOR
    assert fitting_jobs(8, 4 * small, [MEGABYTE] * 30) == 4
    assert fitting_jobs(8, 4 * small, [150 * MEGABYTE] * 30) == 4 * small // large < 4
    assert fitting_jobs(8, 100 * small, [MEGABYTE] * 30) == 8
    assert fitting_jobs(8, 100 * small, [MEGABYTE] * 3) == 3
    assert fitting_jobs(2, large + small, [MEGABYTE] * 29 + [150 * MEGABYTE]) == 2
    assert fitting_jobs(4, 0, [MEGABYTE] * 30) == fitting_jobs(4, 0, []) == 1
    assert fitting_jobs(4, 100 * small, []) == 4
    assert fitting_jobs(4, 4 * small, [MEGABYTE] * 9, holdout=10 * HOLDOUT_BYTES) < 4


def test_a_hold_out_of_large_samples_counts() -> None:
    """Those of the shipped questions are near the usual figure; a pack's may be far above it."""
    questions = load_bank().questions.values()
    assert {holdout_bytes(question) for question in questions if question.contract.input.dtype == "string"}
    assert max(map(holdout_bytes, questions)) <= 2 * HOLDOUT_BYTES
    one = next(question for question in questions if len(question.contract.input.shape) == 3)
    contract = one.contract.model_copy(
        update={"input": one.contract.input.model_copy(update={"shape": (224, 224, 3), "dtype": "float32"})}
    )
    large = one.model_copy(update={"file": one.file.model_copy(update={"contract": contract})})
    assert holdout_bytes(large) > 10 * HOLDOUT_BYTES


def test_time_grows_with_what_there_is_to_do() -> None:
    """With models, megabytes, hold-outs and a slower machine; it falls with jobs. What is known takes none."""
    usual = estimate(costs(100), 2)
    assert usual.seconds[0] < usual.seconds[1]
    assert middle(estimate(costs(200), 2)) > 1.5 * middle(usual)
    assert middle(estimate(costs(100, 150), 2)) > 2 * middle(usual)
    assert middle(estimate(costs(100, own_data=True), 2)) > 1.5 * middle(usual)
    assert middle(estimate(costs(100), 4)) < middle(usual)
    assert middle(estimate(costs(100), 2, slowness=3)) == pytest.approx(3 * middle(usual))
    assert middle(estimate(costs(100, known=90), 2)) < middle(usual) / 2

    bank = load_bank().questions
    images, line = bank["image_classification/sock_mill"], bank["simple_model/ballast_car"]
    own = [replace(cost, question=images.id) for cost in costs(100, own_data=True)]
    other = [replace(cost, question=line.id) for cost in own]
    assert middle(estimate(own, 2, questions=[images, line])) > 2 * middle(estimate(other, 2, questions=[images, line]))

    done = estimate(costs(100, known=100), 2)
    assert (done.seconds, done.memory) == ((0, 0), 0)


def graded(seconds: float, verdict: Verdict = Verdict.GRADED) -> BatchResult:
    marks: dict[str, Any] = {"marks": 4, "metric": "mae", "value": 0.1} if verdict is Verdict.GRADED else {}
    return BatchResult(
        name="a", question=LINE, model="", data_seed="seed-0", seed=0, holdout="h", format="keras", sha256="1",
        edition="", at="", verdict=verdict, seconds=seconds, **marks,
    )  # fmt: skip


def test_earlier_results_are_preferred() -> None:
    """Their time a model, without that of the few that waited for TensorFlow and of refusals; and it is surer."""
    by_size = estimate(costs(100), 2)
    earlier = [graded(10)] * 18 + [graded(60)] * 2 + [graded(0.01, Verdict.INVALID_MODEL)] * 10

    found = estimate(costs(100), 2, results=earlier)

    assert found.from_results
    assert found.seconds[0] < 100 * 10 / 2 + 5 < found.seconds[1]
    assert found.seconds[1] / found.seconds[0] < by_size.seconds[1] / by_size.seconds[0]
    assert estimate(costs(100), 2, results=earlier[:2]) == by_size
    other = [*costs(50), *(replace(cost, question="simple_model/other") for cost in costs(50))]
    assert not estimate(other, 2, results=earlier).from_results


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        (0.2, 0.6, "about 1 s"),
        (4.2, 14, "about 4 to 14 s"),
        (31, 62, "about 30 to 60 s"),
        (170, 310, "about 3 to 5 minutes"),
        (3500, 7300, "about 1 to 2 hours"),
    ],
)
def test_an_estimate_is_no_more_precise_than_it_is(low: float, high: float, text: str) -> None:
    assert range_text(low, high) == text


@pytest.fixture
def a_class(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A list of four students: Ann is known from an earlier run, Bob and Cid are new, Dan has handed in nothing."""
    monkeypatch.setenv(BANK_VARIABLE, str(BANK))
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "home"))
    listed = tmp_path / "class" / "list.csv"
    rows = ["model,question,name,seed"]
    for number, name in enumerate(("ann", "bob", "cid", "dan")):
        (tmp_path / "class" / name).mkdir(parents=True)
        if name != "dan":
            (tmp_path / "class" / name / "mymodel.keras").write_bytes(b"x" * 1000 * (number + 1))
        rows.append(f"{name},tiny_line,{name},{number}")
    listed.write_text("\n".join(rows))
    item = plan(listed, None, None).items[0]
    content = read_content(item.path)
    assert content is not None
    verdict = Verdicted(verdict=Verdict.GRADED, marks=4, metric="mae", value=0.1, seconds=0.3)
    with ResultLog(
        tmp_path / "class" / "list.mockexam-results.ndjson", StatePaths(tmp_path / "home"), versions()
    ) as log:
        log.add(BatchResult.of(item, verdict, sha256=content.sha256, at=""))
    return listed


def test_a_dry_run_says_all_and_does_nothing(
    a_class: Path, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No process is started, no file written or changed."""

    def state() -> dict[str, float]:
        return {str(path): path.stat().st_mtime_ns for path in sorted(tmp_path.rglob("*"))}

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a process was started")

    monkeypatch.setattr(subprocess, "Popen", refuse)
    monkeypatch.setattr(os, "fork", refuse)
    before = state()

    assert invoke(["grade", str(a_class), "--dry-run", "--json", "--csv", str(tmp_path / "marks.csv")]) == 0
    found = json.loads(capsys.readouterr().out)

    assert state() == before
    assert found["questions"] == {LINE: {"models": 3, "bytes": 6000, "largest": 3000}}
    assert (found["models"], found["known"], found["jobs"]) == (3, 1, min(2, found["jobs"]))
    assert [one["name"] for one in found["left_out"]] == ["dan"]
    assert 0 < found["seconds"][0] < found["seconds"][1]
    assert found["memory"] == found["jobs"] * worker_bytes(0) + MODEL_FACTOR * sum([3000, 2000][: found["jobs"]])

    assert invoke(["grade", str(a_class), "--dry-run", "--fresh", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["known"] == 0
    assert invoke(["grade", str(a_class), "--dry-run"]) == 0
    out, err = capsys.readouterr()
    assert "2 models to grade" in out
    assert "dan" in err
    assert state() == before


def test_a_dry_run_before_the_first_run_leaves_no_trace(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even a home."""
    monkeypatch.setenv(BANK_VARIABLE, str(BANK))
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "home"))
    (tmp_path / "class").mkdir()
    (tmp_path / "class" / "ann.keras").write_bytes(b"x")

    assert invoke(["grade", str(tmp_path / "class"), "--question", "tiny_line", "--dry-run", "--json"]) == 0

    assert json.loads(capsys.readouterr().out)["models"] == 1
    assert [path.name for path in tmp_path.iterdir()] == ["class"]
    assert [path.name for path in (tmp_path / "class").iterdir()] == ["ann.keras"]
