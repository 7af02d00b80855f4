"""Trials on other ground than this checkout's environment: the wheel's ranges at both ends, and an ordinary user."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from devtools.environment import ROOT, Environment
from devtools.told import TellError, tell

TEST_TOOLS = ("hypothesis", "jsonschema", "pytest>=9", "pytest-asyncio", "pytest-timeout", "pytest-xdist")
EXTRAS = ("--extra", "serve", "--extra", "study")
CORE = ("store", "tui/test_home.py", "tui/test_launch.py", "review/test_review_json.py")
"""Tests of the record, the app and the review's JSON; `mockexam doctor` trains and grades a model."""
USER = 61234
"""An id that Debian, Fedora and systemd give to no user; it needs no entry in /etc/passwd, as in a container."""
LEFT_OUT = (".git", ".venv", ".venv.lock", "build", "dist", "__pycache__", ".*_cache", ".hypothesis")


def ranges(arguments: Sequence[str]) -> int:
    """Install the wheel with the oldest and with the newest versions that it allows; the core must work with both."""
    ends = {"oldest": "lowest-direct", "newest": "highest"}
    if unknown := set(arguments) - ends.keys():
        raise TellError(f"`ranges` takes {' or '.join(ends)}, not {unknown.pop()!r}.")
    python = Environment().ready()
    failed = []
    with _folder("ranges", ROOT / "build") as folder:
        build = [python, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT]
        if subprocess.call(build, stdout=subprocess.DEVNULL):
            return 1
        (wheel,) = folder.glob("*.whl")
        for end in arguments or ends:
            tell(f"the wheel with the {end} versions that it allows")
            if not _works(python, wheel, folder / end, ends[end]):
                failed.append(end)
            shutil.rmtree(folder / end, ignore_errors=True)
    tell(f"failed: {', '.join(failed)}" if failed else "the wheel's ranges hold")
    return 1 if failed else 0


def _works(maker: Path, wheel: Path, folder: Path, resolution: str) -> bool:
    """Whether the wheel can be installed so, trains and grades a model, and passes the core's tests."""
    subprocess.run([maker, "-m", "venv", folder], check=True)
    python, command = folder / "bin" / "python", folder / "bin" / "mockexam"
    clean = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    clean |= {"MOCKEXAM_HOME": str(folder / "home"), "UV_PYTHON": str(python)}
    versions, built = folder / "versions.txt", ["--quiet", "--only-binary", ":all:"]
    resolve = ["compile", *built, "--resolution", resolution, *EXTRAS, "pyproject.toml", "--output-file", versions]
    uv = [python, "-m", "uv", "pip"]
    # Not the checkout's `src`: what was installed is tried.
    pytest = [python, "-m", "pytest", "-q", "-o", "pythonpath=. tools", "--override-ini=filterwarnings=default"]
    steps: tuple[Sequence[str | Path], ...] = (
        [python, "-m", "pip", "install", "--quiet", "uv"],
        [*uv, *resolve],
        [*uv, "install", *built, "--constraint", versions, f"{wheel}[serve,study]"],
        [*uv, "install", *built, *TEST_TOOLS],
        [*uv, "list", "--quiet"],
        [command, "--version"],
        [command, "doctor", "--workspace", folder / "work"],
        [*pytest, *(f"tests/{name}" for name in CORE)],
    )
    return all(subprocess.call(step, cwd=ROOT, env=clean) == 0 for step in steps)


def as_user(arguments: Sequence[str]) -> int:
    """Run the README's two commands in a fresh copy of this checkout, as a user without any privileges."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        tell("you are an ordinary user: that run is `tools/dev.py test`")
        return subprocess.call([Environment().ready(), "-m", "pytest", *arguments], cwd=ROOT)
    python = _everyones_python()
    if python is None:
        tell("skipped: no Python 3.11 to 3.13 here that an ordinary user may start (such as /usr/bin/python3)")
        return 0
    with _folder("user", Path(tempfile.gettempdir())) as folder:
        copy = folder / "mockexam"
        (folder / "tmp").mkdir()
        shutil.copytree(ROOT, copy, symlinks=True, ignore=shutil.ignore_patterns(*LEFT_OUT))
        for path in (folder, *folder.rglob("*")):
            os.chown(path, USER, USER, follow_symlinks=False)
        tell(f"as user {USER}, with {python}, in {copy}")
        for words in (["exam", "--version"], ["test", *arguments]):
            if code := _call_as_user([python, "tools/dev.py", *words], copy, _surroundings(folder)):
                return code
    return 0


def _call_as_user(command: Sequence[str], folder: Path, surroundings: Mapping[str, str]) -> int:
    return subprocess.call(command, cwd=folder, env=surroundings, user=USER, group=USER, extra_groups=[], umask=0o022)


def _surroundings(home: Path) -> dict[str, str]:
    """What a user's login sets; how packages are fetched is taken along."""
    taken = ("PIP_", "LANG", "LC_", "HTTP", "http", "NO_PROXY", "no_proxy")
    passed = {name: value for name, value in os.environ.items() if name.startswith(taken)}
    user = {"HOME": str(home), "USER": "candidate", "LOGNAME": "candidate", "SHELL": "/bin/sh", "TERM": "xterm"}
    return {**passed, **user, "TMPDIR": str(home / "tmp"), "PATH": "/usr/local/bin:/usr/bin:/bin"}


def _everyones_python() -> str | None:
    """A Python that fits and that everybody may start: it may not lie in root's home."""
    probe = "import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))"
    names = ["python3", *(f"python3.{minor}" for minor in (13, 12, 11))]
    found = [shutil.which(name, path=_surroundings(Path("/"))["PATH"]) for name in names]
    for python in dict.fromkeys([sys.executable, *filter(None, found)]):
        try:
            if _call_as_user([python, "-c", probe], Path("/"), {}) == 0:
                return python
        except OSError:
            continue
    return None


@contextmanager
def _folder(name: str, parent: Path) -> Iterator[Path]:
    """A new folder of some gigabytes, removed at the end with whatever lies in it."""
    parent.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f"mockexam-{name}-", dir=parent))
    try:
        yield folder
    finally:
        for path in folder.rglob("*"):
            if path.is_dir() and not path.is_symlink():
                path.chmod(stat.S_IRWXU)
        shutil.rmtree(folder, ignore_errors=True)
