"""What every shipped brief promises, and that briefs and hints are easy to read."""

from __future__ import annotations

import re

import pytest

from mockexam.bank.loader import Question, load_bank

MOST_LINES = 60
# Flesch reading ease: 60 to 70 is plain English, 70 to 80 fairly easy.
LEAST_EASE = 70
# Letters that are written and not heard: a last e, and that of -ed and -es.
SILENT = re.compile(r"(?<![^aeiouy]l)(?:(?<![dt])ed|(?<![cgsxz])(?<![cs]h)es|e)$")
VOWELS = re.compile(r"[aeiouy]+")
HEARD_APART = re.compile(r"(?<![cgst])i[aou]")  # radio, but not station

every_question = pytest.mark.parametrize("question", load_bank().questions.values(), ids=lambda q: q.id)


def syllables(word: str) -> int:
    """How many an English word has: right for nearly all words."""
    heard = SILENT.sub("", word.lower())
    return max(1, len(VOWELS.findall(heard)) + len(HEARD_APART.findall(heard)))


def sentences(markdown: str) -> list[list[str]]:
    """The words of each sentence of the prose, not of headings, tables and code. An item of a list ends a sentence.

    A number or a name in code counts as a word that has to be read, but has no syllables.
    """
    prose = re.sub(r"^ *(```|~~~).*?^ *\1", "", markdown, flags=re.MULTILINE | re.DOTALL)
    prose = re.sub(r"^(#|\||    ).*$", "", prose, flags=re.MULTILINE)
    prose = re.sub(r"`[^`]*`", " 0 ", prose)
    blocks = re.split(r"\n\s*\n|^ *(?:[-*]|\d+\.) ", prose, flags=re.MULTILINE)
    parts = [part for block in blocks for part in re.split(r"[.!?][*\")]*(?:\s|$)", block)]
    return [words for part in parts if (words := re.findall(r"[A-Za-z]+(?:['’][a-z]+)?|\d[\d.,]*", part))]


def reading_ease(markdown: str) -> float:
    """Flesch's: the shorter sentences and words, the higher."""
    found = sentences(markdown)
    spoken = [syllables(word) for words in found for word in words if word[0].isalpha()]
    return 206.835 - 1.015 * sum(map(len, found)) / len(found) - 84.6 * sum(spoken) / len(spoken)


@every_question
def test_a_brief_keeps_its_promises(question: Question) -> None:
    """It is short, and says how long the question takes, what a model may contain and which limits it has."""
    text = " ".join(question.brief.split())
    lines, contract = len(question.brief.splitlines()), question.contract
    planned = f"Planned time: {question.file.minutes} minutes"
    size, time = f"{contract.max_megabytes:g} MB", f"{contract.max_seconds:g} seconds"
    remedies = {
        f"has {lines} lines: cut it to {MOST_LINES}": lines <= MOST_LINES,
        f"must say '{planned}' (minutes in question.toml)": re.search(rf"{planned}\b", text),
        "must say that operations between layers are allowed": re.search(
            r"operations between layers\b[^.]* are allowed", text, re.IGNORECASE
        ),
        f"must say 'at most {size}' (contract.max_megabytes)": re.search(rf"at most {re.escape(size)}\b", text),
        f"must say 'at most {time}' (contract.max_seconds)": re.search(rf"at most {re.escape(time)}\b", text),
    }
    assert not [remedy for remedy, kept in remedies.items() if not kept], f"in {question.folder / 'brief.md'}"


@pytest.mark.parametrize("file", ["brief.md", "hints.md"])
@every_question
def test_it_reads_easily(question: Question, file: str) -> None:
    """Also for somebody who reads it in a second language, late in an exam."""
    text = (question.folder / file).read_text(encoding="utf-8")
    found, ease = sentences(text), reading_ease(text)
    longest = "\n  ".join(" ".join(words) for words in sorted(found, key=len)[-3:])
    hard = sorted({word.lower() for words in found for word in words if syllables(word) > 3})
    assert ease >= LEAST_EASE, (
        f"{question.folder / file} has a reading ease of {ease:.0f}: raise it to {LEAST_EASE}.\n"
        f"Split its longest sentences:\n  {longest}\nor replace long words: {', '.join(hard)}"
    )


@pytest.mark.parametrize(
    ("words", "count"),
    [
        ("the whole scale hours planned uses lives scored", [1, 1, 1, 1, 1, 2, 1, 1]),
        ("table people needed images classes inches grader", [2, 2, 2, 3, 2, 2, 2]),
        ("station radio various series probability interpolation", [2, 3, 3, 2, 5, 5]),
    ],
)
def test_syllables(words: str, count: list[int]) -> None:
    """Silent letters, and vowels that are heard apart."""
    assert [syllables(word) for word in words.split()] == count


def test_only_prose_is_measured() -> None:
    """What is looked up and not read counts for nothing: the rest is split as one would read it aloud."""
    markdown = (
        "# A title\n\nIt rains 0.5 mm. Go\nhome!\n\n- **Input**: `x[:, 1:]`, dry\n- or wet\n\n"
        "| a | b |\n|---|---|\n\n    code here\n\n```\nmore. code\n```\n"
    )
    assert sentences(markdown) == [["It", "rains", "0.5", "mm"], ["Go", "home"], ["Input", "0", "dry"], ["or", "wet"]]
    assert reading_ease("A cat sat.") > reading_ease("Sophisticated terminology unnecessarily discourages candidates.")
