"""What `bank verify` proves and finds; with scripts that take no time, and once with real ones."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from mockexam.bank.handbook import load_handbook
from mockexam.bank.loader import load_bank
from mockexam.bank.rubric import EVIDENCE, read_evidence
from mockexam.bank.verify.locate import new_question, stale
from mockexam.bank.verify.solution_run import RunCache, ScriptResult, versions
from mockexam.bank.verify.tables import calibration_text, coverage_text
from mockexam.bank.verify.verification import (
    NOT_FITTED,
    Subject,
    Verification,
    data_seed_of,
    edge_distance,
    holdout_seed_of,
    load_subject,
)
from mockexam.batch.job import grade_data_seed
from mockexam.cli.bank_commands import read_seeds
from mockexam.cli.main import invoke
from mockexam.errors import GraderFaultError, UserError
from mockexam.exam.events import ModelFormat
from mockexam.exam.scoring import Verdict, marks_for
from mockexam.grading.protocol import ModelGraded
from mockexam.paths import BANK_VARIABLE, HOME_VARIABLE, StatePaths, scoring_of
from tests.verify.made_up import QUESTION, edit, fill_in, made_up_bank

VALUES = {"reference.py": 0.02, "jury/no_posts.py": 0.7, "jury/short.py": 0.35, "jury/floor.py": 9.0}
"""The metric of each solution, well inside the bands 0.9, 0.5, 0.25, 0.1, 0.05."""
SEEDS = (1, 2, 3, 4, 5, 6)


@dataclass
class FakeMarker:
    """Marks what `FakeScripts` has saved: the file's text is the metric."""

    error: float = 0.001
    fault: str = ""
    data_seeds: set[tuple[str, str]] = field(default_factory=set)

    async def make_data(self, question: str, *, data_seed: str, folder: Path) -> None:
        (folder / "world.txt").write_text(data_seed)

    async def grade(
        self, question: str, *, data_seed: str, holdout_seed: str, model: Path, format: ModelFormat, spread: bool
    ) -> ModelGraded:
        if self.fault:
            raise GraderFaultError(self.fault)
        self.data_seeds.add((data_seed, holdout_seed))
        usual: dict[str, Any] = {"job": "1", "isolation": "x", "versions": {}, "seconds": 0.1}
        text = model.read_text()
        if text == "refused":
            return ModelGraded(verdict=Verdict.INVALID_MODEL, message="No such shape.", **usual)
        value = float(text)
        marks = marks_for(value, (0.9, 0.5, 0.25, 0.1, 0.05), larger_is_better=False)
        error = self.error if spread else None
        return ModelGraded(
            verdict=Verdict.GRADED, marks=marks, metric="mae", value=value, standard_error=error, **usual
        )


@dataclass
class FakeScripts:
    """Runs a solution in no time: it saves its metric, as told by its docstring's file."""

    texts: Mapping[str, str]
    """What a solution saves, by the text of the script."""
    seconds: float = 4.0
    ran: list[str] = field(default_factory=list)
    stop_after: int = 1000
    """Then one hangs."""
    stopped: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, folder: Path) -> ScriptResult:
        assert (folder / "data" / "world.txt").is_file()
        assert sorted(path.name for path in folder.iterdir()) == ["data", "solution.py"]
        if len(self.ran) >= self.stop_after:
            self.stopped.set()
            await asyncio.Event().wait()
        text = (folder / "solution.py").read_text()
        self.ran.append(text)
        saved = self.texts.get(text, "")
        if saved:
            (folder / "mymodel.keras").write_text(saved)
        return ScriptResult(
            0 if saved else 1, self.seconds, 512.0, "" if saved else "Write it first: nothing was saved."
        )


@pytest.fixture
def subject(tmp_path: Path) -> Subject:
    """A good question."""
    return load_subject(made_up_bank(tmp_path / "bank"))


def scripts(subject: Subject, **changed: Any) -> FakeScripts:
    """Every solution with its metric, or another one (`short="0.4"`)."""
    scoring = scoring_of(subject.question.folder)
    texts = {}
    for file, value in VALUES.items():
        name = Path(file).stem
        texts[(scoring / file).read_text()] = str(changed.pop(name, value))
    return FakeScripts(
        {**texts, subject.question.folder.joinpath("stub.py").read_text(): changed.pop("stub", "")}, **changed
    )


def verification(subject: Subject, tmp_path: Path, run: FakeScripts, **changed: Any) -> Verification:
    """Of one question."""
    kept = RunCache(tmp_path / "kept", {"keras": "3"})
    return Verification([subject], changed.pop("seeds", SEEDS), kept, run_script=run, **changed)


