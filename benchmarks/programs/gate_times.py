"""Times the gate, each time in a fork that has seen no model, as grading does.

JSON lines of [path, format, runs] in, the seconds of each run out.
"""

import json
import os
import sys
import tempfile
import time

_answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)

from mockexam.grading.predictor.gate.check import check  # noqa: E402
from mockexam.grading.predictor.zygote import import_libraries  # noqa: E402  # what each fork finds imported


def in_fork(path: str, kind: str) -> float:
    """Seconds that the gate took; refuses nothing silently: a refusal ends the program."""
    ours, theirs = os.pipe()
    pid = os.fork()
    if pid == 0:
        with tempfile.TemporaryDirectory() as scratch:
            begun = time.perf_counter()
            check(path, kind, scratch)
            os.write(theirs, repr(time.perf_counter() - begun).encode())
        os._exit(0)
    os.close(theirs)
    with os.fdopen(ours, "rb") as reader:
        reported = reader.read()
    os.waitpid(pid, 0)
    return float(reported)


if __name__ == "__main__":
    import_libraries()
    for line in sys.stdin:
        given_path, given_kind, runs = json.loads(line)
        _answers.write(json.dumps([in_fork(given_path, given_kind) for _ in range(runs)]) + "\n")
        _answers.flush()
