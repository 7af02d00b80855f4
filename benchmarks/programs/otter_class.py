"""Grades submissions by otter-grader's own API, a process a core, and prints their points: `otter_class.py ZIP...`."""

import sys
from concurrent.futures import ProcessPoolExecutor

from otter.api import grade_submission  # type: ignore[import-not-found]  # it is in .bench-venv alone


def points(submission: str) -> float:
    """Of one submission, by the `autograder.zip` here."""
    return float(grade_submission(submission, quiet=True).total)


if __name__ == "__main__":
    with ProcessPoolExecutor() as pool:
        for found in pool.map(points, sys.argv[1:]):
            print(f"{found:g}")
