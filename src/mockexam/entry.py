"""The `mockexam` command: from the command line to an exit code, with every error told in plain words."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import partial

from mockexam.errors import ToldError

INTERRUPTED = 130
_COMPLETION = "_MOCKEXAM_COMPLETE"
"""Set by a shell that asks for completions."""


def main() -> None:
    """Run the command line of this process; exits with 0, 1 (a told error), 2 (usage), 3 (grader fault) or 130."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run a command line and return its exit code."""
    try:
        quick = None if _COMPLETION in os.environ else _QUICK.get(tuple(arguments))
        if quick is not None:
            return quick()
        from mockexam.cli import invoke

        return invoke(arguments)
    except ToldError as error:
        _tell(f"mockexam: {error}")
        return error.exit_code
    except KeyboardInterrupt:
        _tell("mockexam: interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has gone; writing the rest at exit would raise once more.
        sys.stdout = None
        return 1
    except Exception as error:  # noqa: BLE001  # the last line of defence: no traceback for a candidate
        from mockexam.commands.crash import tell_crash

        _tell(tell_crash(error))
        return 1


def _app() -> int:
    from mockexam.commands.sit import open_app

    return open_app(None)


def _status(*, as_json: bool = False) -> int:
    from mockexam.commands.status import status

    sys.stdout.write(status(as_json=as_json) + "\n")
    sys.stdout.flush()
    return 0


# What is asked for again and again, or waited for, does without the command-line library, which takes as long to load
# as the answer. `mockexam.cli` has the same commands, with their help and for all other spellings.
_QUICK: dict[tuple[str, ...], Callable[[], int]] = {
    (): _app,
    ("status",): _status,
    ("status", "--json"): partial(_status, as_json=True),
}


def _tell(text: str) -> None:
    sys.stderr.write(text + "\n")
