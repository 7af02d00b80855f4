"""A fault of ours: written to a log, told in two lines, never as a traceback."""

from __future__ import annotations

import time
import traceback

from mockexam import __version__, paths


def tell_crash(error: BaseException) -> str:
    """Log an unexpected error and return what to tell the user."""
    what = f"mockexam: an error inside mockexam {__version__}: {type(error).__name__}: {error}"
    try:
        folder = paths.state().logs
        folder.mkdir(parents=True, exist_ok=True)
        log = folder / f"crash-{time.strftime('%Y%m%d-%H%M%S')}.log"
        log.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
    except OSError:
        return f"{what}\n  what to do: nothing received is lost; start mockexam again."
    return f"{what}\n  where: {log}\n  what to do: nothing received is lost; start mockexam again, and report the log."
