"""What must not need more than Windows or macOS have: every module, and the commands that are given first."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import mockexam
from tests.platforms.conftest import ForeignPython

CODE_PAGE = "cp437"
PACKAGE = Path(mockexam.__file__).parent
MODULES = sorted(
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")
    for path in PACKAGE.rglob("*.py")
    if path.name != "__main__.py"
)
IMPORT_ALL = """
import importlib, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
from mockexam.grading import ipc
assert (ipc.sys.platform == "win32") == (not hasattr(ipc.signal, "SIGKILL"))
"""


def run(foreign: ForeignPython, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        **foreign.environment,
        "MOCKEXAM_HOME": str(home),
        "HOME": str(home),
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    if foreign.system == "windows":
        environment["PYTHONIOENCODING"] = CODE_PAGE
    return subprocess.run(
        [foreign.python, *arguments], env=environment, capture_output=True, check=False, timeout=110,
        encoding=CODE_PAGE if foreign.system == "windows" else "utf-8",
    )  # fmt: skip


def test_every_module_is_imported(foreign: ForeignPython, tmp_path: Path) -> None:
    # The modules of the predictor import TensorFlow when they are called, not before.
    done = run(foreign, tmp_path, "-c", IMPORT_ALL, *MODULES)

    assert done.returncode == 0, done.stderr


COMMANDS = {
    "--version": 0, "status": 0, "status --json": 0, "review list": 0, "doctor --quick": 0, "bank list": 0,
    "bank show simple_model/basil_trays": 0, "retry": 1, "--help": 0,
}  # fmt: skip
"""With their exit codes."""
RUN_ALL = """
import sys
from mockexam import entry
sys.exit = lambda code: sys.stderr.write(f"<{code}>")
for words in sys.argv[1:]:
    sys.argv[1:] = words.split()
    entry.main()
"""
"""One start of Python for all of them; each tells the code that it would end with."""


def test_first_commands(foreign: ForeignPython, tmp_path: Path) -> None:
    """Their output fits into a code page, and nothing crashes."""
    done = run(foreign, tmp_path, "-c", RUN_ALL, *COMMANDS)

    assert done.returncode == 0, done.stderr
    assert re.findall(r"<(\d+)>", done.stderr) == [str(code) for code in COMMANDS.values()], done.stderr
    assert "internal error" not in done.stderr
    assert "�" not in done.stdout


def test_a_process_of_its_own(foreign: ForeignPython, tmp_path: Path) -> None:
    """As it is started by hand, with the code of a reported error."""
    done = run(foreign, tmp_path, "-m", "mockexam", "retry")

    assert done.returncode == 1, done.stderr
    assert "internal error" not in done.stderr
    assert "�" not in done.stdout
