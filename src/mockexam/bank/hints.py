"""The hints of a question: three steps, from a nudge to nearly the solution."""

from __future__ import annotations

import re
from pathlib import Path

from mockexam.errors import UserError

STEPS = 3
"""How many steps a question's hints have."""

_STEP = re.compile(r"##(?!#)[ \t]*(.*?)[ \t#]*")
_TITLE = re.compile(r"#(?!#).*")
_FENCE = re.compile(r" {0,3}(```|~~~)")


def read_hints(path: Path) -> tuple[str, ...]:
    """The steps of a `hints.md`, in order, as Markdown without their headings.

    The file holds sections `## 1` to `## 3`, each with a text; a title (`# ...`) may stand before them. Raises
    UserError naming the file and the section.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise UserError("The file is not UTF-8 text.", location=str(path), hint="Save it as UTF-8.") from None
    except OSError as error:
        told = f"The question's hints can't be read: {error.strerror}."
        raise UserError(told, location=str(path), hint="Restore the file, or reinstall mockexam.") from None
    sections = _sections(text)
    _check_titles(path, [title for title, _ in sections[1:]])
    if any(not _TITLE.fullmatch(line) for line in sections[0][1].splitlines() if line.strip()):
        raise _wrong(path, "before '## 1'", "There is text before the first hint.", "Move it into a section.")
    for title, body in sections[1:]:
        if not body:
            raise _wrong(path, f"section '## {title}'", f"Hint {title} is empty.", "Write the hint under its heading.")
    return tuple(body for _, body in sections[1:])


def _sections(text: str) -> list[tuple[str, str]]:
    """Titles and texts: of what comes before the first `##`, titled "", then of each section. Code holds no titles."""
    sections: list[tuple[str, list[str]]] = [("", [])]
    fence = ""
    for line in text.splitlines():
        mark = _FENCE.match(line)
        if mark and fence in {"", mark[1]}:
            fence = "" if fence else mark[1]
        title = None if fence else _STEP.fullmatch(line)
        if title:
            sections.append((title[1], []))
        else:
            sections[-1][1].append(line)
    return [(title, "\n".join(lines).strip()) for title, lines in sections]


def _check_titles(path: Path, titles: list[str]) -> None:
    expected = [str(step) for step in range(1, STEPS + 1)]
    for have, want in zip(titles, expected, strict=False):
        if have != want:
            told = f"The heading '## {have}' stands where '## {want}' belongs."
            raise _wrong(path, f"section '## {have}'", told, f"Name the sections '## 1' to '## {STEPS}', in order.")
    if len(titles) < STEPS:
        missing = expected[len(titles)]
        raise _wrong(path, f"section '## {missing}'", f"Hint {missing} is missing.", "Add the section.")
    if len(titles) > STEPS:
        raise _wrong(path, f"section '## {titles[STEPS]}'", f"There are {len(titles)} hints.", f"Keep {STEPS}.")


def _wrong(path: Path, section: str, what: str, remedy: str) -> UserError:
    return UserError(what, location=f"{path}, {section}", hint=remedy)
