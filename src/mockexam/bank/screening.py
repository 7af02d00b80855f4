"""Screening: only questions that pass `bank verify --static`, with their files as they are now, may be drawn.

The check itself reads rubrics and may take seconds, so it runs in a process of its own, once for each state of a
question's files. Only names, sizes and times of the files are read here.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import mockexam
from mockexam import paths
from mockexam.bank.loader import digest
from mockexam.bank.models import Question
from mockexam.errors import UserError

Progress = Callable[[float, str], None]
CACHE_SIZE = 2000


def signature(question: Question) -> str:
    """Changes when a file of the question is added, removed, written or replaced."""
    folders = question.folder, paths.scoring_of(question.folder)
    files = [entry for folder in folders for entry in sorted(_stats(folder))]
    return digest([mockexam.__version__, question.id, str(question.folder), *files])


def _stats(folder: Path) -> Iterator[str]:
    for root, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name != "__pycache__" and not name.startswith(".")]
        for name in files:
            path = Path(root, name)
            with suppress(OSError):
                found = path.stat()
                yield f"{path.relative_to(folder).as_posix()}\0{found.st_size}\0{found.st_mtime_ns}"


class Screening:
    """Remembers in a file which questions passed; a fault may come from the machine, so it is checked again later."""

    def __init__(self, cache: Path) -> None:
        self._cache = cache
        self._faults: dict[str, str] = {}

    def faults(
        self, questions: Iterable[Question], progress: Progress = lambda _fraction, _text: None
    ) -> Mapping[str, str]:
        """By id, the first fault of each question that must not be drawn. Raises UserError if the check fails."""
        signed = {signature(question): question for question in questions}
        passed = self._read()
        unknown = {key: question for key, question in signed.items() if key not in {*passed, *self._faults}}
        if unknown:
            found = _check(list(unknown.values()), progress)
            self._faults |= {key: found[question.id] for key, question in unknown.items() if question.id in found}
            if new := [key for key in unknown if key not in self._faults]:
                self._write([*passed, *new])
        return {question.id: self._faults[key] for key, question in signed.items() if key in self._faults}

    def _read(self) -> list[str]:
        try:
            keys = json.loads(self._cache.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return []
        return [key for key in keys if isinstance(key, str)] if isinstance(keys, list) else []

    def _write(self, keys: list[str]) -> None:
        """Only a cache: if it can't be written, the next start checks again."""
        with suppress(OSError):
            self._cache.parent.mkdir(parents=True, exist_ok=True)
            fresh = self._cache.with_name(f".{self._cache.name}.{os.getpid()}")
            fresh.write_text(json.dumps(keys[-CACHE_SIZE:]), encoding="utf-8")
            fresh.replace(self._cache)


def python_path() -> str:
    """The `PYTHONPATH` with which another process imports this very mockexam."""
    return os.pathsep.join([str(Path(mockexam.__file__).parents[1]), *filter(None, [os.environ.get("PYTHONPATH")])])


def _check(questions: list[Question], progress: Progress) -> dict[str, str]:
    """Run the check in a process, which writes a line for each question; the faults by id. Raises UserError."""
    found: dict[str, str] = {}
    with (
        tempfile.TemporaryFile() as errors,
        subprocess.Popen(
            [sys.executable, "-P", "-m", "mockexam.bank.verify.static"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True, encoding="utf-8",
            env=os.environ | {"PYTHONPATH": python_path()},
        ) as process,
    ):  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        with suppress(OSError):  # it has died: reported below
            process.stdin.write(json.dumps([str(question.folder) for question in questions]))
            process.stdin.close()
        done = 0
        for done, line in enumerate(process.stdout, 1):
            reply = json.loads(line)
            progress(done / len(questions), "checking the questions")
            if reply["fault"]:
                found[reply["question"]] = reply["fault"]
        if process.wait() or done < len(questions):
            errors.seek(0)
            last = errors.read().decode(errors="replace").strip().splitlines()[-1:]
            message = f"The questions could not be checked: {' '.join(last)[:200] or 'the check ended early'}."
            hint = "Run `mockexam bank verify --static` to see what is wrong."
            raise UserError(message, location=", ".join(question.id for question in questions), hint=hint)
    return found
