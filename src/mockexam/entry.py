"""The `mockexam` command: from the command line to an exit code, with every error reported in plain words."""

from __future__ import annotations

import codecs
import os
import sys
from collections.abc import Callable
from functools import partial

from mockexam.errors import UserError

INTERRUPTED = 130
_SIMILAR = {
    "…": "...", "–": "-", "−": "-", "—": "-", "─": "-", "━": "-", "┄": "-", "×": "x", "’": "'", "“": "'", "”": "'",
    "✓": "+", "✗": "x", "●": "*", "○": "o", "│": "|", "└": "`", "→": "->", "←": "<-", "≥": ">=", "≤": "<=", "±": "+-",
}  # fmt: skip
"""What stands for a character that a console or a pipe can't take."""
_COMPLETION = "_MOCKEXAM_COMPLETE"
"""Set by a shell that asks for completions."""


def main() -> None:
    """Run the command line of this process; exits with 0, 1 (a reported error), 2 (usage), 3 (grader fault) or 130."""
    _take_any_character()
    sys.exit(run(sys.argv[1:]))


def _take_any_character() -> None:
    """No character ends a command: a stream that lacks one, as Windows' code pages do, gets a similar one."""
    codecs.register_error("mockexam.similar", _similar)
    for stream in (sys.stdout, sys.stderr):
        encoding = getattr(stream, "encoding", None) or "utf-8"
        if codecs.lookup(encoding).name != "utf-8" and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="mockexam.similar")


def _similar(error: UnicodeError) -> tuple[str, int]:
    """A handler of encoding errors. A character without a similar one is escaped as JSON does, which loses nothing."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(_SIMILAR.get(character) or _escaped(character) for character in lacking), error.end


def _escaped(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def run(arguments: list[str]) -> int:
    """Run a command line and return its exit code."""
    try:
        quick = None if _COMPLETION in os.environ else _QUICK.get(tuple(arguments))
        if quick is not None:
            return quick()
        from mockexam.cli.main import invoke

        return invoke(arguments)
    except UserError as error:
        _report(f"mockexam: {error}")
        return error.exit_code
    except KeyboardInterrupt:
        _report("mockexam: interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output is gone; writing the rest at exit would raise again.
        sys.stdout = None
        return 1
    except Exception as error:  # noqa: BLE001  # the last line of defence: no traceback for a candidate
        _report(_crash_text(error))
        return 1


def _crash_text(error: BaseException) -> str:
    """Log an unexpected error; returns what to report instead of a traceback."""
    import time
    import traceback

    from mockexam import __version__, paths

    what = f"mockexam: internal error in mockexam {__version__}: {type(error).__name__}: {error}"
    try:
        folder = paths.state_paths().logs
        folder.mkdir(parents=True, exist_ok=True)
        log = folder / f"crash-{time.strftime('%Y%m%d-%H%M%S')}.log"
        log.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
    except OSError:
        return f"{what}\n  what to do: nothing received is lost; start mockexam again."
    return f"{what}\n  where: {log}\n  what to do: nothing received is lost; start mockexam again, and report the log."


def _app() -> int:
    from mockexam.tui.launch import run_app

    return run_app()


def _status(*, as_json: bool = False) -> int:
    from mockexam.cli.fast_path import status_text

    sys.stdout.write(status_text(as_json=as_json) + "\n")
    sys.stdout.flush()
    return 0


# These are called often or must start quickly, so they do without the command-line library, which takes as long to load
# as they run. `mockexam.cli` has the same commands with their help, and takes every other spelling.
_QUICK: dict[tuple[str, ...], Callable[[], int]] = {
    (): _app,
    ("status",): _status,
    ("status", "--json"): partial(_status, as_json=True),
}


def _report(text: str) -> None:
    sys.stderr.write(text + "\n")
