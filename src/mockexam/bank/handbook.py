"""The handbook: what the exam's published list of skills asks for, by section, with what people study for it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

from pydantic import Field, model_validator

from mockexam import paths
from mockexam.bank.models import CategoryId, Strict, read_toml

HANDBOOK = Path("_handbook") / "skills.toml"
"""Below the folder of exams."""

SkillId = Annotated[str, Field(pattern=r"^[a-z]+\.[a-z0-9-]+$")]


class Skill(Strict):
    """Something that the exam asks for."""

    id: SkillId
    title: str = Field(min_length=1, max_length=70)
    by_model: bool = True
    """Whether a saved model can show it."""


class Section(Strict):
    """Skills that belong together, and what to study for them."""

    id: Annotated[str, Field(pattern=r"^[a-z]+$")]
    title: str = Field(min_length=1, max_length=60)
    categories: tuple[CategoryId, ...]
    """Where a question can show them; empty: in any."""
    study: tuple[str, ...]
    skills: tuple[Skill, ...] = Field(min_length=1)


class Handbook(Strict):
    """All sections in order."""

    section: tuple[Section, ...] = ()

    @model_validator(mode="after")
    def _once(self) -> Handbook:
        counts = Counter([s.id for s in self.section] + [skill.id for s in self.section for skill in s.skills])
        twice = [name for name, count in counts.items() if count > 1]
        if twice:
            raise ValueError(f"listed twice: {', '.join(twice)}")
        return self

    @property
    def titles(self) -> dict[str, str]:
        """The titles of the skills, by id."""
        return {skill.id: skill.title for section in self.section for skill in section.skills}


def load_handbook(folder: Path | None = None) -> Handbook:
    """The handbook beside the exams (the shipped ones unless a folder is named). Raises UserError.

    A bank of somebody else's need not have one: it is empty then.
    """
    path = (folder or paths.exams_dir()) / HANDBOOK
    return read_toml(path, Handbook) if path.is_file() else Handbook()
