"""Pictures of every screen, from a made-up exam: `python tools/screenshots.py [FOLDER] [--light]`.

Writes SVG files at 80x24, 140x40 and 200x60, by default into docs/screenshots/.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from mockexam.exam.scoring import Verdict  # noqa: E402  # the path comes first
from mockexam.grading.protocol import InspectionFinding, ModelInspected  # noqa: E402
from mockexam.tui.app import MockexamApp  # noqa: E402
from tests.tui.fakes import FakeEnvironment, FakeManager, FakeSession, Output  # noqa: E402
from tools.scenes_retry import CHOOSING, RETRYING, retry  # noqa: E402
from tools.scenes_review import REVIEWING, remember  # noqa: E402  # as above
from tools.stage import Scene, Stage  # noqa: E402

SIZES = ((80, 24), (140, 40), (200, 60))

_BAR = "━" * 20
_OUTPUT = (
    Output(
        (
            "Epoch 1/20",
            f"375/375 {_BAR} 2s 4ms/step - accuracy: 0.5214 - loss: 1.1029 - val_accuracy: 0.6330",
            "Epoch 2/20",
            f"375/375 {_BAR} 1s 3ms/step - accuracy: 0.6841 - loss: 0.7712 - val_accuracy: 0.7025",
            "Epoch 3/20",
        ),
        f"211/375 {_BAR[:11]} 0s 3ms/step - accuracy: 0.7240 - loss: 0.6511",
    ),
)

_INSPECTED = ModelInspected(
    job="1",
    format="keras",
    size=1_213_440,
    saved_with="Keras 3.15.1",
    inputs=["float32 (None, 11)"],
    outputs=["float32 (None, 4)"],
    layers=["Normalization", "Dense 64 relu", "Dense 4 linear"],
    parameters=101_132,
    findings=[
        InspectionFinding(
            severity="refused",
            message="The model ends in 4 logits; this question asks for probabilities that add up to 1.",
            remedy="Give the last layer activation='softmax'.",
        ),
        InspectionFinding(
            severity="note", message="The first layer normalises raw units: good, the grader feeds raw units."
        ),
    ],
)


def _sit(manager: FakeManager) -> FakeSession:
    """An attempt 48 minutes in."""
    session = manager.begin()
    session.inspected = _INSPECTED
    names = ("simple_model/basil_trays", "learning_dataset/pass_road", "image_classification/repair_cafe",
             "text_classification/town_hall_inbox", "time_series/tidal_quay")  # fmt: skip
    briefs = {number: ROOT / "exams" / name / "brief.md" for number, name in enumerate(names, 1)}
    session.briefs = {number: path.read_text() for number, path in briefs.items() if path.exists()}
    story: tuple[tuple[float, Callable[[], None]], ...] = (
        (540, lambda: session.receive(1, "a", 24_800)),
        (3, lambda: session.grade(1, "a", 4)),
        (300, lambda: session.receive(1, "b", 25_100)),
        (2, lambda: session.grade(1, "b", 5)),
        (1900, lambda: session.receive(2, "c", 310_000)),
        (2, lambda: session.grade(2, "c", None, Verdict.INVALID_MODEL, *_LOGITS)),
        (95, lambda: session.receive(2, "d", 312_000)),
        (2, lambda: session.grade(2, "d", 3)),
        (26, lambda: session.receive(3, "e", 8_400_000)),
    )
    for seconds, happens in story:
        manager.clock.advance(seconds)
        happens()
    session.grading = "q3-e"
    session.missing = {5: ("solution.py",)}
    return session


_LOGITS = (
    "Your model ends in 4 logits; this question asks for probabilities that add up to 1.",
    "Give the last layer activation='softmax'.",
)


async def _exam(stage: Stage) -> None:
    await stage.pilot.press("2")


async def _refused(stage: Stage) -> None:
    session = stage.session
    session.receive(4, "f", 2_100_000)
    session.grade(4, "f", None, Verdict.INVALID_MODEL, *_LOGITS)
    await stage.pilot.press("4")


async def _missing(stage: Stage) -> None:
    await stage.pilot.press("5", "o")


async def _run(stage: Stage) -> None:
    folder = stage.session.folder(2)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "solution.py").touch()
    await stage.pilot.press("2", "r")
    await asyncio.sleep(0.3)
    stage.env.manager.clock.advance(42)
    stage.session.publish()


async def _last_minutes(stage: Stage) -> None:
    stage.env.manager.clock.advance((stage.session.snapshot.remaining or 0) - 301)
    stage.session.publish()
    await stage.pilot.pause()
    stage.session.tick(2)
    await stage.pilot.press("3")


async def _inspect(stage: Stage) -> None:
    await stage.pilot.press("2", "i")


async def _finish(stage: Stage) -> None:
    await stage.pilot.press("f")


async def _leave(stage: Stage) -> None:
    await stage.pilot.press("q")


async def _help(stage: Stage) -> None:
    await stage.pilot.press("question_mark")


async def _palette(stage: Stage) -> None:
    await stage.pilot.press("ctrl+p")


async def _grading(stage: Stage) -> None:
    await stage.session.finish()


async def _failed(stage: Stage) -> None:
    session = stage.session
    session.grading = None
    session.grade(3, "e", 3)
    session.tick(9000)
    await session.finish()
    session.settle()


async def _passed(stage: Stage) -> None:
    session = stage.session
    session.grading = None
    session.grade(3, "e", 5)
    for number, marks in ((2, 5), (4, 4), (5, 5)):
        session.receive(number, "z")
        session.grade(number, "z", marks)
    session.tick(7000)
    await session.finish()
    session.settle()


async def _still(stage: Stage) -> None:
    """Nothing to do."""


async def _start(stage: Stage) -> None:
    await stage.pilot.press("1")
    await asyncio.sleep(0.2)


async def _prepare(stage: Stage) -> None:
    stage.env.manager.hold_prepare = asyncio.Event()
    await _start(stage)
    await stage.pilot.press("enter")
    await asyncio.sleep(0.2)


async def _ready(stage: Stage) -> None:
    await _start(stage)
    await stage.pilot.press("enter")
    await asyncio.sleep(0.2)


async def _bad_code(stage: Stage) -> None:
    await _start(stage)
    stage.pilot.app.screen.query_one("#code").focus()
    await stage.pilot.press(*"NOPE", "enter")
    await asyncio.sleep(0.2)


async def _doctor(stage: Stage) -> None:
    await stage.pilot.press("4")
    await asyncio.sleep(0.1)
    await stage.pilot.press("T")


async def _held(stage: Stage) -> None:
    """Home, as another app has the attempt."""


BEFORE: dict[str, Scene] = {
    "home": _still,
    "start": _start,
    "start-preparing": _prepare,
    "start-ready": _ready,
    "start-error": _bad_code,
    "doctor": _doctor,
    **CHOOSING,
}
DURING: dict[str, Scene] = {
    "exam": _exam,
    "exam-refused": _refused,
    "exam-run": _run,
    "exam-last-minutes": _last_minutes,
    "restore": _missing,
    "inspect": _inspect,
    "finish": _finish,
    "leave": _leave,
    "help": _help,
    "palette": _palette,
    "grading": _grading,
    "result-fail": _failed,
    "result-pass": _passed,
    "home-held": _held,
}

SHOWN = (
    "home", "start", "start-ready", "doctor", "exam", "exam-run", "exam-refused", "inspect", "finish", "help",
    "palette", "result-fail", "result-pass", "retry", "start-retry", "exam-retry", "hints", "models",
    "changes", "result-retry", "review", "review-attempt", "review-diff", "review-compare", "review-readiness",
)  # fmt: skip
"""What the documents show; the others are for looking at while working on the app."""


async def shoot(name: str, scene: Scene, size: tuple[int, int], folder: Path, *, light: bool) -> None:
    """One picture."""
    with tempfile.TemporaryDirectory() as scratch:
        workspace = Path(scratch)
        manager = FakeManager(workspace)
        env = FakeEnvironment(manager)
        manager.starter.printed = _OUTPUT
        if name in DURING:
            _sit(manager)
            manager.holder = 4711 if name == "home-held" else None
        elif name in RETRYING:
            retry(manager)
        elif name in REVIEWING:
            remember(env, workspace / "home", name)
        services = env.services()
        app = MockexamApp(manager, manager.clock, None, services)
        async with app.run_test(size=size) as pilot:
            if light:
                await pilot.press("ctrl+t")
            await pilot.pause()
            await scene(Stage(pilot, env))
            await pilot.pause(0.3)
            text = app.export_screenshot(title="mockexam").replace(scratch, "/home/sam/mockexam/7K3Q-F2XM")
            (folder / f"{name}-{size[0]}x{size[1]}.svg").write_text(text, encoding="utf-8")


async def main() -> None:
    """All pictures asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=ROOT / "docs" / "screenshots")
    parser.add_argument("--light", action="store_true", help="the light look")
    parser.add_argument("--only", nargs="*", default=SHOWN, help="names of scenes")
    parser.add_argument("--all", action="store_true", help="every scene, not only those of the documents")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    for name, scene in (BEFORE | DURING | RETRYING | REVIEWING).items():
        if not asked.all and name not in asked.only:
            continue
        for size in SIZES:
            await shoot(name, scene, size, asked.folder, light=asked.light)
            print(f"{name} {size[0]}x{size[1]}")


if __name__ == "__main__":
    asyncio.run(main())
