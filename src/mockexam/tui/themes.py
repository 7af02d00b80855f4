"""The two looks of the app. Colour only ever repeats what a word or a sign says too."""

from __future__ import annotations

from textual.theme import Theme

DARK = Theme(
    name="mockexam-dark",
    dark=True,
    primary="#f0a04b",
    secondary="#7fb4e6",
    accent="#f0a04b",
    foreground="#d9dee6",
    background="#12161d",
    surface="#181d26",
    panel="#222a36",
    success="#86cf92",
    warning="#ecc35c",
    error="#f2777a",
    variables={
        "muted": "#8d97a6",
        "rule": "#3b4657",
        "footer-key-foreground": "#f0a04b",
        "input-selection-background": "#f0a04b 35%",
    },
)

LIGHT = Theme(
    name="mockexam-light",
    dark=False,
    primary="#a34a00",
    secondary="#1f5f9e",
    accent="#a34a00",
    foreground="#20252c",
    background="#faf8f4",
    surface="#f1eee7",
    panel="#e4dfd4",
    success="#1d6f34",
    warning="#7f5800",
    error="#b3261e",
    variables={
        "muted": "#636a73",
        "rule": "#c3bbab",
        "footer-key-foreground": "#a34a00",
        "input-selection-background": "#a34a00 25%",
    },
)
