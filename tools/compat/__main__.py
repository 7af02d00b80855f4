"""What TensorFlow's versions save, graded here: `make compat`, and ARGS="--only 2.15,lstm,h5" for a part of it.

Makes an environment for each version (1.8 GB each, once), builds and saves models in it, has that version load them
again and write down what they predict, then gives every file to the examiner of this checkout and compares. Whatever
is there already is not made again, so that a run that was stopped goes on. A whole run writes docs/compat.md.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from importlib.metadata import version as installed
from multiprocessing import get_context
from pathlib import Path

import platformdirs

from compat import fixtures, table
from compat.cells import FORMATS, Cell, architecture_names, cells
from compat.environments import MARK, VERSIONS, NoBuildError, Version, is_made_from, made_from, ready, surroundings
from compat.grading import Graded
from compat.judging import begin, judge
from devtools.told import Counter, TellError, tell

ROOT = Path(__file__).resolve().parents[2]
GENERATE = Path(__file__).parent / "generate.py"
DOCUMENT = ROOT / "docs" / "compat.md"
STEPS = ("build", "reload")
MOST_CRASHES = 30
"""How often a version's process is started again after it died on a model."""


def main(arguments: Sequence[str]) -> int:
    """Run; returns 1 if a file that should be graded is not."""
    given = _arguments(arguments)
    home: Path = given.home
    if given.fixtures:
        return fixtures.write(home / "files", ROOT)
    missing: dict[str, str] = {}
    home.mkdir(parents=True, exist_ok=True)
    for version in given.versions:  # one at a time: each takes the disk and the network for itself
        try:
            ready(version, home)
        except NoBuildError as error:
            missing[version.name] = str(error)
            tell(f"{version.name}: not tried, {error}")
    tried = [version for version in given.versions if version.name not in missing]
    with ThreadPoolExecutor(given.jobs) as pool:
        for done in as_completed([pool.submit(_generate, version, home, given) for version in tried]):
            done.result()
    names = [version.name for version in tried]
    results = _grade([*cells(home / "files", names, given.architectures, given.formats)], given.jobs, again=given.again)
    every = [*cells(home / "files", names, given.architectures, given.formats)]
    matrix = table.Matrix(every, results, missing)
    if given.whole and not missing:
        DOCUMENT.write_text(table.document(matrix), encoding="utf-8")
        tell(f"written: {DOCUMENT.relative_to(ROOT)}")
    else:
        print(table.cells_table(matrix))
        print(table.problems(matrix))
        tell("docs/compat.md is written only by a whole run in which every version could be tried")
    print(table.summary(matrix))
    return 1 if matrix.wrong() else 0


def _arguments(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tools/dev.py compat", description=__doc__)
    default = Path(platformdirs.user_cache_dir("mockexam-compat"))
    parser.add_argument("--home", type=Path, default=default, help=f"where it keeps everything ({default})")
    parser.add_argument("--only", default="", help="names of versions, architectures and formats, with commas")
    parser.add_argument("--jobs", type=int, default=1, help="how many versions, then files, at the same time")
    parser.add_argument("--again", action="store_true", help="grade also what this checkout graded before")
    parser.add_argument("--fixtures", action="store_true", help="only copy the small files that the tests grade")
    given = parser.parse_args(arguments)
    given.home = given.home.expanduser().absolute()
    only = [name for name in given.only.split(",") if name]
    architectures, _ = architecture_names()
    names = [version.name for version in VERSIONS]
    if unknown := set(only) - {*names, *architectures, *FORMATS}:
        known = f"versions {', '.join(names)}; architectures {', '.join(architectures)}; formats {', '.join(FORMATS)}"
        parser.error(f"unknown: {', '.join(sorted(unknown))}. There are: {known}.")
    given.versions = [version for version in VERSIONS if version.name in only] or [*VERSIONS]
    given.architectures = [name for name in architectures if name in only] or architectures
    given.formats = [name for name in FORMATS if name in only] or [*FORMATS]
    given.whole = not only
    return given


def _generate(version: Version, home: Path, given: argparse.Namespace) -> None:
    """Have a version build and save what is missing, and load it again in a fresh process."""
    folder = home / "files" / version.name
    if not is_made_from(folder, version):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        (folder / MARK).write_text(made_from(version), encoding="utf-8")
    for step in STEPS:
        command = [str(ready(version, home)), str(GENERATE), step, str(folder)]
        command += ["--architectures", ",".join(given.architectures), "--formats", ",".join(given.formats)]
        for _ in range(MOST_CRASHES):
            tell(f"{version.name}: {'building and saving' if step == 'build' else 'loading again'}")
            with (folder / f"{step}.log").open("ab") as log:
                run = subprocess.run(command, env=surroundings(version), stdout=log, stderr=log, check=False)
            if run.returncode == 0:
                break
            tell(f"{version.name}: its process ended with {run.returncode}; it goes on after the model that it was at")
        else:
            raise TellError(f"{version.name} does not get through: see {folder / f'{step}.log'}.")


def _grade(every: Sequence[Cell], jobs: int, *, again: bool) -> dict[Cell, Graded]:
    """The result of every file that its version could load again; kept beside the file for the next run."""
    due = [cell for cell in every if cell.told()["state"] == "done"]
    checkout = _checkout()
    results: dict[Cell, Graded] = {}
    for cell in due:
        with contextlib.suppress(OSError, ValueError, TypeError):
            kept = json.loads((cell.folder / "graded.json").read_text(encoding="utf-8"))
            if kept.pop("checkout") == checkout and not again:
                results[cell] = Graded(**kept)
    left = [cell for cell in due if cell not in results]
    tell(f"grading {len(left)} files; {len(results)} were graded by this checkout before")
    if not left:
        return results
    counter = Counter(len(left))
    with (
        tempfile.TemporaryDirectory() as folder,
        ProcessPoolExecutor(jobs, get_context("spawn"), initializer=begin, initargs=(folder,)) as pool,
    ):
        tasks = {pool.submit(judge, cell): cell for cell in left}
        for task in as_completed(tasks):
            cell = tasks[task]
            results[cell] = graded = task.result()
            counter.step(f"{cell.label}: {graded.outcome}")
            content = json.dumps({"checkout": checkout, **vars(graded)})
            (cell.folder / "graded.json").write_text(content, encoding="utf-8")
    counter.end()
    return results


def _checkout() -> str:
    """What a result depends on: the grader's source and the packages that it runs with."""
    digest = hashlib.sha256()
    for path in sorted((ROOT / "src" / "mockexam" / "grading").rglob("*.*")):
        if path.suffix != ".pyc" and path.is_file():
            digest.update(path.read_bytes())
    digest.update(" ".join(f"{name} {installed(name)}" for name in ("tensorflow", "keras", "numpy")).encode())
    return digest.hexdigest()


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except TellError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit("\nStopped. Run the command again to go on.")
