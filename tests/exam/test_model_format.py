"""What lies under a model's name, by its first bytes or by an archive's members."""

from __future__ import annotations

import io
import pickle
import tarfile

import pytest

from mockexam.exam.model_format import foreign_archive, foreign_file


def _tar() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("mymodel.keras"))
    return buffer.getvalue()


LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"
PAGE = b"\n<!DOCTYPE html>\n<html><head><title>Sign in</title></head></html>"


@pytest.mark.parametrize(
    ("head", "what", "remedy"),
    [
        (LFS, "Git LFS pointer", "git lfs pull"),
        (PAGE, "web page", "Download the file itself"),
        (b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>", "web page", "sign in"),
        (b'{"class_name": "Sequential"}', "without its weights", "model.save("),
        (b"\x1c\0\0\0TFL3" + bytes(50), "TensorFlow Lite", "model.save("),
        (pickle.dumps({"weights": [1.0]}), "pickle", "model.save("),
        (b"\x08\x01\x12\xff", "without its variables", "whole folder"),
        (b"\x08\x08\x12\x07pytorch", "ONNX", "model.save("),
        (b"\x1f\x8b\x08", "packed archive", "Unpack"),
        (_tar(), "packed archive", "Unpack"),
    ],
)
def test_a_file_of_another_kind_is_named(head: bytes, what: str, remedy: str) -> None:
    """With what to do about it."""
    found = foreign_file(head)

    assert found is not None
    assert what in found.what
    assert remedy in found.remedy


@pytest.mark.parametrize("head", [b"", b"\x89HDF\r\n\x1a\n", b"PK\x03\x04", b"no model", bytes(100), b"\x80", b"<"])
def test_what_is_a_model_or_unknown_is_not(head: bytes) -> None:
    """Neither formats of models nor bytes that say nothing."""
    assert foreign_file(head) is None


@pytest.mark.parametrize(
    ("names", "what"),
    [
        (["mymodel.keras", "__MACOSX/._mymodel.keras"], "around mymodel.keras"),
        (["models/mymodel.h5"], "around mymodel.h5"),
        (["mymodel/saved_model.pb", "mymodel/variables/variables.index"], "around a SavedModel"),
        (["mymodel/config.json", "mymodel/model.weights.h5"], "zipped again"),
        (["archive/data.pkl", "archive/version"], "PyTorch"),
        (["\x1b[31m.keras"], "around a model"),
    ],
)
def test_an_archive_of_another_kind_is_named(names: list[str], what: str) -> None:
    """Never by a name that could move a terminal's cursor."""
    found = foreign_archive(names)

    assert found is not None
    assert what in found.what
    assert found.what.isprintable()


def test_an_archive_of_anything_else_is_not() -> None:
    """Nor is a Keras file, whose weights are no model of their own."""
    assert foreign_archive(["notes.txt"]) is None
    assert foreign_archive(["metadata.json", "model.weights.h5"]) is None
