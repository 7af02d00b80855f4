"""What `mockexam review --json` writes: one JSON document, told apart by `kind`, in the form of the dataclasses.

`form` makes a pydantic model of a dataclass: its fields, their types, and the docstrings below them as descriptions.
tools/make_schema.py writes docs/review.schema.json from these models.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, is_dataclass
from functools import cache, partial, reduce
from itertools import pairwise
from operator import or_
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import AliasPath, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, create_model

from mockexam.exam import class_report
from mockexam.exam.outcome import Outcome, QuestionOutcome
from mockexam.exam.standing import CategoryStanding
from mockexam.exam.training_history import FitHistory
from mockexam.review import compare, detail, readiness
from mockexam.review.script_diff import DiffLine
from mockexam.store.retention import DiskUse
from mockexam.store.summaries import Damaged

VERSION = 1
"""Of all documents. Fields may be added; none changes its meaning while this stays."""

_KEYS = {
    "wall": "at",
    "elapsed": "elapsed_seconds",
    "saved_again": "saved_again_seconds",
    "duration": "duration_seconds",
    "time_used": "time_used_seconds",
    "size": "bytes",
    "percent": "total_percent",
    "pass_mark": "pass_mark_percent",
    "low": "low_percent",
    "high": "high_percent",
    "expected": "expected_percent",
    "outcome": "summary",
}
"""JSON keys by attribute where they differ: most name the unit."""
_MOMENTS = {"wall", "started", "made"}
"""Attributes in seconds since 1970 UTC, which are a date and time in JSON."""
_TYPES: dict[Any, Any] = {Path: Annotated[str, BeforeValidator(str)]}
"""JSON types by Python type; `form` adds each dataclass."""


class Form(BaseModel):
    """A JSON object, filled from the attributes of a dataclass."""

    model_config = ConfigDict(
        from_attributes=True, frozen=True, extra="forbid", json_schema_serialization_defaults_required=True
    )


def form(
    title: str,
    source: type,
    *,
    kind: str = "",
    names: Mapping[str, str] | None = None,
    instead: Mapping[str, Sequence[str]] | None = None,
    types: Mapping[str, Any] | None = None,
) -> type[Form]:
    """The JSON model of a dataclass, used from now on wherever that dataclass is the type of a field.

    `kind` makes it a document of its own. `names` are keys that differ from the attribute, `types` types that differ.
    `instead` are the attributes that replace one, such as `item.number`; none leave it out.
    """
    fields: dict[str, Any] = {"kind": (Literal[kind], kind), "version": (Literal[VERSION], VERSION)} if kind else {}
    keys, instead, types = {**_KEYS, **(names or {})}, instead or {}, types or {}
    for attribute in _hints(source):
        for path in instead.get(attribute, [attribute]):
            *way, name = path.split(".")
            owner = reduce(lambda cls, step: _hints(cls)[step], way, source)
            hint = types.get(path) or (AwareDatetime if name in _MOMENTS else _json_type(_hint(owner, name)))
            alias, describe = AliasPath(*path.split(".")), partial(_describe, owner, name)
            fields[keys.get(name, name)] = (hint, Field(validation_alias=alias, json_schema_extra=describe))
    _TYPES[source] = model = create_model(title, __base__=Form, __doc__=source.__doc__, **fields)
    return model


_hints = cache(get_type_hints)


def _hint(owner: type, name: str) -> Any:
    value = getattr(owner, name, None)
    return _hints(value.fget)["return"] if isinstance(value, property) else _hints(owner)[name]


def _json_type(hint: Any) -> Any:
    if hint in _TYPES:
        return _TYPES[hint]
    assert not is_dataclass(hint), f"{hint} is used before its form is made"
    origin, args = get_origin(hint), get_args(hint)
    if not args or origin is Literal:
        return hint
    parts = [_json_type(arg) for arg in args]
    return reduce(or_, parts) if origin in {UnionType, Union} else origin[tuple(parts)]


def _describe(owner: type, name: str, schema: dict[str, Any]) -> None:
    """Add the attribute's docstring. Only when a schema is made, since it reads the source."""
    value = getattr(owner, name, None)
    doc = (inspect.getdoc(value) if isinstance(value, property) else _docstrings(owner).get(name)) or ""
    doc = re.sub(r"[Ss]econds since 1970 UTC\.?", "", re.sub(r"^None\b", "Null", doc)).replace("None", "null")
    if words := doc.strip(" :"):
        schema["description"] = words


@cache
def _docstrings(source: type) -> dict[str, str]:
    """The docstrings below a dataclass' fields."""
    (tree,) = ast.parse(inspect.getsource(source)).body
    assert isinstance(tree, ast.ClassDef)
    inherited = _docstrings(source.__base__) if is_dataclass(source.__base__) else {}
    return inherited | {
        field.target.id: " ".join(doc.value.value.split())
        for field, doc in pairwise(tree.body)
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        if isinstance(doc, ast.Expr) and isinstance(doc.value, ast.Constant) and isinstance(doc.value.value, str)
    }


