"""The differences between the scripts of two submissions, or of a submission and the reference."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Literal, NamedTuple

from mockexam.errors import UserError
from mockexam.review.detail import QuestionDetail, SubmissionDetail
from mockexam.text import formats
from mockexam.workspace.layout import NOTEBOOK, SOLUTION
from mockexam.workspace.scripts import ScriptFile, read_scripts

MAX_LINES = 5_000
"""A longer file is listed, not compared."""
MAX_LISTED = 1_000
"""Most lines listed of such a file."""
MAX_WIDTH = 1_000
"""Most characters shown of a line: a notebook has pictures in one line."""
CONTEXT = 3
"""Unchanged lines around a difference."""
_MAX_PAIRS = 10_000
"""A line that occurs in the new file more often than this over its number of lines starts no match: `difflib` would
compare all pairs of equal lines again and again, for minutes where thousands alternate. Short files never reach it."""
_PICTURES = {code: chr(0x2400 + code) for code in range(0x20) if code != 9} | {0x7F: "␡"}
"""Of control characters, other than the tab."""

LineKind = Literal["same", "old", "new", "gap"]


@dataclass(frozen=True, slots=True)
class DiffLine:
    """A line of the diff."""

    kind: LineKind
    """`gap`: unchanged lines that are not shown, or a heading; `text` says which."""
    text: str
    """Without the line end; free of control characters except tabs."""
    old_line: int | None
    """From 1; None if the old file has no such line."""
    new_line: int | None


class FileDiff(NamedTuple):
    """A file in both versions."""

    old: str | None
    """The file's name; None if there is no old file."""
    new: str | None
    lines: tuple[DiffLine, ...]
    """Empty if the files are equal."""
    remark: str = ""
    """A note that the lines can't show."""

    @property
    def title(self) -> str:
        if self.old is None or self.new is None:
            return f"{self.old or self.new} (only {'new' if self.old is None else 'old'})"
        return self.old if self.old == self.new else f"{self.old} → {self.new}"


def diff_submission(
    question: QuestionDetail, submission: SubmissionDetail, other: SubmissionDetail | None = None
) -> tuple[DiffLine, ...]:
    """A submission's scripts (old) against those of another one, or the question's reference (new).

    Raises UserError if either side is missing or must stay closed.
    """
    old = _stored(submission)
    if other is None:
        return as_lines(diff_scripts(_without_stub(old, question.item.question), [reference_of(question)]))
    return as_lines(diff_scripts(old, _stored(other)))


def scripts_of(submission: SubmissionDetail) -> tuple[ScriptFile, ...]:
    """The scripts as submitted; none if none were stored or they are gone."""
    return read_scripts(submission.scripts) if submission.scripts else ()


def _stored(submission: SubmissionDetail) -> tuple[ScriptFile, ...]:
    scripts = scripts_of(submission)
    if not scripts:
        raise UserError("This submission has no stored scripts.", location=f"submission {submission.id}")
    return scripts


def _without_stub(scripts: tuple[ScriptFile, ...], question: str) -> tuple[ScriptFile, ...]:
    """The scripts; of one who worked in a notebook without the `solution.py` that was left as it was at the start."""
    from mockexam.bank.loader import question_folder

    stub = None
    if any(script.name == NOTEBOOK for script in scripts):
        with suppress(UserError, OSError, UnicodeDecodeError):
            stub = (question_folder(question) / "stub.py").read_text(encoding="utf-8")
    return tuple(script for script in scripts if (script.name, script.text) != (SOLUTION, stub))


def reference_of(question: QuestionDetail) -> ScriptFile:
    """The reference solution of a question. Raises UserError if it must stay closed or is gone."""
    path = question.reference
    if path is None:
        raise UserError(question.closed or "This question has no reference solution.", location=question.item.question)
    try:
        return ScriptFile(path.name, path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"The reference can't be read: {error.strerror}.", location=str(path)) from None


def diff_scripts(old: Sequence[ScriptFile], new: Sequence[ScriptFile]) -> tuple[FileDiff, ...]:
    """Compare files by name, in the order of `new`, then those that are only in `old`.

    If no name matches and one side is a single file, it is compared with the other side's only file, `solution.py` or
    `solution.ipynb`.
    """
    return tuple(_compare(before, after) for before, after in _pairs(old, new))


