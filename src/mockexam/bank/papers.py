"""A paper's code: four characters of seed, four that name the edition of bank and exam. `7K3Q-F2XM`.

Crockford's base 32 (https://www.crockford.com/base32.html): no I, L, O, U; read with O as 0 and I, L as 1.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping
from dataclasses import replace

from mockexam.bank.category import CATEGORIES
from mockexam.bank.fingerprint import digest
from mockexam.bank.loader import Bank, NamedExam
from mockexam.bank.models import Exam, ExamSlot, Question
from mockexam.errors import UserError
from mockexam.exam.paper import Paper, PaperItem, Rules

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})
SEEDS = 32**4
"""How many papers an edition can tell apart."""
_EDITION = 4
"""Characters: a code of one edition is taken for one of another by chance once in 32**4, a million."""


class OtherEditionError(UserError):
    """A code, but of another exam or another edition of the bank."""


def encode(seed: int, edition: str) -> str:
    """The code of a seed (0 to SEEDS - 1) in an edition (any string that names bank and exam)."""
    return f"{_base32(seed, 4)}-{_edition_code(edition)}"


def decode(code: str, edition: str) -> int:
    """The seed of a code. Raises UserError if it is no code, OtherEditionError."""
    plain = code.strip().upper().replace("-", "").replace(" ", "").translate(_READ_AS)
    if len(plain) != 4 + _EDITION or any(c not in _ALPHABET for c in plain):
        raise UserError(
            f"{code!r} is not a paper's code.",
            location="--code",
            hint="A code looks like 7K3Q-F2XM: eight letters or digits.",
        )
    if plain[4:] != _edition_code(edition):
        raise OtherEditionError(
            f"The code {code!r} belongs to another exam or another edition of the question bank.",
            location="--code",
            hint="Use it with the exam file, mockexam and packs that made it, or leave it out for a new paper.",
        )
    return sum(_ALPHABET.index(c) * 32**i for i, c in enumerate(reversed(plain[:4])))


def _edition_code(edition: str) -> str:
    return _base32(int.from_bytes(hashlib.sha256(edition.encode()).digest()[:4], "big"), _EDITION)


def _base32(number: int, length: int) -> str:
    return "".join(_ALPHABET[number // 32**i % 32] for i in reversed(range(length)))


TRIES = 4000
"""Seeds looked at for the least seen paper: enough to find the best of 1024 (4 questions in each of 5 categories)."""


def rules(named: NamedExam) -> Rules:
    """The rules of an exam file, as an attempt keeps them."""
    exam = named.exam
    return Rules(
        exam=named.name,
        title=exam.title,
        duration=exam.duration_minutes * 60,
        pass_mark=exam.pass_mark,
        counts=exam.counts,
    )


def new_paper(bank: Bank, named: NamedExam, seen: Mapping[str, int], chance: random.Random | None = None) -> Paper:
    """A random paper whose questions were met least often; `seen` counts earlier meetings by question id.

    Raises UserError if the bank has too few questions for the exam.
    """
    chance = chance or random.SystemRandom()
    least = _least(bank, named.exam, seen)
    best_seed, best_cost = 0, None
    for _ in range(TRIES):
        seed = chance.randrange(SEEDS)
        cost = sum(seen.get(q.id, 0) for _, q in _draw(bank, named, seed))
        if best_cost is None or cost < best_cost:
            best_seed, best_cost = seed, cost
        if cost <= least:
            break
    return paper_of_seed(bank, named, best_seed)


def paper_of_code(bank: Bank, named: NamedExam, code: str) -> Paper:
    """The paper that a code stands for. Raises UserError for a code of another edition.

    The code stays as it is, since the numbers are made from it.
    """
    edition = _edition(bank, named.exam)
    try:
        return _paper(bank, named, decode(code, edition), edition)
    except OtherEditionError:
        former = _former_edition(bank, named.exam)
        return _paper(bank, named, decode(code, former), former)


def paper_of_seed(bank: Bank, named: NamedExam, seed: int) -> Paper:
    """The paper that a seed draws."""
    return _paper(bank, named, seed, _edition(bank, named.exam))


def _paper(bank: Bank, named: NamedExam, seed: int, edition: str) -> Paper:
    items = tuple(
        _item(number, question, slot.weight) for number, (slot, question) in enumerate(_draw(bank, named, seed), 1)
    )
    return Paper(code=encode(seed, edition), items=items)


def exam_pool(bank: Bank, exam: Exam) -> tuple[Question, ...]:
    """All questions that a paper of this exam may hold, each once. Raises UnknownNameError."""
    return tuple({question.id: question for slot in exam.questions for question in _pool(bank, slot)}.values())


def exam_categories(exam: Exam) -> tuple[str, ...]:
    """The categories that an exam asks for, in its order, each once."""
    return tuple(dict.fromkeys(slot.category for slot in exam.questions))


def retry_rules(named: NamedExam, category: str, *, timed: bool) -> Rules:
    """The rules of a retry: the exam's, with the time of one question of this category, or without a limit.

    The time is the exam's, shared out by weight: duration × weight / Σ weight·count. Raises UserError if the exam asks
    nothing of the category.
    """
    exam = named.exam
    weight, all_weights = _slot(named, category).weight, sum(slot.weight * slot.count for slot in exam.questions)
    seconds = exam.duration_minutes * 60 * weight / all_weights
    return replace(rules(named), title=f"Retry: {CATEGORIES[category].title}", duration=seconds if timed else None)


def retry_paper(bank: Bank, named: NamedExam, question: Question, chance: random.Random | None = None) -> Paper:
    """A paper of this one question with new numbers. Raises UserError if the exam asks nothing of its category."""
    chance = chance or random.SystemRandom()
    code = encode(chance.randrange(SEEDS), digest([bank.version, question.id]))
    return Paper(code=code, items=(_item(1, question, _slot(named, question.category).weight),))


def _slot(named: NamedExam, category: str) -> ExamSlot:
    """The first place that an exam has for a category."""
    for slot in named.exam.questions:
        if slot.category == category:
            return slot
    raise UserError(
        f"The exam {named.name!r} asks nothing of the category {category}, so it has no time or weight for it.",
        location=f"{named.path}, key questions",
        hint=f"Practise one of {', '.join(exam_categories(named.exam))}, or name another exam with --exam.",
    )


def _item(number: int, question: Question, weight: int) -> PaperItem:
    return PaperItem(
        number=number,
        question=question.id,
        category=question.category,
        title=question.title,
        weight=weight,
        minutes=question.file.minutes,
        fingerprint=question.fingerprint,
        folder=f"q{number}_{question.category}",
    )


def _edition(bank: Bank, exam: Exam) -> str:
    """Names all that a paper is drawn from: the exam's places with their weights, and the questions for them."""
    places = [slot.model_dump_json() for slot in exam.questions]
    return digest([*places, *(question.id + question.fingerprint for question in exam_pool(bank, exam))])