async def test_a_question_that_keeps_its_word_is_proved(subject: Subject, tmp_path: Path) -> None:
    """GIVEN good solutions THEN the evidence speaks of all of them, is kept, and is not stale."""
    grader, seen = FakeMarker(), []
    work = verification(subject, tmp_path, scripts(subject), progress=lambda f, t: seen.append((f, t)))

    await work.run([grader])

    assert work.faults == []
    assert work.write() == [QUESTION]
    evidence = read_evidence(scoring_of(subject.question.folder) / EVIDENCE)
    assert evidence is not None
    assert set(evidence.models) == {*VALUES, "stub"}
    assert [run.marks for run in evidence.models["jury/short.py"].runs] == [2] * 6
    assert {run.verdict for run in evidence.models["stub"].runs} == {"nothing_saved"}
    assert evidence.models["reference.py"].runs[0].peak_megabytes == 512.0
    assert stale(subject.question) == ""
    assert grader.data_seeds == {(data_seed_of(seed), holdout_seed_of(seed)) for seed in SEEDS}
    assert seen[-1][0] == 1.0


FAULTS: dict[str, tuple[Callable[[Subject], FakeScripts], FakeMarker, str]] = {
    "expectation": (lambda s: scripts(s, short="0.2"), FakeMarker(), "earned 3 marks, but the rubric expects 2"),
    "edge": (scripts, FakeMarker(error=0.06), "standard errors from an edge of a band"),
    "slow": (lambda s: scripts(s, seconds=301.0), FakeMarker(), "reference took 301 s"),
    "refused": (lambda s: scripts(s, short="refused"), FakeMarker(), "No such shape"),
    "stub saves": (lambda s: scripts(s, stub="5.0"), FakeMarker(), "stub saves a model"),
    "saves nothing": (lambda s: scripts(s, short=""), FakeMarker(), "failed (exit code 1)"),
    "marker": (scripts, FakeMarker(fault="The grader has stopped."), "grader has stopped"),
}


@pytest.mark.parametrize("name", FAULTS)
async def test_a_broken_promise_is_a_fault(name: str, subject: Subject, tmp_path: Path) -> None:
    """And nothing is written that would seem to prove the question."""
    make, grader, what = FAULTS[name]
    work = verification(subject, tmp_path, make(subject))

    await work.run([grader])

    assert any(what in fault.what and fault.remedy for fault in work.faults), work.faults
    assert work.write() == []
    assert not (scoring_of(subject.question.folder) / EVIDENCE).exists()


async def test_an_interrupted_run_goes_on_where_it_was(subject: Subject, tmp_path: Path) -> None:
    """GIVEN an end after four runs WHEN it is started again THEN those four are not run again."""
    first = scripts(subject, stop_after=4)
    task = asyncio.create_task(verification(subject, tmp_path, first).run([FakeMarker()]))
    await first.stopped.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    again = scripts(subject)
    work = verification(subject, tmp_path, again)
    await work.run([FakeMarker()])

    assert len(again.ran) == 5 * len(SEEDS) - 4
    assert work.write() == [QUESTION]


async def test_what_is_trained_again_is_what_changed(subject: Subject, tmp_path: Path) -> None:
    """GIVEN a verified question WHEN words change THEN nothing is trained; a solution: that one; the data: all."""
    await verification(subject, tmp_path, scripts(subject)).run([FakeMarker()])
    folder = subject.question.folder

    async def trained() -> int:
        changed = load_subject(folder)
        run = scripts(changed)
        await verification(changed, tmp_path, run).run([FakeMarker()])
        return len(run.ran)

    edit(folder / "brief.md", "Sheep", "Goats")
    edit(scoring_of(folder) / "rubric.toml", "0.9, 0.5", "0.95, 0.5")
    assert await trained() == 0
    edit(scoring_of(folder) / "jury" / "short.py", "Nearly", "Almost")
    assert await trained() == len(SEEDS)
    edit(folder / "data.py", "ROWS = 100", "ROWS = 200")
    assert await trained() == 5 * len(SEEDS)


async def test_other_bands_give_other_marks_without_training(subject: Subject, tmp_path: Path) -> None:
    """An author tunes bands in a moment."""
    await verification(subject, tmp_path, scripts(subject)).run([FakeMarker()])
    edit(scoring_of(subject.question.folder) / "rubric.toml", "0.9, 0.5, 0.25", "0.9, 0.4, 0.36")
    work = verification(load_subject(subject.question.folder), tmp_path, scripts(subject))
    await work.run([FakeMarker()])

    assert any("expects 2" in fault.what for fault in work.faults)


