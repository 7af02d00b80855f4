"""What `exam.toml` and `question.toml` may hold. Strict: a key that is not listed here is an error."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import tomli
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_serializer, model_validator
from pydantic_core import ErrorDetails

from mockexam.bank.category import CATEGORIES
from mockexam.errors import UserError
from mockexam.exam.model_format import listed
from mockexam.exam.paper import Counts

SHIPPED = "mockexam"
"""Where a question comes from that ships with the app; no pack may call itself so."""


def one_of(known: Mapping[str, object]) -> AfterValidator:
    """Lets the keys of a registry pass, those that it has when a value is looked at."""

    def check(value: str) -> str:
        if value not in known:
            raise ValueError(f"Input should be {listed(map(repr, known))}")
        return value

    return AfterValidator(check)


CategoryId = Annotated[str, one_of(CATEGORIES)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,48}$")]
QuestionId = Annotated[str, Field(pattern=r"^[a-z_]+/[a-z][a-z0-9_]{1,48}$")]


class Strict(BaseModel):
    """Hand-written metadata: unknown keys are refused, values are not coerced, nothing changes afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ExamSlot(Strict):
    """So many questions of one category at one weight."""

    category: CategoryId
    weight: int = Field(ge=1, le=100)
    count: int = Field(default=1, ge=1, le=20)
    only: tuple[QuestionId, ...] = ()
    """Draw from these questions alone; empty: from the whole category."""

    @model_validator(mode="after")
    def _only_of_this_category(self) -> ExamSlot:
        strangers = [q for q in self.only if not q.startswith(self.category + "/")]
        if strangers:
            raise ValueError(f"'only' lists questions of another category: {', '.join(strangers)}")
        if self.only and len(set(self.only)) < self.count:
            raise ValueError(f"'only' lists {len(set(self.only))} questions for a count of {self.count}")
        return self


class Exam(Strict):
    """An exam file."""

    title: str = Field(min_length=1, max_length=60)
    duration_minutes: float = Field(gt=0, le=24 * 60)
    pass_mark: int = Field(default=90, ge=0, le=100)
    """Per cent of the weighted total. The real exam's was never published; 90 is what candidates report."""
    counts: Counts = Counts.BEST
    questions: tuple[ExamSlot, ...] = Field(min_length=1, max_length=20)


class InputContract(Strict):
    """What the marker feeds into a model."""

    shape: tuple[int, ...]
    """One sample, without the batch axis; -1 where an axis is free, () for one string a sample."""
    dtype: Literal["float32", "int32", "uint8", "string"]
    meaning: str = Field(min_length=1)
    range: tuple[float, float] | None = None
    windows: bool | None = None
    """Whether samples are windows of one series, which may overlap. Not written: told from the shape."""

    @property
    def overlaps(self) -> bool:
        """Whether one sample's features may hold what another one asks for: so it is with windows of a series.

        If it is not written, numbers along two axes (steps, columns) are taken for windows.
        """
        return self.dtype != "string" and len(self.shape) == 2 if self.windows is None else self.windows

    @model_serializer(mode="wrap")
    def _as_written(self, dump: Callable[[InputContract], dict[str, Any]]) -> dict[str, Any]:
        """Without `windows` where that is not written, so that what is known by its contract stays known by it."""
        return {key: value for key, value in dump(self).items() if key != "windows" or value is not None}

    @model_validator(mode="after")
    def _axes(self) -> InputContract:
        if any(axis == 0 or axis < -1 for axis in self.shape):
            raise ValueError("an axis of 'shape' is a positive length, or -1 where it is free")
        return self


class OutputContract(Strict):
    """What a model must answer."""

    shape: tuple[int, ...] = Field(min_length=1)
    form: Literal["probabilities", "unit_interval", "values"]
    meaning: str = Field(min_length=1)
    classes: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _fits(self) -> OutputContract:
        if any(axis < 1 for axis in self.shape):
            raise ValueError("every axis of 'shape' is a positive length")
        if self.classes and self.form == "probabilities" and len(self.classes) != self.shape[-1]:
            raise ValueError(f"{len(self.classes)} classes do not fit the last axis of 'shape', {self.shape[-1]}")
        return self

    @property
    def values_a_sample(self) -> int:
        """How many numbers a model answers for one sample."""
        return math.prod(self.shape)


