"""Checks a model file against allow-lists before it is loaded. Runs in the sandbox: it parses untrusted bytes."""

from __future__ import annotations

_MAX_TEXT = 120


class GateRefusal(Exception):  # noqa: N818  # it is a verdict on the model, no error of the gate
    """A model that must not be loaded. The examiner has the words for `reason`."""

    def __init__(self, reason: str, found: str = "", where: str = "") -> None:
        """`reason` is a code; `found` is what was found (a class, an operation, a name), and `where` in the file."""
        super().__init__(f"{reason}: {found} {where}".strip())
        self.reason = reason
        self.found = _line(found)
        self.where = _line(where)

    def fields(self) -> dict[str, str]:
        return {"reason": self.reason, "found": self.found, "where": self.where}


class OtherKerasError(Exception):
    """The model passes, but it is for the predictor with the other Keras."""


def keras_of(saved_with: str) -> int:
    """The major version of the Keras that loads a file: 2 for a file of Keras 1 or 2, otherwise 3."""
    return 2 if saved_with.startswith(("Keras 1.", "Keras 2.")) else 3


def _line(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text[:_MAX_TEXT])
