"""Every hostile file through the real grader: nothing happens, and it is refused with a reason."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from mockexam.errors import GraderFaultError
from mockexam.exam.scoring import Verdict
from mockexam.grading.client import Grader
from mockexam.grading.examiner import sandbox
from mockexam.grading.predictor import confinement, seccomp
from tests.hostile.conftest import Corpus, Hostile

LINE = "simple_model/tiny_line"
BARE = Path(__file__).parent / "bare.py"
SETTLE_SECONDS = 0.005
"""What a process does at its very end is still to be seen."""
TOO_LATE = r"can't be loaded|fails when it predicts|still predicting|memory while predicting|crashed"
"""What is said when something else than the gate, or the look at the file before it, has refused a model."""
LIMIT_SECONDS = 15.0
"""Three for the question, ten that a predictor may be late, and some for a slow machine."""
NO_GATE = {"MOCKEXAM_GATE": "off"}
FILTERS_ONLY = {"MOCKEXAM_ISOLATION": "limits"}
NO_SANDBOX = {"MOCKEXAM_ISOLATION": "none"}


@dataclass(frozen=True)
class Result:
    """What became of one hostile file."""

    file: Hostile
    verdict: Verdict | None
    """None if the grader failed."""
    marks: int | None
    words: str
    remedy: str
    seconds: float
    touched: tuple[str, ...]

    def __str__(self) -> str:
        done = ", ".join(self.touched[:3])
        verdict = self.verdict.value if self.verdict else "FAULT"
        file = f"{self.file.name} ({self.file.label})"
        return f"{file}: {verdict} {self.marks} in {self.seconds:.1f} s [{done}] {self.words}"


async def _grade_all(grader: Grader, corpus: Corpus, files: Iterable[Hostile]) -> list[Result]:
    """Grade each, with an honest model before and after all of them, whose marks must not suffer."""
    await _honest(grader, corpus)
    pid = grader.pid
    results = [await _grade(grader, corpus, file) for file in files]
    await _honest(grader, corpus)
    assert grader.pid == pid, "the examiner was replaced"
    assert pid is not None
    await _only_the_grader_runs(pid)
    report = os.environ.get("MOCKEXAM_HOSTILE_REPORT")
    if report:
        with Path(report).open("a") as file:
            file.writelines(f"{one}\n" for one in results)
    return results


async def _honest(grader: Grader, corpus: Corpus) -> None:
    for model in corpus.honest:
        graded = await grader.grade(LINE, data_seed="W", holdout_seed="s", model=model, format="keras")
        assert graded.marks == 5, graded.message


async def _grade(grader: Grader, corpus: Corpus, file: Hostile) -> Result:
    corpus.detectors.clear()
    began = time.monotonic()
    try:
        graded = await grader.grade(LINE, data_seed="W", holdout_seed="s", model=file.path, format=file.format)
    except GraderFaultError as fault:
        verdict, marks, words, remedy = None, None, str(fault), ""
    else:
        verdict, marks, words, remedy = graded.verdict, graded.marks, graded.message, graded.remedy
    seconds = time.monotonic() - began
    await asyncio.sleep(SETTLE_SECONDS)
    return Result(file, verdict, marks, words, remedy, seconds, tuple(corpus.detectors.touched()))


async def _only_the_grader_runs(examiner: int) -> None:
    """Under the examiner there are two predictors with one forked worker each, and in bubblewrap what starts them."""
    async with asyncio.timeout(20):
        while True:
            names = [_program(process) for process in psutil.Process(examiner).children(recursive=True)]
            if names.count("predictor") <= 4 and set(names) <= {"predictor", "bwrap", "data_worker"}:
                return
            await asyncio.sleep(0.1)


def _program(process: psutil.Process) -> str:
    try:
        command: list[str] = process.cmdline()
    except psutil.NoSuchProcess:
        return "predictor"
    if not command or "bwrap" in command[0]:
        return "bwrap"
    return next((part.rpartition(".")[2] for part in command if part.startswith("mockexam.grading")), command[0])


def _refused(result: Result) -> bool:
    """No marks, and a reason with a remedy; or what was hostile has been taken out and nothing came of it."""
    if result.file.stripped and result.verdict is Verdict.GRADED:
        return True
    refused = result.verdict in (Verdict.INVALID_MODEL, Verdict.LIMIT_EXCEEDED) and bool(result.words and result.remedy)
    return refused and not (result.file.gate and re.search(TOO_LATE, result.words))


def _assert_all_refused(results: list[Result]) -> None:
    wrong = [str(one) for one in results if not _refused(one) or one.touched or one.seconds > LIMIT_SECONDS]
    assert not wrong, "\n" + "\n".join(wrong)


def _assert_no_effect(results: list[Result]) -> None:
    """Nothing outside notices, each ends within its limits, and no weights come out of the secret."""
    wrong = [str(one) for one in results if one.touched or one.verdict is None or one.seconds > LIMIT_SECONDS]
    assert not wrong, "\n" + "\n".join(wrong)
    readers = [one for one in results if one.file.label == "files_read" and one.file.works == "here"]
    assert not [str(one) for one in readers if one.marks == 5]


def test_the_corpus_is_wide_enough(corpus: Corpus) -> None:
    """Enough files of each format and class."""
    formats = Counter(file.format for file in corpus.files)
    labels = Counter(file.label for file in corpus.files)

    assert min(formats[name] for name in ("keras", "h5", "saved_model")) >= 20
    assert set(labels) == {
        "code",
        "files_read",
        "files_written",
        "network",
        "processes",
        "resources",
        "structure",
    }


def _in_short(files: Sequence[Hostile]) -> list[Hostile]:
    """One file of each attack: a configuration that is made as .keras and as .h5 comes in turn as one of them.

    Without those that use their time up.
    """
    made = {format: {_attack(file) for file in files if file.format == format} for format in ("keras", "h5")}
    in_both = [file for file in files if file.format == "keras" and _attack(file) in made["h5"]]
    turn = {_attack(file): ("keras", "h5")[place % 2] for place, file in enumerate(in_both)}
    quick = [file for file in files if not file.lasting]
    return [f for f in quick if f.format == "saved_model" or turn.get(_attack(f), f.format) == f.format]


def _attack(file: Hostile) -> str:
    """Its maker's name."""
    return file.name.removesuffix(f"_{file.format}")


