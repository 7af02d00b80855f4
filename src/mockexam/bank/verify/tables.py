"""The tables that `bank verify` writes: how every solution did, what each question shows, where its data come from."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from mockexam import paths
from mockexam.bank.category import CATEGORIES, rank_of
from mockexam.bank.handbook import Handbook
from mockexam.bank.models import Question
from mockexam.bank.rubric import EVIDENCE, Evidence, Rubric, Solution, read_evidence, rubric_of
from mockexam.bank.verify.locate import not_proved, stale
from mockexam.bank.verify.solution_run import write_text
from mockexam.bank.verify.verification import edge_distance
from mockexam.paths import scoring_of

WRITTEN = "<!-- Written by `mockexam bank verify`; do not edit. -->"
Proved = tuple[Question, Rubric, Evidence | None]
COLUMNS = ("solution", "expected", "marks", "metric", "spread", "standard error", "edge", "time", "memory", "model")
CALIBRATION = f"""# How the shipped solutions did

{WRITTEN}

Each solution is trained and graded as in an attempt, on several seeds: each has its own data and hold-out.

- *expected*, *marks*: out of 5; *marks* has one figure for each seed.
- *metric*, *spread*: mean and standard deviation over the seeds.
- *standard error*: of the metric over hold-outs; the largest over the seeds.
- *edge*: distance from the metric to the nearest edge of a band, in standard errors; the smallest over the seeds. At
  least 2 are required.
- *time*, *memory*: wall time of the script (processor time where that is less, as on a busy machine) and its peak
  memory, imports included; the largest over the seeds.
- *model*: size of the saved model.

Bands are chosen by seeds 1 to 3. Seeds 4 to 6 run once these hold, and prove the bands. Where something was changed
after a look at these, seeds 7 to 9 prove it."""
DATA = f"""# Where real data come from

{WRITTEN}

Some questions stand on data that others published. A small copy lies beside `data.py`; `make_<copy>.py` in the
question's scoring folder made it from the package. The brief names title, authors and licence. The data of all other
questions are made by programs.

*Downloaded* data do not ship with mockexam. They are fetched when an exam that names the question is prepared, before
the clock starts, checked by their SHA-256, and kept in the user's cache folder."""


def write_tables(questions: Sequence[Question], handbook: Handbook) -> list[Path]:
    """Write `docs/calibration.md`, `coverage.md` and `data.md` of the shipped bank; nothing if there is no `docs/`."""
    docs = paths.exams_dir().parent / "docs"
    if not docs.is_dir():
        return []
    ordered = _ordered(questions)
    texts = {
        docs / "calibration.md": calibration_text([proved(question) for question in ordered]),
        docs / "coverage.md": coverage_text(questions, handbook),
        docs / "data.md": data_text(questions),
    }
    for path, text in texts.items():
        write_text(path, text)
    return list(texts)


def _ordered(questions: Iterable[Question]) -> list[Question]:
    return sorted(questions, key=lambda q: (rank_of(q.category), q.id))


def proved(question: Question) -> Proved:
    """The question with its rubric and its evidence; None for evidence that no longer holds. Raises UserError."""
    evidence = None if stale(question) else read_evidence(scoring_of(question.folder) / EVIDENCE)
    return question, rubric_of(question), evidence


def calibration_text(found: Sequence[Proved]) -> str:
    """What papers of these questions ask, and the table of each question."""
    lines = [CALIBRATION, "", *_paper_lines(found)]
    for question, rubric, evidence in found:
        lines += ["", f"## {question.id}", ""]
        if evidence is None and question.downloads:
            told = not_proved(question)
            lines.append(f"{told[:1].upper()}{told[1:]} where there is a network.")
        elif evidence is None:
            lines.append("Not verified in its current state.")
        else:
            lines += _question_table(rubric, evidence)
    return "\n".join(lines) + "\n"


def _paper_lines(found: Sequence[Proved]) -> Iterator[str]:
    """The planned time of the shortest, the average and the longest paper of one question a category."""
    minutes: dict[str, list[int]] = {}
    for question in (question for question, _, _ in found if not question.only_named):
        minutes.setdefault(question.category, []).append(question.file.minutes)
    least, most = (sum(pick(times) for times in minutes.values()) for pick in (min, max))
    mean = sum(statistics.mean(times) for times in minutes.values())
    spread = f"{mean:.0f} ({least / mean - 1:+.0%} and {most / mean - 1:+.0%})"
    yield f"A paper of one question a category is planned for {least} to {most} minutes; the mean is {spread}."


