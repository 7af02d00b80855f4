"""Real models through the whole grading path: client, examiner, sandboxed predictor, marks."""

from __future__ import annotations

import asyncio
import re
import time
from pathlib import Path

import pytest

from mockexam.errors import GraderFaultError
from mockexam.exam.events import ModelFormat
from mockexam.exam.scoring import Verdict
from mockexam.grading.client import Grader
from mockexam.grading.ipc import BUSY_TIMES
from mockexam.grading.protocol import ModelDiagnosed, ModelGraded

pytestmark = pytest.mark.asyncio(loop_scope="session")

LINE, CLASSES = "simple_model/tiny_line", "simple_model/tiny_classes"
WORDS, IMAGE = "text_classification/tiny_words", "image_classification/tiny_image"
NOISE, BROKEN = "simple_model/tiny_noise", "simple_model/slow_line"
RARE = "simple_model/tiny_rare"
INVALID, LIMIT = Verdict.INVALID_MODEL, Verdict.LIMIT_EXCEEDED


def format_of(path: Path) -> ModelFormat:
    """What a submission of this name is."""
    return "keras" if path.suffix == ".keras" else "h5" if path.suffix == ".h5" else "saved_model"


async def grade(grader: Grader, question: str, model: Path, holdout_seed: str = "s") -> ModelGraded:
    """Mark one model."""
    return await grader.grade(
        question, data_seed="7K3Q", holdout_seed=holdout_seed, model=model, format=format_of(model)
    )


async def diagnose(grader: Grader, question: str, model: Path) -> ModelDiagnosed:
    """Diagnose one model."""
    return await grader.diagnose(question, data_seed="7K3Q", holdout_seed="s", model=model, format=format_of(model))


@pytest.mark.parametrize(
    ("question", "name", "marks"),
    [
        (LINE, "good.keras", 5),
        (LINE, "good", 5),
        (LINE, "mse.h5", 5),
        (LINE, "keras2.h5", 5),
        (LINE, "custom", 5),
        (LINE, "half.keras", 1),
        (CLASSES, "three.keras", 5),
        (CLASSES, "three_half.keras", 5),
        (WORDS, "words.keras", 5),
        (WORDS, "words", 5),
        (IMAGE, "sure.keras", 5),
    ],
)
async def test_marks_are_those_of_the_rubric(
    grader: Grader, models: Path, question: str, name: str, marks: int
) -> None:
    """Each format loads and earns what its predictions are worth."""
    graded = await grade(grader, question, models / name)

    assert graded.verdict is Verdict.GRADED, graded.message
    assert graded.marks == marks
    assert (graded.next_at is None) == (graded.marks == 5)
    assert graded.isolation in ("bubblewrap", "process limits")
    assert {"tensorflow", "keras", "numpy", "python", "mockexam"} <= set(graded.versions)


@pytest.mark.parametrize(
    ("question", "name", "verdict", "words"),
    [
        (CLASSES, "logits.keras", INVALID, "4 logits .* sum to 1: the softmax is missing"),
        (CLASSES, "ten.keras", INVALID, "10 numbers per sample; .* 4 probabilities"),
        (CLASSES, "sigmoid.keras", INVALID, "sum to .*softmax"),
        (CLASSES, "good.keras", INVALID, r"samples of shape \(1,\)"),
        (CLASSES, "words.keras", INVALID, "expects strings"),
        (CLASSES, "big.keras", LIMIT, r"take 1\.4\d MB, more than this question allows \(at most 1 MB\)"),
        (IMAGE, "flat.keras", INVALID, "Flatten.* inside the model"),
        (IMAGE, "bright", INVALID, "sigmoid is missing"),
        (WORDS, "good.keras", INVALID, "plain strings.*TextVectorization"),
        (WORDS, "words.h5", INVALID, "vocabulary.*mymodel.keras"),
        (LINE, "nan.keras", INVALID, "NaN.*learning rate"),
        (LINE, "lambda.keras", INVALID, "Lambda.*export"),
        (LINE, "lambda.h5", INVALID, "Lambda.*export"),
        (LINE, "custom.keras", INVALID, "own class Mine.*export"),
        (LINE, "keras2_lstm.h5", INVALID, r"saved with Keras 2\.4\.0"),
        (LINE, "newer.keras", INVALID, r"saved with Keras 9\.1\.0; the grader has Keras 3.*newer"),
        (LINE, "only.weights.h5", INVALID, r"only weights.*model\.save\("),
        (LINE, "two_outputs.keras", INVALID, "2 outputs"),
        (LINE, "fixed_batch.keras", INVALID, "batches of exactly 32"),
        (LINE, "truncated.keras", INVALID, "incomplete"),
        (LINE, "truncated.h5", INVALID, "incomplete"),
        (LINE, "empty.keras", INVALID, "empty"),
        (LINE, "foreign.keras", INVALID, "not a .keras model"),
        (LINE, "no_weights.keras", INVALID, "no model weights"),
        (LINE, "no_variables", INVALID, "incomplete or damaged"),
        (LINE, "no_signature", INVALID, "serving_default.*export"),
        (LINE, "rogue_flood", INVALID, "1000000 numbers"),
        (LINE, "rogue_mix", INVALID, "rows?: it mixes the samples"),
    ],
)
async def test_refusals_say_what_is_wrong_and_what_to_do(
    grader: Grader, models: Path, question: str, name: str, verdict: Verdict, words: str
) -> None:
    """No refusal carries marks, and each names the fault and the remedy."""
    graded = await grade(grader, question, models / name)

    assert graded.verdict is verdict
    assert graded.marks is None
    assert graded.message
    assert graded.remedy
    assert re.search(words, f"{graded.message} {graded.remedy}"), (graded.message, graded.remedy)


