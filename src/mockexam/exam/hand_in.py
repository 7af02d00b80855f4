"""What a class has handed in: each student's models, which of them counts, and what several models have in common."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath
from types import MappingProxyType

from mockexam.exam.scoring import Verdict

_DETAIL = re.compile(r"\([^()]*\)|\d[\d.,]*")
"""What differs between two remedies for the same mistake."""


@dataclass(frozen=True, slots=True)
class HandIn:
    """One model for one question, and its verdict."""

    student: str
    model: str
    """Its path below the folder, or its name in the list."""
    question: str
    """Id; empty if nobody knows which."""
    verdict: Verdict | None = None
    """None if it was not tried."""
    marks: int | None = None
    metric: str | None = None
    value: float | None = None
    next_at: float | None = None
    message: str = ""
    remedy: str = ""
    sha256: str | None = None
    """Of its bytes; None if they can't be hashed."""
    sample: str = ""
    """Identifies the data and the hold-out that it was graded on."""
    answers: str = ""
    """Identifies its predictions for that hold-out; empty if they are not known, or the same for each sample."""
    note: str = ""
    """A sentence about it, such as which of several models it is."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file or folder, or a row of a list, that is not graded."""

    relative: str
    """Its path below the folder; for a row, the name in it."""
    reason: str
    """Continues the sentence that starts with the path or the name."""
    question: str = ""
    """Id, for a row."""
    listed: bool = False
    """Whether it is a row of a list."""
    misplaced: bool = False
    """Whether something lies elsewhere, has another name or is packed: the teacher must look, and it is no zero."""

    @property
    def student(self) -> str:
        """Who left it so: the name in the row, or of the folder at the top."""
        return self.relative if self.listed else PurePosixPath(self.relative).parts[0]

    def __str__(self) -> str:
        return f"{self.relative} {self.reason}."


class Standing(StrEnum):
    """Why a student has no marks for a question."""

    REFUSED = "refused"
    NOT_GRADED = "not graded"
    """Through no fault of the model: the grader failed, or did not come to it."""
    NOTHING = "nothing handed in"
    MISPLACED = "to be looked at"
    """Something lies elsewhere, has another name or is packed: for the teacher to look at."""
    NOT_ASKED = "not asked"
    """It is a question of other students."""


@dataclass(frozen=True, slots=True)
class StudentWork:
    """Everything of one student."""

    name: str
    hand_ins: tuple[HandIn, ...]
    left_out: tuple[LeftOut, ...] = ()
    """Their files and folders that are no model."""
    asked: frozenset[str] | None = None
    """Ids of the questions that were asked of this student; None for all."""

    def counted(self, question: str) -> HandIn | None:
        """The model that counts: of those with marks the best; else one that was not graded, else a refused one."""
        models = [one for one in self.hand_ins if one.question == question]
        return max(models, key=_worth, default=None)

    def result(self, question: str) -> int | Standing:
        """The marks for a question, or why there are none."""
        counted = self.counted(question)
        if counted is None and self.asked is not None and question not in self.asked:
            return Standing.NOT_ASKED
        if counted is None and any(one.misplaced and one.question in ("", question) for one in self.left_out):
            return Standing.MISPLACED
        return result_of(counted)

    def why_nothing(self, question: str) -> str:
        """A sentence about what lies where a model for this question should be, or that nothing does."""
        reason = next((one.reason for one in self.left_out if one.question == question), Standing.NOTHING.value)
        return f"{reason[:1].upper()}{reason[1:]}."


def _worth(one: HandIn) -> tuple[int, float]:
    if one.marks is None or one.value is None:
        return (-2 if is_refused(one) else -1, 0.0)
    # Among equal marks, the nearest to the next mark.
    return one.marks, 0.0 if one.next_at is None else -abs(one.next_at - one.value)


def result_of(one: HandIn | None) -> int | Standing:
    """The marks for a model, or why there are none."""
    if one is None:
        return Standing.NOTHING
    if one.marks is not None:
        return one.marks
    return Standing.REFUSED if is_refused(one) else Standing.NOT_GRADED


def is_refused(one: HandIn) -> bool:
    """Whether the model itself is why it has no marks."""
    return one.verdict in (Verdict.INVALID_MODEL, Verdict.LIMIT_EXCEEDED)


def name_order(name: str) -> tuple[str, str]:
    """Sorts names by their letters, whether or not these have accents or are capitals."""
    apart = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter)), name


def works_of(
    hand_ins: Iterable[HandIn],
    left_out: Iterable[LeftOut] = (),
    asked: Mapping[str, frozenset[str]] = MappingProxyType({}),
) -> tuple[StudentWork, ...]:
    """Group by student, in the order given; sorted by name if something was left out.

    `asked`: of which students only some questions were asked.
    """
    models: dict[str, list[HandIn]] = {}
    without: dict[str, list[LeftOut]] = {}
    for one in hand_ins:
        models.setdefault(one.student, []).append(one)
    for found in left_out:
        without.setdefault(found.student, []).append(found)
    names = sorted({*models, *without}, key=name_order) if without else list(models)
    return tuple(
        StudentWork(name, tuple(models.get(name, ())), tuple(without.get(name, ())), asked.get(name)) for name in names
    )


@dataclass(frozen=True, slots=True)
class ModelGroup:
    """Models that have something in common."""

    hand_ins: tuple[HandIn, ...]

    @property
    def students(self) -> tuple[str, ...]:
        """Each once."""
        return tuple(dict.fromkeys(one.student for one in self.hand_ins))

    @property
    def messages(self) -> tuple[tuple[str, int], ...]:
        """The messages and how many models have each, the most frequent first."""
        return tuple(Counter(one.message for one in self.hand_ins).most_common())


def same_remedy(hand_ins: Iterable[HandIn]) -> tuple[ModelGroup, ...]:
    """Models by what to do about them, numbers and brackets aside; the largest group first."""
    groups = _groups(hand_ins, lambda one: (one.verdict, _DETAIL.sub("", one.remedy or one.message)))
    return tuple(sorted(groups, key=lambda group: -len(group.hand_ins)))


def same_bytes(hand_ins: Iterable[HandIn]) -> tuple[ModelGroup, ...]:
    """Models for one question that are the same file although they come from several students."""
    groups = _groups(hand_ins, lambda one: (one.question, one.sha256) if one.sha256 else None)
    return tuple(group for group in groups if len(group.students) > 1)


def same_answers(hand_ins: Iterable[HandIn]) -> tuple[ModelGroup, ...]:
    """Different files from several students that predict the same for each sample of one hold-out."""
    groups = _groups(hand_ins, lambda one: (one.question, one.sample, one.answers) if one.answers else None)
    return tuple(
        group for group in groups if len(group.students) > 1 and len({one.sha256 for one in group.hand_ins}) > 1
    )


def _groups(hand_ins: Iterable[HandIn], key: Callable[[HandIn], object]) -> Sequence[ModelGroup]:
    """Models with the same key, in the order given; those with the key None are in no group."""
    found: dict[object, list[HandIn]] = {}
    for one in hand_ins:
        if (what := key(one)) is not None:
            found.setdefault(what, []).append(one)
    return [ModelGroup(tuple(some)) for some in found.values()]
