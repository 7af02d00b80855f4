"""What commands keep to themselves while an exam is under way."""

from __future__ import annotations

from contextlib import closing

from mockexam import paths
from mockexam.errors import ToldError
from mockexam.exam.policy import policy_of
from mockexam.records.journal import Journal


def refuse_during_exam(question: str, world: str) -> None:
    """An exam tells marks only; `grade` would tell the metric of a question on the running paper. Raises ToldError."""
    database = paths.state().database
    if not database.exists():
        return
    with closing(Journal(database)) as journal:
        running = journal.unsettled()
        attempt = journal.attempt(running) if running else None
    if attempt is None or not policy_of(attempt).guards_questions or attempt.paper.code != world:
        return
    if any(item.question == question for item in attempt.paper.items):
        raise ToldError(
            "This question is on the paper of the exam under way.",
            where=question,
            remedy="Save the model in its folder: the exam marks it. Or use --seed for other numbers.",
        )
