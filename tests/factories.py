"""Made-up attempts for tests: real events, folded for real."""

from __future__ import annotations

from mockexam.exam import events as ev
from mockexam.exam.clock import Reading
from mockexam.exam.paper import Counts, Mode, Paper, PaperItem, Rules
from mockexam.exam.scoring import Verdict

WALL = 1_800_000_000.0
CATEGORIES = ("simple_model", "learning_dataset", "image_classification", "text_classification", "time_series")


class FakeClock:
    """A clock that stands until it is moved."""

    def __init__(self, wall: float = WALL, boot: float = 1000.0, boot_id: str = "boot-1") -> None:
        self.now = Reading(wall, boot, boot_id)

    def read(self) -> Reading:
        """What it says."""
        return self.now

    def advance(self, seconds: float) -> Reading:
        """Let time pass."""
        self.now = Reading(self.now.wall + seconds, self.now.boot + seconds, self.now.boot_id)
        return self.now


def paper(weights: tuple[int, ...] = (1, 2, 3, 4, 5), code: str = "7K3Q-F2XM") -> Paper:
    """A paper with one question a category."""
    return Paper(
        code=code,
        items=tuple(
            PaperItem(
                number=n,
                question=f"{CATEGORIES[n - 1]}/made_up",
                category=CATEGORIES[n - 1],
                title=f"Question {n}",
                weight=weight,
                minutes=20,
                fingerprint="f" * 64,
                folder=f"q{n}_{CATEGORIES[n - 1]}",
            )
            for n, weight in enumerate(weights, 1)
        ),
    )


def started(
    at: Reading,
    *,
    duration: float | None = 18000.0,
    counts: Counts = Counts.BEST,
    mode: Mode = Mode.EXAM,
    on: Paper | None = None,
    workspace: str = "/nowhere",
) -> ev.Started:
    """The start of an attempt."""
    return ev.Started(
        at=at,
        mode=mode,
        rules=Rules(exam="tf_developer", title="TensorFlow Developer", duration=duration, pass_mark=90, counts=counts),
        paper=on or paper(),
        workspace=workspace,
        bank_version="abc",
        app_version="0.1.0",
    )


def received(at: Reading, number: int, name: str, *, size: int = 1234) -> ev.Received:
    """A receipt; `name` tells submissions apart."""
    return ev.Received(
        at=at,
        submission=f"q{number}-{name}",
        number=number,
        name="mymodel.keras",
        format="keras",
        size=size,
        sha256=name * 8,
        stored=f"x/{name}.keras",
    )


def graded(
    at: Reading, number: int, name: str, marks: int | None, *, verdict: Verdict = Verdict.GRADED, message: str = ""
) -> ev.Graded:
    """A verdict on that submission."""
    graded = verdict is Verdict.GRADED
    return ev.Graded(
        at=at,
        submission=f"q{number}-{name}",
        verdict=verdict,
        marks=marks,
        metric="accuracy" if graded else None,
        value=0.5 if graded else None,
        next_at=None,
        message=message,
        remedy="",
        isolation="bubblewrap",
        versions={"keras": "3"},
        seconds=0.3,
    )