async def test_several_at_a_time_find_the_same(subject: Subject, tmp_path: Path) -> None:
    """With a marker each."""
    markers = [FakeMarker(), FakeMarker()]
    work = verification(subject, tmp_path, scripts(subject))
    await work.run(markers)

    assert work.write() == [QUESTION]
    assert len(markers[0].data_seeds | markers[1].data_seeds) == len(SEEDS)


async def test_no_fresh_seed_is_used_before_the_others_hold(subject: Subject, tmp_path: Path) -> None:
    """GIVEN a solution off its mark WHEN all six seeds are verified THEN 4 to 6 stay unseen."""
    grader, run = FakeMarker(), scripts(subject, short="0.2")
    work = verification(subject, tmp_path, run)

    await work.run([grader])

    assert grader.data_seeds == {(data_seed_of(seed), holdout_seed_of(seed)) for seed in (1, 2, 3)}
    assert work.evidence[QUESTION].seeds == (1, 2, 3)
    assert work.write() == []


async def test_a_fresh_seed_that_fails_is_no_reason_to_move_a_band(subject: Subject, tmp_path: Path) -> None:
    """The remedy says what to do instead."""
    run = scripts(subject, short="0.2")
    work = verification(subject, tmp_path, run, seeds=(4,))

    await work.run([FakeMarker()])

    assert [fault.remedy for fault in work.faults] == [NOT_FITTED]


async def test_what_the_evidence_holds_is_not_trained_again(subject: Subject, tmp_path: Path) -> None:
    """GIVEN a proved question in a fresh clone THEN only what has changed since, or `fresh`, trains."""
    first = verification(subject, tmp_path, scripts(subject))
    await first.run([FakeMarker()])
    assert first.write() == [QUESTION]
    folder, used = subject.question.folder, versions()

    async def trained(name: str, *, fresh: bool = False) -> int:
        changed, run = load_subject(folder), scripts(load_subject(folder))
        kept = RunCache(tmp_path / name, used, fresh=fresh)
        await Verification([changed], SEEDS, kept, run_script=run).run([FakeMarker()])
        return len(run.ran)

    edit(scoring_of(folder) / "rubric.toml", "0.9, 0.5", "0.95, 0.5")
    assert await trained("bands") == 0
    assert await trained("fresh", fresh=True) == 5 * len(SEEDS)
    edit(scoring_of(folder) / "jury" / "short.py", "Nearly", "Almost")
    assert await trained("one script") == len(SEEDS)
    used = used | {"keras": "4"}
    assert await trained("another Keras") == 5 * len(SEEDS)


@pytest.mark.parametrize("seeds", [(1,), (1, 2, 3), (1, 2, 3, 4, 5)])
async def test_fewer_seeds_prove_nothing(seeds: tuple[int, ...], subject: Subject, tmp_path: Path) -> None:
    """They are a try."""
    work = verification(subject, tmp_path, scripts(subject), seeds=seeds)
    await work.run([FakeMarker()])

    assert work.faults == []
    assert work.write() == []


async def test_the_tables_tell_all(subject: Subject, tmp_path: Path) -> None:
    """Expected and seen marks, figures, and the skills that are shown, missing, or never shown."""
    work = verification(subject, tmp_path, scripts(subject))
    await work.run([FakeMarker()])
    evidence = work.evidence[QUESTION]

    text = calibration_text([(subject.question, subject.rubric, evidence)])
    assert "| jury/short.py | 2 | 2 2 2 2 2 2 | 0.35 | 0 | 0.001 | 100.0 | 4 s | 512 MB | 0.00 MB |" in text
    assert "Not verified" in calibration_text([(subject.question, subject.rubric, None)])
    assert "planned for 5 to 5 minutes" in text
    coverage = coverage_text([subject.question], load_handbook(subject.question.folder.parents[1]))
    assert f"| `train.fit` | Compile a model and train it with fit | `{QUESTION}` |" in coverage
    assert "| `image.cnn` | Stack layers | **none** |" in coverage
    assert "- `train.plot`: Draw curves" in coverage
    assert "2 of the 3 skills" in coverage


def test_seeds_are_those_of_the_other_commands() -> None:
    """So that an author can look at the numbers and mark by hand."""
    assert data_seed_of(3) == grade_data_seed(3)
    assert read_seeds("1,2,2,3") == (1, 2, 3)
    for wrong in ("", "1,x", "-1"):
        with pytest.raises(UserError):
            read_seeds(wrong)


