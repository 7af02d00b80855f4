"""Grades thousands of mutations of good models: `python -m tests.fuzz [FORMAT...] [--count N] [--jobs N]`.

A case that goes wrong is printed with its format and number; `python -m tests.fuzz FORMAT --only NUMBER --keep FOLDER`
makes it and marks it again.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from mockexam.exam.events import ModelFormat
from tests.fuzz import case, heldout
from tests.fuzz.case import Case
from tests.fuzz.checked_grader import CheckedGrader, Result
from tests.fuzz.direct import ENDED, outcome_of, wrong_with
from tests.fuzz.heldout import HeldOut
from tests.fuzz.material import CANARY
from tests.fuzz.tensorflow_client import TensorFlowProcess

COUNT = 10_000
REPORT_EVERY = 500


def main(arguments: Sequence[str]) -> int:
    """Run; returns 1 if anything went wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("formats", nargs="*", metavar="FORMAT", help=f"{', '.join(case.FORMATS)}; all if none is named")
    parser.add_argument("--count", type=int, default=COUNT, help="mutations a format")
    parser.add_argument("--start", type=int, default=0, help="the first number")
    parser.add_argument("--jobs", type=int, default=2, help="graders side by side")
    parser.add_argument("--direct", action="store_true", help="without the grader's processes: ten times as quick")
    parser.add_argument("--only", type=int, help="this number alone")
    parser.add_argument("--keep", type=Path, help="leave the files of what went wrong, or of --only, in this folder")
    given = parser.parse_args(arguments)
    if unknown := set(given.formats) - set(case.FORMATS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    first = given.start if given.only is None else given.only
    numbers = range(first, first + (given.count if given.only is None else 1))
    run = Run(numbers, given.jobs, given.keep, direct=given.direct, always=given.only is not None)
    return asyncio.run(run.formats(given.formats or case.FORMATS))


class Run:
    """All mutations that are asked for."""

    def __init__(self, numbers: range, jobs: int, keep: Path | None, *, direct: bool, always: bool) -> None:
        """`always`: tell each, and keep each."""
        self._numbers, self._jobs = numbers, min(jobs, len(numbers))
        self._keep, self._direct, self._always = keep, direct, always
        self._outcomes: Counter[str] = Counter()
        self._begun = 0.0
        self._wrong = 0

    async def formats(self, kinds: Sequence[ModelFormat]) -> int:
        """Grade those of each format in turn; 1 if anything went wrong."""
        with tempfile.TemporaryDirectory(prefix="mockexam-fuzz-") as name:
            folder = Path(name)
            (folder / "seeds").mkdir()
            with TensorFlowProcess() as process:
                process.ask("make_seeds", folder=str(folder / "seeds"))
            heldouts = heldout.draw(folder)
            for kind in kinds:
                await self._format(kind, folder, heldouts)
        if Path(CANARY).exists():
            self._wrong += 1
            print(f"{CANARY} was written")
        print(f"{self._wrong} went wrong" if self._wrong else "nothing went wrong")
        return 1 if self._wrong else 0

    async def _format(self, kind: ModelFormat, folder: Path, heldouts: Mapping[str, HeldOut]) -> None:
        """Grade them all, by so many graders side by side, and print what came of them."""
        self._outcomes.clear()
        self._begun = time.monotonic()
        left = iter(self._numbers)
        async with asyncio.TaskGroup() as group:
            for job in range(self._jobs):
                group.create_task(self._work(kind, left, folder, f"{kind}-{job}", heldouts))
        print(f"{kind}: {len(self._numbers)} mutations in {time.monotonic() - self._begun:.0f} s")
        for outcome, count in self._outcomes.most_common():
            print(f"  {count:6}  {outcome}")
        sys.stdout.flush()

    async def _work(
        self, kind: ModelFormat, left: Iterator[int], folder: Path, own: str, heldouts: Mapping[str, HeldOut]
    ) -> None:
        (folder / own).mkdir()
        async with CheckedGrader(folder / own, heldouts) as grader:
            for number in left:
                with tempfile.TemporaryDirectory(dir=folder / own) as place:
                    made = case.make(kind, number, folder / "seeds", Path(place))
                    if self._direct:
                        self._note(await self._directly(made, heldouts[made.base], grader))
                    else:
                        self._note(await grader.see(made))

    async def _directly(self, made: Case, held: HeldOut, grader: CheckedGrader) -> Result:
        """What ends a process is graded on the whole way too."""
        outcome = await asyncio.to_thread(outcome_of, made, held, grader.process)
        if outcome.startswith(ENDED):
            return await grader.see(made)
        return Result(made, outcome, wrong_with(made, outcome))

    def _note(self, seen: Result) -> None:
        self._outcomes[seen.outcome] += 1
        if seen.wrong:
            self._wrong += 1
            print(f"WRONG  {seen.case}: {seen.outcome}: {seen.wrong}", flush=True)
        if self._always:
            print(f"{seen.case}: {seen.outcome}")
        if self._keep is not None and (seen.wrong or self._always):
            target = self._keep / f"{seen.case.kind}-{seen.case.number}"
            target.mkdir(parents=True, exist_ok=True)
            shutil.move(seen.case.path, target / seen.case.path.name)
        done = self._outcomes.total()
        if done % REPORT_EVERY == 0:
            seconds = time.monotonic() - self._begun
            print(f"{seen.case.kind}: {done} of {len(self._numbers)}, {seconds:.0f} s", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
