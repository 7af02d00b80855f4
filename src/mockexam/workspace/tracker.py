"""When a candidate counts as saved: unchanged for long enough, and complete by structure. No clock is read here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from mockexam.exam.events import ModelFormat
from mockexam.workspace.completeness import STILL_SECONDS, Completeness, SaveState, completeness_of
from mockexam.workspace.layout import CANDIDATES
from mockexam.workspace.scan import BrokenModel, Candidate, FileNameHint, Scan, Sighting, WatchEvent
from mockexam.workspace.signature import Signature

UNFINISHED_SECONDS = 4.0
"""A save that looks unfinished is called interrupted after so long without a change."""
RESTLESS_SECONDS = 4.0
"""After so long without a still moment it is tried to catch a candidate between two saves."""
HINT_SECONDS = 2.0
"""A model-like file must be there for so long: savers make short-lived ones."""
_TRY_AGAIN = 0.5
"""Seconds to the next try when a candidate could not be received; doubled with each try of the same state."""
_LONGEST_WAIT = 30.0
_SOON = 0.15
"""Seconds to the next look while something changes."""

Judge = Callable[[Path, ModelFormat, Signature], Completeness]


@dataclass(slots=True)
class _Track:
    """What is known of one candidate. Times are monotonic seconds."""

    signature: Signature
    since: float
    restless_since: float | None
    grading: Completeness | None = None
    told_broken: bool = False
    """This state was told as broken."""
    sighted: bool = False
    """This state was told as whole."""
    not_before: float = 0.0
    """It is not told again before this time."""
    tries: int = 0
    """How often this state could not be received."""
    misses: int = 0
    """How often it could not be caught since it was last still."""

    def change(self, signature: Signature, now: float) -> None:
        """Take note of another state."""
        self.signature, self.since, self.grading = signature, now, None
        self.told_broken = self.sighted = False
        self.not_before, self.tries = 0.0, 0
        if self.restless_since is None:
            self.restless_since = now
            self.misses = 0


class Tracker:
    """Folds looks at the folders into what is to be told. Each content state is told once."""

    def __init__(self, completeness_of: Judge = completeness_of) -> None:
        self._judge = completeness_of
        self._tracks: dict[Candidate, _Track] = {}
        self._hint_since: dict[Path, float] = {}
        self._hinted: set[Path] = set()
        self._now = 0.0

    def look(self, found: Scan, now: float) -> list[WatchEvent]:
        """What is new with this scan, made at `now` (monotonic seconds); sightings in the order of the saves."""
        self._now = now
        for gone in self._tracks.keys() - found.candidates.keys():
            del self._tracks[gone]
        told: list[WatchEvent] = []
        for candidate, signature in sorted(found.candidates.items(), key=lambda pair: pair[1].newest):
            seen = self._look_at(candidate, signature, now)
            if seen is not None:
                told.append(seen)
        return told + self._new_hints(found.hints, now)

    def again(self, sighting: Sighting) -> None:
        """Tell this sighting again, at growing intervals: it could not be received."""
        track = self._tracks.get(Candidate(sighting.number, sighting.path))
        if track is None:
            return
        if sighting.hurried:
            track.restless_since = self._now - RESTLESS_SECONDS + min(_LONGEST_WAIT, _TRY_AGAIN * 2**track.misses)
            track.misses += 1
        elif track.signature == sighting.signature:
            track.sighted = False
            track.not_before = self._now + min(_LONGEST_WAIT, _TRY_AGAIN * 2**track.tries)
            track.tries += 1

    def next_look(self, now: float) -> float | None:
        """Seconds until something may have to be told even if nothing changes; None when all is settled."""
        waits = [wait for track in self._tracks.values() if (wait := _wait(track, now)) is not None]
        if self._hint_since:
            waits.append(HINT_SECONDS / 2)
        return min(waits, default=None)

    def _look_at(self, candidate: Candidate, signature: Signature, now: float) -> WatchEvent | None:
        track = self._tracks.get(candidate)
        if track is None:
            track = self._tracks[candidate] = _Track(signature, now, now)
        elif track.signature != signature:
            track.change(signature, now)
        if track.sighted or now < track.not_before:
            return None
        if now - track.since < STILL_SECONDS:
            return self._catch(candidate, track, now)
        return self._settle(candidate, track, now)

    def _settle(self, candidate: Candidate, track: _Track, now: float) -> WatchEvent | None:
        """What to tell about a candidate that is still."""
        if track.grading is None or track.grading.state is SaveState.NOT_YET:
            track.grading = self._judge(candidate.path, CANDIDATES[candidate.path.name], track.signature)
        still = now - track.since
        match track.grading.state:
            case SaveState.COMPLETE:
                return self._sight(candidate, track) if still >= track.grading.patience else None
            case SaveState.NOT_YET if still < UNFINISHED_SECONDS:
                return None
            case _ if track.told_broken:
                return None
            case _:
                track.told_broken, track.restless_since = True, None
                return BrokenModel(candidate.number, candidate.path, track.grading.reason)

    def _catch(self, candidate: Candidate, track: _Track, now: float) -> WatchEvent | None:
        """A sighting of a candidate that is never still: whoever receives it has to wait for a whole state."""
        if track.restless_since is None or now - track.restless_since < RESTLESS_SECONDS:
            return None
        track.restless_since = now
        form = CANDIDATES[candidate.path.name]
        return Sighting(candidate.number, candidate.path, form, track.signature, hurried=True)

    def _sight(self, candidate: Candidate, track: _Track) -> Sighting:
        track.sighted, track.restless_since = True, None
        return Sighting(candidate.number, candidate.path, CANDIDATES[candidate.path.name], track.signature)

    def _new_hints(self, hints: Iterable[FileNameHint], now: float) -> list[WatchEvent]:
        present: Mapping[Path, FileNameHint] = {hint.path: hint for hint in hints if hint.path not in self._hinted}
        self._hint_since = {path: self._hint_since.get(path, now) for path in present}
        due = [hint for path, hint in present.items() if now - self._hint_since[path] >= HINT_SECONDS]
        self._hinted.update(hint.path for hint in due)
        for hint in due:
            del self._hint_since[hint.path]
        return list(due)


def _wait(track: _Track, now: float) -> float | None:
    """Seconds until this candidate should be looked at again; None if only when something changes."""
    if track.sighted or track.told_broken:
        return None
    still = now - track.since
    patience = track.grading.patience if track.grading and track.grading.complete else STILL_SECONDS
    left = max(patience - still, track.not_before - now)
    if left <= 0:
        return _SOON
    return left if track.not_before > now else min(_SOON, max(0.01, left))
