"""The `mockexam` command: from the command line to an exit code, with every error told in plain words."""

from __future__ import annotations

import os
import sys

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
        if not arguments and _COMPLETION not in os.environ:
            # The app alone needs no command-line library: its first frame comes sooner without.
            from mockexam.commands.sit import open_app

            return open_app(None)
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


def _tell(text: str) -> None:
    sys.stderr.write(text + "\n")
