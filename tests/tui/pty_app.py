"""A made-up app in a real terminal, for tests that need one: `python pty_app.py WORKSPACE LOG SCENE`.

The clock runs 20 times as fast, so that many frames fall into a short time. What happens is written to LOG.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from mockexam.exam.scoring import Verdict  # noqa: E402  # the path comes first
from mockexam.tui.app import MockexamApp  # noqa: E402
from mockexam.tui.signals import chosen_signals  # noqa: E402
from tests.tui.fakes import Editor, FakeEnvironment, FakeManager, Output  # noqa: E402

EDITOR = "import sys, time; print('EDITOR-OPEN', flush=True); time.sleep(float(sys.argv[1])); print('EDITOR-SHUT')"


async def main(workspace: Path, log: Path, scene: str) -> int:
    """Run the app and tick its sitting."""
    manager = FakeManager(workspace, duration=60.0 if scene == "time-up" else 18000.0)
    env = FakeEnvironment(manager)
    seconds = "5" if scene == "time-up" else "3"
    env.editor = Editor((sys.executable, "-c", EDITOR, seconds), "terminal")
    session = manager.begin()
    folder = session.folder(1)
    folder.mkdir(parents=True)
    (folder / "solution.py").touch()
    if scene == "signals":
        session.receive(1, "a")
    if scene.startswith("train"):
        env.manager.starter.printed = (Output(("Epoch 1/4", "9/9 - 5s - 500ms/step - loss: 0.5", "Epoch 2/4")),)
        os.environ["MOCKEXAM_PROGRESS"] = "on"
    if scene == "crash":
        session.crash = RuntimeError("a bug of ours")
    app = MockexamApp(manager, manager.clock, None, env.services(), chosen_signals())
    ticking = asyncio.create_task(_tick(manager, log, 1.0 if scene == "idle" else 20.0, scene))
    crashing = asyncio.create_task(_crash_while_training(app)) if scene == "train-crash" else None
    await app.run_async()
    if crashing is not None:
        crashing.cancel()
    ticking.cancel()
    if app.fault is not None:
        sys.stdout.write(f"FAULT-TOLD {app.fault}\n")
    return app.return_code or 0


async def _crash_while_training(app: MockexamApp) -> None:
    while not app.screen_stack or not app.screen.query("#lower.-training"):
        await asyncio.sleep(0.05)
    app.call_later(_fail)


def _fail() -> None:
    raise RuntimeError("a bug of ours")


async def _tick(manager: FakeManager, log: Path, pace: float, scene: str) -> None:
    assert manager.session is not None
    ticks = 0
    while True:
        await asyncio.sleep(1 / pace)
        manager.session.tick(1.0)
        ticks += 1
        if scene == "signals" and ticks == 40:
            manager.session.grade(1, "a", 5)
        if scene == "signals" and ticks == 60:
            manager.session.receive(2, "b")
            manager.session.grade(2, "b", None, Verdict.INVALID_MODEL, "It outputs logits.", "Add a softmax.")
        with log.open("a") as file:
            file.write(
                f"{time.monotonic():.3f} {manager.session.snapshot.remaining:.0f} {manager.session.phase_word}\n"
            )


if __name__ == "__main__":
    sys.exit(asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])))
