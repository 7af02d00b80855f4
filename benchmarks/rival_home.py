"""The environment in which other graders run."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path

from benchmarks.attempt import ROOT

HOUSE = ROOT / ".bench-venv"
PINNED = ROOT / "benchmarks" / "rivals.txt"
_STAMP = "rivals.sha256"


def ready() -> Path:
    """The folder of the programs, installed if need be: TensorFlow comes from this environment through a .pth file.

    Raises subprocess.CalledProcessError if the packages can't be installed.
    """
    wanted = hashlib.sha256(PINNED.read_bytes() + sys.executable.encode()).hexdigest()
    stamp = HOUSE / _STAMP
    if not stamp.is_file() or stamp.read_text(encoding="ascii") != wanted:
        print("installing otter-grader and nbgrader into .bench-venv", file=sys.stderr, flush=True)
        shutil.rmtree(HOUSE, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", str(HOUSE)], check=True)
        pip = [str(HOUSE / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "-r", str(PINNED)], check=True, stderr=subprocess.DEVNULL)
        _share()
        stamp.write_text(wanted, encoding="ascii")
    return HOUSE / "bin"


def _share() -> None:
    """Behind its own packages, theirs before ours."""
    theirs = next((HOUSE / "lib").glob("python*")) / "site-packages"
    (theirs / "shared.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")


def environment(home: Path) -> Mapping[str, str]:
    """Variables for a grader's process: its programs first, its files in a folder of its own."""
    return {
        **os.environ,
        "PATH": f"{HOUSE / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(home),
        "JUPYTER_CONFIG_DIR": str(home / "jupyter"),
        "IPYTHONDIR": str(home / "ipython"),
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "CUDA_VISIBLE_DEVICES": "",
    }
