"""The categories of questions. To add one: an entry here, and folders of this id in `exams/` and `scoring/`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Category:
    """A kind of question."""

    id: str  # the name of its folder, used in exams and records
    title: str
    short: str  # for a narrow column: at most 12 letters
    windows: bool = False
    """Whether its samples are usually windows of a series; then authors must say so in the contract."""


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
    """The category of this id; for an unknown one, as in an old record, its id in words."""
    words = name.replace("_", " ")
    return CATEGORIES.get(name) or Category(name, words, words)


def rank_of(name: str) -> int:
    """The position of a category in the exam, from 0. Raises ValueError for an unknown one."""
    return list(CATEGORIES).index(name)
