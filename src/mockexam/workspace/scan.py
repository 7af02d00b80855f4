"""What is in the question folders, and what of it is news: models that are whole, broken ones, and hints."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from mockexam.exam.events import ModelFormat
from mockexam.exam.model_format import RECEIVED_NAMES
from mockexam.exam.paper import PaperItem
from mockexam.workspace.completeness import STILL_SECONDS, Completeness, SaveState, completeness_of
from mockexam.workspace.layout import SUBMISSION_NAMES, Workspace
from mockexam.workspace.signature import Signature, sign
from mockexam.workspace.stray import Stray, StrayFinder, StrayKind, list_folder

UNFINISHED_SECONDS = 4.0
"""An incomplete save that does not change for this long is reported as interrupted."""
RESTLESS_SECONDS = 4.0
"""A model that changes all the time for this long is to be caught between two saves."""
HINT_SECONDS = 2.0
"""A model-like file must exist for this long before its hint, because savers write short-lived ones."""
REPLACED_SECONDS = 60.0
"""A question's overwritten saves are reported at most this often: a script may save after every epoch."""
_REPLACED = "a newer save replaced it before it was complete for long enough."
_RETRY_SECONDS = 0.5
"""Until the next try if a model could not be received; doubled with each try of the same state."""
_MAX_RETRY_SECONDS = 30.0
_SOON_SECONDS = 0.15
"""Until the next scan while something changes."""
DOWNLOAD_SECONDS = 30.0
"""The same for a download under way."""
MAX_HINTS = 3
"""So many lines on a question's strays of one kind: a script may save hundreds."""


@dataclass(frozen=True, slots=True)
class DetectedModel:
    """A whole model that can be received."""

    number: int
    """The question's."""
    path: Path
    format: ModelFormat
    signature: Signature
    never_still: bool = False
    """It is rewritten all the time: catch it between two saves, in whatever state it then is."""


@dataclass(frozen=True, slots=True)
class BrokenModel:
    """A file or folder under a received name that is no whole model."""

    number: int
    path: Path
    reason: str
    """Shown to the learner."""


@dataclass(frozen=True, slots=True)
class FileNameHint:
    """A model-like file that is not received."""

    number: int | None
    """The question in whose folder it lies; None outside of all."""
    path: Path
    stray: Stray
    more: bool = False
    """It stands for all further ones of its kind, too."""

    @property
    def text(self) -> str:
        """Why it is not graded, and how to submit it."""
        if self.more:
            return f"There are more such files. Only {RECEIVED_NAMES} is graded."
        return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in self.stray.text)


WatchEvent = DetectedModel | BrokenModel | FileNameHint


@dataclass(frozen=True, slots=True)
class MissedModel:
    """A model, or what looks like one, that lies in the workspace at the end and was not received."""

    number: int | None
    """None for the workspace's top folder."""
    path: Path
    signature: Signature
    reason: str
    """To follow a colon."""
    stray: Stray | None = None
    """What it is if it was not received because of its name, place or kind."""

    @property
    def name(self) -> str:
        """Relative to the question's folder, or to the workspace; what can't be printed is replaced."""
        name = str(self.stray.path) if self.stray else self.path.name
        return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in name)


@dataclass(frozen=True, slots=True)
class End:
    """The end of an attempt, as the files in the workspace are seen from it."""

    wall: float
    """Seconds since 1970: when it was asked to finish, or the time was up."""
    deadline: float
    """Seconds since 1970; infinite if untimed."""
    words: str
    """`the time ended` or `you finished`."""


@dataclass(frozen=True, slots=True)
class ModelPath:
    """A path from which a model of a question is received."""

    number: int
    path: Path

    @property
    def format(self) -> ModelFormat:
        return SUBMISSION_NAMES[self.path.name]


