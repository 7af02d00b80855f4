"""Results of a batch: one result, the file that stores them, and the table for a spreadsheet."""

from __future__ import annotations

import csv
import hashlib
import hmac
import io
import json
import math
import os
import secrets
import stat
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, BinaryIO, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from mockexam.batch.job import BatchItem, ModelContent, differing, holdout_id
from mockexam.batch.lists import text_cell
from mockexam.errors import UserError
from mockexam.exam.events import ModelFormat
from mockexam.exam.hand_in import LeftOut
from mockexam.exam.scoring import MARKS_PER_QUESTION, Verdict
from mockexam.files import reason_of, write_atomic
from mockexam.paths import StatePaths
from mockexam.text.units import number_text
from mockexam.workspace.scripts import printable
from mockexam.workspace.signature import Signature, open_regular

_Key = tuple[str, ...]
"""Everything that a verdict depends on, except the versions."""
MAX_TEXT = 4000
"""Characters."""
_SEAL = "seal"
_KEY_BYTES = 32
_COLUMNS = (
    "name", "question", "verdict", "marks", "metric", "value", "next_at", "message", "remedy",
    "world", "seed", "holdout", "sha256", "at",
)  # fmt: skip
_NO_MODEL = "no_model"
_NOT_GRADED = "not_graded"
"""In place of a verdict: for what is no model, and for a model that a run did not come to."""
NOT_GRADED_YET = "Not graded yet."
_DIGITS = 6


