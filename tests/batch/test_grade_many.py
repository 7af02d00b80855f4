"""`mockexam grade FOLDER` with real workers, models and kills."""

from __future__ import annotations

import csv
from pathlib import Path

from tests.batch.teacher import Teacher, make_submissions, results_in, verdicts, wait_until


def test_a_class_is_graded_through_kills_and_interrupts(models: Path, tmp_path: Path) -> None:
    """GIVEN a class's models WHEN a worker is killed, and the command interrupted THEN the next run ends the work.

    Nothing is lost, nothing graded twice, nobody has a zero, and no process is left.
    """
    folder, home = tmp_path / "class", tmp_path / "home"
    expected = make_submissions(models, folder, each=4)
    record = folder / "mockexam-results.ndjson"
    ask = (folder, "--question", "tiny_line", "--jobs", "2")

    first = Teacher(home, *ask)
    wait_until(lambda: results_in(record) >= 1, "first result")
    workers = first.workers()
    assert len(workers) == 2
    workers[0].kill()
    wait_until(lambda: results_in(record) >= 4, "result after the kill")
    first.interrupt()
    code, before, told = first.end()
    assert code == 130
    assert "same command again" in told
    assert "Traceback" not in told
    assert first.survivors() == []
    assert verdicts(before).items() <= expected.items()
    assert results_in(record) == len(before) < len(expected)

    second = Teacher(home, *ask[:3], "--jobs", "1", "--csv", tmp_path / "marks.csv")
    code, lines, told = second.end()
    assert code == 0, told
    assert verdicts(lines) == expected
    assert {line["name"] for line in lines if line["known"]} == set(verdicts(before))
    assert results_in(record) == len(expected)
    assert {line["isolation"] for line in lines} == {lines[0]["isolation"]}
    with (tmp_path / "marks.csv").open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert [row["name"] for row in rows] == sorted(expected)
    assert list((home / "scratch").iterdir()) == []


def test_nothing_to_grade_and_options_of_many(models: Path, tmp_path: Path) -> None:
    """Reported before anything starts; options for many are refused for one."""
    code, lines, told = Teacher(tmp_path / "home", tmp_path, "--question", "tiny_line").end()
    assert (code, lines) == (1, [])
    assert "no saved model" in told

    code, _, told = Teacher(tmp_path / "home", models / "good.keras", "--question", "tiny_line", "--jobs", "2").end()
    assert code == 2
    assert "--jobs" in told