async def test_a_model_can_neither_write_nor_read_files(grader: Grader, models: Path) -> None:
    """In bubblewrap a serving function does not reach the machine's files."""
    if grader.isolation != "bubblewrap":
        pytest.skip("bubblewrap does not work here")
    written = Path("/tmp/mockexam-was-here")
    written.unlink(missing_ok=True)  # a moment

    await grade(grader, LINE, models / "rogue_write")
    read = await grade(grader, LINE, models / "rogue_read")

    assert not written.exists()  # a moment
    assert read.verdict is INVALID


async def test_endless_and_greedy_models_hit_their_limits(grader: Grader, models: Path) -> None:
    """A loop ends at the time limit, a blow-up at the memory limit, and the next model is graded as ever."""
    began = time.monotonic()
    endless = await grade(grader, LINE, models / "rogue_loop")
    took = time.monotonic() - began
    greedy = await grade(grader, "simple_model/slow_line", models / "rogue_eat")
    good = await grade(grader, LINE, models / "good.keras")

    assert endless.verdict is LIMIT
    assert "still predicting after 3 s" in endless.message
    assert took < 3 * BUSY_TIMES + 5  # waiting for a processor is not counted, up to so many times the limit
    assert greedy.verdict is LIMIT
    assert "memory" in greedy.message
    assert good.marks == 5


async def test_the_same_model_is_graded_the_same(grader: Grader, models: Path) -> None:
    """Value for value; another hold-out seed is another hold-out."""
    first = await grade(grader, CLASSES, models / "softmax.keras")
    again = await grade(grader, CLASSES, models / "softmax.keras")
    # Shares of few samples: two hold-outs can well give the same one, four of them hardly.
    seeds = ("other", "another", "a third")
    others = [
        await grade(grader, CLASSES, models / "softmax.keras", holdout_seed=holdout_seed) for holdout_seed in seeds
    ]

    assert first.value == again.value
    assert any(other.value != first.value for other in others)


async def test_a_prepared_holdout_is_the_one_that_is_used(grader: Grader, models: Path) -> None:
    """Drawn ahead or not, a model is worth the same; a question that can't be prepared disturbs nothing."""
    await grader.prepare("simple_model/broken_maker", data_seed="7K3Q", holdout_seed="ahead")
    await grader.prepare(CLASSES, data_seed="7K3Q", holdout_seed="ahead")
    ahead = await grade(grader, CLASSES, models / "softmax.keras", holdout_seed="ahead")
    again = await grade(grader, CLASSES, models / "softmax.keras", holdout_seed="ahead")

    assert ahead.verdict is Verdict.GRADED
    assert ahead.value == again.value


async def test_a_diagnosis_of_what_is_learned_by_heart(grader: Grader, models: Path) -> None:
    """A network that goes through each training point knows them all, and unseen ones no better than the noise."""
    await grader.prepare(NOISE, data_seed="7K3Q", holdout_seed="s", train=True)
    found = await diagnose(grader, NOISE, models / "by_heart.keras")
    graded = await grade(grader, NOISE, models / "by_heart.keras")

    assert found.train_value == pytest.approx(0, abs=0.01)
    assert found.findings[0].startswith("Overfitting: MAE 0.0000")
    assert f"{graded.value:.4g} on unseen data" in found.findings[0]
    assert graded.marks == 3


