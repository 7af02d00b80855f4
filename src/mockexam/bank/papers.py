"""Drawing papers, and their codes: four characters of seed, four that name the edition of bank and exam (`7K3Q-F2XM`).

Codes are in Crockford's base 32 (https://www.crockford.com/base32.html): no I, L, O, U; O reads as 0, I and L as 1.
"""

from __future__ import annotations

import hashlib
import math
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from mockexam.bank.category import CATEGORIES
from mockexam.bank.loader import Bank, NamedExam, digest
from mockexam.bank.models import Exam, ExamSlot, Question
from mockexam.errors import UserError
from mockexam.exam.outcome import Outcome
from mockexam.exam.paper import Paper, PaperItem, Rules
from mockexam.exam.standing import current_exam, newest_attempt

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})
SEEDS = 32**4  # how many different papers an edition can have
TRIES_A_PAPER = 8
"""Seeds to try for the least seen paper, for each paper that an exam can have: one of them is missed once in 3000."""
MOST_TRIES = 300_000


class OtherEditionError(UserError):
    """A valid code of another exam or another edition of the bank."""


def encode(seed: int, edition: str) -> str:
    """The code of a seed (0 to SEEDS - 1) in an edition (any string that names bank and exam)."""
    return f"{_base32(seed)}-{_edition_code(edition)}"


def decode(code: str, edition: str) -> int:
    """The seed of a code. Raises UserError for an invalid code, OtherEditionError."""
    plain = code.strip().upper().replace("-", "").replace(" ", "").translate(_READ_AS)
    if len(plain) != 8 or any(c not in _ALPHABET for c in plain):
        message = f"{code!r} is not a valid paper code."
        raise UserError(message, location="--code", hint="A code looks like 7K3Q-F2XM: eight letters or digits.")
    if plain[4:] != _edition_code(edition):
        message = f"The code {code!r} belongs to another exam or another edition of the question bank."
        hint = "Use the same exam file, mockexam version and packs as before, or omit --code for a new paper."
        raise OtherEditionError(message, location="--code", hint=hint)
    return sum(_ALPHABET.index(c) * 32**i for i, c in enumerate(reversed(plain[:4])))


def _edition_code(edition: str) -> str:
    return _base32(int.from_bytes(hashlib.sha256(edition.encode()).digest()[:4], "big"))


