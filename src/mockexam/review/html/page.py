"""The three HTML documents: all attempts, one attempt, a certificate. Each is a single self-contained file.

Foreign text is escaped, and nothing in a page reaches outside it. A page is written whole or not at all, and never over
any other kind of file.
"""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import jinja2

from mockexam import __version__
from mockexam.errors import UserError
from mockexam.exam.attempt import Phase
from mockexam.exam.outcome import Outcome
from mockexam.exam.policy import policy_of
from mockexam.exam.standing import ended_exams, of_exam
from mockexam.review.detail import AttemptDetail, QuestionDetail, SubmissionDetail
from mockexam.review.html.certificate import certificate_values
from mockexam.review.html.charts import Axis, category_cards, totals_charts
from mockexam.review.html.drawings import BandScale, TrainingChart, band_scale, timeline, training_charts
from mockexam.review.readiness import NO_ESTIMATE, Readiness
from mockexam.review.script_diff import DiffLine, diff_submission
from mockexam.review.selection import ExamProgress
from mockexam.store.summaries import AllAttempts
from mockexam.text import class_tables, formats
from mockexam.text.units import size_text

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""The page's own Content-Security-Policy: no script, no font, no frame, nothing from a network."""
_FILTERS = (
    *(formats.iso, formats.day, formats.long_day, formats.minute, formats.clock, formats.zone),
    *(formats.lasting, formats.at, formats.ago, formats.number, formats.signed, formats.marks, formats.chance),
    *(formats.metric, formats.metric_at_length, formats.mode, formats.verdict, formats.category),
    *(formats.plural, formats.likely_range, formats.clock_change, formats.first_upper, policy_of),
    *(class_tables.recall_text, class_tables.share_text, class_tables.shows_matrix),
)
_DOCTYPE = b"<!doctype html"
_CONTROL = {code: "\N{REPLACEMENT CHARACTER}" for code in (*range(0x20), *range(0x7F, 0xA0)) if code not in (9, 10)}


def history_page(past: AllAttempts, progress: ExamProgress, readiness: Readiness | str) -> str:
    """The page of all attempts: estimate, charts, study plan, skills, table. `readiness`, or why there is none."""
    known = None if isinstance(readiness, str) else readiness
    return render(
        "history.html",
        outcomes=past.outcomes[::-1],
        damaged=past.damaged,
        exam=progress.titles[progress.exam],
        others=[f"{progress.titles[name]} ({name})" for name in progress.others],
        facts=_facts(of_exam(past.outcomes, progress.exam), progress.totals),
        charts=totals_charts(ended_exams(past.outcomes)),
        categories=category_cards(progress.standings),
        readiness=known,
        unknown=readiness,
        no_estimate=NO_ESTIMATE,
    )


def _facts(outcomes: Sequence[Outcome], points: tuple[Outcome, ...]) -> tuple[tuple[str, str], ...]:
    retries = sum(not policy_of(o).has_verdict for o in outcomes)
    worked = sum(o.time_used for o in outcomes if o.phase is Phase.ENDED)
    best = max((p.percent for p in points), default=None)
    return (
        ("Exams taken", f"{len(points):,}"),
        ("Passed", f"{sum(p.passed is True for p in points):,}"),
        ("Best total", "–" if best is None else f"{best:g} %"),
        ("Latest total", f"{points[-1].percent:g} %" if points else "–"),
        ("Retries", f"{retries:,}"),
        ("Time worked", formats.lasting(worked)),
    )


class QuestionSection(NamedTuple):
    """What the page of an attempt shows of one question."""

    detail: QuestionDetail
    scale: BandScale | None
    training: tuple[TrainingChart, ...]
    training_text: str
    """The training behind the charts, in words."""
    feedback: tuple[SubmissionDetail, ...]
    """The submissions with something to say: a refusal, a diagnosis, another grading."""
    diff: tuple[DiffLine, ...]
    no_diff: str
    """Why there is no diff."""
    versions: tuple[tuple[str, str], ...]
    """Name and version of what graded the submissions, several versions joined."""


def attempt_page(detail: AttemptDetail) -> str:
    """The page of one attempt, with each counted script beside the reference."""
    longest = max((max(q.seconds, q.item.minutes * 60) for q in detail.questions), default=0.0)
    single = policy_of(detail.outcome).single_question and detail.questions
    return render(
        "attempt.html",
        detail=detail,
        title=", ".join(q.item.title for q in detail.questions) if single else detail.outcome.title,
        questions=[_question(q) for q in detail.questions],
        timeline=timeline(detail),
        across=Axis(0.0, max(1.0, longest)),
    )


def _question(question: QuestionDetail) -> QuestionSection:
    diff, no_diff = _diff(question)
    charts = training_charts(question)
    versions: dict[str, dict[str, None]] = {}
    for submission in question.submissions:
        for name, version in submission.versions.items():
            versions.setdefault(name, {})[version] = None
    return QuestionSection(
        detail=question,
        scale=band_scale(question),
        training=charts,
        training_text=charts[0].description if charts else "",
        feedback=tuple(s for s in question.submissions if s.message or s.findings or s.class_report or s.regrades),
        diff=diff,
        no_diff=no_diff,
        versions=tuple((name, ", ".join(some)) for name, some in versions.items()),
    )


def _diff(question: QuestionDetail) -> tuple[tuple[DiffLine, ...], str]:
    """The counted script against the reference, or why they can't be compared."""
    if question.reference is None:
        return (), question.closed or "This question no longer has a reference solution."
    if question.counted is None:
        return (), "No submission counts for this question."
    if question.counted.scripts is None:
        return (), "No script was saved with the submission that counts."
    try:
        return diff_submission(question, question.counted), ""
    except UserError as error:
        return (), str(error)


def certificate_page(detail: AttemptDetail, name: str) -> str:
    """The certificate of a passed exam, made out to `name`. Raises UserError if there is nothing to certify."""
    return render("certificate.html", **certificate_values(detail, name))


def render(template: str, **values: Any) -> str:
    """The document from a template in `templates/`. Raises jinja2.UndefinedError for a missing value."""
    document = _environment().get_template(template)
    text = document.render(version=__version__, policy=POLICY, made=time.time(), **values)
    # File names may hold control characters and bytes that are not text.
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
    if _is_foreign(path):
        raise UserError(
            "This file exists and is not an HTML page.",
            location=str(path),
            hint="Choose another file name, e.g. review.html.",
        )
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        fresh.write_text(page, encoding="utf-8")
        os.replace(fresh, path)
    except OSError as error:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
        raise UserError(
            f"The page can't be written: {error.strerror or error}.", location=str(path), hint="Choose another file."
        ) from None


def _is_foreign(path: Path) -> bool:
    """Whether there is something that is not an HTML page."""
    try:
        with path.open("rb") as file:
            return not file.read(len(_DOCTYPE) + 64).lstrip().lower().startswith(_DOCTYPE)
    except FileNotFoundError:
        return False
    except OSError:
        return True
