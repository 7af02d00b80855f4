"""Recall by class and confusions as text and in the page."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mockexam.exam.class_report import ClassRecall, ClassReport, Confusion
from mockexam.review.attempt_text import detail_lines
from mockexam.review.documents import document_of
from mockexam.review.html.page import attempt_page
from mockexam.text.class_tables import class_lines
from tests.review.conftest import Past

FEW = ClassReport(
    (ClassRecall("calm", 382, 381, 0.9), ClassRecall("rain", 90, 90, 0.06), ClassRecall("<storm>", 28, 3, 0.04)),
    (Confusion("<storm>", "calm", 25), Confusion("calm", "rain", 1)),
)
MANY = ClassReport(
    tuple(ClassRecall(f"class {n}", 100, 99 - n) for n in range(33)),
    (*(Confusion(f"class {n}", "class 0", n + 1) for n in reversed(range(1, 33))), Confusion("class 0", "x", 1)),
)


def test_few_classes_are_one_table() -> None:
    """Recall, the share of the training data, and the whole matrix; 100 % means all of them."""
    table = class_lines(FEW, 76)

    rows = [line.split() for line in table[-3:]]
    assert rows[0][:2] + rows[0][-3:] == ["0", "calm", "381", "1", "·"]
    assert "99 %" in table[-3]
    assert "100 %" in table[-2]
    assert rows[2][1:] == ["<storm>", "10", "%", "4", "%", "25", "·", "3"]


@pytest.mark.parametrize("form", ["{}", "class {}", "k{}"])
def test_short_names_stand_above_their_columns(form: str) -> None:
    """And are not numbered once more; the share says of what it is one."""
    report = ClassReport(
        tuple(ClassRecall(form.format(n), 100, 90, 0.25) for n in range(4)),
        (*(Confusion(form.format(n), form.format((n + 1) % 4), 10) for n in range(4)),),
    )
    _, head, *rows = class_lines(report, 76)
    heads = [form.format(n).removeprefix("class ") for n in range(4)]
    assert head.split()[-4:] == heads
    assert "training share" in head
    assert [row[: len(form.format(0))] for row in rows] == [form.format(n) for n in range(4)]


def test_many_classes_or_little_room_name_the_worst() -> None:
    """The lowest recalls and the most frequent confusions alone."""
    for report, width in ((MANY, 76), (FEW, 26)):
        lines = class_lines(report, width)
        assert len(lines) <= 12
        assert max(map(len, lines)) <= width
        worst = report.lowest[0]
        assert worst.name in lines[1]
        assert any(str(report.confusions[0].samples) in line for line in lines[-5:])


@pytest.mark.parametrize("report", [FEW, MANY])
def test_the_review_has_it_as_text_json_and_page(past: Past, report: ClassReport) -> None:
    """Escaped in the page; the recall as a number in JSON."""
    detail = past.review.detail(past.ids[-1])
    question = detail.questions[0]
    submission = replace(question.submissions[0], class_report=report)
    detail = replace(detail, questions=(replace(question, submissions=(submission,)),))
    worst = report.lowest[0]

    assert worst.name in "\n".join(detail_lines(detail))
    page = attempt_page(detail)
    assert worst.name.replace("<", "&lt;").replace(">", "&gt;") in page
    assert "<storm>" not in page
    (question_json,) = document_of(detail).model_dump()["questions"]
    known = question_json["submissions"][0]["class_report"]
    assert known["classes"][-1]["recall"] == worst.recall
    assert len(known["confusions"]) == len(report.confusions)
