"""Models that travel as bytes."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from mockexam.batch.job import ModelPayload, PayloadEntry, pack, read_content, unpack
from mockexam.workspace.signature import sign


def travelled(model: Path, into: Path) -> Path:
    """A model after its journey."""
    state = sign(model)
    assert state is not None
    into.mkdir()
    return unpack(pickle.loads(pickle.dumps(pack(model, state), protocol=5)), into)


def test_a_folder_arrives_as_it_was(tmp_path: Path) -> None:
    """Files, empty folders and the name; the hash tells."""
    model = tmp_path / "mymodel"
    (model / "variables").mkdir(parents=True)
    (model / "assets").mkdir()
    (model / "saved_model.pb").write_bytes(b"graph")
    (model / "variables" / "variables.index").write_bytes(bytes(range(256)))

    arrived = travelled(model, tmp_path / "there")

    assert arrived == tmp_path / "there" / "mymodel"
    assert (arrived / "assets").is_dir()
    ours, theirs = read_content(model), read_content(arrived)
    assert ours is not None
    assert theirs is not None
    assert ours.sha256 == theirs.sha256 is not None


def test_links_stay_links_and_take_nothing_along(tmp_path: Path) -> None:
    """What they point to is not sent; there they lead nowhere, and are refused as they are here."""
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "m.keras").symlink_to(tmp_path / "secret")

    arrived = travelled(tmp_path / "m.keras", tmp_path / "there")

    assert arrived.is_symlink()
    assert not arrived.exists()


@pytest.mark.parametrize(
    "payload",
    [
        ModelPayload("..", (PayloadEntry("", "file"),)),
        ModelPayload("a/b", (PayloadEntry("", "file"),)),
        ModelPayload("m", (PayloadEntry("", "folder"), PayloadEntry("../out", "file"))),
        ModelPayload("m", (PayloadEntry("", "folder"), PayloadEntry("/tmp/out", "file"))),
    ],
)
def test_a_payload_stays_in_its_folder(tmp_path: Path, payload: ModelPayload) -> None:
    (tmp_path / "in").mkdir()
    with pytest.raises(ValueError, match=r"leads out|not a model"):
        unpack(payload, tmp_path / "in")
    assert not (tmp_path / "out").exists()


def test_no_hash_stands_for_links(tmp_path: Path) -> None:
    """The hash is over regular files: a folder with a link and the same one without are not the same."""
    model = tmp_path / "m"
    model.mkdir()
    (model / "saved_model.pb").write_bytes(b"graph")
    before = read_content(model)
    (model / "extra").symlink_to("/etc/passwd")
    after = read_content(model)

    assert before is not None
    assert before.sha256
    assert after is not None
    assert after.sha256 is None
    assert read_content(tmp_path / "gone") is None
