"""Each refusal is met by a file that earns it, and its remedy, followed to the letter, by a file that is graded."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from mockexam.exam.scoring import Verdict
from mockexam.grading.client import Grader
from mockexam.grading.examiner import error_messages
from tests.grading import make_refused
from tests.grading.make_refused import CASES, NO_FILE
from tests.grading.test_grade_model import grade
from tests.shared import made_once, quick_tensorflow

MESSAGES = {code: refusal.message for code, refusal in error_messages.TEXTS.items()} | {
    rule.code: rule.message for rule in error_messages.RULES
}
QUICK = [code for code, case in CASES.items() if case.quick]
SLOW = [code for code, case in CASES.items() if not case.quick]


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Path]:
    """The folders with the default tests' files and the others', each made when its first test asks."""
    return {}


def folder_of(code: str, made: dict[bool, Path], factory: pytest.TempPathFactory) -> Path:
    """The folder with the refused and the mended file; fails if the remedy could not be followed."""
    quick = CASES[code].quick
    if quick not in made:
        made[quick] = made_once(factory, f"refused-{quick}", lambda folder: _make(folder, QUICK if quick else SLOW))
    report = json.loads((made[quick] / "report.json").read_text())
    assert code not in report, report[code]
    return made[quick] / code


def _make(folder: Path, codes: list[str]) -> None:
    report: dict[str, str] = {}
    for legacy in (False, True):
        asked = [code for code in codes if CASES[code].legacy is legacy]
        if not asked:
            continue
        variables = {"TF_USE_LEGACY_KERAS": "1"} if legacy else {}
        done = subprocess.run(
            [sys.executable, str(Path(make_refused.__file__)), str(folder), *asked],
            env=quick_tensorflow(**variables), capture_output=True, text=True, check=True,
        )  # fmt: skip
        report |= json.loads(done.stdout.splitlines()[-1])
    (folder / "report.json").write_text(json.dumps(report))


def only(folder: Path, name: str) -> Path:
    """The one model of this name, of whatever format."""
    (found,) = (path for path in folder.iterdir() if path.stem == name)
    return found


def pattern(message: str) -> str:
    """A message as a pattern: what it leaves open can be anything."""
    return re.sub(r"\\{(found|where)\\}", ".*", re.escape(message))


def test_each_text_has_a_file_or_a_reason() -> None:
    """A new refusal comes with a file that earns it, or says why that can't be built."""
    assert {code for code, case in CASES.items() if not case.message} | NO_FILE.keys() == MESSAGES.keys()
    assert not CASES.keys() & NO_FILE.keys()
    assert len(MESSAGES) == len(error_messages.TEXTS) + len(error_messages.RULES)  # no code twice


@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize("code", [*QUICK, *(pytest.param(code, marks=pytest.mark.slow) for code in SLOW)])
async def test_what_follows_the_remedy_is_graded(
    grader: Grader, code: str, made: dict[bool, Path], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The file is refused with this text and no other, and the mended one earns marks."""
    folder = folder_of(code, made, tmp_path_factory)

    refused = await grade(grader, CASES[code].question, only(folder, "refused"))
    mended = await grade(grader, CASES[code].question, only(folder, "mended"))

    assert refused.verdict in (Verdict.INVALID_MODEL, Verdict.LIMIT_EXCEEDED)
    assert re.fullmatch(CASES[code].message or pattern(MESSAGES[code]), refused.message), refused.message
    assert refused.remedy
    assert mended.verdict is Verdict.GRADED, mended.message
