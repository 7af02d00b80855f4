"""The Python that runs a candidate's scripts, and how an editor and a terminal get to know it."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from mockexam.files import write_atomic

PYTHON_VARIABLE = "MOCKEXAM_PYTHON"
"""The environment variable that names a Python for the scripts, if it is not the app's own."""
_VSCODE = ".vscode"
_LACKS_TENSORFLOW = re.compile(r"ModuleNotFoundError: No module named '(?:tensorflow|keras|numpy)[.']")
"""The stubs need these, and TensorFlow brings them all."""


def script_python(environment: Mapping[str, str] | None = None) -> str:
    """The Python for the scripts: absolute where it is found, else what the environment variable says."""
    named = (os.environ if environment is None else environment).get(PYTHON_VARIABLE) or sys.executable
    found = shutil.which(named)
    return os.path.abspath(found) if found else named  # not resolved: a virtual environment is known by its link


def run_commands(folder: Path, script: str) -> tuple[str, str]:
    """The two commands that run a script of a question's folder in a terminal, quoted for its shell."""
    return f"cd {shell_word(str(folder))}", f"{shell_word(script_python())} {script}"


def missing_tensorflow(last_line: str, python: str) -> str:
    """What to do if a script ended so because its Python has no TensorFlow, else empty.

    `python` is the one that ran it; empty if that is not known.
    """
    if not _LACKS_TENSORFLOW.match(last_line):
        return ""
    if python == script_python({}):
        return f"TensorFlow is missing from mockexam's own Python, {python}. Install mockexam again."
    start = f"Leave the app and open it with {PYTHON_VARIABLE} unset, or set to {script_python({})}."
    return f"{python or 'This Python'} has no TensorFlow. {start}"


_NO_KERAS = re.compile(
    r"ImportError: Keras cannot be imported|ModuleNotFoundError: No module named '(?:tf_keras|torch|jax|openvino)['.]"
)


def keras_variables(environment: Mapping[str, str] | None = None) -> list[tuple[str, str]]:
    """Variables that give scripts another Keras than the grader's, each with what it does."""
    values = os.environ if environment is None else environment
    found = []
    if values.get("TF_USE_LEGACY_KERAS", "").strip().lower() in ("1", "true"):
        name = f"TF_USE_LEGACY_KERAS={values['TF_USE_LEGACY_KERAS']}"
        found.append((name, "your scripts use the old Keras 2 and need tf-keras"))
    if (backend := values.get("KERAS_BACKEND", "").strip()) not in ("", "tensorflow"):
        found.append((f"KERAS_BACKEND={backend}", f"your scripts use Keras on {backend}, which must be installed"))
    return found


def unset(variable: str) -> str:
    """What to do about a `name=value`: a sentence for one who leaves and opens the app."""
    return f"Leave the app and open it with {variable.partition('=')[0]} unset."


def keras_variable_cause(last_line: str) -> str:
    """What to do if a script ended so because a variable gave it another Keras, else empty."""
    found = keras_variables() if _NO_KERAS.match(last_line) else []
    return f"{found[0][0]} is set: {found[0][1]}. {unset(found[0][0])}" if found else ""


def put_editor_settings(folder: Path, *, above_questions: bool = False) -> None:
    """Name the interpreter to VS Code and its kin when they open this folder. What is there is left alone.

    With `above_questions` a script also runs in its own folder, not in the one that is open. Raises OSError.
    """
    place = folder / _VSCODE
    settings = place / "settings.json"
    if os.path.lexists(settings) or (os.path.lexists(place) and (place.is_symlink() or not place.is_dir())):
        return
    values: dict[str, str | bool] = {"python.defaultInterpreterPath": script_python()}
    if above_questions:
        values["python.terminal.executeInFileDir"] = True
    place.mkdir(exist_ok=True)
    write_atomic(settings, json.dumps(values, indent=4) + "\n")


def shell_word(word: str) -> str:
    """A word of a command, quoted if the system's shell needs that."""
    return subprocess.list2cmdline([word]) if sys.platform == "win32" else shlex.quote(word)
