"""Made-up papers, rules and a task."""

from __future__ import annotations

from dataclasses import replace

from mockexam.exam.paper import Counts, Paper, PaperItem, Rules

BRIEF = f"""# A title

A road crew keeps a mountain pass open in winter.

## Your task

Train a model that tells the state of the road. {"Stations report the weather, not the state of the road. " * 15}

## How it is graded

By accuracy on 10,000 unseen entries.
"""

_QUESTIONS = (
    ("simple_model", "Basil under lamps", 15),
    ("learning_dataset", "Ice on the pass", 35),
    ("image_classification", "The repair café's shelf", 50),
    ("text_classification", "The town hall's inbox", 60),
    ("time_series", "High water at the quay", 60),
)


def paper(code: str = "7K3Q-F2XM") -> Paper:
    """The shipped exam's shape."""
    return Paper(
        code=code,
        items=tuple(
            PaperItem(
                number=n, question=f"{category}/made_up", category=category, title=title, weight=n, minutes=minutes,
                fingerprint="f" * 64, folder=f"q{n}_{category}",
            )
            for n, (category, title, minutes) in enumerate(_QUESTIONS, 1)
        ),
    )  # fmt: skip


def retry_paper(category: str, code: str = "9M2T-4A7C") -> Paper:
    """One question of a category."""
    item = next(i for i in paper().items if i.category == category)
    return Paper(code, (replace(item, number=1, folder=f"q1_{category}"),))


def rules(duration: float | None = 18000.0) -> Rules:
    """The shipped exam's rules."""
    return Rules(exam="tf_developer", title="TensorFlow Developer", duration=duration, pass_mark=90, counts=Counts.BEST)