class Verdicted(BaseModel):
    """A verdict with its details. Only `graded` has marks, and it always has."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)

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
    answers: str = Field(default="", max_length=64)
    """A hash of the predictions; earlier versions did not store it."""

    @model_validator(mode="after")
    def _only_graded_has_marks(self) -> Self:
        graded = self.verdict is Verdict.GRADED
        if graded != (self.marks is not None):
            raise ValueError("marks and verdict contradict each other")
        if graded and (self.value is None or not math.isfinite(self.value)):
            raise ValueError("marks need a value")
        return self


class BatchResult(Verdicted):
    """One line of the results file."""

    name: str
    model: str
    """The path, printable."""
    question: str
    data_seed: str = Field(alias="world")
    """Files and tables keep the old key."""
    seed: int
    holdout: str
    """See `holdout_id`."""
    format: ModelFormat
    sha256: str | None
    state: str = ""
    """A hash of the signature of the file or folder on this machine; empty if it is unknown."""
    edition: str
    at: str
    """When it was graded: ISO 8601, UTC."""

    @classmethod
    def of(
        cls, item: BatchItem, verdict: Verdicted, *, sha256: str | None, at: str, state: Signature | None = None
    ) -> Self:
        """The result of an item."""
        return cls(
            **verdict.model_dump(include=set(Verdicted.model_fields)),
            name=item.name,
            model=printable(str(item.path)),
            question=item.question,
            data_seed=item.data_seed,
            seed=item.seed,
            holdout=holdout_id(item.holdout_seed),
            format=item.format,
            sha256=sha256,
            state=_state_id(state) if state else "",
            edition=item.edition,
            at=at,
        )

    def renamed(self, item: BatchItem) -> Self:
        """The same result for an item with the same content."""
        return self.model_copy(update={"name": item.name, "model": printable(str(item.path))})

    def fields(self) -> dict[str, Any]:
        """JSON-ready data, the most interesting fields first."""
        values = self.model_dump(mode="json", by_alias=True, exclude={"state"})
        return {name: values.pop(name) for name in ("name", "question", "verdict", "marks")} | values

    def key(self, identity: str) -> _Key:
        """What it is found by again, with a hash of the content or of the state of the file or folder that held it."""
        return (identity, self.format, self.question, self.edition, self.data_seed, self.holdout)


def _item_key(identity: str, item: BatchItem) -> _Key:
    holdout = holdout_id(item.holdout_seed)
    return (identity, item.format, item.question, item.edition, item.data_seed, holdout)


def _state_id(state: Signature) -> str:
    """It changes with every change of the files: no program sets what the system notes as the time of a change."""
    return hashlib.sha256(repr(state).encode()).hexdigest()


class ResultLog:
    """The results file, open for appending by one run at a time. Use it as a context manager."""

    def __init__(self, path: Path, state: StatePaths, versions: Mapping[str, str]) -> None:
        """Results of other `versions` of the libraries are graded again."""
        self.path = path
        self._state = state
        self._versions = versions
        self._key = b""
        self._by_content: dict[_Key, BatchResult] = {}
        self._by_state: dict[_Key, BatchResult] = {}
        self._file: BinaryIO | None = None
        self._open = ExitStack()
        self.not_ours = 0
        """Results in the file that were changed, or sealed by another home of mockexam; they do not count."""

    def __enter__(self) -> Self:
        """Read the file. Raises UserError if it holds something else, is in use, or can't be written."""
        with ExitStack() as stack:
            try:
                self._lock(stack)
                self._key = _load_key(self._state.results_key)
                content = _read_regular(self.path)
                self._load(content)
                self._file = _open_for_appending(self.path)
                stack.callback(self._close_file, self._file)
                if content and not content.endswith(b"\n"):
                    self._file.write(b"\n")  # ends a line that a crash cut off; it is no result
            except OSError as error:
                raise self._cannot_save(error) from None
            self._open = stack.pop_all()
        return self

    def read(self) -> Self:
        """Read the file instead of opening it: nothing is written or locked. Raises UserError as opening does."""
        try:
            self._key = _read_regular(self._state.results_key)
            self._load(_read_regular(self.path))
        except OSError as error:
            raise UserError(f"The results can't be read: {reason_of(error)}.", location=str(self.path)) from None
        return self

    @property
    def results(self) -> tuple[BatchResult, ...]:
        """All earlier results with today's versions."""
        return tuple(self._by_content.values())

    def __exit__(self, *_: object) -> None:
        self._file = None
        self._open.close()

    def known(self, item: BatchItem, content: ModelContent) -> BatchResult | None:
        """The last result for this content with today's versions, as the item's; None if there is none."""
        found = self._by_content.get(_item_key(content.sha256, item)) if content.sha256 else None
        return found.renamed(item) if found else None

    def unchanged(self, item: BatchItem, state: Signature | None) -> BatchResult | None:
        """The same without reading the content, for a file or folder in the same state as when it was graded."""
        found = self._by_state.get(_item_key(_state_id(state), item)) if state else None
        return found.renamed(item) if found else None

    def add(self, result: BatchResult) -> None:
        """Save a result: it is on disk when this returns. Raises UserError."""
        assert self._file is not None  # within the context
        fields = result.fields() | {"state": result.state}
        line = json.dumps(fields | {_SEAL: self._seal(fields)}).encode() + b"\n"
        try:
            view = memoryview(line)
            while view:
                view = view[self._file.write(view) :]
            os.fsync(self._file.fileno())
        except OSError as error:
            raise self._cannot_save(error) from None
        self._remember(result)

    def _load(self, content: bytes) -> None:
        lines = [line for line in content.split(b"\n") if line.strip()]
        valid = 0
        for line in lines:
            try:
                result = BatchResult.model_validate_json(line)
                fields = json.loads(line)
                seal = fields.pop(_SEAL, None)
            except (ValidationError, ValueError, RecursionError):
                continue
            valid += 1
            if isinstance(seal, str) and hmac.compare_digest(seal.encode(), self._seal(fields).encode()):
                self._remember(result)
            else:
                self.not_ours += 1
        # A single invalid line may come from a first run that was killed while writing it.
        if lines and not valid and (len(lines) > 1 or not lines[0].startswith(b'{"name"')):
            raise UserError(
                "This file holds no results of mockexam; it is left unchanged.",
                location=str(self.path),
                hint="Name another file with --out.",
            )

    def _seal(self, fields: dict[str, Any]) -> str:
        return hmac.new(self._key, json.dumps(fields, sort_keys=True).encode(), "sha256").hexdigest()

    def _remember(self, result: BatchResult) -> None:
        """Grader faults, and models without a hash, are graded again."""
        if result.sha256 is None or result.verdict is Verdict.GRADER_ERROR:
            return
        if differing(result.versions, self._versions) is None:
            self._by_content[result.key(result.sha256)] = result
            if result.state:
                self._by_state[result.key(result.state)] = result

    def _lock(self, stack: ExitStack) -> None:
        from filelock import FileLock, Timeout

        self._state.locks.mkdir(parents=True, exist_ok=True)
        name = hashlib.sha256(os.fsencode(os.path.realpath(self.path))).hexdigest()[:16]
        try:
            stack.enter_context(FileLock(self._state.locks / f"batch-{name}.lock", timeout=0))
        except Timeout:
            raise UserError(
                "Another mockexam is writing results to this file.",
                location=str(self.path),
                hint="Wait for it, or name another file with --out.",
            ) from None

    def _close_file(self, file: BinaryIO) -> None:
        file.close()
        with suppress(OSError):
            if self.path.stat().st_size == 0:
                self.path.unlink()  # this run has no results

    def _cannot_save(self, error: OSError) -> UserError:
        return UserError(
            f"The results can't be saved: {error.strerror or error}.",
            location=str(self.path),
            hint="Name a file elsewhere with --out, or free disk space.",
        )


