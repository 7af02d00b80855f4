"""The names that are submitted, and what other model files are told."""

from __future__ import annotations

from dataclasses import dataclass

from mockexam.exam.events import ModelFormat
from mockexam.exam.model_format import FORMATS, format_of_file

CANDIDATES: dict[str, ModelFormat] = {spec.name: spec.id for spec in FORMATS.values()}
"""What is received from a question's folder, by exact name."""

SAVE = "save the model with model.save('mymodel.keras')"


@dataclass(frozen=True, slots=True)
class Found:
    """A name in a watched folder, and what kind of thing it is."""

    name: str
    is_folder: bool
    is_saved_model: bool = False
    """For a folder: whether it holds a `saved_model.pb`."""


def hint_for(found: Found) -> str | None:
    """What to tell about a model-like thing in a question's folder that is not received; None if it is none."""
    name, lower = found.name, found.name.lower()
    if name in CANDIDATES:
        return None
    if lower in CANDIDATES and (found.is_saved_model or not found.is_folder):
        return f"{name} is not received: only the exact name {lower} is; rename it."
    if found.is_folder:
        copied = f"is left alone; to submit it, copy it to {FORMATS['saved_model'].shown}."
        return f"The SavedModel {found.name}/ {copied}" if found.is_saved_model else None
    if lower.endswith((".weights.h5", ".weights.hdf5")):
        return f"{name} holds weights alone, no model; to submit, {SAVE}."
    if lower == "checkpoint" or lower.endswith(".ckpt.index"):
        return f"{name} belongs to a checkpoint, which is left alone; to submit, {SAVE}."
    spec = format_of_file(name)
    return f"{name} is left alone; to submit it, copy it to {spec.name}." if spec else None


def misplaced_hint(found: Found) -> str | None:
    """What to tell about a model in the workspace's top folder, where nothing is received; None if it is none."""
    if found.is_saved_model or (not found.is_folder and format_of_file(found.name)):
        return f"{found.name} lies in the workspace's top folder: move it into its question's folder to submit it."
    return None
