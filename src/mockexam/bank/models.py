"""What the TOML files of the bank may hold. Strict: a key that is not listed here is an error."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import tomli
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    RootModel,
    ValidationError,
    model_serializer,
    model_validator,
)
from pydantic_core import ErrorDetails

from mockexam.bank.category import CATEGORIES
from mockexam.errors import UserError
from mockexam.exam.model_format import listed
from mockexam.exam.paper import Counts

SHIPPED = "mockexam"  # the origin of a question that ships with the app; not allowed as the name of a pack


def one_of(known: Mapping[str, object]) -> AfterValidator:
    """Accepts the keys that a registry has at the time of validation."""

    def check(value: str) -> str:
        if value not in known:
            raise ValueError(f"unknown name {value!r}; choose {listed(map(repr, known))}")
        return value

    return AfterValidator(check)


CategoryId = Annotated[str, one_of(CATEGORIES)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,48}$")]
QuestionId = Annotated[str, Field(pattern=r"^[a-z_]+/[a-z][a-z0-9_]{1,48}$")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]

LOOPBACK_VARIABLE = "MOCKEXAM_LOOPBACK"
"""If set, downloads may come by plain http from this computer itself: for tests."""
_LOOPBACK = re.compile(r"http://(127\.0\.0\.1|\[::1\]|localhost)(:[0-9]+)?(/|$)")


def may_download(url: str) -> bool:
    """Whether data may be fetched from there: by https, in tests also by http from this computer."""
    return url.startswith("https://") or (LOOPBACK_VARIABLE in os.environ and bool(_LOOPBACK.match(url)))


def _https(url: str) -> str:
    if not may_download(url):
        raise ValueError("must begin with https://")
    return url


DownloadUrl = Annotated[str, AfterValidator(_https)]


class Strict(BaseModel):
    """Hand-written metadata: unknown keys are refused, and the model is immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ExamSlot(Strict):
    """Some questions of one category and weight."""

    category: CategoryId
    weight: int = Field(ge=1, le=100)
    count: int = Field(default=1, ge=1, le=20)
    only: tuple[QuestionId, ...] = ()  # draw only from these questions; empty: from the whole category

    @model_validator(mode="after")
    def _check_only(self) -> ExamSlot:
        others = [q for q in self.only if not q.startswith(self.category + "/")]
        if others:
            raise ValueError(f"'only' lists questions of another category: {', '.join(others)}")
        if self.only and len(set(self.only)) < self.count:
            raise ValueError(f"'only' lists {len(set(self.only))} questions for a count of {self.count}")
        return self


class Exam(Strict):
    """An exam file."""

    title: str = Field(min_length=1, max_length=60)
    duration_minutes: float = Field(gt=0, le=24 * 60)
    pass_mark: int = Field(default=90, ge=0, le=100)
    """Per cent of the weighted total. The real exam's is unpublished; candidates report 90."""
    counts: Counts = Counts.BEST
    questions: tuple[ExamSlot, ...] = Field(min_length=1, max_length=20)


class InputContract(Strict):
    """What the grader feeds into a model."""

    shape: tuple[int, ...]  # one sample, without the batch axis; -1 for a free axis, () for one string per sample
    dtype: Literal["float32", "int32", "uint8", "string"]
    meaning: str = Field(min_length=1)
    range: tuple[float, float] | None = None
    windows: bool | None = None
    """Whether samples are windows of one series, which may overlap. None: see `overlaps`."""

    @property
    def overlaps(self) -> bool:
        """Whether samples may hold one another's targets: as `windows` says, else with two axes (steps, columns)."""
        return self.dtype != "string" and len(self.shape) == 2 if self.windows is None else self.windows

    @model_serializer(mode="wrap")
    def _as_written(self, dump: Callable[[InputContract], dict[str, Any]]) -> dict[str, Any]:
        """Without `windows` if it is None: fingerprints from before it existed stay valid."""
        return {key: value for key, value in dump(self).items() if key != "windows" or value is not None}

    @model_validator(mode="after")
    def _check_axes(self) -> InputContract:
        if any(axis == 0 or axis < -1 for axis in self.shape):
            raise ValueError("an axis of 'shape' must be a positive length, or -1 if it is free")
        return self


