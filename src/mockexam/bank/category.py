"""The categories of questions. To add one: an entry here, and a folder of this id in `exams/` and `scoring/`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Category:
    """A kind of question."""

    id: str
    """The name of its folder, and how exams and records spell it."""
    title: str
    short: str
    """For a narrow column: at most 12 letters."""
    windows: bool = False
    """Whether its samples are usually windows of a series: then authors are asked to say so in the contract."""


CATEGORIES: dict[str, Category] = {
    category.id: category
    for category in (
        Category("simple_model", "simple model", "simple model"),
        Category("learning_dataset", "learning from a dataset", "dataset"),
        Category("image_classification", "image classification", "images"),
        Category("text_classification", "text classification", "text"),
        Category("time_series", "time series", "time series", windows=True),
    )
}
"""By id, in the order of the exam."""


def category_of(name: str) -> Category:
    """The category of this id; for one that is no longer known, as in an old record, its id in words."""
    words = name.replace("_", " ")
    return CATEGORIES.get(name) or Category(name, words, words)


def rank_of(name: str) -> int:
    """The place of a category in the order of the exam, from 0. Raises ValueError for one that is not known."""
    return list(CATEGORIES).index(name)
