"""Readiness as text: pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from textwrap import wrap

from textual.content import Content

from mockexam.review.detail import SHOWN_FROM
from mockexam.review.readiness import PassEstimate, Readiness, SectionPlan, SkillEvidence
from mockexam.text import formats
from mockexam.tui.wording import category_word

_ODDS = ((1, 50), (1, 20), (1, 10), (1, 5), (1, 4), (1, 3), (2, 5), (1, 2), (3, 5), (2, 3), (3, 4), (4, 5), (9, 10),
         (19, 20), (49, 50))  # fmt: skip


def odds(probability: float) -> str:
    """A probability as people say it: `about 1 in 5`; nothing surer than 1 or 99 in 100."""
    if probability < 0.01:
        return "less than 1 in 100"
    if probability > 0.99:
        return "more than 99 in 100"
    part, of = min(_ODDS, key=lambda pair: abs(pair[0] / pair[1] - probability))
    return f"about {part} in {of}"


def estimate_text(estimate: PassEstimate, pass_mark: int, width: int) -> Content:
    """The chance in words, the range of the total on a scale, what it rests on, and how it is computed."""
    known = sum(number for _, number in estimate.evidence)
    low, high = int(estimate.low), round(estimate.high)
    lines = [
        Content.assemble(("Chance to pass today: ", "bold"), (odds(estimate.probability), "bold $primary")),
        Content(f"Expect {low} to {high} % of the marks (right 4 times in 5); the pass mark is {pass_mark} %."),
        *_scale(estimate, pass_mark, min(width, 64)),
        Content.assemble(("It rests on ", "$muted"), f"{formats.plural(known, 'mark')}: ", ", ".join(
            f"{category_word(category)} {number}" for category, number in estimate.evidence)),
    ]  # fmt: skip
    if not known:
        lines[0] = Content.styled("Nothing is known yet: no mark is on record.", "bold")
    return Content("\n").join([*lines, Content(""), Content.styled(estimate.method, "$muted")])


def _scale(estimate: PassEstimate, pass_mark: int, width: int) -> list[Content]:
    cells = max(20, width - 2)
    low, high, expected, mark = (
        min(cells - 1, int(value / 100 * cells))
        for value in (estimate.low, estimate.high, estimate.expected, pass_mark)
    )
    signs = ["━" if low <= i <= high else "┄" for i in range(cells)]
    signs[expected] = "●"
    signs[mark] = "┃"
    bar = Content("".join(signs)).stylize("$muted").stylize("$primary", low, high + 1)
    bar = bar.stylize("bold $text-success", mark, mark + 1)
    row = [" "] * (cells + 8)
    label = f"pass {pass_mark}"
    for at, text in ((0, "0"), (cells - 3, "100"), (max(0, mark - 2), label)):
        if text != "100" or mark - 2 + len(label) < at:
            row[at : at + len(text)] = text
    return [bar, Content.styled("".join(row).rstrip(), "$muted")]


def plan_text(plan: Sequence[SectionPlan], width: int) -> Content:
    """What to study, weakest section first."""
    if not plan:
        return Content.styled("Nothing is missing: every skill that can be shown was shown in full.", "$text-success")
    lines: list[Content] = []
    for number, section in enumerate(plan, 1):
        lines.append(Content.styled(f"{number} {section.title}", "bold"))
        lines += _wrapped(section.advice, width, "")
        lines += [line for skill in section.weakest for line in _skill(skill, width)]
        if section.study:
            lines += _wrapped(f"read: {' · '.join(section.study)}", width, "$muted")
        lines.append(Content(""))
    return Content("\n").join(lines[:-1])


def skills_text(readiness: Readiness, sections: dict[str, str], width: int) -> Content:
    """Every skill under its section with its evidence; after them those without a question."""
    lines: list[Content] = []
    for section, skills in groupby(readiness.skills, key=lambda skill: skill.section):
        known = list(skills)
        lines += [Content("")] if lines else []
        lines.append(Content.styled(sections.get(section, section), "bold"))
        lines += [line for skill in known if skill.questions for line in _skill(skill, width)]
        for words, by_model in (("no question shows", True), ("no saved model can show", False)):
            silent = [s.title for s in known if not s.questions and s.by_model is by_model]
            if silent:
                lines += _wrapped(f"{words}: {' · '.join(silent)}", width, "$muted")
    return Content("\n").join(lines)


def _skill(skill: SkillEvidence, width: int) -> list[Content]:
    if skill.best is None:
        sign, tone, evidence = "○", "$text-warning", "not met yet"
    else:
        slips = (skill.recent or 0) < SHOWN_FROM
        good = ("~", "$text-warning") if slips else ("✓", "$text-success")
        sign, tone = good if skill.best >= SHOWN_FROM else ("✗", "$text-error")
        of_late = "" if skill.recent == skill.best else f", of late {skill.recent:.1f}"
        evidence = f"{formats.marks(skill.best)}, {formats.ago(skill.days_ago)}{of_late}"
    evidence = evidence.replace(" ", "\u00a0")  # stays on one line
    rows = wrap(f"{skill.title}: {evidence}", max(10, width - 4))
    first = Content.assemble("  ", (f"{sign} ", tone), rows[0])
    lines = [first, *(Content(f"    {row}") for row in rows[1:])]
    found = lines[-1].plain.rfind(evidence)
    if found >= 0:
        lines[-1] = lines[-1].stylize(tone, found, found + len(evidence))
    return lines


def _wrapped(text: str, width: int, tone: str) -> list[Content]:
    return [Content.styled(f"  {row}", tone) for row in wrap(text, max(10, width - 2))]