@pytest.mark.slow  # seven starts of TensorFlow; one solution is trained and marked for real below
def test_a_new_question_is_verified_for_real(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """GIVEN a new question, its blanks filled in, WHEN one seed is verified THEN all earn what it promises."""
    folder, _ = new_question(tmp_path / "bank", "simple_model/fence_line")
    fill_in(folder)
    monkeypatch.setenv(BANK_VARIABLE, str(tmp_path / "bank"))
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "home"))

    code = invoke(["bank", "verify", "fence", "--seeds", "1"])

    said = capsys.readouterr()
    assert code == 0, said
    assert "reference.py" in said.out
    subject = load_subject(folder)
    kept = list((tmp_path / "home" / "scratch" / "verify").iterdir())
    assert len(kept) == 6
    from mockexam.bank.rubric import SolutionRun

    runs = [SolutionRun.model_validate_json(path.read_bytes()) for path in kept]
    assert sorted(run.marks or 0 for run in runs) == [0, 0, 0, 1, 2, 5]
    graded = [run for run in runs if run.verdict == "graded"]
    assert all(run.peak_megabytes > 50 and run.train_seconds > 0.5 and run.megabytes > 0 for run in graded)
    assert all((edge_distance(run, subject.rubric) or 0) > 2 for run in graded)


async def prepared(subject: Subject, home: Path) -> None:
    """Leave all runs in the home folder, as a verification that was interrupted at its very end."""
    kept = RunCache(StatePaths(home).scratch / "verify", versions())
    await Verification([subject], SEEDS, kept, run_script=scripts(subject)).run([FakeMarker()])


@pytest.mark.usefixtures("quick_scripts")
def test_what_is_missing_is_trained_and_marked_for_real(
    subject: Subject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """GIVEN all runs at hand but one WHEN the question is verified THEN that one is real, and its figures are kept."""
    monkeypatch.setenv(BANK_VARIABLE, str(tmp_path / "bank"))
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "home"))
    asyncio.run(prepared(subject, tmp_path / "home"))
    kept = RunCache(StatePaths(tmp_path / "home").scratch / "verify", versions())
    kept.forget(subject.question, subject.rubric, "reference.py", 2)

    assert invoke(["bank", "verify", QUESTION]) == 0, capsys.readouterr()

    evidence = read_evidence(scoring_of(subject.question.folder) / EVIDENCE)
    assert evidence is not None
    before, real, after = evidence.models["reference.py"].runs[:3]
    assert (before.value, after.value) == (VALUES["reference.py"],) * 2
    assert real.value is not None
    assert 0 < real.value < VALUES["reference.py"]
    assert (real.verdict, real.marks, real.seed) == ("graded", 5, 2)
    assert real.peak_megabytes > 50
    assert real.peak_megabytes != before.peak_megabytes
    assert real.train_seconds > 0.5
    assert real.megabytes > 0
    assert (edge_distance(real, subject.rubric) or 0) > 2


def test_the_command_writes_evidence_and_tables(
    subject: Subject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """GIVEN all runs at hand WHEN the bank is verified THEN nothing is trained, and the files are written."""
    bank = tmp_path / "bank"
    (bank / "docs").mkdir()
    monkeypatch.setenv(BANK_VARIABLE, str(bank))
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "home"))
    asyncio.run(prepared(subject, tmp_path / "home"))

    code = invoke(["bank", "verify"])

    said = capsys.readouterr()
    assert code == 0, said
    assert "1 of 1 questions verified, 0 faults" in said.out
    assert stale(load_bank().questions[QUESTION]) == ""
    assert "| reference.py | 5 | 5 5 5 5 5 5 |" in (bank / "docs" / "calibration.md").read_text()
    assert f"`{QUESTION}`" in (bank / "docs" / "coverage.md").read_text()


def test_the_command_fails_where_a_promise_is_broken(
    subject: Subject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """GIVEN other bands THEN it ends with 1, as data too."""
    monkeypatch.setenv(BANK_VARIABLE, str(tmp_path / "bank"))
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "home"))
    asyncio.run(prepared(subject, tmp_path / "home"))
    edit(scoring_of(subject.question.folder) / "rubric.toml", "0.9, 0.5, 0.25", "0.9, 0.4, 0.36")

    assert invoke(["bank", "verify", QUESTION, "--json"]) == 1

    told = json.loads(capsys.readouterr().out)
    assert told["written"] == []
    assert {fault["question"] for fault in told["faults"]} == {QUESTION}
    assert told["questions"][QUESTION]["models"]["jury/short.py"]["runs"][0]["marks"] == 3
