"""When a candidate counts as saved: unchanged for long enough, and complete by structure. No clock is read here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from mockexam.exam.events import ModelFormat
from mockexam.workspace.complete import judge
from mockexam.workspace.judgement import STILL_SECONDS, Judgement, State
from mockexam.workspace.names import CANDIDATES
from mockexam.workspace.scan import Candidate, Scan
from mockexam.workspace.seen import Broken, Hint, Seen, Sighting
from mockexam.workspace.signature import Signature

UNFINISHED_SECONDS = 4.0
"""A save that looks unfinished is called interrupted after so long without a change."""
RESTLESS_SECONDS = 5.0
"""After so long without a still moment a candidate is caught between two saves."""
_LOOK_EARLIER = 2.0
"""So long before that, it is looked at whether there are whole states at all."""
HINT_SECONDS = 2.0
"""A model-like file must be there for so long: savers make short-lived ones."""
_TRY_AGAIN = 0.5
"""Seconds to the next try when a candidate could not be caught."""
_SOON = 0.15
"""Seconds to the next look while something changes."""

Judge = Callable[[Path, ModelFormat, Signature], Judgement]


@dataclass(slots=True)
class _Track:
    """What is known of one candidate. Times are monotonic seconds."""

    signature: Signature
    since: float
    restless_since: float | None
    judged: Judgement | None = None
    whole_seen: bool = False
    told_broken: Signature | None = None


class Tracker:
    """Folds looks at the folders into what is to be told. Each content state is told once."""

    def __init__(self, judge: Judge = judge) -> None:
        self._judge = judge
        self._tracks: dict[Candidate, _Track] = {}
        self._sighted: dict[Candidate, Signature] = {}
        self._hint_since: dict[Path, float] = {}
        self._hinted: set[Path] = set()
        self._now = 0.0

    def look(self, found: Scan, now: float) -> list[Seen]:
        """What is new with this scan, made at `now` (monotonic seconds); sightings in the order of the saves."""
        self._now = now
        for gone in self._tracks.keys() - found.candidates.keys():
            del self._tracks[gone]
        told: list[Seen] = []
        for candidate, signature in sorted(found.candidates.items(), key=lambda pair: pair[1].newest):
            seen = self._look_at(candidate, signature, now)
            if seen is not None:
                told.append(seen)
        return told + self._new_hints(found.hints, now)

    def again(self, sighting: Sighting) -> None:
        """Tell this sighting again at the next look: it could not be received."""
        candidate = Candidate(sighting.number, sighting.path)
        if self._sighted.get(candidate) == sighting.signature:
            del self._sighted[candidate]
        track = self._tracks.get(candidate)
        if track is not None and sighting.hurried:
            track.restless_since = self._now - RESTLESS_SECONDS + _TRY_AGAIN

    def next_look(self, now: float) -> float | None:
        """Seconds until something may have to be told even if nothing changes; None when all is settled."""
        waits = [wait for c, track in self._tracks.items() if (wait := self._wait(c, track, now)) is not None]
        return min(waits, default=None)

    def _look_at(self, candidate: Candidate, signature: Signature, now: float) -> Seen | None:
        track = self._tracks.get(candidate)
        if track is None:
            track = self._tracks[candidate] = _Track(signature, now, now)
        elif track.signature != signature:
            track.signature, track.since, track.judged = signature, now, None
            if track.restless_since is None:
                track.restless_since, track.whole_seen = now, False
        if self._sighted.get(candidate) == signature:
            track.restless_since = None
            return None
        if now - track.since < STILL_SECONDS:
            return self._catch(candidate, track, now)
        return self._settle(candidate, track, now)

    def _settle(self, candidate: Candidate, track: _Track, now: float) -> Seen | None:
        """What to tell about a candidate that is still."""
        if track.judged is None or track.judged.state is State.NOT_YET:
            track.judged = self._judge(candidate.path, CANDIDATES[candidate.path.name], track.signature)
        still = now - track.since
        match track.judged.state:
            case State.COMPLETE:
                return self._sight(candidate, track) if still >= track.judged.patience else None
            case State.NOT_YET if still < UNFINISHED_SECONDS:
                return None
            case _ if track.told_broken == track.signature:
                return None
            case _:
                track.told_broken, track.restless_since = track.signature, None
                return Broken(candidate.number, candidate.path, track.judged.reason)

    def _catch(self, candidate: Candidate, track: _Track, now: float) -> Seen | None:
        """A sighting of a candidate that is never still, if whole states of it were seen."""
        restless = now - (track.restless_since if track.restless_since is not None else now)
        if restless < RESTLESS_SECONDS - _LOOK_EARLIER:
            return None
        if not track.whole_seen:
            judged = self._judge(candidate.path, CANDIDATES[candidate.path.name], track.signature)
            track.whole_seen = judged.complete and judged.patience <= STILL_SECONDS
        if not track.whole_seen or restless < RESTLESS_SECONDS:
            return None
        track.restless_since = now
        return Sighting(
            candidate.number, candidate.path, CANDIDATES[candidate.path.name], track.signature, hurried=True
        )

    def _sight(self, candidate: Candidate, track: _Track) -> Sighting:
        self._sighted[candidate], track.restless_since = track.signature, None
        return Sighting(candidate.number, candidate.path, CANDIDATES[candidate.path.name], track.signature)

    def _wait(self, candidate: Candidate, track: _Track, now: float) -> float | None:
        if self._sighted.get(candidate) == track.signature or track.told_broken == track.signature:
            return None
        still = now - track.since
        patience = track.judged.patience if track.judged and track.judged.complete else STILL_SECONDS
        left = patience - still if still < patience else _SOON
        return min(_SOON, max(0.01, left))

    def _new_hints(self, hints: Iterable[Hint], now: float) -> list[Seen]:
        present: Mapping[Path, Hint] = {hint.path: hint for hint in hints if hint.path not in self._hinted}
        self._hint_since = {path: self._hint_since.get(path, now) for path in present}
        due = [hint for path, hint in present.items() if now - self._hint_since[path] >= HINT_SECONDS]
        self._hinted.update(hint.path for hint in due)
        return list(due)