def _base32(number: int) -> str:
    """The last four digits, 20 bits."""
    return "".join(_ALPHABET[number // 32**i % 32] for i in reversed(range(4)))


def find_exam(bank: Bank, outcomes: Sequence[Outcome], name: str | None = None) -> NamedExam:
    """The exam of this name or `.toml` file; without a name, the exam of the newest ended exam attempt.

    An exam whose own file has changed, moved or gone is rebuilt from its newest attempt. `outcomes` come oldest first.
    Raises UserError for a name that is neither in the bank nor on record.
    """
    wanted = name or current_exam(outcomes)
    if wanted in bank.exams or (wanted.endswith(".toml") and Path(wanted).is_file()):
        return bank.exam(wanted)
    newest = newest_attempt(outcomes, wanted)
    if newest is None or not newest.duration:
        return bank.exam(wanted)
    # Not validated: it was when the attempt began.
    exam = Exam.model_construct(
        title=newest.title,
        duration_minutes=newest.duration / 60,
        pass_mark=newest.pass_mark,
        counts=newest.counts,
        questions=tuple(
            ExamSlot.model_construct(category=q.category, weight=q.weight, count=1, only=()) for q in newest.questions
        ),
    )
    return NamedExam(name=newest.exam, path=Path(f"{newest.exam}.toml"), exam=exam)


def rules(named: NamedExam) -> Rules:
    """The rules of an exam file, as an attempt records them."""
    exam = named.exam
    return Rules(
        exam=named.name, title=exam.title, duration=exam.duration_minutes * 60, pass_mark=exam.pass_mark,
        counts=exam.counts,
    )  # fmt: skip


def new_paper(bank: Bank, named: NamedExam, seen: Mapping[str, int], chance: random.Random | None = None) -> Paper:
    """A random paper of the questions least `seen` (times, by id). Raises UserError if the bank has too few."""
    chance = chance or random.SystemRandom()
    pools = _pools(bank, named.exam)
    least = _least(pools, seen)
    floors = [sum(sorted(seen.get(q.id, 0) for q in pool)[: slot.count]) for slot, pool in pools]
    papers = math.prod(math.comb(len(pool), slot.count) for slot, pool in pools)
    best_seed, best_cost = 0, math.inf
    for _ in range(min(papers * TRIES_A_PAPER, MOST_TRIES) or 1):
        seed = chance.randrange(SEEDS)
        cost = sum(floors)
        for floor, (_, chosen) in zip(floors, _draw(bank, named, pools, seed), strict=True):
            cost += sum(seen.get(q.id, 0) for q in chosen) - floor
            if cost >= best_cost:
                break
        else:
            best_seed, best_cost = seed, cost
        if best_cost <= least:
            break
    return paper_of_seed(bank, named, best_seed)


def paper_of_code(bank: Bank, named: NamedExam, code: str) -> Paper:
    """The paper of a code, which it keeps: its data seed. Raises UserError for a code of another edition."""
    edition = _edition(bank, named.exam)
    return _paper(bank, named, decode(code, edition), edition)


def paper_of_seed(bank: Bank, named: NamedExam, seed: int) -> Paper:
    """The paper drawn with a seed. Raises UserError if the bank has too few questions."""
    return _paper(bank, named, seed, _edition(bank, named.exam))


def _paper(bank: Bank, named: NamedExam, seed: int, edition: str) -> Paper:
    draws = _draw(bank, named, _pools(bank, named.exam), seed)
    drawn = [(q, slot.weight) for slot, chosen in draws for q in chosen]
    items = tuple(_item(number, question, weight) for number, (question, weight) in enumerate(drawn, 1))
    return Paper(code=encode(seed, edition), items=items)


def exam_pool(bank: Bank, exam: Exam) -> tuple[Question, ...]:
    """All questions that this exam can draw, each once. Raises UnknownNameError."""
    return tuple({question.id: question for _, pool in _pools(bank, exam) for question in pool}.values())


def retry_pool(bank: Bank, exam: Exam, category: str) -> tuple[Question, ...]:
    """What a retry of a category may draw: as an exam, only what is drawn freely or what this exam names."""
    named = {name for slot in exam.questions for name in slot.only}
    return tuple(q for q in bank.of_category(category) if not q.only_named or q.id in named)


def exam_categories(exam: Exam) -> tuple[str, ...]:
    """The categories of an exam, in its order, each once."""
    return tuple(dict.fromkeys(slot.category for slot in exam.questions))


def retry_rules(named: NamedExam, category: str, *, timed: bool) -> Rules:
    """A retry's rules; its time is duration × weight / Σ weight·count. Raises UserError without the category."""
    exam = named.exam
    weight, all_weights = _slot(named, category).weight, sum(slot.weight * slot.count for slot in exam.questions)
    seconds = exam.duration_minutes * 60 * weight / all_weights
    return replace(rules(named), title=f"Retry: {CATEGORIES[category].title}", duration=seconds if timed else None)


def retry_paper(bank: Bank, named: NamedExam, question: Question, chance: random.Random | None = None) -> Paper:
    """A paper of this one question with new data. Raises UserError if the exam lacks its category."""
    chance = chance or random.SystemRandom()
    code = encode(chance.randrange(SEEDS), digest([bank.version, question.id]))
    return Paper(code=code, items=(_item(1, question, _slot(named, question.category).weight),))


def _slot(named: NamedExam, category: str) -> ExamSlot:
    for slot in named.exam.questions:
        if slot.category == category:
            return slot
    message = f"The exam {named.name!r} has no question of the category {category}."
    hint = f"Retry one of {', '.join(exam_categories(named.exam))}, or name another exam with --exam."
    raise UserError(message, location=f"{named.path}, key questions", hint=hint)


def _item(number: int, question: Question, weight: int) -> PaperItem:
    return PaperItem(
        number=number, question=question.id, category=question.category, title=question.title, weight=weight,
        minutes=question.file.minutes, fingerprint=question.fingerprint, folder=f"q{number}_{question.category}",
    )  # fmt: skip


def _edition(bank: Bank, exam: Exam) -> str:
    """Identifies all that a paper is drawn from: the exam's slots with their weights, and the questions for them."""
    slots = [slot.model_dump_json() for slot in exam.questions]
    return digest([*slots, *(question.id + question.fingerprint for question in exam_pool(bank, exam))])


def _draw(
    bank: Bank, named: NamedExam, pools: Sequence[tuple[ExamSlot, Sequence[Question]]], seed: int
) -> Iterator[tuple[ExamSlot, Sequence[Question]]]:
    """The questions of each slot. Raises UserError."""
    chance = random.Random(seed)
    taken: set[str] = set()
    for slot, whole in pools:
        pool = [q for q in whole if q.id not in taken]
        if len(pool) < slot.count:
            wanted = slot.only or [name for name in bank.unfit if name.startswith(f"{slot.category}/")]
            faults = "".join(f" {name} is left out: {bank.unfit[name]}" for name in wanted if name in bank.unfit)
            message = f"The exam needs {slot.count} more of {slot.category}, but only {len(pool)} are left.{faults}"
            hint = "Lower 'count', add questions to 'only', or add questions to the bank."
            if absent := [name for name in wanted if name in bank.absent]:
                message = " ".join(f"{name} can't be drawn: {bank.absent[name]}" for name in absent)
                hint = "Then draw again, or choose another exam."
            raise UserError(message, location=f"{named.path}, key questions", hint=hint)
        chosen = chance.sample(pool, slot.count)
        taken.update(q.id for q in chosen)
        yield slot, chosen


def _pools(bank: Bank, exam: Exam) -> list[tuple[ExamSlot, list[Question]]]:
    """What each slot is drawn from."""
    return [(slot, _pool(bank, slot)) for slot in exam.questions]


def _least(pools: Sequence[tuple[ExamSlot, Sequence[Question]]], seen: Mapping[str, int]) -> int:
    """The smallest sum of `seen` that a paper of these pools can have, if no two pools share only a part."""
    wanted: Counter[tuple[str, ...]] = Counter()
    for slot, pool in pools:
        wanted[tuple(q.id for q in pool)] += slot.count
    return sum(sum(sorted(seen.get(name, 0) for name in pool)[:count]) for pool, count in wanted.items())


def _pool(bank: Bank, slot: ExamSlot) -> list[Question]:
    if not slot.only:
        return [question for question in bank.of_category(slot.category) if not question.only_named]
    return [bank.question(name) for name in slot.only if name not in bank.left_out]
