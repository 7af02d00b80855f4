"""What came of marking one model, as it is kept and told."""

from __future__ import annotations

import hashlib
import hmac
import json
import math
import os
import secrets
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from mockexam.batch.job import Item, name_of_holdout
from mockexam.errors import UserError
from mockexam.exam.events import ModelFormat
from mockexam.exam.scoring import MARKS_PER_QUESTION, Verdict
from mockexam.files import write_atomic
from mockexam.paths import StatePaths
from mockexam.workspace.signature import open_regular

if TYPE_CHECKING:
    from filelock import BaseFileLock


MAX_TEXT = 4000


class Verdicted(BaseModel):
    """A verdict with all that belongs to it. Only `graded` has marks, and it always has."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    verdict: Verdict
    marks: int | None = Field(default=None, ge=0, le=MARKS_PER_QUESTION)
    metric: str | None = Field(default=None, max_length=100)
    value: float | None = None
    next_at: float | None = None
    message: str = Field(default="", max_length=MAX_TEXT)
    remedy: str = Field(default="", max_length=MAX_TEXT)
    isolation: str = Field(default="", max_length=200)
    versions: dict[str, str] = {}
    seconds: float = 0.0

    @model_validator(mode="after")
    def _marks_are_of_graded_alone(self) -> Self:
        graded = self.verdict is Verdict.GRADED
        if graded != (self.marks is not None):
            raise ValueError("marks and verdict contradict each other")
        if graded and (self.value is None or not math.isfinite(self.value)):
            raise ValueError("marks need a value")
        return self


class Result(Verdicted):
    """One line of the record."""

    name: str
    model: str
    """The path, as text."""
    question: str
    world: str
    seed: int
    holdout: str
    """A name of the numbers that it was marked on."""
    format: ModelFormat
    sha256: str | None
    edition: str
    at: str
    """When it was marked: ISO 8601, UTC."""

    @classmethod
    def of(cls, item: Item, verdict: Verdicted, *, sha256: str | None, at: str) -> Self:
        """The result of an item."""
        return cls(
            **verdict.model_dump(include=set(Verdicted.model_fields)),
            name=item.name,
            model=as_text(str(item.path)),
            question=item.question,
            world=item.world,
            seed=item.seed,
            holdout=name_of_holdout(item.secret),
            format=item.format,
            sha256=sha256,
            edition=item.edition,
            at=at,
        )

    def renamed(self, item: Item) -> Self:
        """The same result for an item with the same content."""
        return self.model_copy(update={"name": item.name, "model": as_text(str(item.path))})

    def fields(self) -> dict[str, Any]:
        """As data for JSON, what a reader looks for first."""
        values = self.model_dump(mode="json")
        return {name: values.pop(name) for name in ("name", "question", "verdict", "marks")} | values

    @property
    def key(self) -> tuple[str, ...]:
        """What the verdict hangs on, but for the versions."""
        return key_of(self.sha256 or "", self.format, self.question, self.edition, self.world, self.holdout)


def key_of(sha256: str, form: ModelFormat, question: str, edition: str, world: str, holdout: str) -> tuple[str, ...]:
    """What a verdict hangs on, but for the versions."""
    return (sha256, form, question, edition, world, holdout)


def as_text(text: str) -> str:
    """A text that others wrote, without what would move the cursor or can't be encoded."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


_SEAL = "seal"
_KEY_BYTES = 32


