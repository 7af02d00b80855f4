"""Scenes of a retry: the choice, the start, the exam screen, hints, models and the result."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from mockexam.bank.handbook import read_hints
from mockexam.exam.scoring import Verdict
from mockexam.session.ports import Hint
from mockexam.workspace.scripts import ScriptFile
from tests.tui.fakes import FakeManager, FakeSession
from tools.stage import Scene, Stage

QUESTION = Path(__file__).resolve().parents[1] / "exams" / "learning_dataset" / "pass_road"

_FINDINGS = (
    "It scores 0.993 on the training data and 0.871 on unseen data: it learnt the training data by heart. Try Dropout.",
    "It answers 'black ice' for 2 % of the entries, where 9 % are: rare states hardly count in its loss.",
)
_NOW = """import tensorflow as tf

features, labels = load("data/train.csv")
normalise = tf.keras.layers.Normalization()
normalise.adapt(features)

model = tf.keras.Sequential([
    normalise,
    tf.keras.layers.Dense(256, activation="relu"),
    tf.keras.layers.Dropout(0.3),
    tf.keras.layers.Dense(4, activation="softmax"),
])
model.compile("adam", "sparse_categorical_crossentropy", ["accuracy"])
model.fit(features, labels, epochs=20, validation_split=0.1)
model.save("mymodel.keras")
"""
_THEN = _NOW.replace("    tf.keras.layers.Dropout(0.3),\n", "").replace("epochs=20", "epochs=80")


def retry(manager: FakeManager) -> FakeSession:
    """A retry 22 minutes in."""
    session = manager.begin_retry()
    texts = read_hints(QUESTION / "hints.md")
    session.all_hints = tuple(Hint(step, len(texts), text) for step, text in enumerate(texts, 1))
    session.briefs = {1: (QUESTION / "brief.md").read_text()}
    folder = session.folder(1)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "solution.py").write_text(_NOW)
    session.kept = {f"q1-{name}": (ScriptFile("solution.py", _THEN),) for name in "bcd"}
    story: tuple[tuple[float, Callable[[], object]], ...] = (
        (420, lambda: session.receive(1, "a", 310_000)),
        (2, lambda: session.grade(1, "a", None, Verdict.INVALID_MODEL, *_LOGITS)),
        (95, lambda: session.receive(1, "b", 312_000, scripts="x/q1-code-b")),
        (2, lambda: session.grade(1, "b", 1, value=0.7312, next_at=0.76)),
        (130, lambda: session.next_hint(1)),
        (380, lambda: session.receive(1, "c", 2_104_000, scripts="x/q1-code-c")),
        (2, lambda: session.grade(1, "c", 4, value=0.9013, next_at=0.92)),
        (300, lambda: session.receive(1, "d", 2_104_000, scripts="x/q1-code-d")),
        (2, lambda: session.grade(1, "d", 3, value=0.8708, next_at=0.89)),
        (1, lambda: session.diagnose(1, "d", *_FINDINGS, train_value=0.9931)),
    )
    for seconds, happens in story:
        manager.clock.advance(seconds)
        happens()
    return session


_LOGITS = (
    "Your model ends in 4 logits; this question asks for probabilities that add up to 1.",
    "Give the last layer activation='softmax'.",
)


async def _retry_choice(stage: Stage) -> None:
    await stage.pilot.press("2")
    await asyncio.sleep(0.2)
    await stage.pilot.press("down", "down")


async def _start(stage: Stage) -> None:
    await _retry_choice(stage)
    await stage.pilot.press("u", "enter")
    await asyncio.sleep(0.3)


async def _exam(stage: Stage) -> None:
    """The last model, looked into."""


async def _exam_refused(stage: Stage) -> None:
    stage.session.receive(1, "e", 310_000)
    stage.session.grade(1, "e", None, Verdict.INVALID_MODEL, *_LOGITS)


async def _hints(stage: Stage) -> None:
    await stage.pilot.press("h", "enter")


async def _no_hint(stage: Stage) -> None:
    stage.session.attempt = replace(stage.session.attempt, notes=())
    await stage.pilot.press("h")


async def _models(stage: Stage) -> None:
    await stage.pilot.press("m")


async def _put_back(stage: Stage) -> None:
    await stage.pilot.press("m", "down", "enter")


async def _changes(stage: Stage) -> None:
    await stage.pilot.press("m", "d")
    await asyncio.sleep(0.3)


async def _result(stage: Stage) -> None:
    session = stage.session
    session.diagnose(1, "c", _FINDINGS[1], train_value=0.9411)
    session.tick(400)
    await session.finish()
    session.settle()


async def _retry_start(stage: Stage) -> None:
    await stage.pilot.press("2")
    await asyncio.sleep(0.2)
    await stage.pilot.press("enter")
    await asyncio.sleep(0.3)


CHOOSING: dict[str, Scene] = {"retry": _retry_choice, "start-retry": _retry_start, "start-untimed": _start}
RETRYING: dict[str, Scene] = {
    "exam-retry": _exam,
    "exam-retry-refused": _exam_refused,
    "hints": _hints,
    "hints-none": _no_hint,
    "models": _models,
    "models-ask": _put_back,
    "changes": _changes,
    "result-retry": _result,
}
