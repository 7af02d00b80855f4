"""What `mockexam review --json` writes: one JSON document, told apart by `kind`. It is the dataclasses' own form.

docs/review.schema.json is made of this by tools/make_schema.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, TypeAdapter

from mockexam.exam.outcome import Outcome, QuestionOutcome
from mockexam.exam.standing import CategoryStanding
from mockexam.review import compare, detail, readiness
from mockexam.review.estimate import CategoryEvidence, PassEstimate
from mockexam.review.json_form import Form, form
from mockexam.review.script_diff import DiffLine
from mockexam.store.retention import DiskUse
from mockexam.store.summaries import Damaged

Write = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class HistoryTail:
    """What follows the attempts."""

    made: float
    on_record: int
    """How many attempts there are, those that were left out among them."""
    damaged: tuple[Damaged, ...]
    exam: str
    """The name of the exam that standings and estimate are for."""
    exams: tuple[str, ...]
    """The names of all exams that were taken to the end."""
    standings: tuple[CategoryStanding, ...]
    """Weakest first; whatever was left out above counts here."""
    estimate: PassEstimate
    disk: DiskUse


@dataclass(frozen=True, slots=True)
class History(HistoryTail):
    """The attempts that were asked for, then how one stands."""

    attempts: tuple[Outcome, ...]


@dataclass(frozen=True, slots=True)
class ScriptDiff:
    """A submission's scripts beside others."""

    attempt: str
    old: str
    """A submission."""
    new: str
    """A submission, or `reference`."""
    lines: tuple[DiffLine, ...]


@dataclass(frozen=True, slots=True)
class RestoredFiles:
    """What of a submission was put back into a folder."""

    attempt: str
    submission: str
    names: tuple[str, ...]
    """What was put back; empty if all of it lay there already."""
    remarks: tuple[str, ...]


def _number(question: detail.QuestionDetail | None) -> int | None:
    return question.item.number if question else None


def _ids(skills: Sequence[readiness.SkillEvidence]) -> list[str]:
    return [skill.id for skill in skills]


_ITEM = [f"item.{name}" for name in ("number", "question", "category", "title", "weight", "minutes")]
_ON_PAPER = Annotated[int | None, BeforeValidator(_number)]

form("QuestionSummary", QuestionOutcome, instead={"fingerprint": ()})
_attempt = form(
    "AttemptSummary",
    Outcome,
    instead={"possible": ("possible", "percent"), "counts": ()},
    names={"jumps": "clock_jumps"},
)
form("Regrade", detail.Regrade)
form("Submission", detail.SubmissionDetail, instead={"number": ()}, names={"wall": "received"})
form("SkillMark", detail.SkillMark)
form("Question", detail.QuestionDetail, instead={"item": _ITEM, "edition": ()})
form("TimelineLine", detail.TimelineLine)
form("Jump", detail.Jump)
_detail = form(
    "AttemptDocument",
    detail.AttemptDetail,
    kind="attempt",
    instead={"events": ("events", "intact")},
)
form("DamagedAttempt", Damaged)
form(
    "CategoryStanding",
    CategoryStanding,
    instead={"meetings": ("meetings", "best", "recent", "mean", "trend")},
    names={"meetings": "met"},
    types={"meetings": Annotated[int, BeforeValidator(len)]},
)
form("CategoryEvidence", CategoryEvidence)
form("PassEstimate", PassEstimate, types={"probability": Annotated[float, Field(ge=0, le=1)]})
form("SkillEvidence", readiness.SkillEvidence)
form("SectionPlan", readiness.SectionPlan, types={"weakest": Annotated[tuple[str, ...], BeforeValidator(_ids)]})
_readiness = form(
    "ReadinessDocument",
    readiness.Readiness,
    kind="readiness",
    instead={"sections": (), "title": (), "pass_mark": ()},
)
form("DiskUse", DiskUse, instead={"by_attempt": ()})
_tail = form("HistoryTail", HistoryTail, kind="history")
_history = form("HistoryDocument", History, kind="history")
form("QuestionPair", compare.QuestionPair, types={"left": _ON_PAPER, "right": _ON_PAPER})
form("CategoryPair", compare.CategoryPair)
form("VersionChange", compare.VersionChange)
_comparison = form("ComparisonDocument", compare.Comparison, kind="comparison")
form("DiffLine", DiffLine)
_diff = form("DiffDocument", ScriptDiff, kind="diff")
_restored = form("RestoredDocument", RestoredFiles, kind="restored")


def schema() -> dict[str, Any]:
    """The JSON Schema of every document, as docs/review.schema.json holds it."""
    documents: Any = reduce(or_, (_history, _detail, _comparison, _readiness, _diff, _restored))
    made = TypeAdapter(Annotated[documents, Field(discriminator="kind")]).json_schema(mode="serialization")
    title = "What `mockexam review --json` writes"
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title, **made}


def attempt_document(found: detail.AttemptDetail) -> Form:
    """The document of one attempt."""
    return _detail.model_validate(found)


def comparison_document(found: compare.Comparison) -> Form:
    """The document of `--compare`."""
    return _comparison.model_validate(found)


def readiness_document(found: readiness.Readiness) -> Form:
    """The document of `--readiness`."""
    return _readiness.model_validate(found)


def diff_document(attempt: str, old: str, new: str, lines: Sequence[DiffLine]) -> Form:
    """The document of `--diff`."""
    return _diff.model_validate(ScriptDiff(attempt, old, new, tuple(lines)))


def restored_document(attempt: str, submission: str, names: Sequence[str], remarks: Sequence[str]) -> Form:
    """The document of `--restore`."""
    return _restored.model_validate(RestoredFiles(attempt, submission, tuple(names), tuple(remarks)))


class HistoryWriter:
    """Writes the document of all attempts piece by piece, so that none is held longer than it takes to write it."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._attempts = 0

    def attempt(self, outcome: Outcome) -> None:
        """One more attempt."""
        self._write(",\n" if self._attempts else '{"attempts":[\n')
        self._write(_attempt.model_validate(outcome).model_dump_json())
        self._attempts += 1

    def end(
        self,
        *,
        wall: float,
        on_record: int,
        damaged: Sequence[Damaged],
        exam: str,
        exams: Sequence[str],
        standings: Sequence[CategoryStanding],
        estimate: PassEstimate,
        disk: DiskUse,
    ) -> None:
        """What follows the attempts. `wall` is now, in seconds since 1970 UTC."""
        tail = HistoryTail(wall, on_record, tuple(damaged), exam, tuple(exams), tuple(standings), estimate, disk)
        self._write("" if self._attempts else '{"attempts":[')
        self._write("],\n" + _tail.model_validate(tail).model_dump_json().removeprefix("{") + "\n")