async def test_a_diagnosis_of_labels_that_were_scaled(grader: Grader, models: Path) -> None:
    """The true line in standardised units: no marks, and why."""
    found = await diagnose(grader, NOISE, models / "scaled.keras")
    graded = await grade(grader, NOISE, models / "scaled.keras")

    assert graded.marks == 0
    assert len(found.findings) == 1
    assert "look standardised" in found.findings[0]
    assert found.train_value == pytest.approx(50, abs=2)


async def test_a_model_that_ignores_the_rare_class(grader: Grader, models: Path) -> None:
    """Its recall is 0, most of it taken for others, and the imbalance of the training data is named as the cause."""
    found = await diagnose(grader, RARE, models / "no_storm.keras")
    assert found.class_report is not None
    recalls = {c.name: c for c in found.class_report.classes}

    assert list(recalls) == ["calm", "rain", "storm"]
    assert [round(c.recall, 2) for c in recalls.values()] == [1, 1, 0]
    assert recalls["storm"].train_share == pytest.approx(0.05, abs=0.02)
    assert sum(c.samples for c in recalls.values()) == 800
    assert {c.true for c in found.class_report.confusions} == {"storm"}
    assert found.findings[0].startswith('Class imbalance: "storm" is ')
    assert not any("never predicts" in text for text in found.findings)  # said once


async def test_a_model_that_confuses_two_classes(grader: Grader, models: Path) -> None:
    """Both are named, and stand in the confusion matrix; the rare class is not to blame."""
    found = await diagnose(grader, RARE, models / "calm_or_rain.keras")
    assert found.class_report is not None
    matrix = found.class_report.matrix

    assert matrix is not None
    assert matrix[0][1] > 100
    assert matrix[1][0] > 100
    assert matrix[2][0] == matrix[2][1] == 0
    assert any('confuses "calm" with "rain": 100 %' in text for text in found.findings)
    assert not any("imbalance" in text for text in found.findings)


async def test_a_good_model_has_full_recall_and_no_fault(grader: Grader, models: Path) -> None:
    """Counts alone are told; a forecast or a regression has none."""
    found = await diagnose(grader, RARE, models / "weather.keras")
    assert found.class_report is not None
    assert [c.recall for c in found.class_report.classes] == [1, 1, 1]
    assert found.class_report.confusions == ()
    assert [text.partition(":")[0] for text in found.findings] == ["Full marks"]
    assert (await diagnose(grader, NOISE, models / "scaled.keras")).class_report is None


async def test_a_diagnosis_of_strings_and_without_training_samples(grader: Grader, models: Path) -> None:
    """Texts of any length go in; a question that gives no training samples is diagnosed without them."""
    texts = await diagnose(grader, WORDS, models / "words.keras")
    alone = await diagnose(grader, LINE, models / "half.keras")

    assert texts.train_value == 1
    assert texts.findings == ["Full marks: F1 1 on unseen data, 1 on the training data."]
    assert alone.train_value is None
    assert "rise and fall together" in alone.findings[0]


async def test_a_diagnosis_that_fails_is_a_fault_and_no_verdict(grader: Grader, models: Path, tmp_path: Path) -> None:
    """A refused model, a lost one, a broken data module: reported and logged, and the marks do not change."""
    with pytest.raises(GraderFaultError, match=r"can't be diagnosed: .*NaN"):
        await diagnose(grader, LINE, models / "nan.keras")
    with pytest.raises(GraderFaultError, match="missing"):
        await diagnose(grader, LINE, tmp_path / "lost.keras")
    with pytest.raises(GraderFaultError, match="lost its thread"):
        await diagnose(grader, BROKEN, models / "good.keras")

    assert (await grade(grader, BROKEN, models / "good.keras")).marks == 5
    log = (grader._state_files.logs / "marker.log").read_text()
    assert log.count("no diagnosis of") == 3
    assert "lost its thread" in log


async def test_links_are_refused(grader: Grader, models: Path, tmp_path: Path) -> None:
    """A link is no model, nor is a SavedModel that holds one."""
    link = tmp_path / "mymodel.keras"
    link.symlink_to(models / "good.keras")
    folder = tmp_path / "mymodel"
    folder.mkdir()
    (folder / "saved_model.pb").symlink_to(models / "good" / "saved_model.pb")

    for path in (link, folder):
        graded = await grade(grader, LINE, path)
        assert graded.verdict is INVALID
        assert "is a link" in graded.message


