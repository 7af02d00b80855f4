"""Reads Keras' progress out of a script's output: one line an epoch, a history, and the noise folded away."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from mockexam.exam.training_history import MOST_SERIES, FitHistory, TrainingHistory

if TYPE_CHECKING:
    from mockexam.workspace.script_run import RunOutput

_HEADER = re.compile(r"Epoch (\d{1,7})/(\d{1,7})$")
_CALLBACK = re.compile(r"Epoch \d+: ")
"""A message of a callback, which may stand between two states of an epoch's bar."""
_BAR = re.compile(r" *(\d{1,9})/(\d{1,9}|Unknown)\s")
_ELAPSED = re.compile(r"(?<![\w:./])(?:(?:(\d+):)?(\d+):)?(\d+)s?(?![\w:./])")
_STEP = re.compile(r"(\d+)(m|u|µ)?s/step")
_UNITS = {None: 1.0, "m": 1e-3, "u": 1e-6, "µ": 1e-6}
_TRACEBACK = "Traceback (most recent call last):"
_INTERRUPTED = "KeyboardInterrupt"
_LONGEST_TRACEBACK = 400
"""Lines; the rest of a longer one is shown as it comes."""
_PACE_EPOCHS = 5
"""The pace is the mean of so many epochs."""
_PROBES = (
    r"cuda|cublas|cudnn|cufft|cpu_feature_guard|port\.cc|computation_placer|gpu_device|local_rendezvous|TF-TRT|trt_"
    r"|service\.cc|device_compiler|dso_loader"
)
"""Native source files that report what the machine lacks. Their errors cost a candidate nothing."""
_NOISE = re.compile(
    r"I\d{4} |\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+: I "
    rf"|(?:[WE]\d{{4}} |\d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+: [WE] ).*?(?:{_PROBES})"
    r"|WARNING: All log messages before absl::InitializeLog|To enable the following instructions: |\t? ?\[\[\{\{node "
)
"""The app's key, in a line that stands for others; elsewhere it is replaced by what shows them there."""
_NOISE_STARTS = frozenset("WIE0123456789T[\t")


class ShownLine(NamedTuple):
    """A line of the output as shown."""

    text: str
    quiet: bool = False
    """It is about the output, not of it."""
    folded: bool = False
    """It stands for several lines that were folded away: the view says how to see them."""


class ShownOutput(NamedTuple):
    """What to add to the lines shown so far."""

    lines: tuple[ShownLine, ...]
    live: str
    """The line below them that still changes; empty if there is none."""


class _Bar(NamedTuple):
    """One state of an epoch's progress."""

    done: float
    """0 to 1; 0 where the number of steps is not known."""
    complete: bool
    seconds: float
    """Since the epoch began; in an unfinished one Keras prints the rest, so it is reckoned from the pace."""
    whole: float
    """Seconds of the whole epoch, as far as is known."""
    printed: dict[str, str]
    """Values as printed, by name."""

    def text(self, epoch: int, planned: int, *, seconds: bool) -> str:
        """` 3/10  loss 0.6285  accuracy 0.6750  val_loss 0.6239  1.2s`, val_* last.

        One metric without val_* fits into the 46 cells that the output has in a terminal of 80 columns.
        """
        order = sorted(self.printed, key=lambda name: (name in ("learning_rate", "lr"), name.startswith("val_")))
        if "loss" in order:
            order.insert(0, order.pop(order.index("loss")))
        if "val_loss" in order:
            first = next(i for i, name in enumerate(order) if name.startswith("val_"))
            order.insert(first, order.pop(order.index("val_loss")))
        parts = [f"{epoch:>{len(str(planned))}}/{planned}", *(f"{name} {self.printed[name]}" for name in order)]
        if seconds:
            parts.append(f"{self.seconds:.0f}s" if self.seconds >= 9.95 else f"{self.seconds:.1f}s")
        return "  ".join(parts)


@dataclass(slots=True)
class _Fit:
    """A call of `fit` while it is read."""

    planned: int
    epochs: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    series: dict[str, list[float | None]] = field(default_factory=dict)
    over: bool = False

    def put(self, epoch: int, bar: _Bar) -> None:
        """Add an epoch, or replace it if it is there."""
        if not self.epochs or self.epochs[-1] != epoch:
            self.epochs.append(epoch)
            self.seconds.append(0.0)
            for values in self.series.values():
                values.append(None)
        self.seconds[-1] = bar.seconds
        for name, text in bar.printed.items():
            if name in self.series or len(self.series) < MOST_SERIES:
                value = float(text)
                values = self.series.setdefault(name, [None] * len(self.epochs))
                values[-1] = value if math.isfinite(value) else None

    @property
    def history(self) -> FitHistory:
        series = {name: tuple(values) for name, values in self.series.items()}
        return FitHistory(self.planned, tuple(self.epochs), tuple(self.seconds), series)


