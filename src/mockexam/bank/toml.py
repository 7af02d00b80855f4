"""Reading a hand-written TOML file into a strict model; an error names file, key and what is allowed."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import tomli
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from mockexam.errors import ToldError

M = TypeVar("M", bound=BaseModel)


def read_toml(path: Path, model: type[M]) -> M:
    """The file as a model. Raises ToldError if it is missing, is no TOML, or does not fit the model."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ToldError("A file is missing.", where=str(path), remedy="Restore it, or reinstall mockexam.") from None
    except IsADirectoryError:
        raise ToldError("This is a folder, not a TOML file.", where=str(path), remedy="Name the file.") from None
    except UnicodeDecodeError:
        raise ToldError("The file is not UTF-8 text.", where=str(path), remedy="Save it as UTF-8.") from None
    except OSError as error:
        raise ToldError(f"The file can't be read: {error.strerror}.", where=str(path)) from None
    try:
        values = tomli.loads(text)
    except tomli.TOMLDecodeError as error:
        raise ToldError(f"The file is not valid TOML: {error}.", where=str(path), remedy="Correct that line.") from None
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise _told(path, model, error) from None


def _told(path: Path, model: type[BaseModel], error: ValidationError) -> ToldError:
    problems = [_problem(model, details) for details in error.errors(include_url=False)]
    what = "; ".join(problem for _, problem in problems)
    keys = ", ".join(sorted({key for key, _ in problems if key}))
    return ToldError(
        f"The file does not fit: {what}.",
        where=f"{path}, key {keys}" if keys else str(path),
        remedy="Correct the key; the file was not used.",
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
