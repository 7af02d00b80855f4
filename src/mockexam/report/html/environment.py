"""Fills the templates. Everything that comes from outside is escaped; nothing of the document can reach outside."""

from __future__ import annotations

from functools import cache
from typing import Any

import jinja2

from mockexam import __version__
from mockexam.exam.policy import policy_of
from mockexam.report import formats

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""The page's own Content-Security-Policy: no script, no font, no frame, nothing from a network."""
_FILTERS = (
    *(formats.iso, formats.day, formats.long_day, formats.minute, formats.clock, formats.zone),
    *(formats.lasting, formats.at, formats.ago, formats.number, formats.signed, formats.marks, formats.chance),
    *(formats.metric, formats.metric_at_length, formats.mode, formats.verdict, formats.category),
    *(formats.plural, formats.few, formats.first_upper, policy_of),
)
_CONTROL = {code: "\N{REPLACEMENT CHARACTER}" for code in (*range(0x20), *range(0x7F, 0xA0)) if code not in (9, 10)}


def render(template: str, **values: Any) -> str:
    """The document from a template in `templates/`. Raises jinja2.UndefinedError for a value that was not given."""
    text = _environment().get_template(template).render(version=__version__, policy=POLICY, **values)
    # Names of files may hold control characters and bytes that are no text: neither belongs into a document.
    return text.translate(_CONTROL).encode("utf-8", "backslashreplace").decode("utf-8")


@cache
def _environment() -> jinja2.Environment:
    from mockexam.wording import size_text

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("mockexam.report.html"),
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
