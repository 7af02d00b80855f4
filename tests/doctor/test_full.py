"""The one-minute test: once for real, and with stand-ins for the marker for what can go wrong."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from mockexam import paths
from mockexam.doctor import full
from mockexam.doctor.full import _Plan, _plan, full_checks
from mockexam.doctor.quick import quick_checks
from mockexam.doctor.training import Trained, TrainingTest
from mockexam.errors import GraderFaultError, UserError
from mockexam.exam.scoring import Verdict
from mockexam.grading.protocol import ModelGraded, Ready


@dataclass
class FakeGrader:
    """A marker that answers at once."""

    verdict: Verdict = Verdict.GRADED
    state: str = "warm"
    detail: str = ""
    isolation: str = "bubblewrap"
    fault: bool = False

    @property
    def ready(self) -> Ready:
        """As from the examiner."""
        return Ready(isolation=self.isolation, isolation_detail=self.detail, versions={})

    async def warm_up(self) -> None:
        """Nothing to do."""

    async def grade(self, question: str, **_: object) -> ModelGraded:
        """The verdict it was given."""
        if self.fault:
            raise GraderFaultError("The marker hangs.", hint="It starts anew.")
        graded = self.verdict is Verdict.GRADED
        message = "" if graded else "it was refused"
        return ModelGraded(
            job="1",
            verdict=self.verdict,
            marks=0 if graded else None,
            message=message,
            isolation="",
            versions={},
            seconds=1,
        )


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> None:
    """Training that takes no time; the real one is below."""

    async def train(test: TrainingTest, folder: Path, progress: object) -> Trained:
        return Trained(folder / "mymodel.keras", 3.0, 9.0, 0.1)

    monkeypatch.setattr(full.training, "train", train)


def silent(fraction: float, text: str) -> None:
    """No progress is shown."""


@pytest.mark.usefixtures("quick_scripts")
async def test_a_small_model_is_really_trained_saved_and_marked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """GIVEN an empty home WHEN the test runs on few steps THEN all parts are in order and nothing is left behind."""
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path / "home"))
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    whole = _plan()
    monkeypatch.setattr(full, "_plan", lambda: replace(whole, test=replace(whole.test, steps=5)))
    told: list[tuple[float, str]] = []

    checks = await full_checks(workspace, lambda fraction, text: told.append((fraction, text)))

    assert [check.name for check in checks] == ["training", "isolation", "grading", "speed"]
    assert [c for c in checks if c.status == "fail"] == []
    assert [fraction for fraction, _ in told] == sorted(fraction for fraction, _ in told)
    assert told[-1] == (1.0, "done")
    assert list(workspace.iterdir()) == []


async def test_no_bubblewrap_is_a_warning_with_its_reason(trained: None, tmp_path: Path) -> None:
    """An exam can be sat all the same."""
    grader = FakeGrader(isolation="process limits", detail="bubblewrap exists on Linux only")

    checks = await full_checks(tmp_path, silent, grader=grader)  # type: ignore[arg-type]

    isolation = next(check for check in checks if check.name == "isolation")
    assert isolation.status == "warn"
    assert "process limits only: bubblewrap exists on Linux only" in isolation.text


@pytest.mark.parametrize(
    ("grader", "told"),
    [
        (FakeGrader(verdict=Verdict.GRADER_ERROR), "grader_error"),
        (FakeGrader(verdict=Verdict.LIMIT_EXCEEDED), "limit_exceeded"),
        (FakeGrader(fault=True), "The marker hangs."),
        (FakeGrader(state="failed", detail="no TensorFlow"), "no TensorFlow"),
    ],
)
async def test_a_marker_that_fails_is_told_and_training_stands(
    trained: None, grader: FakeGrader, told: str, tmp_path: Path
) -> None:
    """What was found before the failure is not lost."""
    checks = {check.name: check for check in await full_checks(tmp_path, silent, grader=grader)}  # type: ignore[arg-type]

    assert checks["training"].status == "ok"
    assert checks["grading"].status == "fail"
    assert told in checks["grading"].text


async def test_a_bank_that_can_not_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A failed check, not an exception."""

    def broken() -> _Plan:
        raise UserError("The question bank is missing.", location="/nowhere", hint="Reinstall mockexam.")

    monkeypatch.setattr(full, "_plan", broken)

    checks = await full_checks(tmp_path, silent, grader=FakeGrader())  # type: ignore[arg-type]

    assert [(check.name, check.status) for check in checks] == [("training", "fail")]
    assert checks[0].remedy == "Reinstall mockexam."


def test_the_quick_checks_cover_what_an_exam_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the order shown, and none of them fails where these tests can run."""
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path / "home"))

    checks = quick_checks(tmp_path / "workspace")

    names = [
        "Python",
        "TensorFlow",
        "Keras",
        "tf-keras",
        "memory",
        "workspace",
        "records",
        "terminal",
        "save detection",
    ]
    assert [check.name for check in checks] == names
    assert [check for check in checks if check.status == "fail"] == []
