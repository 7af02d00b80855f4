"""Whether questions may be drawn: each has passed all that `bank verify --static` checks, as its files are now.

The check itself reads rubrics and may take seconds, so it runs in a process of its own, once for each state of a
question's files. Here only their names, sizes and times are looked at.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path

import mockexam
from mockexam import paths
from mockexam.bank.models import Question
from mockexam.errors import UserError

_REMEDY = "Run `mockexam bank verify --static` to see what is wrong."
Progress = Callable[[float, str], None]


def signature(question: Question) -> str:
    """Changes when a file of the question is added, removed, written or replaced."""
    hashed = hashlib.sha256(f"{mockexam.__version__}\0{question.id}\0{question.folder}\0".encode())
    for folder in (question.folder, paths.scoring_of(question.folder)):
        for name, size, time in sorted(_stats(folder)):
            hashed.update(f"{name}\0{size}\0{time}\0".encode())
    return hashed.hexdigest()


def _stats(folder: Path) -> Iterable[tuple[str, int, int]]:
    for root, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name != "__pycache__" and not name.startswith(".")]
        for name in files:
            path = Path(root, name)
            with suppress(OSError):
                found = path.stat()
                yield path.relative_to(folder).as_posix(), found.st_size, found.st_mtime_ns


class Screening:
    """What is known of questions, kept in a file so that the next start need not ask again.

    Only that a question is fit is kept there: a fault may have come from the machine, and the next start looks again.
    """

    def __init__(self, kept: Path) -> None:
        self._kept = kept
        self._unfit: dict[str, str] = {}

    def faults(
        self, questions: Iterable[Question], progress: Progress = lambda _fraction, _text: None
    ) -> Mapping[str, str]:
        """By id, the first fault of each question that may not be drawn. Raises UserError if none can be checked."""
        signed = {signature(question): question for question in questions}
        known = self._read()
        unknown = {key: question for key, question in signed.items() if key not in {*known, *self._unfit}}
        if unknown:
            found = _check(list(unknown.values()), progress)
            self._unfit |= {key: found[question.id] for key, question in unknown.items() if question.id in found}
            if fit := [key for key in unknown if key not in self._unfit]:
                self._write([*known, *fit])
        return {question.id: self._unfit[key] for key, question in signed.items() if key in self._unfit}

    def _read(self) -> list[str]:
        try:
            kept = json.loads(self._kept.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return []
        return [key for key in kept if isinstance(key, str)] if isinstance(kept, list) else []

    def _write(self, keys: list[str]) -> None:
        """A spare: where it can't be written, the next start asks again."""
        with suppress(OSError):
            self._kept.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix=f".{self._kept.name}.", dir=self._kept.parent)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(keys[-2000:], file)
            os.replace(name, self._kept)


def _check(questions: list[Question], progress: Progress) -> dict[str, str]:
    """Ask the checking process; it writes a line for each question."""
    code = os.pathsep.join([str(Path(mockexam.__file__).parents[1]), *filter(None, [os.environ.get("PYTHONPATH")])])
    found: dict[str, str] = {}
    with tempfile.TemporaryFile() as said:
        command = [sys.executable, "-P", "-m", "mockexam.bank.verify.screen"]
        with subprocess.Popen(
            command,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, text=True, encoding="utf-8",
            env=os.environ | {"PYTHONPATH": code},
        ) as process:  # fmt: skip
            assert process.stdin is not None
            assert process.stdout is not None
            with suppress(OSError):  # it has died: told below
                process.stdin.write(json.dumps([str(question.folder) for question in questions]))
                process.stdin.close()
            told = 0
            for line in process.stdout:
                answer = json.loads(line)
                told += 1
                progress(told / len(questions), "checking the questions")
                if answer["fault"]:
                    found[answer["question"]] = answer["fault"]
        if process.returncode or told < len(questions):
            said.seek(0)
            last = said.read().decode(errors="replace").strip().splitlines()[-1:]
            raise UserError(
                f"The questions could not be checked: {' '.join(last)[:200] or 'the check ended early'}.",
                location=", ".join(question.id for question in questions),
                hint=_REMEDY,
            )
    return found