async def test_faults_of_the_grader_are_no_verdicts(grader: Grader, models: Path, tmp_path: Path) -> None:
    """A lost model, an unknown question and a broken data module raise; the grader lives on."""
    with pytest.raises(GraderFaultError, match="missing"):
        await grade(grader, LINE, tmp_path / "lost.keras")
    with pytest.raises(GraderFaultError, match="not in the bank"):
        await grade(grader, "simple_model/unknown", models / "good.keras")
    with pytest.raises(GraderFaultError, match="lost its marbles") as fault:
        await grade(grader, "simple_model/broken_maker", models / "good.keras")
    assert "data.py, line" in fault.value.location
    with pytest.raises(GraderFaultError, match="does not fit the question"):
        await grade(grader, "simple_model/wrong_maker", models / "good.keras")
    assert (await grade(grader, LINE, models / "good.keras")).marks == 5


async def test_inspection_tells_what_a_model_is(grader: Grader, models: Path) -> None:
    """Format, size, versions, shapes, layers, and what grading would refuse."""
    good = await grader.inspect(model=models / "good.keras", format="keras", question=LINE)
    alone = await grader.inspect(model=models / "bright.keras", format="keras")
    exported = await grader.inspect(model=models / "words", format="saved_model", question=WORDS)
    refused = await grader.inspect(model=models / "logits.keras", format="keras", question=CLASSES)
    damaged = await grader.inspect(model=models / "truncated.h5", format="h5")
    legacy = await grader.inspect(model=models / "mse.h5", format="h5")

    assert good.inputs == ["float32 (None, 1)"]
    assert good.outputs == ["float32 (None, 1)"]
    assert good.parameters == 2
    assert good.size == (models / "good.keras").stat().st_size
    assert good.saved_with.startswith("Keras 3.")
    assert [f.severity for f in good.findings] == ["note"]
    assert len(alone.layers) == 3
    assert alone.findings == []
    assert exported.inputs == ["string (None, 1)"]
    assert [f.severity for f in refused.findings] == ["refused"]
    assert "softmax is missing" in refused.findings[0].message
    assert "incomplete" in damaged.findings[0].message
    assert legacy.saved_with.startswith("Keras 3.")


async def test_data_are_made_with_progress_and_the_same_again(grader: Grader, tmp_path: Path) -> None:
    """Training data depends only on the data seed; progress only rises."""
    fractions: list[float] = []
    folders = [tmp_path / name for name in ("a", "b", "c")]
    for folder, data_seed in zip(folders, ("W", "W", "X"), strict=True):
        folder.mkdir()
        made = await grader.make_data(LINE, data_seed=data_seed, folder=folder, progress=fractions.append)
        assert made.files == 1
        assert made.size == (folder / "train.csv").stat().st_size

    texts = [(folder / "train.csv").read_bytes() for folder in folders]
    assert texts[0] == texts[1] != texts[2]
    assert len(fractions) >= 60
    assert fractions[:20] == sorted(fractions[:20])
    with pytest.raises(GraderFaultError, match="not empty"):
        await grader.make_data(LINE, data_seed="W", folder=folders[0])


async def test_jobs_asked_at_once_queue(grader: Grader, models: Path, tmp_path: Path) -> None:
    """Each gets its own reply."""
    graded, inspected, made, other = await asyncio.gather(
        grade(grader, LINE, models / "good.keras"),
        grader.inspect(model=models / "bright.keras", format="keras"),
        grader.make_data(LINE, data_seed="W", folder=tmp_path),
        grade(grader, LINE, models / "half.keras"),
    )

    assert (graded.marks, inspected.parameters, made.files, other.marks) == (5, 2, 1, 1)


async def test_many_gradings_leave_nothing_behind(grader: Grader, models: Path) -> None:
    """Neither files nor descriptors nor processes grow with each model."""
    models_graded = 6
    await grade(grader, LINE, models / "good.keras")
    before = _held(grader)
    for _ in range(models_graded):
        await grade(grader, LINE, models / "good.keras")
    after = _held(grader)

    # Not the very same: the next worker may just be starting.
    assert all(now < then + models_graded for now, then in zip(after, before, strict=True)), (before, after)


def _held(grader: Grader) -> tuple[int, int]:
    """Open files of this process and the examiner; processes that run the predictor."""
    assert grader.pid is not None
    descriptors = sum(len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in ("self", grader.pid))
    return descriptors, len(descendants(grader.pid))


def descendants(pid: int) -> list[int]:
    """All processes below one, by `psutil`."""
    import psutil

    return [child.pid for child in psutil.Process(pid).children(recursive=True)]