class OutputContract(Strict):
    """What a model must predict."""

    shape: tuple[int, ...] = Field(min_length=1)
    form: Literal["probabilities", "unit_interval", "values"]
    meaning: str = Field(min_length=1)
    classes: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _check_shape(self) -> OutputContract:
        if any(axis < 1 for axis in self.shape):
            raise ValueError("every axis of 'shape' must be a positive length")
        if self.classes and self.form == "probabilities" and len(self.classes) != self.shape[-1]:
            raise ValueError(f"there are {len(self.classes)} classes, but the last axis of 'shape' is {self.shape[-1]}")
        return self

    @property
    def values_a_sample(self) -> int:
        """Numbers that a model predicts for one sample."""
        return math.prod(self.shape)


class Contract(Strict):
    """What a saved model must comply with."""

    max_megabytes: float = Field(gt=0, le=500)  # size of the saved file or folder, in units of 10**6 bytes
    max_seconds: float = Field(default=60, gt=0, le=600)
    """To load the model and predict the whole hold-out; waiting for a processor on a busy machine is not counted."""
    input: InputContract
    output: OutputContract


class Source(Strict):
    """Real data that a question stands on: whose they are, and what was done to them."""

    title: str = Field(min_length=1)  # with the version
    authors: str = Field(min_length=1)
    licence: str = Field(min_length=1)  # its SPDX name
    url: str = Field(pattern=r"^https://")
    changes: str = Field(min_length=1)
    package: str = Field(min_length=1)  # the file that a registry hands out, or the dependency that holds the data
    package_sha256: Sha256 | None = None  # None for a dependency, which the lock holds
    file: str | None = None  # beside `data.py`; None for data of a dependency
    sha256: Sha256 | None = None  # of that file

    @model_validator(mode="after")
    def _check_hashes(self) -> Source:
        if not (self.file is None) == (self.sha256 is None) == (self.package_sha256 is None):
            raise ValueError("'file', 'sha256' and 'package_sha256' are all given, or none (data of a dependency)")
        return self


class Download(Strict):
    """A published file that is fetched when an exam with this question is prepared; it does not ship with mockexam."""

    file: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")
    """Its name, by which `data.py` finds it: `DOWNLOADS[name]`."""
    urls: tuple[DownloadUrl, ...] = Field(min_length=1)  # of the same file, the first choice first
    sha256: Sha256
    bytes: int = Field(ge=1, le=10**9)
    title: str = Field(min_length=1)  # of the data set
    authors: str = Field(min_length=1)
    licence: str = Field(min_length=1)  # its SPDX name, or what its authors ask for


class QuestionFile(Strict):
    """`question.toml`."""

    title: str = Field(min_length=1, max_length=40)
    summary: str = Field(min_length=1, max_length=120)
    minutes: int = Field(ge=1, le=300)
    skills: tuple[str, ...] = Field(min_length=1)
    contract: Contract
    sources: tuple[Source, ...] = ()
    downloads: tuple[Download, ...] = ()
    only_named: bool = False  # drawn only where an exam's slot lists it in `only`; with downloads, always so

    @model_validator(mode="after")
    def _check_downloads(self) -> QuestionFile:
        names = [download.file for download in self.downloads]
        if len(set(names)) < len(names):
            raise ValueError("two of the 'downloads' have the same 'file'")
        return self


