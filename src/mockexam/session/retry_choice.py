"""What can be retried, and which question comes next."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence

from mockexam.bank.category import CATEGORIES
from mockexam.bank.loader import Bank, NamedExam, find_category
from mockexam.bank.models import Question
from mockexam.bank.papers import exam_categories, retry_pool, retry_rules
from mockexam.errors import UserError
from mockexam.exam.outcome import Outcome
from mockexam.exam.standing import CategoryStanding, QuestionHistory, choose, of_exam, question_histories, standings
from mockexam.session.ports import CategoryRecord, QuestionRecord, RetryChoice

_DAY = 86400.0


def category_records(
    bank: Bank, named: NamedExam, outcomes: Sequence[Outcome], now: float
) -> tuple[CategoryRecord, ...]:
    """Every category of the exam that the bank has questions for, weakest first; equal ones in the exam's order.

    The standing is that of this exam's attempts; a question's history includes all exams. `outcomes` come oldest first;
    `now` is seconds since 1970 UTC.
    """
    before = question_histories(outcomes)

    def record(standing: CategoryStanding) -> CategoryRecord:
        seconds = retry_rules(named, standing.category, timed=True).duration
        assert seconds is not None
        return CategoryRecord(
            id=standing.category,
            title=CATEGORIES[standing.category].title,
            seconds=seconds,
            best=standing.best,
            mean=standing.mean,
            trend=standing.trend,
            questions=tuple(
                _question(q, before.get(q.id), now) for q in retry_pool(bank, named.exam, standing.category)
            ),
        )

    return tuple(map(record, _weakest_first(bank, named, outcomes)))


def choose_question(
    bank: Bank, named: NamedExam, choice: RetryChoice, outcomes: Sequence[Outcome], chance: random.Random
) -> Question:
    """The question of a retry: the named one, else one of the named category, else one of the weakest category.

    Of a category it is chosen by `exam.standing.choose`. Raises UserError for an unknown or ambiguous name, a question
    outside the named category, and a category without questions.
    """
    category = find_category(choice.category) if choice.category is not None else None
    if choice.question is not None:
        return _named_question(bank, choice.question, category)
    if category is None:
        weakest = _weakest_first(bank, named, outcomes)
        if not weakest:
            raise UserError(
                f"The question bank has no questions of any category of the exam {named.name!r}.",
                location=str(bank.folder),
                hint="Add questions; see docs/questions.md.",
            )
        category = weakest[0].category
    return bank.question(choose(_ids(bank, named, category), question_histories(outcomes), chance))


def _named_question(bank: Bank, name: str, category: str | None) -> Question:
    inside = [q for q in bank.of_category(category) if name in q.id] if category else []
    if len(inside) == 1:
        return inside[0]
    question = bank.question(name)
    if category is not None and question.category != category:
        raise UserError(
            f"The question {question.id} belongs to the category {question.category}, not to {category}.",
            location="--question",
            hint="Leave out the category, or name a question of it: `mockexam bank list` shows them.",
        )
    return question


def _ids(bank: Bank, named: NamedExam, category: str) -> list[str]:
    found = [question.id for question in retry_pool(bank, named.exam, category)]
    if not found:
        available = dict.fromkeys(question.category for question in bank.questions.values())
        left_out = "".join(f" {name} was left out: {why}" for name, why in bank.left_out.items() if category in name)
        raise UserError(
            f"The question bank has no questions of the category {category}.{left_out}",
            location=str(bank.folder / category),
            hint=f"Retry one of: {', '.join(available)}." if available else "Add questions; see docs/questions.md.",
        )
    return found


def _weakest_first(bank: Bank, named: NamedExam, outcomes: Iterable[Outcome]) -> tuple[CategoryStanding, ...]:
    offered = [c for c in exam_categories(named.exam) if retry_pool(bank, named.exam, c)]
    return standings(of_exam(outcomes, named.name), offered)


def _question(question: Question, past: QuestionHistory | None, now: float) -> QuestionRecord:
    return QuestionRecord(
        id=question.id,
        title=question.title,
        summary=question.file.summary,
        minutes=question.file.minutes,
        met=past.times_seen if past else 0,
        marks=past.marks if past else None,
        days_ago=max(0.0, now - past.started) / _DAY if past else None,
    )