def _question_table(rubric: Rubric, evidence: Evidence) -> Iterator[str]:
    bands = ", ".join(f"{band:g}" for band in rubric.bands)
    yield f"{evidence.metric}, bands {bands} · {evidence.date.isoformat()} · {evidence.machine}"
    yield ""
    yield f"| {' | '.join(COLUMNS)} |"
    yield f"|{'---|' * len(COLUMNS)}"
    for file, solution in evidence.models.items():
        yield f"| {' | '.join(row(file, solution, rubric))} |"


def row(file: str, solution: Solution, rubric: Rubric) -> list[str]:
    """A solution's figures, one for each of `COLUMNS`."""
    runs = solution.runs
    values = [run.value for run in runs if run.value is not None]
    errors = [run.standard_error for run in runs if run.standard_error]
    edges = [distance for run in runs if (distance := edge_distance(run, rubric)) is not None]
    return [
        file,
        str(solution.expected),
        " ".join("–" if run.marks is None else str(run.marks) for run in runs),
        f"{statistics.mean(values):.4g}" if values else "–",
        f"{statistics.stdev(values):.2g}" if len(values) > 1 else "–",
        f"{max(errors):.2g}" if errors else "–",
        f"{min(edges):.1f}" if edges else "–",
        f"{max(run.train_seconds for run in runs):.0f} s",
        f"{max(run.peak_megabytes for run in runs):.0f} MB",
        f"{max(run.megabytes for run in runs):.2f} MB" if values else "–",
    ]


def coverage_text(questions: Sequence[Question], handbook: Handbook) -> str:
    """Skills by section, and the questions that show them."""
    skills = [skill for section in handbook.section for skill in section.skills]
    by_model = [skill.id for skill in skills if skill.by_model]
    covered = {skill for question in questions for skill in question.file.skills}.intersection(by_model)
    total = f"{len(questions)} questions show {len(covered)} of the {len(by_model)} skills that a saved model can show."
    lines = ["# Which question shows which skill", "", WRITTEN, "", total]
    for section in handbook.section:
        shown = [skill for skill in section.skills if skill.by_model]
        if not shown:
            continue
        lines += ["", f"## {section.title}", "", "| skill | what it is | shown by |", "|---|---|---|"]
        for skill in shown:
            by = ", ".join(f"`{q.id}`" for q in _ordered(questions) if skill.id in q.file.skills)
            lines.append(f"| `{skill.id}` | {skill.title} | {by or '**none**'} |")
    hidden = [f"- `{skill.id}`: {skill.title}" for skill in skills if not skill.by_model]
    if hidden:
        lines += ["", "## Skills that no saved model can show", "", *hidden]
    lines += ["", "## Questions by category", ""]
    lines += [f"- {c.title}: {sum(q.category == c.id for q in questions)}" for c in CATEGORIES.values()]
    return "\n".join(lines) + "\n"


def data_text(questions: Sequence[Question]) -> str:
    """Every source of every question, with licence and hashes."""
    lines = [DATA]
    for question in _ordered(questions):
        for source in question.file.sources:
            lines += ["", f"## {question.id}: {source.title}", ""]
            lines += [f"- by {source.authors}", f"- licence: {source.licence}", f"- from <{source.url}>"]
            if source.file is None:
                lines.append(f"- read from the dependency {source.package}")
            else:
                lines += [f"- package `{source.package}`, SHA-256 `{source.package_sha256}`"]
                lines += [f"- copy `{source.file}`, SHA-256 `{source.sha256}`"]
            lines.append(f"- changed: {source.changes}")
        for download in question.downloads:
            lines += ["", f"## {question.id}: {download.file} (downloaded)", ""]
            lines += [f"- {download.title}, by {download.authors}", f"- licence: {download.licence}"]
            lines += [f"- from <{url}>" for url in download.urls]
            lines.append(f"- {download.bytes:,} bytes, SHA-256 `{download.sha256}`")
    return "\n".join(lines) + "\n"
