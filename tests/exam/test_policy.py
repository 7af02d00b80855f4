"""What each mode discloses, and that nobody but the policy decides by the mode."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from mockexam.exam.attempt import Phase, fold
from mockexam.exam.paper import Mode
from mockexam.exam.policy import policy_for, policy_of
from tests.factories import FakeClock, started

SOURCE = Path(__file__).resolve().parents[2] / "src" / "mockexam"

MAY_COMPARE = {
    "exam/policy.py": "it is what answers for the others",
    "review/selection.py": "a user's filter of the list is data: it selects attempts and discloses nothing",
    "store/archive/attempt_record.py": "an archive's row and its first event must say the same, whatever it is",
}

RUNNING, GRADING, ENDED = Phase.RUNNING, Phase.GRADING, Phase.ENDED


def test_an_exam_tells_marks_alone_until_it_ends() -> None:
    """As the real one did: weights, a total and a verdict, and no help."""
    exam = policy_for(Mode.EXAM)
    assert (exam.has_verdict, exam.shows_weights, exam.counts_unanswered, exam.guards_questions) == (True,) * 4
    assert (exam.shows_metric_at_once, exam.gives_hints, exam.diagnoses_at_once, exam.single_question) == (False,) * 4
    assert [exam.runs_diagnosis(phase) for phase in (RUNNING, GRADING, ENDED)] == [False, False, True]
    assert [exam.shows_metric(phase) for phase in (RUNNING, GRADING, ENDED)] == [False, True, True]


def test_a_retry_helps_and_gives_no_verdict() -> None:
    """It shows the metric with the marks, opens hints, looks into models, and neither passes nor fails."""
    retry = policy_for(Mode.RETRY)
    assert (retry.shows_metric_at_once, retry.gives_hints, retry.single_question) == (True,) * 3
    assert [retry.runs_diagnosis(phase) for phase in (RUNNING, GRADING, ENDED)] == [True, True, True]
    assert (retry.has_verdict, retry.shows_weights, retry.counts_unanswered, retry.guards_questions) == (False,) * 4
    assert [retry.shows_metric(phase) for phase in (RUNNING, GRADING, ENDED)] == [True, True, True]


@pytest.mark.parametrize("mode", Mode)
def test_no_reference_while_an_attempt_runs(mode: Mode) -> None:
    """Whatever its mode; every mode has a policy, and an attempt has that of its mode."""
    attempt = fold("a", [started(FakeClock().read(), mode=mode)])
    assert policy_of(attempt) is policy_for(mode)
    assert [policy_for(mode).shows_reference(phase) for phase in (RUNNING, GRADING, ENDED)] == [False, True, True]


def test_each_mode_has_its_own_words() -> None:
    """No two modes are called the same."""
    assert {policy_for(mode).noun for mode in Mode} == {"exam", "retry"}
    assert len({policy_for(mode).plural for mode in Mode}) == len(Mode)


@pytest.mark.parametrize(
    ("code", "decides"),
    [
        ("a.mode is Mode.EXAM", True),
        ("a.mode is not b.mode", True),
        ("plan.mode == 'exam'", True),
        ("mode is paper.Mode.RETRY", True),
        ("{Mode.EXAM: 1, Mode.RETRY: 2}[mode]", True),
        ("x in (Mode.EXAM, other)", True),
        ("match a.mode:\n case 'exam': pass", True),
        ("match m:\n case Mode.EXAM: pass", True),
        ("if a.mode: pass", False),
        ("chosen.mode is None", False),
        ("policy_of(a) != policy_of(b)", False),
        ("plan(Mode.EXAM, rules)", False),
    ],
)
def test_the_scan_sees_decisions_and_nothing_else(code: str, decides: bool) -> None:
    """Comparisons, tables and patterns by the mode are found; passing a mode on is not."""
    assert bool(list(decisions(ast.parse(code)))) is decides


def test_nothing_else_decides_by_the_mode() -> None:
    """Screens, commands, sessions and reports ask the policy."""
    found = {
        path.relative_to(SOURCE).as_posix(): lines
        for path in sorted(SOURCE.rglob("*.py"))
        if (lines := list(decisions(ast.parse(path.read_text(encoding="utf-8")))))
    }
    assert {name: lines for name, lines in found.items() if name not in MAY_COMPARE} == {}
    assert found.keys() == MAY_COMPARE.keys(), "an exception that nothing needs any more"


def test_no_template_decides_by_the_mode() -> None:
    """The pages ask the policy too."""
    templates = sorted(SOURCE.rglob("*.html"))
    assert templates
    compared = re.compile(r"""\bmode\s*(==|!=|\bin\b)|[=!]=\s*\w+\.mode\b""")
    assert [path.name for path in templates if compared.search(path.read_text(encoding="utf-8"))] == []


def decisions(tree: ast.Module) -> Iterator[int]:
    """The lines that decide by a mode: comparisons other than with None, tables by mode, and patterns."""
    for node in ast.walk(tree):
        match node:
            case ast.Compare(left, _, others):
                sides = [left, *others]
                if any(_is_none(side) for side in sides):
                    continue
                decides = any(_names_mode(side) for side in sides)
            case ast.Dict(keys):
                decides = any(key is not None and _is_member(key) for key in keys)
            case ast.Match(subject):
                decides = _names_mode(subject)
            case ast.MatchValue(value):
                decides = _is_member(value)
            case _:
                continue
        if decides:
            yield node.lineno if not isinstance(node, ast.MatchValue) else node.value.lineno


def _is_none(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _names_mode(node: ast.expr) -> bool:
    """Whether an operand is a mode, or a collection with one."""
    parts = node.elts if isinstance(node, ast.Tuple | ast.Set | ast.List) else [node]
    return any(_is_member(part) or (isinstance(part, ast.Attribute) and part.attr == "mode") for part in parts)


def _is_member(node: ast.AST) -> bool:
    """Whether this is `Mode.X` or `module.Mode.X`."""
    return isinstance(node, ast.Attribute) and ast.unparse(node.value).rpartition(".")[2] == "Mode"
