"""The README that a workspace begins with."""

from __future__ import annotations

from mockexam.exam.model_format import FORMATS
from mockexam.exam.paper import Counts, Paper, Rules
from mockexam.workspace.layout import BRIEF, DATA, SOLUTION

_TEXT = """# {title}: paper {code}

This folder is yours for the exam. Work in it with any editor; edit, run, move and delete as you like.

## What lies where

{questions}

Each folder has the task (`{brief}`), a script to fill in (`{solution}`) and the training data (`{data}/`).

## How to submit

Save the model in the question's folder, under one of these names:

| name | how |
|---|---|
{formats}

`{solution}` does the first when you run it. A model trained elsewhere can simply be copied there. It is received as
soon as it is whole and unchanged for half a second, and marked out of 5. Other files are left alone.

## The rules in short

- {duration}
- The clock does not pause: not when you leave the app, not when the computer sleeps.
- You may submit as often as you like; {counts}.
- What was received before the end is marked, even if marking ends later.
- Marks are weighted as listed above. {pass_mark}

The app shows the time left; `mockexam status` shows it in any terminal. If a script or its data got lost, the app puts
them back.
"""


def readme(paper: Paper, rules: Rules | None) -> str:
    """The text for a paper, with the exam's own figures where its rules are known."""
    lines = [f"- `{i.folder}/`: {i.title} (weight {i.weight}, about {i.minutes} minutes)" for i in paper.items]
    last = rules is not None and rules.counts is Counts.LAST
    return _TEXT.format(
        title=rules.title if rules else "Mock exam",
        code=paper.code,
        questions="\n".join(lines),
        brief=BRIEF,
        solution=SOLUTION,
        data=DATA,
        formats="\n".join(
            f"| `{s.shown}` | `{s.how}`{', a SavedModel' if s.is_folder else ''} |" for s in FORMATS.values()
        ),
        duration=_duration(rules),
        counts="the last one that could be marked counts" if last else "the best one counts",
        pass_mark=f"{rules.pass_mark} % of the weighted total is a pass." if rules else "",
    ).replace(" \n", "\n")


def _duration(rules: Rules | None) -> str:
    if rules is None:
        return "The time begins when you start it in the app."
    if rules.duration is None:
        return "There is no time limit."
    minutes = round(rules.duration / 60)
    parts = [f"{minutes // 60} h" if minutes >= 60 else "", f"{minutes % 60} min" if minutes % 60 else ""]
    return f"You have {' '.join(part for part in parts if part) or 'less than a minute'} from the start."