@dataclass(frozen=True, slots=True)
class Scan:
    """What one scan of the workspace found."""

    models: Mapping[ModelPath, Signature]
    hints: tuple[FileNameHint, ...]
    folders: frozenset[tuple[str, int]]
    """Path and inode of each folder whose changes matter."""

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths of all folders and files that this scan depends on."""
        found = self.models.items()
        below = (os.path.join(m.path, e.name) if e.name else str(m.path) for m, s in found for e in s.entries)
        return (*sorted(path for path, _ in self.folders), *below)


def quick_state(paths: tuple[str, ...]) -> tuple[tuple[int, ...] | None, ...]:
    """A cheap state of known paths: while it is the same, so is a scan, but for a change within some milliseconds."""

    def state(path: str) -> tuple[int, ...] | None:
        with suppress(OSError, ValueError):
            found = os.lstat(path)
            return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
        return None

    return tuple(map(state, paths))


def scan(
    workspace: Workspace, items: Iterable[PaperItem], finder: StrayFinder | None = None, *, whole: bool = False
) -> Scan:
    """Scan the workspace. What is missing or can't be read is not found.

    A `finder` that is kept from scan to scan spares listing unchanged subfolders; `whole` as in `StrayFinder.find`.
    """
    finder = finder or StrayFinder()
    models: dict[ModelPath, Signature] = {}
    hints: list[FileNameHint] = []
    folders: set[tuple[str, int]] = set()

    def add_hints(number: int | None, top: Path, entries: Mapping[str, bool], skip: Container[str] = ()) -> None:
        name = None if number is None else top.name
        found = finder.find(top, entries, name, skip=skip, whole=whole)
        hints.extend(FileNameHint(number, top / stray.path, stray) for stray in found)

    _add_folder(folders, workspace.root)
    questions = [(item.number, workspace.question(item.folder)) for item in items]
    add_hints(None, workspace.root, list_folder(workspace.root), {folder.name for _, folder in questions})
    for number, folder in questions:
        _add_folder(folders, folder)
        entries = list_folder(folder)
        add_hints(number, folder, entries)
        for name in SUBMISSION_NAMES:
            if name in entries and (signature := sign(folder / name)):
                models[ModelPath(number, folder / name)] = signature
                if signature.top.is_folder:
                    _add_folder(folders, folder / name)
                    _add_folder(folders, folder / name / "variables")
    return Scan(models, tuple(hints), frozenset(folders))


def _add_folder(folders: set[tuple[str, int]], folder: Path) -> None:
    with suppress(OSError, ValueError):
        folders.add((os.fspath(folder), folder.stat().st_ino))


def missed_models(
    found: Scan,
    handled: Mapping[ModelPath, Signature],
    end: End,
    saved_at: Callable[[ModelPath, Signature], float] = lambda _, signature: signature.newest,
) -> list[MissedModel]:
    """What this scan found that was not `handled`, with the reason. Reads files.

    `saved_at` says when a model was saved: seconds since 1970.
    """
    missed = [
        MissedModel(model.number, model.path, signature, _reason(model, signature, end, saved_at(model, signature)))
        for model, signature in found.models.items()
        if handled.get(model) != signature
    ]
    for hint in found.hints:
        signature = sign(hint.path)
        if signature is not None and signature.newest <= end.deadline:
            missed.append(MissedModel(hint.number, hint.path, signature, hint.stray.reason, hint.stray))
    return missed


def _reason(model: ModelPath, signature: Signature, end: End, saved: float) -> str:
    """Why a model under a received name was not received."""
    completeness = completeness_of(model.path, model.format, signature, thorough=True)
    late = saved - end.deadline
    if late > (0 if completeness.complete else UNFINISHED_SECONDS):
        return saved_after(end.words)
    # A folder that looks whole was waited for, and changed meanwhile.
    if completeness.state is not SaveState.BROKEN and saved > end.wall - UNFINISHED_SECONDS:
        return f"still being written when {end.words}"
    return "it could not be copied" if completeness.complete else completeness.fault


def saved_after(end: str) -> str:
    """The reason of a model that came too late."""
    return f"saved after {end}"


CompletenessCheck = Callable[[Path, ModelFormat, Signature], Completeness]


@dataclass(slots=True)
class _Track:
    """What is known of one model. Times are monotonic seconds."""

    signature: Signature
    since: float
    restless_since: float | None
    completeness: Completeness | None = None
    reported_whole: bool = False
    """This state was reported as whole."""
    reported_broken: bool = False
    """This state was reported as broken."""
    not_before: float = 0.0
    """It is not reported again before this time."""
    tries: int = 0
    """How often this state could not be received."""
    misses: int = 0
    """How often it could not be caught since it was last still."""

    quiet_until: float = 0.0
    """Until then, a lost state is not reported."""

    def was_replaced_by(self, signature: Signature) -> bool:
        """Whether the state was a save of its own that nobody received.

        A file that grows, or changes in place, is still being written unless it was complete.
        """
        if self.reported_whole or self.reported_broken or not (self.signature.top.is_file and signature.top.is_file):
            return False
        before, after = self.signature.top, signature.top
        complete = self.completeness is not None and self.completeness.complete
        return complete or after.size < before.size or (before.inode != after.inode and before.size > 0)

    def change(self, signature: Signature, now: float) -> None:
        """Begin another state."""
        self.signature, self.since, self.completeness = signature, now, None
        self.reported_whole = self.reported_broken = False
        self.not_before, self.tries = 0.0, 0
        if self.restless_since is None:
            self.restless_since, self.misses = now, 0

    def seconds_to_next_scan(self, now: float) -> float | None:
        """None if only a change matters."""
        if self.reported_whole or self.reported_broken:
            return None
        still_seconds = STILL_SECONDS
        if self.completeness and self.completeness.complete:
            still_seconds = self.completeness.still_seconds
        left = max(still_seconds - (now - self.since), self.not_before - now)
        if left <= 0:
            return _SOON_SECONDS
        return left if self.not_before > now else min(_SOON_SECONDS, max(0.01, left))


class Tracker:
    """Turns scans into events: each state of a model is reported once, when it has been still for long enough."""

    def __init__(self, completeness_of: CompletenessCheck = completeness_of) -> None:
        self._completeness_of = completeness_of
        self._tracks: dict[ModelPath, _Track] = {}
        self._hint_since: dict[Path, float] = {}
        self._hinted: set[Path] = set()
        self._hints_of: Counter[tuple[int | None, StrayKind, bool]] = Counter()
        self._now = 0.0

    def update(self, found: Scan, now: float) -> list[WatchEvent]:
        """What is new in this scan, made at `now` (monotonic seconds); models in the order in which they were saved."""
        self._now = now
        for gone in self._tracks.keys() - found.models.keys():
            del self._tracks[gone]
        in_order = sorted(found.models.items(), key=lambda pair: pair[1].newest)
        events = (self._event(model, signature, now) for model, signature in in_order)
        return [event for event in events if event is not None] + self._new_hints(found, now)

    def report_again(self, detected: DetectedModel) -> None:
        """Report this model again, at growing intervals: it could not be received."""
        track = self._tracks.get(ModelPath(detected.number, detected.path))
        if track is None:
            return
        if detected.never_still:
            wait = min(_MAX_RETRY_SECONDS, _RETRY_SECONDS * 2**track.misses)
            track.restless_since = self._now - RESTLESS_SECONDS + wait
            track.misses += 1
        elif track.signature == detected.signature:
            track.reported_whole = False
            track.not_before = self._now + min(_MAX_RETRY_SECONDS, _RETRY_SECONDS * 2**track.tries)
            track.tries += 1

    def seconds_to_next_scan(self, now: float) -> float | None:
        """Seconds until there may be an event even if nothing changes; None when all is settled."""
        waits = [wait for track in self._tracks.values() if (wait := track.seconds_to_next_scan(now)) is not None]
        if self._hint_since:
            waits.append(HINT_SECONDS / 2)
        return min(waits, default=None)

    def _event(self, model: ModelPath, signature: Signature, now: float) -> WatchEvent | None:
        track = self._tracks.get(model)
        if track is None:
            track = self._tracks[model] = _Track(signature, now, now)
        elif track.signature != signature:
            lost = track.was_replaced_by(signature) and now >= track.quiet_until
            track.change(signature, now)
            if lost:
                track.quiet_until = now + REPLACED_SECONDS
                return BrokenModel(model.number, model.path, _REPLACED)
        if track.reported_whole or now < track.not_before:
            return None
        still = now - track.since
        if still < STILL_SECONDS:
            if track.restless_since is None or now - track.restless_since < RESTLESS_SECONDS:
                return None
            track.restless_since = now
            return DetectedModel(model.number, model.path, model.format, signature, never_still=True)
        return self._event_when_still(model, track, still)

    def _event_when_still(self, model: ModelPath, track: _Track, still: float) -> WatchEvent | None:
        if track.completeness is None or track.completeness.state is SaveState.INCOMPLETE:
            track.completeness = self._completeness_of(model.path, model.format, track.signature)
        match track.completeness.state:
            case SaveState.COMPLETE:
                if still < track.completeness.still_seconds:
                    return None
                track.reported_whole, track.restless_since = True, None
                return DetectedModel(model.number, model.path, model.format, track.signature)
            case SaveState.INCOMPLETE if still < UNFINISHED_SECONDS:
                return None
            case _ if track.reported_broken:
                return None
            case _:
                track.reported_broken, track.restless_since = True, None
                return BrokenModel(model.number, model.path, track.completeness.reason)

    def _new_hints(self, found: Scan, now: float) -> list[FileNameHint]:
        answered = {model.number for model in found.models}
        present = {
            hint.path: hint
            for hint in found.hints
            if hint.path not in self._hinted and not (hint.stray.on_purpose and hint.number in answered)
        }
        self._hint_since = {path: self._hint_since.get(path, now) for path in present}
        due = [hint for path, hint in present.items() if now - self._hint_since[path] >= _patience(hint.stray)]
        lines = []
        for hint in due:
            self._hinted.add(hint.path)
            del self._hint_since[hint.path]
            alike = hint.number, hint.stray.kind, hint.stray.meant
            self._hints_of[alike] += 1
            # One checkpoint says it for all.
            before, most = self._hints_of[alike] - 1, MAX_HINTS if hint.stray.meant else 1
            if before < most or (before == most and hint.stray.meant):
                lines.append(replace(hint, more=before == most))
        return lines


def _patience(stray: Stray) -> float:
    return DOWNLOAD_SECONDS if stray.kind is StrayKind.UNFINISHED else HINT_SECONDS