class TrainingLog:
    """Follows the output of one run."""

    def __init__(self) -> None:
        self._fits: list[_Fit] = []
        self._epoch = 0
        """The epoch whose header was read last; 0 before the first."""
        self._planned = 0
        self._header = ""
        """A header that no bar has followed yet."""
        self._open = False
        """The epoch has begun and is not complete."""
        self._pending: _Bar | None = None
        """A complete epoch whose line may still be replaced by a fuller one."""
        self._state: _Bar | None = None
        """The newest state of the open epoch."""
        self._noise = 0
        self._traceback: list[str] = []
        self._shown: list[ShownLine] = []
        self._history: TrainingHistory | None = None

    @property
    def history(self) -> TrainingHistory:
        """All epochs so far."""
        if self._history is None:
            self._history = TrainingHistory(tuple(fit.history for fit in self._fits if fit.epochs))
        return self._history

    @property
    def progress(self) -> float | None:
        """How much of the current fit is done, 0 to 1; None if none runs."""
        fit = self._running
        if fit is None:
            return None
        part = self._state.done if self._open and self._state else 0.0
        before = self._epoch - 1 if self._open else self._epoch
        return min(1.0, (before + part) / max(1, fit.planned))

    @property
    def remaining(self) -> float | None:
        """Seconds until the current fit ends at its recent pace; None if none runs or the pace is not known yet."""
        fit = self._running
        if fit is None:
            return None
        recent = fit.seconds[-_PACE_EPOCHS:]
        whole = sum(recent) / len(recent) if recent else self._state.whole if self._state else 0.0
        if whole <= 0:
            return None
        begun = self._state.done if self._open and self._state else 0.0
        left = fit.planned - (self._epoch - 1 if self._open else self._epoch) - begun
        return max(0.0, left * whole)

    @property
    def _running(self) -> _Fit | None:
        fit = self._fits[-1] if self._fits else None
        return None if fit is None or fit.over else fit

    def feed(self, output: RunOutput) -> ShownOutput:
        """Read more output; returns what to show of it."""
        if output.dropped:
            self._settle()
            self._show(f"… {output.dropped:,} lines skipped: too fast to show", quiet=True)
        for line in output.lines:
            self._read(line)
        live = self._live(output.live)
        shown, self._shown = tuple(self._shown), []
        return ShownOutput(shown, live)

    def finish(self) -> ShownOutput:
        """The run has ended: what was held back."""
        self._end_traceback()
        self._settle()
        self._drop_header()
        if self._running:
            self._fits[-1].over = True
        shown, self._shown = tuple(self._shown), []
        return ShownOutput(shown, "")

    def _read(self, line: str) -> None:
        if self._traceback:
            self._traceback.append(line)
            if line[:1] not in ("", " ") or len(self._traceback) > _LONGEST_TRACEBACK:
                self._end_traceback()
            return
        first = line[:1]
        if first in _NOISE_STARTS and _NOISE.match(line):
            self._noise += 1
            return
        if line.endswith(_TRACEBACK):
            self._settle()
            # A bar that was interrupted has no line end of its own.
            self._traceback = [_TRACEBACK]
            if not _BAR.match(line) and line != _TRACEBACK:
                self._show(line.removesuffix(_TRACEBACK))
            return
        if first == "E" and (header := _HEADER.match(line)):
            self._settle()
            self._drop_header()
            self._begin(int(header[1]), int(header[2]), line)
        elif (bar := self._bar(line)) is not None:
            self._advance(line, bar)
        elif not line.strip() and (self._header or self._pending):
            return
        else:
            self._text(line)

    def _bar(self, line: str) -> _Bar | None:
        """A state of a progress bar. The pre-check costs less than the expression for the lines of a flood."""
        if "/" not in line[:24] or not (match := _BAR.match(line)):
            return None
        head, *parts = line[match.end() :].split(" - ")
        if not ("━" in head or "[" in head or "s/" in line or head.startswith("- ")):
            return None
        printed = {}
        for part in parts:
            name, colon, value = part.rpartition(": ")
            if colon and name != "ETA" and _is_number(value := value.strip()):
                printed[name] = value if float(value) else "0"  # Keras prints 0.0000e+00
        steps, current = match[2], int(match[1])
        total = 0 if steps == "Unknown" else int(steps)
        step = _STEP.search(line)
        pace = int(step[1]) * _UNITS[step[2]] if step else 0.0
        complete = 0 < total <= current
        seconds = pace * current
        elapsed = _ELAPSED.search(re.sub(r"[━=>.\[\]]+|^- ", " ", " ".join([head, *parts[:1]])))
        if complete and elapsed:
            told = int(elapsed[1] or 0) * 3600 + int(elapsed[2] or 0) * 60 + int(elapsed[3])
            # Whole seconds are printed: the pace, which leaves out the first step, tells the rest.
            seconds = min(max(seconds, told - 0.5), told + 0.5) if step else float(told)
        return _Bar(min(1.0, current / total) if total else 0.0, complete, seconds, pace * total, printed)

    def _begin(self, epoch: int, planned: int, line: str) -> None:
        fit = self._fits[-1] if self._fits else None
        if fit is not None and (fit.planned != planned or epoch <= self._epoch):
            fit.over = True
        self._epoch, self._planned, self._header, self._open, self._state = epoch, planned, line, True, None

    def _advance(self, line: str, bar: _Bar) -> None:
        """A finished line that is a bar's."""
        fuller = self._pending is not None and self._pending.printed.keys() < bar.printed.keys() and bar.complete
        if not self._open and not fuller:
            self._settle()
            if self._running:  # `evaluate` and `predict` after a fit that was ended early
                self._fits[-1].over = True
            self._text(line)
            return
        fit = self._enter(bar)
        if bar.complete:
            known = fit.series.keys() <= bar.printed.keys() and len(fit.epochs) > 0
            self._pending, self._open = bar, False
            fit.put(self._epoch, bar)
            if known:  # all that an epoch's line has: no fuller one follows
                self._settle()
            fit.over = self._epoch >= fit.planned
            self._history = None

    def _enter(self, bar: _Bar) -> _Fit:
        """The epoch has a bar: it belongs to a fit."""
        self._flush_noise()
        self._header, self._state = "", bar
        if not self._fits or (self._fits[-1].over and not self._pending):
            self._fits.append(_Fit(self._planned))
        return self._fits[-1]

    def _text(self, line: str) -> None:
        if _CALLBACK.match(line):
            if self._running and line.endswith("early stopping"):
                self._fits[-1].over = True
        else:
            self._settle()
            self._drop_header()
        self._show(line)

    def _live(self, line: str) -> str:
        """What to show for the line being written."""
        if self._traceback:
            return ""
        if line and (self._open or self._pending) and (bar := self._bar(line)):
            if self._open:
                self._enter(bar)
            elif not (self._pending and self._pending.printed.keys() < bar.printed.keys()):
                return line
            return bar.text(self._epoch, self._planned, seconds=False)
        if line and not _HEADER.match(line):
            return line
        if self._pending:
            return self._pending.text(self._epoch, self._planned, seconds=True)
        if self._header or self._open:
            return f"epoch {self._epoch}/{self._planned} …"
        return _folded(self._noise) if self._noise else ""

    def _settle(self) -> None:
        """Nothing changes the last epoch any more: show its line."""
        if self._pending:
            pending, self._pending = self._pending, None
            self._show(pending.text(self._epoch, self._planned, seconds=True))

    def _drop_header(self) -> None:
        """No bar followed the header: it is the script's own line."""
        if self._header:
            header, self._header = self._header, ""
            self._show(header)

    def _end_traceback(self) -> None:
        lines, self._traceback = self._traceback, []
        if lines and lines[-1].startswith(_INTERRUPTED):
            self._header, self._open = "", False
            self._show(f"{_INTERRUPTED} · {len(lines)} lines of traceback", folded=True)
        else:
            for line in lines:
                self._show(line)

    def _flush_noise(self) -> None:
        if self._noise:
            count, self._noise = self._noise, 0
            self._shown.append(ShownLine(_folded(count), quiet=True, folded=True))

    def _show(self, text: str, *, quiet: bool = False, folded: bool = False) -> None:
        self._flush_noise()
        self._shown.append(ShownLine(text, quiet or folded, folded))


def _folded(count: int) -> str:
    return f"TensorFlow's notes at the start: {count} line{'s' if count > 1 else ''}"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
