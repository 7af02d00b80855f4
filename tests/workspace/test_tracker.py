"""When something is told, by a made-up clock and made-up states."""

from __future__ import annotations

import itertools
import os
from pathlib import Path, PurePosixPath

import pytest

from mockexam.exam.events import ModelFormat
from mockexam.workspace.completeness import COMPLETE, COMPLETE_UNORDERED, Completeness, broken, incomplete
from mockexam.workspace.scan import (
    RESTLESS_SECONDS,
    BrokenModel,
    DetectedModel,
    FileNameHint,
    ModelPath,
    Scan,
    Tracker,
    WatchEvent,
)
from mockexam.workspace.signature import FileState, Signature
from mockexam.workspace.stray import classify

FILE = ModelPath(1, Path("/w/q1/mymodel.keras"))
OTHER = ModelPath(2, Path("/w/q2/mymodel.keras"))


def state(version: int) -> Signature:
    """A state of a file; another version is another state."""
    mode = os.stat(__file__).st_mode  # noqa: PTH116  # a regular file's
    return Signature((FileState("", mode, 1, 1, 100, version * 10**9, version * 10**9),))


class Story:
    """A tracker for which every model has a given completeness."""

    def __init__(self, completeness: Completeness = COMPLETE) -> None:
        self.completeness = completeness
        self.asked = 0
        self.tracker = Tracker(self._completeness_of)

    def _completeness_of(self, path: Path, form: ModelFormat, signature: Signature) -> Completeness:
        self.asked += 1
        return self.completeness

    def look(self, now: float, *versions: int | None, hints: tuple[FileNameHint, ...] = ()) -> list[WatchEvent]:
        """What is told when the first (and second) candidate is seen in this version; None: not there."""
        pairs = zip((FILE, OTHER), versions, strict=False)
        found = {candidate: state(version) for candidate, version in pairs if version is not None}
        return self.tracker.update(Scan(found, hints, frozenset()), now)


def test_a_still_candidate_is_told_once() -> None:
    """Not before half a second, then once, and again only in another state."""
    story = Story()
    assert story.look(10.0, 1) == []
    assert story.look(10.4, 1) == []
    assert story.asked == 0
    (told,) = story.look(10.5, 1)
    assert isinstance(told, DetectedModel)
    assert not told.never_still
    assert story.look(11.0, 1) == []
    assert story.asked == 1
    assert story.look(12.0, 2) == []
    assert len(story.look(12.5, 2)) == 1


def test_each_change_starts_the_wait_anew() -> None:
    """What changes every 0.4 s is not still."""
    story = Story()
    assert [story.look(10 + 0.4 * k, k) for k in range(8)] == [[]] * 8


def file_of(inode: int, size: int, version: int) -> Scan:
    """A scan that found the model in this state."""
    mode = os.stat(__file__).st_mode  # noqa: PTH116  # a regular file's
    signature = Signature((FileState("", mode, 1, inode, size, version * 10**9, version * 10**9),))
    return Scan({FILE: signature}, (), frozenset())


def test_a_save_that_nobody_received_is_reported_once_a_minute() -> None:
    """A newer file in its place, or a shorter one; a file that grows is one save."""
    tracker = Tracker(lambda *_: COMPLETE)
    assert tracker.update(file_of(1, 100, 1), 0.0) == []
    assert tracker.update(file_of(1, 300, 2), 0.2) == []
    (lost,) = tracker.update(file_of(1, 200, 3), 0.4)
    assert isinstance(lost, BrokenModel)
    assert tracker.update(file_of(2, 200, 4), 0.6) == []
    (received,) = tracker.update(file_of(2, 200, 4), 1.2)
    assert isinstance(received, DetectedModel)
    assert tracker.update(file_of(3, 200, 5), 70.0) == []
    (lost,) = tracker.update(file_of(4, 200, 6), 70.2)
    assert isinstance(lost, BrokenModel)


def test_doubtful_order_waits_longer() -> None:
    """Three seconds instead of half a one."""
    story = Story(COMPLETE_UNORDERED)
    assert story.look(0.0, 1) == story.look(0.5, 1) == story.look(2.9, 1) == []
    assert len(story.look(3.0, 1)) == 1


@pytest.mark.parametrize(("completeness", "after"), [(broken("bad"), 0.5), (incomplete("cut"), 4.0)])
def test_broken_is_told_once(completeness: Completeness, after: float) -> None:
    """What can't become whole is told at once, what might be under way only after four seconds."""
    story = Story(completeness)
    assert story.look(0.0, 1) == story.look(after - 0.01, 1) == []
    (told,) = story.look(after, 1)
    assert isinstance(told, BrokenModel)
    assert story.look(after + 1, 1) == story.look(after + 60, 1) == []


def test_a_file_that_is_let_go_becomes_whole_without_changing() -> None:
    """An HDF5 file held open by another program is told as broken, and sighted when that lets it go."""
    story = Story(incomplete("open in another program"))
    story.look(0.0, 1)
    assert len(story.look(4.0, 1)) == 1
    story.completeness = COMPLETE
    (told,) = story.look(5.0, 1)
    assert isinstance(told, DetectedModel)