class Contract(Strict):
    """What a saved model must keep to."""

    max_megabytes: float = Field(gt=0, le=500)
    """Size of the saved file or folder, in units of 10**6 bytes."""
    max_seconds: float = Field(default=60, gt=0, le=600)
    """Wall time for loading and predicting the whole hold-out."""
    input: InputContract
    output: OutputContract


class QuestionFile(Strict):
    """`question.toml`."""

    title: str = Field(min_length=1, max_length=40)
    summary: str = Field(min_length=1, max_length=120)
    minutes: int = Field(ge=1, le=300)
    skills: tuple[str, ...] = Field(min_length=1)
    contract: Contract


class Question(Strict):
    """A question as loaded: its file, and where it stands."""

    id: QuestionId
    category: CategoryId
    folder: Path
    file: QuestionFile
    fingerprint: str
    """Names its data and its contract; see `bank.fingerprint`."""
    earlier: tuple[str, ...] = Field(min_length=1)
    """Others of the same data and contract; the first is the hash of all files, see `former_fingerprint`."""
    pack: str = SHIPPED
    """Where it comes from: the name of a pack of questions, or `SHIPPED`."""

    def is_edition(self, fingerprint: str) -> bool:
        """Whether this fingerprint, of now or earlier, stands for the same data and contract."""
        return fingerprint == self.fingerprint or fingerprint in self.earlier

    @property
    def title(self) -> str:
        return self.file.title

    @property
    def contract(self) -> Contract:
        return self.file.contract

    @property
    def brief(self) -> str:
        """The task as Markdown."""
        return (self.folder / "brief.md").read_text(encoding="utf-8")


M = TypeVar("M", bound=BaseModel)


def read_toml(path: Path, model: type[M]) -> M:
    """The file as a model. Raises UserError if it is missing, is no TOML, or does not fit the model."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UserError("A file is missing.", location=str(path), hint="Restore it, or reinstall mockexam.") from None
    except IsADirectoryError:
        raise UserError("This is a folder, not a TOML file.", location=str(path), hint="Name the file.") from None
    except UnicodeDecodeError:
        raise UserError("The file is not UTF-8 text.", location=str(path), hint="Save it as UTF-8.") from None
    except OSError as error:
        raise UserError(f"The file can't be read: {error.strerror}.", location=str(path)) from None
    try:
        values = tomli.loads(text)
    except tomli.TOMLDecodeError as error:
        raise UserError(
            f"The file is not valid TOML: {error}.", location=str(path), hint="Correct that line."
        ) from None
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise _told(path, model, error) from None


def _told(path: Path, model: type[BaseModel], error: ValidationError) -> UserError:
    problems = [_problem(model, details) for details in error.errors(include_url=False)]
    what = "; ".join(problem for _, problem in problems)
    keys = ", ".join(sorted({key for key, _ in problems if key}))
    return UserError(
        f"The file does not fit: {what}.",
        location=f"{path}, key {keys}" if keys else str(path),
        hint="Correct the key; the file was not used.",
    )


def _problem(model: type[BaseModel], details: ErrorDetails) -> tuple[str, str]:
    key = ".".join(str(part) for part in details["loc"])
    message = details["msg"].removeprefix("Value error, ")
    if details["type"] == "extra_forbidden":
        allowed = ", ".join(_allowed_keys(model, details["loc"][:-1]))
        return key, f"unknown key {key!r} (allowed here: {allowed})"
    if details["type"] == "missing":
        return key, f"key {key!r} is missing"
    return key, f"{key!r}: {message}" if key else message


def _allowed_keys(model: type[BaseModel], parents: tuple[int | str, ...]) -> list[str]:
    """The keys of the model that is nested under these parents."""
    current = model
    for part in parents:
        if isinstance(part, int):
            continue
        field = current.model_fields.get(part)
        if field is None:
            break
        nested = [field.annotation, *getattr(field.annotation, "__args__", ())]
        current = next((t for t in nested if isinstance(t, type) and issubclass(t, BaseModel)), current)
    return sorted(current.model_fields)
