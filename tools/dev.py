"""One command from a fresh clone to the app, or to its tests: `python3 tools/dev.py exam`.

Needs Python and nothing else. This file must be readable by any Python 3, so that an old one is told what is missing.
"""

import os
import sys


def too_old_or_new():
    """What is wrong with this Python; an empty text if it will do."""
    if (3, 11) <= sys.version_info[:2] <= (3, 13):
        return ""
    found = ["python3.%d" % minor for minor in (13, 12, 11) if on_path("python3.%d" % minor)]  # noqa: UP031
    remedy = "Install Python 3.12 and run it with that."
    if found:
        remedy = "Run instead: %s %s" % (found[0], " ".join(sys.argv))  # noqa: UP031
    return "mockexam needs Python 3.11, 3.12 or 3.13; this is Python %d.%d.\n  what to do: %s" % (  # noqa: UP031
        sys.version_info[0],
        sys.version_info[1],
        remedy,
    )


def on_path(name):
    """Whether a program of this name can be started."""
    folders = os.environ.get("PATH", "").split(os.pathsep)
    return any(os.access(os.path.join(folder, name), os.X_OK) for folder in folders)


if __name__ == "__main__":
    problem = too_old_or_new()
    if problem:
        sys.exit(problem)
    from devtools.main import main

    sys.exit(main(sys.argv[1:]))
