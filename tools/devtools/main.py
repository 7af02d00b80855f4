"""The subcommands of tools/dev.py."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from devtools.environment import ROOT, VENV, Environment
from devtools.told import TellError, tell
from devtools.trials import as_user, ranges

USAGE = """usage: python3 tools/dev.py COMMAND [ARGUMENT...]

  exam [ARGUMENT...]   open the app, or run `mockexam ARGUMENT...` (prepares everything first)
  test [ARGUMENT...]   run the tests and list the ten slowest; arguments go to pytest
  check                ruff, formatting, types and layering
  slow [ARGUMENT...]   run the tests that take long, then `ranges` and `user`; with arguments the tests alone
  ranges [END]         try the wheel with the oldest and the newest versions that it allows (or one END of them)
  user [ARGUMENT...]   set up and test a copy of this checkout as a user without privileges
  faults [ARGUMENT...] a kill or an error at every call, message and start, over a thousand
  fuzz [ARGUMENT...]   mark tens of thousands of mutations of good models
  bench [ARGUMENT...]  measure speed and memory against baselines
  compat [ARGUMENT...] grade what eight TensorFlow versions save (16 GB, an hour or two), and write docs/compat.md
  lock [ARGUMENT...]   write requirements.lock anew (needs uv); arguments go to `uv pip compile`
  clean                delete the environment and all caches of this checkout
"""

CACHES = (".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis", "dist", "build")


def main(arguments: Sequence[str]) -> int:
    """Run a subcommand; returns its exit code."""
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(USAGE, end="")
        return 0 if arguments else 2
    name, *rest = arguments
    command = COMMANDS.get(name)
    if command is None:
        print(f"tools/dev.py: there is no command {name!r}.\n\n{USAGE}", end="", file=sys.stderr)
        return 2
    try:
        return command(rest)
    except TellError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{error.filename or name}: {error.strerror}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. Run the command again to go on.", file=sys.stderr)
        return 130


def exam(arguments: Sequence[str]) -> int:
    """Open the app in the folder where the command was given."""
    return _become([str(Environment().ready()), "-m", "mockexam", *arguments])


def test(arguments: Sequence[str]) -> int:
    """Run the tests, and list the slowest: what creeps up is seen."""
    return _run_python("-m", "pytest", "--durations=10", *arguments)


def slow(arguments: Sequence[str]) -> int:
    """Run the tests that take long; without arguments also the trials, and name what failed."""
    code = _run_python("-m", "pytest", "-m", "slow", *arguments)
    if arguments:
        return code
    failed = ["tests"] if code else []
    failed += [name for name, trial in (("ranges", ranges), ("user", as_user)) if trial(())]
    if failed:
        tell(f"failed: {', '.join(failed)}")
    return 1 if failed else 0


def faults(arguments: Sequence[str]) -> int:
    """Run the whole form of the tests with faults."""
    return _run_python("-m", "pytest", "-m", "slow", "tests/faults", *arguments)


def fuzz(arguments: Sequence[str]) -> int:
    """Mark mutations."""
    return _run_python("-m", "tests.fuzz", *arguments)


def bench(arguments: Sequence[str]) -> int:
    """Measure."""
    return _run_python("-m", "benchmarks", *arguments)


def compat(arguments: Sequence[str]) -> int:
    """Grade what other versions of TensorFlow save."""
    command = [str(Environment().ready()), "-m", "compat", *arguments]
    return subprocess.call(command, env=os.environ | {"PYTHONPATH": str(ROOT / "tools")})


def check(arguments: Sequence[str]) -> int:
    """Run every check, also after one failed, and name those that failed."""
    if arguments:
        raise TellError("`check` takes no arguments.")
    python = str(Environment().ready())
    checks = {
        "ruff check": ["ruff", "check", "."],
        "ruff format --check": ["ruff", "format", "--check", "."],
        "mypy": ["mypy"],
        # What is written for another system is unreachable there, and meant to be.
        "mypy for macOS": ["mypy", "--platform", "darwin", "--no-warn-unreachable"],
        "mypy for Windows": ["mypy", "--platform", "win32", "--no-warn-unreachable"],
        "layering": ["pytest", "-q", "tests/test_layering.py"],
    }
    failed = [name for name, command in checks.items() if _told_run(name, [python, "-m", *command])]
    if failed:
        tell(f"failed: {', '.join(failed)}")
    return 1 if failed else 0


def lock(arguments: Sequence[str]) -> int:
    """Write requirements.lock from pyproject.toml, with the hash of every file that may be installed."""
    uv = shutil.which("uv")
    if uv is None:
        raise TellError("uv is not installed.", remedy="Install it (for example `pipx install uv`) and run this again.")
    fixed = ["--universal", "--python-version", "3.11", "--all-extras", "--group", "dev", "--generate-hashes"]
    quiet = ["--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links", "--quiet"]
    command = [uv, "pip", "compile", *fixed, *quiet, *arguments, "pyproject.toml", "-o", "requirements.lock"]
    return subprocess.call(command, cwd=ROOT)


def clean(arguments: Sequence[str]) -> int:
    """Delete what can be made again. What a candidate did lies elsewhere and stays."""
    if arguments:
        raise TellError("`clean` takes no arguments.")
    for folder in (VENV, *(ROOT / name for name in CACHES)):
        if folder.is_dir():
            tell(f"deleting {folder.relative_to(ROOT)}/")
            shutil.rmtree(folder)
    for top in ("src", "exams", "scoring", "tests", "tools", "benchmarks"):
        for cache in list((ROOT / top).rglob("__pycache__")):
            shutil.rmtree(cache)
    return 0


def _told_run(name: str, command: Sequence[str]) -> int:
    tell(name)
    return subprocess.call(command, cwd=ROOT)


def _run_python(*arguments: str) -> int:
    return subprocess.call([str(Environment().ready()), *arguments], cwd=ROOT)


def _become(command: Sequence[str]) -> int:
    """Run a command in the place of this process where that can be done: signals and the terminal are its own."""
    if os.name == "posix":
        sys.stdout.flush()
        sys.stderr.flush()
        os.execv(command[0], list(command))  # noqa: S606  # the environment's own Python
    return subprocess.call(command, cwd=Path.cwd())


COMMANDS: Mapping[str, Callable[[Sequence[str]], int]] = {
    "exam": exam,
    "test": test,
    "check": check,
    "slow": slow,
    "ranges": ranges,
    "user": as_user,
    "fuzz": fuzz,
    "faults": faults,
    "bench": bench,
    "compat": compat,
    "lock": lock,
    "clean": clean,
}