def test_in_short_no_attack_and_no_format_is_left_out(corpus: Corpus) -> None:
    """What is left out is the same attack in another file, or takes long."""
    short = _in_short(corpus.files)
    formats = Counter(file.format for file in short)

    assert {_attack(file) for file in short} == {_attack(file) for file in corpus.files if not file.lasting}
    assert min(formats[name] for name in ("keras", "h5", "saved_model")) >= 40


async def test_nothing_gets_through(new_grader: Callable[..., Grader], corpus: Corpus) -> None:
    """Gate and sandbox together: no side effect, no marks, no failure of the grader."""
    async with new_grader() as grader:
        results = await _grade_all(grader, corpus, _in_short(corpus.files))

    _assert_all_refused(results)


@pytest.mark.slow
async def test_nothing_else_gets_through(new_grader: Callable[..., Grader], corpus: Corpus) -> None:
    """The same for the other file of each attack, and for those that use their time up."""
    short = _in_short(corpus.files)
    async with new_grader() as grader:
        results = await _grade_all(grader, corpus, [file for file in corpus.files if file not in short])

    _assert_all_refused(results)


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_the_sandbox_alone_holds(new_grader: Callable[..., Grader], corpus: Corpus) -> None:
    """Without the gate: whatever a file does, nothing outside notices, and each ends within its limits."""
    async with new_grader(**NO_GATE) as grader:
        results = await _grade_all(grader, corpus, corpus.files)
        if grader.isolation != f"{sandbox.BUBBLEWRAP}, no gate":
            pytest.skip(grader.detail)

    _assert_no_effect(results)


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_the_kernels_filters_alone_hold(new_grader: Callable[..., Grader], corpus: Corpus) -> None:
    """The same without bubblewrap, where Landlock and seccomp are all that there is."""
    rules = confinement.landlock_rules((), ())
    if rules < 0 or not seccomp.available():
        pytest.skip("this kernel has no Landlock or no seccomp")
    os.close(rules)
    async with new_grader(**NO_GATE, **FILTERS_ONLY) as grader:
        results = await _grade_all(grader, corpus, corpus.files)

    _assert_no_effect(results)


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_the_gate_alone_holds(new_grader: Callable[..., Grader], corpus: Corpus) -> None:
    """Without the sandbox: the gate refuses all that it can know, the limits and the look at the answer the rest."""
    async with new_grader(**NO_SANDBOX) as grader:
        results = await _grade_all(grader, corpus, corpus.files)

    _assert_all_refused(results)


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_with_neither_the_attacks_are_real(new_grader: Callable[..., Grader], corpus: Corpus) -> None:
    """Without gate, sandbox and filters, those that say so do what they are made for.

    Else the tests above would prove nothing. The grader itself stands all of them.
    """
    async with new_grader(**NO_GATE, **NO_SANDBOX) as grader:
        results = await _grade_all(grader, corpus, corpus.files)

    wrong = [str(one) for one in results if bool(one.touched) != (one.file.works == "here")]
    assert not wrong, "\n" + "\n".join(wrong)
    assert not [str(one) for one in results if one.verdict is None]


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_careless_loader_is_lost(corpus: Corpus) -> None:
    """`safe_mode=False, compile=True`, in bare Keras: more of the attacks do what they are made for."""
    harmless: list[str] = []
    for keras2 in (False, True):
        files = [file for file in corpus.files if file.works != "no" and file.keras2 == keras2]
        environment = {**os.environ, "TF_USE_LEGACY_KERAS": str(int(keras2))}
        with _bare([sys.executable, str(BARE)], environment) as run:
            harmless += [file.name for file in files if not _effect(run, corpus, file, file.path)]

    assert harmless == []


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_careless_loader_in_the_sandbox_harms_nobody(
    corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every file, with all of Keras's precautions off, in the grader's sandbox: nothing outside notices."""
    monkeypatch.delenv(sandbox.ISOLATION_VARIABLE, raising=False)
    jobs = tmp_path / "jobs"
    jobs.mkdir()
    held = sandbox.choose(jobs)
    if held.isolation != sandbox.BUBBLEWRAP:
        pytest.skip(held.detail)
    files = [file for file in corpus.files if file.label != "resources" and not file.path.is_symlink()]
    for file in files:
        _link(file.path, jobs / file.path.name)
    argv = [*held.argv[: held.argv.index("-m")], "-c", BARE.read_text()]
    with _bare(argv, dict(held.environment)) as run:
        effects = {file.name: _effect(run, corpus, file, Path("/jobs") / file.path.name) for file in files}

    # Seen from outside, its processes stand in the list for as long as the sandbox does.
    outside = {name: [one for one in effect if "process" not in one] for name, effect in effects.items()}
    assert {name: effect for name, effect in outside.items() if effect} == {}
    time.sleep(1)  # the kernel takes its time to end a whole sandbox
    assert corpus.detectors.touched() == []


def _link(source: Path, target: Path) -> None:
    """The same files, in another folder."""
    if source.is_file():
        os.link(source, target)
        return
    for path in source.rglob("*"):
        if path.is_file() and not path.is_symlink():
            into = target / path.relative_to(source)
            into.parent.mkdir(parents=True, exist_ok=True)
            os.link(path, into)


Run = Callable[[Path], str]


@contextmanager
def _bare(argv: list[str], environment: dict[str, str]) -> Iterator[Run]:
    """Something that has bare Keras load and predict a file; started anew when a file ends it."""
    running: list[subprocess.Popen[str]] = []

    def run(path: Path) -> str:
        if not running or running[-1].poll() is not None:
            running.append(
                subprocess.Popen(
                    argv,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    text=True,
                    errors="replace",
                    env=environment,
                    bufsize=1,
                )
            )
        process = running[-1]
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(f"{path}\n")
        reply = process.stdout.readline().strip()
        if not reply:
            process.wait()
        return reply

    try:
        yield run
    finally:
        for process in running:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()


def _effect(run: Run, corpus: Corpus, file: Hostile, path: Path) -> list[str]:
    """What one file does in bare Keras; what it answered is written down if that is asked for."""
    corpus.detectors.clear()
    reply = run(path)
    time.sleep(SETTLE_SECONDS)
    effect = corpus.detectors.touched()
    report = os.environ.get("MOCKEXAM_HOSTILE_REPORT")
    if report:
        with Path(report).open("a") as lines:
            lines.write(json.dumps([file.name, file.works, effect[:3], reply[:200]]) + "\n")
    return effect
