"""Which models lie below a folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mockexam.batch.discovery import search
from mockexam.errors import UserError


def put(*paths: Path) -> None:
    """Small files at these paths."""
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def names(folder: Path) -> list[str]:
    return [model.relative for model in search(folder).models]


def test_models_of_all_formats_at_any_depth(tmp_path: Path) -> None:
    """Side by side or a folder each; nothing inside a SavedModel, nothing hidden, nothing else."""
    put(tmp_path / "ann" / "mymodel.keras", tmp_path / "bob.H5", tmp_path / "cid" / "week 2" / "m" / "saved_model.pb")
    put(tmp_path / "cid" / "week 2" / "m" / "assets" / "inner.keras", tmp_path / "notes.txt")
    put(tmp_path / ".trash" / "old.keras", tmp_path / "__MACOSX" / "a.keras", tmp_path / "._bob.keras")

    found = search(tmp_path)

    assert [(m.relative, m.format) for m in found.models] == [
        ("ann/mymodel.keras", "keras"),
        ("bob.H5", "h5"),
        ("cid/week 2/m", "saved_model"),
    ]
    assert found.left_out == ()


def test_what_only_looks_like_a_model_is_left_out(tmp_path: Path) -> None:
    """Left out with a reason; a linked file is a model, which the grader refuses."""
    put(tmp_path / "a.keras", tmp_path / "b.weights.h5", tmp_path / "real" / "saved_model.pb")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "c.keras").symlink_to(tmp_path / "a.keras")

    found = search(tmp_path)

    assert [m.relative for m in found.models] == ["a.keras", "c.keras", "real"]
    assert [*map(str, found.left_out)] == [
        "b.weights.h5 has only weights, not a whole model.",
        "link is a link to a folder: put the folder itself there.",
    ]


def test_submissions_without_a_model_are_reported(tmp_path: Path) -> None:
    """Each folder and archive beside the others: an empty one is a student's, too."""
    put(tmp_path / "ann" / "deep" / "m.keras", tmp_path / "pete" / "model.pkl", tmp_path / "zoe" / "in" / "m.zip")
    put(tmp_path / "dan.zip", tmp_path / "notes.txt", tmp_path / "will" / "m.weights.h5", tmp_path / ".git" / "x")
    (tmp_path / "eva").mkdir()

    assert [*map(str, search(tmp_path).left_out)] == [
        "will/m.weights.h5 has only weights, not a whole model.",
        "dan.zip is an archive: unpack it.",
        "eva has no saved model.",
        "pete has no saved model.",
        "zoe has no saved model, only an archive: unpack it.",
    ]


def test_in_a_workspace_the_received_names_count(tmp_path: Path) -> None:
    """A checkpoint or an experiment beside the submission is none."""
    room = tmp_path / "ann"
    put(room / "1-simple" / "mymodel.keras", room / "1-simple" / "try3.keras", room / "1-simple" / "data" / "a.h5")
    put(tmp_path / "other" / "try3.keras")
    (room / ".mockexam.json").write_text(json.dumps({"version": 1}))
    put(tmp_path / "bob" / "1-simple" / "best.keras", tmp_path / "bob" / ".mockexam.json")

    assert names(tmp_path) == ["ann/1-simple/mymodel.keras", "other/try3.keras"]
    left_out = [*map(str, search(tmp_path).left_out)]
    assert left_out == ["bob has models, but none is named mymodel, mymodel.h5, mymodel.keras."]


def test_nothing_found(tmp_path: Path) -> None:
    """The submissions may still be packed."""
    with pytest.raises(UserError, match="no saved model") as plain:
        search(tmp_path)
    put(tmp_path / "ann.zip", tmp_path / "b.weights.h5")
    with pytest.raises(UserError, match="only weights") as packed:
        search(tmp_path)

    assert "Unpack" not in plain.value.hint
    assert "Unpack" in packed.value.hint
