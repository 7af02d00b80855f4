"""What the shipped bank promises, read off its evidence: nothing is trained here, `bank verify` has done that."""

from __future__ import annotations

from functools import cache

import pytest

from mockexam import paths
from mockexam.bank.category import CATEGORIES
from mockexam.bank.handbook import load_handbook
from mockexam.bank.loader import load_bank
from mockexam.bank.models import Question
from mockexam.bank.rubric import EVIDENCE, Evidence, read_evidence, rubric_of
from mockexam.bank.verify.locate import not_proved, stale
from mockexam.bank.verify.solution_run import REFERENCE, STUB, expectations
from mockexam.bank.verify.static import FLOOR_MARKS
from mockexam.bank.verify.tables import calibration_text, coverage_text, data_text, proved
from mockexam.bank.verify.verification import REFERENCE_SECONDS, SETTING_SEEDS

BANK = load_bank(paths.exams_dir())
A_CATEGORY = 4
"""Questions that each category has at least, so that a paper is seldom one that was met before."""
WITH_BOTH_FLOORS = 16
PAPER_SECONDS = 15 * 60
"""What all references of a paper may take together, on the machine that verified them."""
EVEN = 0.1
DOCS = paths.exams_dir().parent / "docs"


@cache
def evidence_of(question: Question) -> Evidence:
    """Fails, saying what to run, for a question that has none, or has changed since."""
    why = stale(question)
    assert not why, why
    evidence = read_evidence(paths.scoring_of(question.folder) / EVIDENCE)
    assert evidence is not None
    return evidence


FETCHED = [question for question in BANK.questions.values() if question.downloads]
"""Those that were never proven say so in brief, `bank list` and docs/calibration.md: their data must be fetched."""
PROVEN = [question for question in BANK.questions.values() if not not_proved(question)]
FREE = [question for question in BANK.questions.values() if not question.only_named]
"""What every exam may draw."""

every_question = pytest.mark.parametrize("question", PROVEN, ids=lambda question: question.id)


def test_every_question_can_be_read_and_each_category_has_enough() -> None:
    """A question with a fault would be left out of papers without a word in the other tests."""
    counts = {c: sum(q.category == c for q in FREE) for c in CATEGORIES}
    few = {c: count for c, count in counts.items() if count < A_CATEGORY}

    assert dict(BANK.unfit) == {}, "mend these; `mockexam bank verify --static` tells all that is wrong"
    assert few == {}, f"write more questions: a category has at least {A_CATEGORY}"


@every_question
def test_every_solution_earns_what_is_promised(question: Question) -> None:
    """On the numbers of three seeds and more, by the rubric of today; the reference in time."""
    evidence, promised = evidence_of(question), expectations(rubric_of(question))
    again = f"run `mockexam bank verify {question.id}`"

    assert {*SETTING_SEEDS} <= {*evidence.seeds}, again
    assert {file: solution.expected for file, solution in evidence.models.items()} == promised, again
    for file, solution in evidence.models.items():
        seen = [run.marks for run in solution.runs]
        assert seen == [solution.expected] * len(seen), f"{file}: move the bands or the expectation, then {again}"
    reference = evidence.models[REFERENCE]
    assert reference.expected == 5
    slowest = max(run.train_seconds for run in reference.runs)
    assert slowest <= REFERENCE_SECONDS, f"make the model or the data smaller, then {again} on a quiet machine"


@every_question
def test_nothing_is_given_for_nothing(question: Question) -> None:
    """The untouched stub saves no model, and a floor stays one on every hold-out."""
    models = evidence_of(question).models
    rich = [
        f"{file}, seed {run.seed}: {run.marks} marks"
        for file, solution in models.items()
        if solution.expected <= FLOOR_MARKS
        for run in solution.runs
        if (run.marks or 0) > FLOOR_MARKS
    ]

    assert {run.verdict for run in models[STUB].runs} == {"nothing_saved"}, "the stub has to end before it saves"
    assert rich == [], "move the first band away from them"


@pytest.mark.parametrize("question", FETCHED, ids=lambda question: question.id)
def test_what_is_not_proven_says_so(question: Question) -> None:
    """In the brief, until it is proven; only data that must be fetched are an excuse."""
    told = not_proved(question)

    assert ("**not proven here**" in " ".join(question.brief.split())) == bool(told)
    assert not told or f"`mockexam bank verify {question.id}` proves them" in told


def test_most_questions_have_an_untrained_and_a_constant_floor() -> None:
    """Told by the files' names: `floor.py` is one of the two, and the other is called what it is."""
    both = []
    for question in BANK.questions.values():
        floors = {jury.file for jury in rubric_of(question).jury if jury.marks <= FLOOR_MARKS}
        if "floor.py" in floors and floors & {"untrained.py", "constant.py"}:
            both.append(question.id)

    missing = sorted(BANK.questions.keys() - set(both))
    assert len(both) >= WITH_BOTH_FLOORS, f"add jury/untrained.py or jury/constant.py, at most 1 mark: {missing}"


@pytest.mark.parametrize("name", ["calibration.md", "coverage.md", "data.md"])
def test_the_tables_are_those_that_bank_verify_writes_now(name: str) -> None:
    """Compared text by text, so a table that somebody mended by hand is noticed too."""
    questions = list(BANK.questions.values())
    handbook = load_handbook()
    written = (DOCS / name).read_text(encoding="utf-8")
    if name == "coverage.md":
        now = coverage_text(questions, handbook)
    elif name == "data.md":
        now = data_text(questions)
    else:
        now = calibration_text([proved(question) for question in questions])

    assert written == now, f"docs/{name} is not what `mockexam bank verify` writes: run it"


def test_every_skill_that_a_model_can_show_is_shown() -> None:
    """By one question at least."""
    shown = {skill for question in BANK.questions.values() for skill in question.file.skills}
    asked = {skill.id for section in load_handbook().section for skill in section.skills if skill.by_model}

    assert sorted(asked - shown) == [], "write a question that shows it, or name it in one that does"


def test_the_dearest_paper_is_trained_in_a_quarter_of_an_hour() -> None:
    """One question of each category, those whose references took longest."""
    dearest = {
        category: max(
            (max(run.train_seconds for run in evidence_of(question).models[REFERENCE].runs), question.id)
            for question in FREE
            if question.category == category
        )
        for category in CATEGORIES
    }

    assert sum(seconds for seconds, _ in dearest.values()) < PAPER_SECONDS, f"make one of these smaller: {dearest}"


def test_every_paper_asks_for_about_the_same_time() -> None:
    """The planned minutes of the shortest and of the longest paper are within a tenth of the mean."""
    minutes = {c: [q.file.minutes for q in FREE if q.category == c] for c in CATEGORIES}
    mean = sum(sum(times) / len(times) for times in minutes.values())

    for pick in (min, max):
        paper = sum(pick(times) for times in minutes.values())
        assert abs(paper / mean - 1) <= EVEN, f"{pick.__name__} {paper}, mean {mean:.0f}: bring {minutes} closer"
