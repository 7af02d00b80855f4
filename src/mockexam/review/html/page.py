"""The three documents: all attempts, one attempt, a certificate. Each is one file that needs nothing else.

Everything that comes from outside is escaped; nothing of a document can reach outside. A page is written whole or not
at all, and never over something else.
"""

from __future__ import annotations

import os
import secrets
import time
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import jinja2

from mockexam import __version__
from mockexam.errors import UserError
from mockexam.exam.policy import policy_of
from mockexam.review.detail import AttemptDetail
from mockexam.review.html.certificate import certificate_values
from mockexam.review.html.views import attempt_values, history_values
from mockexam.review.readiness import Readiness
from mockexam.review.selection import ExamProgress
from mockexam.store.summaries import AllAttempts
from mockexam.text import formats
from mockexam.text.units import size_text

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""The page's own Content-Security-Policy: no script, no font, no frame, nothing from a network."""
_FILTERS = (
    *(formats.iso, formats.day, formats.long_day, formats.minute, formats.clock, formats.zone),
    *(formats.lasting, formats.at, formats.ago, formats.number, formats.signed, formats.marks, formats.chance),
    *(formats.metric, formats.metric_at_length, formats.mode, formats.verdict, formats.category),
    *(formats.plural, formats.few, formats.first_upper, policy_of),
)
_PAGE = b"<!doctype html"
_CONTROL = {code: "\N{REPLACEMENT CHARACTER}" for code in (*range(0x20), *range(0x7F, 0xA0)) if code not in (9, 10)}


def history_page(past: AllAttempts, progress: ExamProgress, readiness: Readiness | str) -> str:
    """The page of all attempts: estimate, charts, study plan, skills, table. `readiness` or why there is none."""
    return render("history.html", **history_values(past, progress, readiness), made=time.time())


def attempt_page(detail: AttemptDetail) -> str:
    """The page of one attempt, with each counted script beside the reference."""
    return render("attempt.html", **attempt_values(detail), made=time.time())


def certificate_page(detail: AttemptDetail, name: str) -> str:
    """The certificate of a passed exam, made out to `name`. Raises UserError if there is nothing to certify."""
    return render("certificate.html", **certificate_values(detail, name), made=time.time())


def render(template: str, **values: Any) -> str:
    """The document from a template in `templates/`. Raises jinja2.UndefinedError for a value that was not given."""
    text = _environment().get_template(template).render(version=__version__, policy=POLICY, **values)
    # Names of files may hold control characters and bytes that are no text: neither belongs into a document.
    return text.translate(_CONTROL).encode("utf-8", "backslashreplace").decode("utf-8")


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("mockexam.review.html"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {function.__name__: function for function in _FILTERS}
    environment.filters["size"] = size_text
    environment.globals["parts"] = environment.get_template("parts.html").module
    return environment


def write_page(path: Path, page: str) -> None:
    """Write an HTML document; an older page of that name is replaced. Raises UserError for any other file."""
    if _is_something_else(path):
        raise UserError(
            "There is something of that name already, and it is no page.",
            location=str(path),
            hint="Name another file, e.g. review.html.",
        )
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        fresh.write_text(page, encoding="utf-8")
        os.replace(fresh, path)
    except OSError as error:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
        raise UserError(
            f"The page can't be written: {error.strerror or error}.", location=str(path), hint="Name another file."
        ) from None


def _is_something_else(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return not file.read(len(_PAGE) + 64).lstrip().lower().startswith(_PAGE)
    except FileNotFoundError:
        return False
    except OSError:
        return True
