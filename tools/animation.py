"""The moving picture of a short exam in the README: `python tools/animation.py [FILE]`, by default docs/exam.svg.

It is a real exam of two questions: the references train, the grader grades them, and the frames are what the app shows.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from itertools import groupby
from pathlib import Path

from textual.pilot import Pilot

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from mockexam.doctor.quick import quick_checks  # noqa: E402  # the path comes first
from mockexam.machine_clock import MachineClock  # noqa: E402  # as above
from mockexam.paths import StatePaths  # noqa: E402  # as above
from mockexam.session.manager import SessionManager  # noqa: E402  # as above
from mockexam.session.ports import StartRequest  # noqa: E402  # as above
from mockexam.tui.app import MockexamApp  # noqa: E402  # as above
from mockexam.tui.services import Services  # noqa: E402  # as above

SIZE = (80, 24)
EXAM = """
title = "A short exam"
duration_minutes = 12
pass_mark = 90
counts = "best"

[[questions]]
category = "simple_model"
weight = 1

[[questions]]
category = "learning_dataset"
weight = 2
"""
LONGEST = 600.0
"""Seconds to wait for anything that is expected."""

Frame = tuple[str, float]
"""A picture of the app as SVG, and the seconds that it stays."""


class Camera:
    """Takes pictures of a running app."""

    def __init__(self, pilot: Pilot[int]) -> None:
        self._pilot = pilot
        self.frames: list[Frame] = []

    async def take(self, seconds: float) -> None:
        """A picture that stays so long; twice the same is one that stays longer."""
        await self._pilot.pause()
        picture = self._pilot.app.export_screenshot(title="mockexam")
        if self.frames and _elements(picture) == _elements(self.frames[-1][0]):
            self.frames[-1] = picture, self.frames[-1][1] + seconds
        else:
            self.frames.append((picture, seconds))

    async def until(self, happened: Callable[[], bool], *, every: float = 0.0, stays: float = 0.0) -> None:
        """Wait; with `every` a picture is taken each so many seconds."""
        async with asyncio.timeout(LONGEST):
            while not happened():
                await asyncio.sleep(every or 0.1)
                if every:
                    await self.take(stays)


async def sit(folder: Path) -> list[Frame]:
    """Sit the short exam in this folder."""
    exam = folder / "short.toml"
    exam.write_text(EXAM, encoding="utf-8")
    clock = MachineClock()
    manager = SessionManager(StatePaths(folder / "home"), clock)
    services = Services(
        # A pilot has no terminal, of which the doctor would warn.
        quick_checks=lambda workspace: [check for check in quick_checks(workspace) if check.name != "terminal"],
        receipt=manager.journal.receipt,
    )
    request = StartRequest(exam=str(exam), workspace=folder / "exam")
    app = MockexamApp(manager, clock, request, services)
    try:
        async with app.run_test(size=SIZE) as pilot:
            frames = await _film(pilot, app)
    finally:
        await app.close_session()
        await manager.close()
    return frames


async def _film(pilot: Pilot[int], app: MockexamApp) -> list[Frame]:
    camera = Camera(pilot)
    await camera.until(lambda: "Prepare" in _text(app))
    await camera.take(2.5)
    await pilot.press("enter")
    await camera.until(lambda: "START" in _text(app))
    await pilot.press(*"START")
    await camera.take(1.5)
    await pilot.press("enter")
    await camera.until(lambda: app.session is not None and "Activity" in _text(app))
    await camera.take(2.5)
    session = app.session
    assert session is not None
    for item in session.snapshot.attempt.paper.items:
        shutil.copy(ROOT / "scoring" / item.question / "reference.py", session.folder(item.number) / "solution.py")
        await pilot.press(str(item.number), "r")
        graded = _graded(app, item.number)
        await camera.until(graded, every=1.0, stays=0.35)
        await camera.take(2.5)
        await camera.until(lambda: not session.runs.running)
    await pilot.press("f")
    await camera.until(lambda: "FINISH" in _text(app))
    await pilot.press(*"FINISH")
    await camera.take(1.5)
    await pilot.press("enter")
    await camera.until(lambda: "receipt" in _text(app).lower())
    await camera.take(5.0)
    return camera.frames


def _graded(app: MockexamApp, number: int) -> Callable[[], bool]:
    def graded() -> bool:
        snapshot = app.snapshot
        return snapshot is not None and snapshot.attempt.questions[number - 1].marks is not None

    return graded


def _text(app: MockexamApp) -> str:
    return "\n".join("".join(segment.text for segment in strip) for strip in app.screen._compositor.render_strips())  # noqa: SLF001  # Textual has no other way to read its screen


_STYLE = re.compile(r"\.terminal-\d+-(r\d+) \{ (.*?) \}")
_ELEMENT = re.compile(r"<rect [^>]*shape-rendering[^>]*/>|<text [^>]*clip-path[^>]*>.*?</text>", re.DOTALL)


def _elements(picture: str) -> list[str]:
    """The rectangles and texts of a picture, with their styles in place of names that differ between pictures."""
    styles = dict(_STYLE.findall(picture))
    found = []
    for element in _ELEMENT.findall(picture):
        named = re.sub(r'class="terminal-\d+-(r\d+)"', lambda m: f'style="{styles[m[1]]}"', element)
        named = re.sub(r"url\(#terminal-\d+-", "url(#t-", named)
        if not re.search(r">(?:\s|&#160;)*</text>", named):
            found.append(named)
    return found


def animate(frames: list[Frame]) -> str:
    """One SVG that shows the pictures one after the other, over and over; what stays is stored once."""
    whole = sum(seconds for _, seconds in frames)
    ends = [0.0]
    for _, seconds in frames:
        ends.append(ends[-1] + seconds)
    shown: dict[str, set[int]] = {}
    for number, (picture, _) in enumerate(frames):
        for element in _elements(picture):
            shown.setdefault(element, set()).add(number)
    groups: dict[tuple[int, int], list[str]] = {}
    for element, numbers in shown.items():
        for first, last in _runs(sorted(numbers)):
            groups.setdefault((first, last), []).append(element)
    styles: dict[str, str] = {}
    rules = []
    bodies: dict[str, list[str]] = {"<rect": [], "<text": []}
    for (first, last), elements in groups.items():
        name = f"f{first}-{last}"
        start, end = (100 * ends[first] / whole, 100 * ends[last + 1] / whole)
        before = f"0%,{start:.3f}%{{visibility:hidden}}" if first else ""
        after = f"{end:.3f}%,100%{{visibility:hidden}}" if last + 1 < len(frames) else ""
        rules.append(f"@keyframes {name}{{{before}{start:.3f}%,{end:.3f}%{{visibility:visible}}{after}}}")
        rules.append(f".{name}{{visibility:hidden;animation:{name} {whole:.2f}s step-end infinite}}")
        if last + 1 == len(frames):
            rules.append(f"@media (prefers-reduced-motion:reduce){{.{name}{{visibility:visible;animation:none}}}}")
        else:
            rules.append(f"@media (prefers-reduced-motion:reduce){{.{name}{{animation:none}}}}")
        for kind, body in bodies.items():
            own = [_short(element, styles) for element in elements if element.startswith(kind)]
            if own:
                body.append(f'<g class="{name}">{"".join(own)}</g>')
    return _page(frames[0][0], [*rules, *(f".{name}{{{style}}}" for style, name in styles.items())], bodies)


def _runs(numbers: list[int]) -> Iterator[tuple[int, int]]:
    """First and last of each run of consecutive numbers."""
    for _, some in groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0]):
        run = [number for _, number in some]
        yield run[0], run[-1]


def _short(element: str, styles: dict[str, str]) -> str:
    element = element.replace(' shape-rendering="crispEdges"', "")
    return re.sub(r'style="([^"]*)"', lambda m: f'class="{styles.setdefault(m[1], f"s{len(styles)}")}"', element)


def _page(picture: str, rules: list[str], bodies: dict[str, list[str]]) -> str:
    """The frame of the first picture around these bodies."""
    head, tail = picture.split("</style>", 1)
    head = re.sub(r"\s*\.terminal-\d+-r\d+ \{[^}]*\}", "", head)
    frame = tail[: tail.index('<g transform="translate(9, 41)"')]
    number = re.search(r"terminal-(\d+)-matrix", picture)
    assert number is not None
    own = f"terminal-{number[1]}-"
    inside = (
        f'<g transform="translate(9, 41)" clip-path="url(#t-clip-terminal)" shape-rendering="crispEdges">'
        f'{"".join(bodies["<rect"])}<g class="t-matrix">{"".join(bodies["<text"])}</g></g></svg>\n'
    )
    return f"{head}{''.join(rules)}</style>{frame}".replace(own, "t-") + inside


def main() -> None:
    """Film a short exam and write the picture."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "exam.svg"
    with tempfile.TemporaryDirectory(prefix="mockexam-film-") as name:
        frames = asyncio.run(sit(Path(name)))
    target.write_text(animate(frames), encoding="utf-8")
    print(f"{target}: {len(frames)} pictures, {target.stat().st_size / 1024:.0f} kB")  # a tool's answer


if __name__ == "__main__":
    main()