def _former_edition(bank: Bank, exam: Exam) -> str:
    """What stands in the codes of before: over all files of all questions and the whole exam file."""
    version = digest(question.id + question.earlier[0] for question in bank.questions.values())[:12]
    return digest([version, exam.model_dump_json()])


def _draw(bank: Bank, named: NamedExam, seed: int) -> list[tuple[ExamSlot, Question]]:
    drawn: list[tuple[ExamSlot, Question]] = []
    chance = random.Random(seed)
    taken: set[str] = set()
    for slot in named.exam.questions:
        pool = [q for q in _pool(bank, slot) if q.id not in taken]
        if len(pool) < slot.count:
            out = "".join(f" {name} was left out: {fault}" for name, fault in _left_out(bank, slot))
            raise UserError(
                f"The exam asks for {slot.count} more of {slot.category}, but {len(pool)} questions are left.{out}",
                location=f"{named.path}, key questions",
                hint="Lower 'count', widen 'only', or add questions to the bank.",
            )
        chosen = chance.sample(pool, slot.count)
        taken.update(q.id for q in chosen)
        drawn += [(slot, question) for question in chosen]
    return drawn


def _pool(bank: Bank, slot: ExamSlot) -> list[Question]:
    if not slot.only:
        return list(bank.of_category(slot.category))
    return [bank.question(name) for name in slot.only if name not in bank.unfit]


def _left_out(bank: Bank, slot: ExamSlot) -> list[tuple[str, str]]:
    """Questions with a fault that the slot might have taken, with their faults."""
    taken = slot.only or [name for name in bank.unfit if name.startswith(f"{slot.category}/")]
    return [(name, fault) for name, fault in bank.unfit.items() if name in taken]


def _least(bank: Bank, exam: Exam, seen: Mapping[str, int]) -> int:
    """The smallest sum of earlier meetings that any paper of this exam can have, if no slots share a pool."""
    total = 0
    for slot in exam.questions:
        counts = sorted(seen.get(q.id, 0) for q in _pool(bank, slot))
        total += sum(counts[: slot.count])
    return total