def as_lines(diffs: Iterable[FileDiff]) -> tuple[DiffLine, ...]:
    """All files in one list, each below a `gap` line with its title and remark."""
    lines: list[DiffLine] = []
    for diff in diffs:
        remark = diff.remark or ("" if diff.lines else "no difference")
        lines.append(_gap(f"{diff.title}: {remark}" if remark else diff.title))
        lines += diff.lines
    return tuple(lines)


def side_by_side(lines: Iterable[DiffLine]) -> Iterator[tuple[DiffLine | None, DiffLine | None]]:
    """Old and new lines in rows: an unchanged line, and a gap, on both sides; changed ones in the order of their block.

    Where one side of a block is longer, the other has None.
    """
    old: list[DiffLine] = []
    new: list[DiffLine] = []
    for line in lines:
        if line.kind == "new":
            new.append(line)
            continue
        if line.kind != "old" or new:
            yield from zip_longest(old, new)
            old, new = [], []
        if line.kind == "old":
            old.append(line)
        else:
            yield line, line
    yield from zip_longest(old, new)


def _pairs(
    old: Sequence[ScriptFile], new: Sequence[ScriptFile]
) -> Iterator[tuple[ScriptFile | None, ScriptFile | None]]:
    before = {file.name: file for file in old}
    after = {file.name: file for file in new}
    if not before.keys() & after.keys() and 1 in (len(before), len(after)):
        first, second = _single(before), _single(after)
        if first is not None and second is not None:
            yield before.pop(first.name), after.pop(second.name)
    for name, file in after.items():
        yield before.pop(name, None), file
    for file in before.values():
        yield file, None


def _single(files: dict[str, ScriptFile]) -> ScriptFile | None:
    return next(iter(files.values())) if len(files) == 1 else files.get(SOLUTION) or files.get(NOTEBOOK)


def _compare(old: ScriptFile | None, new: ScriptFile | None) -> FileDiff:
    names = (old.name if old else None, new.name if new else None)
    before, after = _lines(old.text if old else ""), _lines(new.text if new else "")
    if before == after:
        ends = old is not None and new is not None and old.text != new.text
        return FileDiff(*names, (), "only the line endings differ" if ends else "")
    longest = max(len(before), len(after))
    if longest > MAX_LINES:
        remark = f"too long to compare ({longest:,} lines): the old lines, then the new ones"
        return FileDiff(*names, (*_listed(before, "old"), *_listed(after, "new")), remark)
    return FileDiff(*names, tuple(_grouped(before, after)))


def _lines(text: str) -> list[str]:
    """The lines as an editor counts them."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def _grouped(old: list[str], new: list[str]) -> Iterator[DiffLine]:
    """The differences with their context, and the number of lines left out between them."""
    times, most = Counter(new), _MAX_PAIRS // max(1, len(new))
    matcher = SequenceMatcher(lambda line: times[line] > most, old, new, autojunk=False)
    done = 0
    for group in matcher.get_grouped_opcodes(CONTEXT):
        yield from _left_out(group[0][1] - done)
        for tag, a, a_end, b, b_end in group:
            if tag == "equal":
                yield from (DiffLine("same", _shown(old[a + n]), a + n + 1, b + n + 1) for n in range(a_end - a))
            else:
                yield from (DiffLine("old", _shown(old[n]), n + 1, None) for n in range(a, a_end))
                yield from (DiffLine("new", _shown(new[n]), None, n + 1) for n in range(b, b_end))
        done = group[-1][2]
    yield from _left_out(len(old) - done)


def _listed(lines: list[str], kind: Literal["old", "new"]) -> Iterator[DiffLine]:
    for n, line in enumerate(lines[:MAX_LISTED], 1):
        yield DiffLine(kind, _shown(line), n if kind == "old" else None, n if kind == "new" else None)
    more = len(lines) - MAX_LISTED
    if more > 0:
        yield _gap(f"{more:,} more lines")


def _left_out(count: int) -> Iterator[DiffLine]:
    if count:
        yield _gap(formats.plural(count, "unchanged line"))


def _gap(text: str) -> DiffLine:
    return DiffLine("gap", text, None, None)


def _shown(line: str) -> str:
    """A line that is safe to show: shortened, with control characters as their pictures."""
    if len(line) > MAX_WIDTH:
        line = f"{line[:MAX_WIDTH]} … and {len(line) - MAX_WIDTH:,} more characters"
    if line.isprintable():
        return line
    return "".join(c if c.isprintable() or c == "\t" else "�" for c in line.translate(_PICTURES))
