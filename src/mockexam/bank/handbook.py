"""What helps a learner along: the handbook of skills that the exam asks for, and the hints of a question."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Annotated

from pydantic import Field, model_validator

from mockexam import paths
from mockexam.bank.models import CategoryId, Strict, read_toml
from mockexam.errors import UserError

HANDBOOK = Path("_handbook") / "skills.toml"  # below the folder of exams

SkillId = Annotated[str, Field(pattern=r"^[a-z]+\.[a-z0-9-]+$")]


class Skill(Strict):
    """A skill that the exam asks for."""

    id: SkillId
    title: str = Field(min_length=1, max_length=70)
    by_model: bool = True  # whether a saved model can show it


class Section(Strict):
    """Related skills, and what to study for them."""

    id: Annotated[str, Field(pattern=r"^[a-z]+$")]
    title: str = Field(min_length=1, max_length=60)
    categories: tuple[CategoryId, ...]  # where a question can show them; empty: anywhere
    study: tuple[str, ...]
    skills: tuple[Skill, ...] = Field(min_length=1)


class Handbook(Strict):
    """All sections in order."""

    section: tuple[Section, ...] = ()

    @model_validator(mode="after")
    def _check_unique(self) -> Handbook:
        counts = Counter([s.id for s in self.section] + [skill.id for s in self.section for skill in s.skills])
        twice = [name for name, count in counts.items() if count > 1]
        if twice:
            raise ValueError(f"listed twice: {', '.join(twice)}")
        return self

    @property
    def titles(self) -> dict[str, str]:
        return {skill.id: skill.title for section in self.section for skill in section.skills}


def load_handbook(folder: Path | None = None) -> Handbook:
    """The handbook in this folder of exams (default: the shipped one); empty if there is none. Raises UserError."""
    path = (folder or paths.exams_dir()) / HANDBOOK
    return read_toml(path, Handbook) if path.is_file() else Handbook()


HINT_COUNT = 3  # from a nudge to nearly the solution
_HEADING = re.compile(r"##(?!#)[ \t]*(.*?)[ \t#]*")
_TITLE = re.compile(r"#(?!#).*")
_FENCE = re.compile(r" {0,3}(```|~~~)")


def read_hints(path: Path) -> tuple[str, ...]:
    """The hints of a `hints.md`, in order, as Markdown without their headings.

    The file has the sections `## 1` to `## 3`; a title (`# ...`) may come first. Raises UserError naming the file and
    the section.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise UserError("The file is not UTF-8 text.", location=str(path), hint="Save it as UTF-8.") from None
    except OSError as error:
        message = f"The question's hints can't be read: {error.strerror}."
        raise UserError(message, location=str(path), hint="Restore the file, or reinstall mockexam.") from None
    (_, before), *hints = _sections(text)
    expected = [str(number) for number in range(1, HINT_COUNT + 1)]
    for (title, _), want in zip(hints, expected, strict=False):
        if title != want:
            hint = f"Number the sections '## 1' to '## {HINT_COUNT}', in order."
            raise _invalid(path, f"section '## {title}'", f"The heading must be '## {want}', not '## {title}'.", hint)
    if len(hints) < HINT_COUNT:
        missing = expected[len(hints)]
        raise _invalid(path, f"section '## {missing}'", f"Hint {missing} is missing.", "Add the section.")
    if len(hints) > HINT_COUNT:
        extra = hints[HINT_COUNT][0]
        raise _invalid(path, f"section '## {extra}'", f"There are {len(hints)} hints.", f"Keep {HINT_COUNT}.")
    if any(not _TITLE.fullmatch(line) for line in before.splitlines() if line.strip()):
        raise _invalid(path, "before '## 1'", "There is text before the first hint.", "Move it into a section.")
    for title, body in hints:
        if not body:
            raise _invalid(path, f"section '## {title}'", f"Hint {title} is empty.", "Write it under its heading.")
    return tuple(body for _, body in hints)


def _sections(text: str) -> list[tuple[str, str]]:
    """Titles and texts: first what comes before any `##`, titled "". Headings in code do not count."""
    sections: list[tuple[str, list[str]]] = [("", [])]
    fence = ""
    for line in text.splitlines():
        match = _FENCE.match(line)
        if match and fence in {"", match[1]}:
            fence = "" if fence else match[1]
        heading = None if fence else _HEADING.fullmatch(line)
        if heading:
            sections.append((heading[1], []))
        else:
            sections[-1][1].append(line)
    return [(title, "\n".join(lines).strip()) for title, lines in sections]


def _invalid(path: Path, section: str, message: str, hint: str) -> UserError:
    return UserError(message, location=f"{path}, {section}", hint=hint)