def test_a_restless_candidate_is_told_as_hurried() -> None:
    """After four seconds without a still moment, and again each four seconds."""
    story = Story()
    told = [(0.1 * k, item) for k in range(95) for item in story.look(0.1 * k, k)]
    assert [round(t) for t, _ in told] == [4, 8]
    assert all(isinstance(item, DetectedModel) and item.never_still for _, item in told)


def test_a_hurried_miss_is_tried_again_soon_then_later() -> None:
    """What could not be caught comes again at growing intervals."""
    story = Story()
    times = []
    for k in range(90):
        for item in story.look(0.1 * k, k):
            assert isinstance(item, DetectedModel)
            times.append(0.1 * k)
            story.tracker.report_again(item)
    gaps = [round(b - a, 1) for a, b in itertools.pairwise(times)]
    assert times[0] == pytest.approx(RESTLESS_SECONDS, abs=0.11)
    assert gaps == pytest.approx([0.5, 1.0, 2.0], abs=0.11)


def test_again_is_for_this_state_only() -> None:
    """A sighting that could not be received comes again, unless the file has changed since."""
    story = Story()
    story.look(0.0, 1)
    (told,) = story.look(0.5, 1)
    assert isinstance(told, DetectedModel)
    story.tracker.report_again(told)
    assert story.look(0.9, 1) == []
    assert story.look(1.0, 1) == [told]
    story.look(2.0, 2)
    story.tracker.report_again(told)
    (newer,) = story.look(2.5, 2)
    assert isinstance(newer, DetectedModel)
    assert newer.signature == state(2)


def test_sightings_come_in_the_order_of_the_saves() -> None:
    """So that the last one received is the last one saved."""
    story = Story()
    story.look(0.0, 7, 3)
    assert [item.number for item in story.look(0.5, 7, 3)] == [2, 1]


def test_what_vanishes_is_forgotten() -> None:
    """Gone and come back, it is told again; vanishing itself says nothing."""
    story = Story()
    story.look(0.0, 1)
    assert len(story.look(0.5, 1)) == 1
    assert story.look(1.0, None) == []
    story.look(2.0, 1)
    assert len(story.look(2.5, 1)) == 1


def test_when_the_next_look_is_due() -> None:
    """Soon while something changes, never when all is told."""
    story = Story()
    assert story.tracker.seconds_to_next_scan(0.0) is None
    story.look(0.0, 1)
    assert story.tracker.seconds_to_next_scan(0.0) == pytest.approx(0.15)
    assert story.tracker.seconds_to_next_scan(0.45) == pytest.approx(0.05)
    story.look(0.5, 1)
    assert story.tracker.seconds_to_next_scan(0.5) is None


def stray(name: str, number: int = 1) -> FileNameHint:
    found = classify(PurePosixPath(name), folder=f"q{number}")
    assert found is not None
    return FileNameHint(number, Path(f"/w/q{number}", name), found)


def test_hints_come_once_and_not_for_what_lives_briefly() -> None:
    """A saver's temporary file gets none, a lasting one gets one for good."""
    hint = stray("best.keras")
    story = Story()
    assert story.look(0.0, hints=(hint,)) == []
    assert story.look(1.0) == []
    assert story.look(2.5, hints=(hint,)) == []
    assert story.tracker.seconds_to_next_scan(2.5) is not None
    assert story.look(4.5, hints=(hint,)) == [hint]
    assert story.look(9.0, hints=(hint,)) == []
    assert story.tracker.seconds_to_next_scan(9.0) is None


def test_a_hundred_of_a_kind_get_four_lines() -> None:
    """The fourth stands for all further ones; other questions and kinds get their own."""
    story = Story()
    hints = [stray(f"mymodel ({n}).keras") for n in range(100)]
    hints += [stray("mymodel.zip"), stray("mymodel (1).h5", number=2)]
    story.look(0.0, hints=tuple(hints))
    lines = story.look(2.0, hints=tuple(hints))
    assert [line.more for line in lines if isinstance(line, FileNameHint)] == [False, False, False, True, False, False]
    assert story.look(9.0, hints=tuple(hints)) == []


def test_what_scripts_write_gets_one_line_while_nothing_is_submitted() -> None:
    """Checkpoints are written on purpose: one line for all, and for weights none beside a model."""
    checkpoints = tuple(stray(f"epoch-{n}.weights.h5") for n in range(20))
    beside, alone = Story(), Story()
    for now in (0.0, 2.0, 5.0):
        told = [*beside.look(now, 1, hints=checkpoints)]
        assert not any(isinstance(event, FileNameHint) for event in told)
    alone.look(0.0, hints=checkpoints)
    assert len(alone.look(2.0, hints=checkpoints)) == 1


def test_a_download_has_time_to_finish() -> None:
    """A browser's part file gets its line only when it has been there for long."""
    story, download = Story(), (stray("mymodel.keras.crdownload"),)
    story.look(0.0, hints=download)
    assert story.look(20.0, hints=download) == []
    assert len(story.look(31.0, hints=download)) == 1