def _read_regular(path: Path) -> bytes:
    """The content; empty if there is no file. Raises OSError, also for a link or a pipe."""
    try:
        with open_regular(path) as file:
            return file.read()
    except FileNotFoundError:
        return b""


def _open_for_appending(path: Path) -> BinaryIO:
    """Open or create the file. Raises OSError, also for a link or a pipe."""
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
    flags |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags, 0o666)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError("not a regular file")
    return os.fdopen(descriptor, "ab", buffering=0)


def _load_key(path: Path) -> bytes:
    """The key that seals results, created when first needed. Raises OSError."""
    with suppress(FileNotFoundError):
        if len(found := path.read_bytes()) == _KEY_BYTES:
            return found
    key = secrets.token_bytes(_KEY_BYTES)
    # If two runs create one at the same time, the results of one are graded again, and nothing worse.
    write_atomic(path, key)
    path.chmod(0o600)
    return key


def is_table(header: Sequence[str]) -> bool:
    """Whether a header is that of `write_table`."""
    return tuple(header[:3]) == _COLUMNS[:3] and {*header} <= {*_COLUMNS}


def check_table_path(path: Path, taken: Iterable[Path], owns: Callable[[Sequence[str]], bool] = is_table) -> None:
    """Raise UserError unless a table can be written there without replacing anything but one with an owned header."""
    if any(path.resolve() == other.resolve() for other in taken):
        raise table_error("The table would replace another file of this command.", path)
    try:
        if path.exists() and not _is_as_written(path, owns):
            message = "This file exists and is not a table of this kind as mockexam writes it"
            raise table_error(f"{message}: replacing it could lose somebody's work.", path)
        tempfile.TemporaryFile(dir=path.parent).close()
    except OSError as error:
        raise table_error(f"The table can't be written: {error.strerror}.", path) from None


def _is_as_written(path: Path, owns: Callable[[Sequence[str]], bool]) -> bool:
    """Whether a file is empty, or a table of ours that no spreadsheet has saved again and that has no other columns."""
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        start = file.read(1)
        if start != '"':  # we quote every cell; the file may be large
            return not start
        text = start + file.read()
    try:
        rows = list(csv.reader(io.StringIO(text, newline="")))
    except csv.Error:
        return False
    return owns(rows[0]) and csv_text(rows) == text


def csv_text(rows: Iterable[Iterable[object]]) -> str:
    """All cells are quoted: some spreadsheets split at semicolons, and what follows one in a name may be a formula."""
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows(rows)
    return text.getvalue()


def write_table(
    path: Path, models: Iterable[tuple[BatchItem, BatchResult | None]], left_out: Iterable[LeftOut]
) -> None:
    """Write a CSV with a row per model, completely or not at all. Raises UserError.

    `models`: each with its result, or None if it was not graded. All names are printable.
    """
    rows = [_table_row(item, result) for item, result in models]
    rows += [
        {"name": one.relative, "question": one.question, "verdict": _NO_MODEL, "message": str(one)} for one in left_out
    ]
    text = csv_text([_COLUMNS, *([cell(row.get(name)) for name in _COLUMNS] for row in rows)])
    try:
        write_atomic(path, text.encode("utf-8-sig"))  # Excel needs the byte order mark
    except OSError as error:
        raise table_error(f"The table can't be written: {error.strerror}.", path) from None


def _table_row(item: BatchItem, result: BatchResult | None) -> dict[str, Any]:
    if result:
        return result.fields() | {"message": " ".join(filter(None, (result.message, item.note)))}
    return {
        "name": item.name, "question": item.question, "verdict": _NOT_GRADED, "message": NOT_GRADED_YET,
        "world": item.data_seed, "seed": item.seed, "holdout": holdout_id(item.holdout_seed),
    }  # fmt: skip


def table_error(message: str, path: Path) -> UserError:
    """What to report about a table; the remedy is another file."""
    return UserError(message, location=str(path), hint="Name another file with --csv.")


def cell(value: object) -> object:
    """A value for a spreadsheet. Text stays text: others choose the names of files."""
    if value is None:
        return ""
    if isinstance(value, float):
        return number_text(value, _DIGITS)
    if not isinstance(value, str):
        return value
    return text_cell(value)
