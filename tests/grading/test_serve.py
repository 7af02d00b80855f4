"""The examiner's own files."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from mockexam.grading.examiner.serve import remove_stale


def test_what_a_killed_examiner_left_is_removed(tmp_path: Path) -> None:
    """Its folder goes when its process has; a living one's stays, and so does what is none of ours."""
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        pass
    for name, pid in (("marker-dead", gone.pid), ("marker-alive", os.getpid())):
        (tmp_path / name / "jobs").mkdir(parents=True)
        (tmp_path / name / "pid").write_text(str(pid))
    (tmp_path / "other").mkdir()

    remove_stale(tmp_path)

    assert sorted(path.name for path in tmp_path.iterdir()) == ["marker-alive", "other"]
