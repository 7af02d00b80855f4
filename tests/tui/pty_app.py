"""A made-up app in a real terminal, for tests that need one: `python pty_app.py WORKSPACE LOG SCENE`.

The clock runs 20 times as fast, so that many frames fall into a short time. What happens is written to LOG.
"""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from mockexam.tui.app import MockexamApp  # noqa: E402  # the path comes first
from tests.tui.fakes import Editor, FakeEnvironment, FakeManager  # noqa: E402

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
    if scene == "crash":
        session.crash = RuntimeError("a bug of ours")
    app = MockexamApp(manager, manager.clock, None, env.services())
    ticking = asyncio.create_task(_tick(manager, log, 1.0 if scene == "idle" else 20.0))
    await app.run_async()
    ticking.cancel()
    if app.fault is not None:
        sys.stdout.write(f"FAULT-TOLD {app.fault}\n")
    return app.return_code or 0


async def _tick(manager: FakeManager, log: Path, pace: float) -> None:
    assert manager.session is not None
    while True:
        await asyncio.sleep(1 / pace)
        manager.session.tick(1.0)
        with log.open("a") as file:
            file.write(
                f"{time.monotonic():.3f} {manager.session.snapshot.remaining:.0f} {manager.session.phase_word}\n"
            )


if __name__ == "__main__":
    sys.exit(asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])))
