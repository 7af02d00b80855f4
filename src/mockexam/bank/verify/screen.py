"""`python -m mockexam.bank.verify.screen`: tells of each question whether a paper may be drawn with it.

Reads a JSON list of question folders from standard input and writes a JSON object a line: `question`, and `fault`,
empty if there is none. Where data and solutions are as they were verified, the slow look at the data is left out.
"""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from mockexam.bank.handbook import Handbook, load_handbook
from mockexam.bank.loader import load_question
from mockexam.bank.verify.locate import identifier, stale
from mockexam.bank.verify.static import check_question
from mockexam.errors import UserError


def first_fault(folder: Path, handbook: Handbook) -> str:
    """What is wrong with the question in this folder: the first fault on one line, empty if there is none."""
    try:
        proved = not stale(load_question(folder))
    except UserError:
        proved = False  # the check reports it
    for fault in check_question(folder, handbook, data=not proved):
        return f"{fault.what} ({fault.where}) {fault.remedy}".replace("\n", " ")
    return ""


def main() -> None:
    """Check them, two at a time."""
    folders = [Path(folder) for folder in json.load(sys.stdin)]
    handbook = load_handbook()
    with ThreadPoolExecutor(max_workers=2) as pool:
        for folder, fault in zip(folders, pool.map(lambda f: first_fault(f, handbook), folders), strict=True):
            sys.stdout.write(json.dumps({"question": identifier(folder), "fault": fault}) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