@dataclass(frozen=True, slots=True)
class HistoryTail:
    """What follows the attempts."""

    made: float
    on_record: int
    """How many attempts there are, including those that the filters leave out."""
    damaged: tuple[Damaged, ...]
    exam: str
    """The name of the exam that standings and estimate are for."""
    exams: tuple[str, ...]
    """The names of all exams taken to the end."""
    standings: tuple[CategoryStanding, ...]
    """Weakest first, from all attempts, whatever the filters."""
    estimate: readiness.PassEstimate
    disk: DiskUse


@dataclass(frozen=True, slots=True)
class HistoryList(HistoryTail):
    """The attempts that fit the filters, then the results in one exam."""

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
    """The files of a submission that were put back into a folder."""

    attempt: str
    submission: str
    names: tuple[str, ...]
    """What was put back; empty if it was all there already."""
    remarks: tuple[str, ...]


_ITEM = [f"item.{name}" for name in ("number", "question", "category", "title", "weight", "minutes")]
_IDS = Annotated[tuple[str, ...], BeforeValidator(lambda skills: [skill.id for skill in skills])]
_QUESTION_NUMBER = Annotated[int | None, BeforeValidator(lambda question: question and question.item.number)]

form("QuestionSummary", QuestionOutcome, instead={"fingerprint": ()})
_attempt = form(
    "AttemptSummary",
    Outcome,
    instead={"possible": ("possible", "percent"), "counts": ()},
    names={"jumps": "clock_jumps"},
)
form("Regrade", detail.Regrade)
form("Fit", FitHistory, instead={"series": ("series", "judged_by", "best_epoch", "best_value", "gap_opens")})
form("ClassRecall", class_report.ClassRecall, instead={"right": ("right", "recall")})
form("Confusion", class_report.Confusion)
form("ClassReport", class_report.ClassReport)
form("Submission", detail.SubmissionDetail, instead={"number": ()}, names={"wall": "received"})
form("SkillMark", detail.SkillMark)
form("Question", detail.QuestionDetail, instead={"item": _ITEM, "edition": ()})
form("TimelineLine", detail.TimelineLine)
form("Jump", detail.Jump)
form("MissedFile", detail.MissedFile)
_detail = form("AttemptDocument", detail.AttemptDetail, kind="attempt", instead={"events": ("events", "intact")})
form("DamagedAttempt", Damaged)
form(
    "CategoryStanding",
    CategoryStanding,
    instead={"question_results": ("question_results", "best", "recent", "mean", "trend")},
    names={"question_results": "met"},
    types={"question_results": Annotated[int, BeforeValidator(len)]},
)
form("CategoryEvidence", readiness.CategoryEvidence)
form("PassEstimate", readiness.PassEstimate, types={"probability": Annotated[float, Field(ge=0, le=1)]})
form("SkillEvidence", readiness.SkillEvidence)
form("SectionPlan", readiness.SectionPlan, types={"weakest": _IDS})
_readiness = form(
    "ReadinessDocument",
    readiness.Readiness,
    kind="readiness",
    instead=dict.fromkeys(("sections", "title", "pass_mark"), ()),
)
form("DiskUse", DiskUse, instead={"by_attempt": ()})
_tail = form("HistoryTail", HistoryTail, kind="history")
_history = form("HistoryDocument", HistoryList, kind="history")
form("QuestionPair", compare.QuestionPair, types={"left": _QUESTION_NUMBER, "right": _QUESTION_NUMBER})
form("CategoryPair", compare.CategoryPair)
form("VersionChange", compare.VersionChange)
_comparison = form("ComparisonDocument", compare.Comparison, kind="comparison")
form("DiffLine", DiffLine)
_diff = form("DiffDocument", ScriptDiff, kind="diff")
_restored = form("RestoredDocument", RestoredFiles, kind="restored")


def schema() -> dict[str, Any]:
    """The JSON Schema of every document, as in docs/review.schema.json."""
    documents: Any = reduce(or_, (_history, _detail, _comparison, _readiness, _diff, _restored))
    made = TypeAdapter(Annotated[documents, Field(discriminator="kind")]).json_schema(mode="serialization")
    title = "What `mockexam review --json` writes"
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title, **made}


Document = detail.AttemptDetail | compare.Comparison | readiness.Readiness | ScriptDiff | RestoredFiles


def document_of(found: Document) -> Form:
    """The document of what a command has found."""
    model: type[Form] = _TYPES[type(found)]
    return model.model_validate(found)


class HistoryWriter:
    """Writes the document of all attempts piece by piece, holding none longer than it takes to write it."""

    def __init__(self, write: Callable[[str], object]) -> None:
        self._write = write
        self._attempts = 0

    def attempt(self, outcome: Outcome) -> None:
        self._write(",\n" if self._attempts else '{"attempts":[\n')
        self._write(_attempt.model_validate(outcome).model_dump_json())
        self._attempts += 1

    def end(self, tail: HistoryTail) -> None:
        self._write("" if self._attempts else '{"attempts":[')
        self._write("],\n" + _tail.model_validate(tail).model_dump_json().removeprefix("{") + "\n")