class ResultLog:
    """The file, open for appending by one run at a time. Use it as a context manager."""

    def __init__(self, path: Path, home: StatePaths, versions: Mapping[str, str]) -> None:
        """`versions` are the libraries of today: what others marked is marked again."""
        self.path = path
        self._home = home
        self._versions = versions
        self._key = b""
        self._known: dict[tuple[str, ...], Result] = {}
        self._file: BinaryIO | None = None
        self._lock: BaseFileLock | None = None

    def __enter__(self) -> Self:
        """Read what is there. Raises UserError if it is another kind of file, in use, or can't be written."""
        try:
            self._take_lock()
            self._key = _key(self._home.results_key)
            content = _content(self.path)
            self._read(content)
            self._file = _open(self.path)
            if content and not content.endswith(b"\n"):
                self._file.write(b"\n")  # a line that a crash cut off stays by itself, and is no result
        except OSError as error:
            self._close()
            raise self._told(error) from None
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def get(self, key: tuple[str, ...]) -> Result | None:
        """The last verdict on this, if there is one by today's versions."""
        return self._known.get(key)

    def add(self, result: Result) -> None:
        """Keep a result: it is on the disk when this returns. Raises UserError."""
        assert self._file is not None  # within the context
        fields = result.fields()
        line = json.dumps(fields | {_SEAL: self._sealed(fields)}).encode() + b"\n"
        try:
            view = memoryview(line)
            while view:
                view = view[self._file.write(view) :]
            os.fsync(self._file.fileno())
        except OSError as error:
            raise self._told(error) from None
        self._remember(result)

    def _read(self, content: bytes) -> None:
        lines = [line for line in content.split(b"\n") if line.strip()]
        valid = 0
        for line in lines:
            try:
                result = Result.model_validate_json(line)
                fields = json.loads(line)
                seal = fields.pop(_SEAL, None)
            except (ValidationError, ValueError, RecursionError):
                continue
            valid += 1
            if isinstance(seal, str) and hmac.compare_digest(seal.encode(), self._sealed(fields).encode()):
                self._remember(result)
        # One line may be what is left of a first run that was killed as it began to write.
        if lines and not valid and (len(lines) > 1 or not lines[0].startswith(b'{"name"')):
            raise UserError(
                "This file holds no results of mockexam; nothing is added to it.",
                location=str(self.path),
                hint="Name another file with --out.",
            )

    def _sealed(self, fields: dict[str, Any]) -> str:
        return hmac.new(self._key, json.dumps(fields, sort_keys=True).encode(), "sha256").hexdigest()

    def _remember(self, result: Result) -> None:
        """A fault is tried again, and what no hash stands for is looked at again."""
        if result.sha256 is None or result.verdict is Verdict.GRADER_ERROR:
            return
        # What was refused before it was loaded names fewer libraries: it did not hang on the others.
        if all(result.versions.get(name, today) == today for name, today in self._versions.items()):
            self._known[result.key] = result

    def _take_lock(self) -> None:
        from filelock import FileLock, Timeout

        self._home.locks.mkdir(parents=True, exist_ok=True)
        name = hashlib.sha256(os.fsencode(os.path.realpath(self.path))).hexdigest()[:16]
        lock = FileLock(self._home.locks / f"batch-{name}.lock", timeout=0)
        try:
            lock.acquire()
        except Timeout:
            raise UserError(
                "Another mockexam is marking into this file.",
                location=str(self.path),
                hint="Wait for it, or name another file with --out.",
            ) from None
        self._lock = lock

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
            with suppress(OSError):
                if self.path.stat().st_size == 0:
                    self.path.unlink()  # nothing came of this run
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def _told(self, error: OSError) -> UserError:
        return UserError(
            f"The results can't be kept: {error.strerror or error}.",
            location=str(self.path),
            hint="Name a file elsewhere with --out, or free some space.",
        )


def _content(path: Path) -> bytes:
    """What is there; nothing if there is no file. Raises OSError, also for a link or a pipe."""
    try:
        with open_regular(path) as file:
            return file.read()
    except FileNotFoundError:
        return b""


def _open(path: Path) -> BinaryIO:
    """The file for appending, made if it is not there. Raises OSError, also for a link or a pipe."""
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
    flags |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags, 0o666)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError("not a regular file")
    return os.fdopen(descriptor, "ab", buffering=0)


def _key(path: Path) -> bytes:
    """What this home seals lines with, made when first needed. Raises OSError."""
    with suppress(FileNotFoundError):
        if len(found := path.read_bytes()) == _KEY_BYTES:
            return found
    made = secrets.token_bytes(_KEY_BYTES)
    # Should another run make one too, what either of them has sealed may be marked again, and no worse.
    write_atomic(path, made)
    path.chmod(0o600)
    return made
