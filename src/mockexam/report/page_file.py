"""Writing a page to a file: whole or not at all, and never over something else."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from mockexam.errors import ToldError

_PAGE = b"<!doctype html"


def write_page(path: Path, page: str) -> None:
    """Write an HTML document; an older page of that name is replaced. Raises ToldError for any other file."""
    if _is_something_else(path):
        raise ToldError(
            "There is something of that name already, and it is no page.",
            where=str(path),
            remedy="Name another file, e.g. review.html.",
        )
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        fresh.write_text(page, encoding="utf-8")
        os.replace(fresh, path)
    except OSError as error:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
        raise ToldError(
            f"The page can't be written: {error.strerror or error}.", where=str(path), remedy="Name another file."
        ) from None


def _is_something_else(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return not file.read(len(_PAGE) + 64).lstrip().lower().startswith(_PAGE)
    except FileNotFoundError:
        return False
    except OSError:
        return True