class Question(Strict):
    """A loaded question."""

    id: QuestionId
    category: CategoryId
    folder: Path
    file: QuestionFile
    fingerprint: str  # identifies its data and contract; see `bank.loader.fingerprint`
    earlier: tuple[str, ...] = Field(min_length=1)
    """Earlier ones of the same data and contract; the first is the hash of all files, see `former_fingerprint`."""
    pack: str = SHIPPED  # its origin: the name of a pack, or `SHIPPED`

    def is_edition(self, fingerprint: str) -> bool:
        """Whether this fingerprint, current or earlier, stands for the same data and contract."""
        return fingerprint == self.fingerprint or fingerprint in self.earlier

    @property
    def title(self) -> str:
        return self.file.title

    @property
    def contract(self) -> Contract:
        return self.file.contract

    @property
    def downloads(self) -> tuple[Download, ...]:
        """What its data are made from and must be fetched."""
        return self.file.downloads

    @property
    def only_named(self) -> bool:
        """Whether it is drawn only where an exam's slot lists it, so that nobody fetches data unasked."""
        return self.file.only_named or bool(self.file.downloads)

    @property
    def brief(self) -> str:
        return (self.folder / "brief.md").read_text(encoding="utf-8")


QUESTION_FILES = ("question.toml", "brief.md", "stub.py", "data.py", "hints.md")
"""The files that every question has; it may have others, which `data.py` reads."""
PROSE = frozenset(QUESTION_FILES) - {"data.py"}  # not part of the fingerprint (of `question.toml`, the contract is)
EARLIER = Path("_earlier") / "fingerprints.toml"  # below the folder of exams


class EarlierFingerprints(Strict):
    """Fingerprints that an earlier version gave to the same data and contract."""

    fingerprint: Sha256  # the current one: once it changes, the earlier ones no longer count
    earlier: tuple[Sha256, ...] = Field(min_length=1)
    """The first is the hash of all files, from which earlier versions made the codes of papers."""


class EarlierFile(RootModel[Mapping[QuestionId, EarlierFingerprints]]):
    """`_earlier/fingerprints.toml`."""


_TWICE = ("Cannot overwrite a value", "a key appears twice")
"""What tomli says of it, and what a user understands."""
M = TypeVar("M", bound=BaseModel)


def read_toml(path: Path, model: type[M]) -> M:
    """The file as a model. Raises UserError, naming file and key, if it is missing or invalid."""
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
            f"The file is not valid TOML: {str(error).replace(*_TWICE)}.", location=str(path), hint="Correct that line."
        ) from None
    try:
        return model.model_validate(values)
    except ValidationError as error:
        found = error.errors(include_url=False)
        inner = {details["loc"][:depth] for details in found for depth in range(len(details["loc"]))}
        # A list whose entries are wrong is also "too short": without them it has none.
        problems = [_problem(model, details) for details in found if details["loc"] not in inner]
        keys = ", ".join(sorted({key for key, _ in problems if key}))
        message = f"The file is not valid: {'; '.join(problem for _, problem in problems)}."
        hint = "Correct the key; the file was not used."
        raise UserError(message, location=f"{path}, key {keys}" if keys else str(path), hint=hint) from None


_IN_TOML = {
    "tuple_type": 'must be a list in brackets, such as ["a", "b"]',
    "string_type": 'must be text in quotes, such as "a"',
}
"""What Pydantic calls otherwise."""


def _problem(model: type[BaseModel], details: ErrorDetails) -> tuple[str, str]:
    key = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in details["loc"]).lstrip(".")
    message = details["msg"].removeprefix("Value error, ").replace("Input should be", "must be")
    message = _IN_TOML.get(details["type"], message)
    if details["type"] == "extra_forbidden":
        allowed = ", ".join(_allowed_keys(model, details["loc"][:-1]))
        return key, f"unknown key {key!r} (allowed here: {allowed})"
    if details["type"] == "missing":
        return key, f"key {key!r} is missing"
    return key, f"{key!r}: {message}" if key else message


def _allowed_keys(model: type[BaseModel], parents: tuple[int | str, ...]) -> list[str]:
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
