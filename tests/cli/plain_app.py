"""`mockexam` with a bank of its own and a grader that answers at once: `python plain_app.py WORDS`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

import mockexam.grading.client  # noqa: E402  # the path comes first
from mockexam.entry import run  # noqa: E402
from tests.golden.sitter import QuickGrader  # noqa: E402

if __name__ == "__main__":
    if sys.stdin.isatty():  # a session of its own takes the first terminal that it opens, so that Ctrl+C arrives
        os.close(os.open(os.ttyname(0), os.O_RDWR))
    mockexam.grading.client.Grader = QuickGrader  # type: ignore[assignment,misc]
    sys.exit(run(sys.argv[1:]))
