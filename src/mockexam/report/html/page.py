"""The three documents: all attempts, one attempt, a certificate. Each is one file that needs nothing else."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from mockexam.report.detail import AttemptDetail
from mockexam.report.html.attempt import Diffs, attempt_view
from mockexam.report.html.certificate import certificate_view
from mockexam.report.html.environment import render
from mockexam.report.html.history import history_view

if TYPE_CHECKING:
    from mockexam.report.review import Review


def history_page(review: Review, exam: str | None = None) -> str:
    """The page of all attempts: estimate, charts, study plan, skills, table; see `Review.exam`. Raises ToldError."""
    return render("history.html", view=history_view(review, exam), made=time.time())


def attempt_page(detail: AttemptDetail, diffs: Diffs | None = None) -> str:
    """The page of one attempt. `diffs` as `attempt.diffs_of` makes them; without, scripts are not compared."""
    return render("attempt.html", view=attempt_view(detail, diffs or {}), made=time.time())


def certificate_page(detail: AttemptDetail, name: str) -> str:
    """The certificate of a passed exam, made out to `name`. Raises ToldError if there is nothing to certify."""
    return render("certificate.html", view=certificate_view(detail, name), made=time.time())
