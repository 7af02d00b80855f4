"""Progress on standard error: a line that is redrawn on a terminal, a line a step elsewhere."""

from __future__ import annotations

import sys

import click


class ProgressLine:
    """Call it with a fraction from 0 to 1 and what is being done."""

    def __init__(self) -> None:
        self._step = ""
        self._terminal = sys.stderr.isatty()

    def __call__(self, fraction: float, text: str) -> None:
        """Show how far it is."""
        if self._terminal:
            click.echo(f"\r\x1b[K{fraction:4.0%}  {text}", err=True, nl=fraction >= 1)
        elif text != self._step:
            click.echo(f"{fraction:4.0%}  {text}", err=True)
        self._step = text
