"""What comes back from another machine: any name and wrapping that people drop, and none of what attackers do."""

from __future__ import annotations

import shutil
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from mockexam.errors import UserError
from mockexam.workspace import returned_model
from mockexam.workspace.completeness import completeness_of
from mockexam.workspace.layout import model_format
from mockexam.workspace.receive import hash_of
from mockexam.workspace.returned_model import find_model, take_model
from mockexam.workspace.signature import sign


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A question's folder."""
    made = tmp_path / "q1_simple_model"
    made.mkdir()
    return made


def packed(path: Path, members: dict[str, Path | bytes]) -> Path:
    """A zip of these files, by their names in it; a folder is packed whole."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            if isinstance(content, bytes):
                archive.writestr(name, content)
            elif content.is_dir():
                for below in sorted(content.rglob("*")):
                    archive.write(below, f"{name}{below.relative_to(content).as_posix()}")
            else:
                archive.write(content, name)
    return path


Wrap = Callable[[Path, Path], Path]

WRAPPINGS: dict[str, tuple[str, Wrap]] = {
    "mymodel (1).keras": ("mymodel.keras", lambda s, t: Path(shutil.copy(s / "mymodel.keras", t))),
    "Mymodel.H5": ("mymodel.h5", lambda s, t: Path(shutil.copy(s / "mymodel.h5", t))),
    "weights.hdf5": ("mymodel.h5", lambda s, t: Path(shutil.copy(s / "mymodel.h5", t))),
    "a wrong ending.keras": ("mymodel.h5", lambda s, t: Path(shutil.copy(s / "mymodel.h5", t))),
    "renamed by the browser.zip": ("mymodel.keras", lambda s, t: Path(shutil.copy(s / "mymodel.keras", t))),
    "mymodel.keras.zip": (
        "mymodel.keras",
        lambda s, t: packed(
            t, {"mymodel.keras": s / "mymodel.keras", "__MACOSX/._mymodel.keras": b"x", ".DS_Store": b"x"}
        ),
    ),
    "h5 in a folder.zip": ("mymodel.h5", lambda s, t: packed(t, {"a/b/best.h5": s / "mymodel.h5", "a/log.txt": b"x"})),
    "with a folder.zip": ("mymodel", lambda s, t: packed(t, {"mymodel/": s / "mymodel", "__MACOSX/x/._y": b""})),
    "without one.zip": ("mymodel", lambda s, t: packed(t, {"": s / "mymodel", "notes.txt": b"x"})),
    "deep.zip": ("mymodel", lambda s, t: packed(t, {"content/out/mymodel/": s / "mymodel"})),
    "windows.zip": (
        "mymodel",
        lambda s, t: packed(
            t,
            {f"mymodel\\{p.relative_to(s / 'mymodel')}".replace("/", "\\"): p
             for p in (s / "mymodel").rglob("*") if p.is_file()},
        ),
    ),
    "exported": ("mymodel", lambda s, t: Path(shutil.copytree(s / "mymodel", t))),
    "one level deeper": ("mymodel", lambda s, t: Path(shutil.copytree(s / "mymodel", t / "mymodel")).parent),
}  # fmt: skip


@pytest.mark.parametrize("name", WRAPPINGS)
def test_it_is_taken_as_people_drop_it(name: str, samples: Path, tmp_path: Path, folder: Path) -> None:
    """The very bytes, whole, under the name that is received; the original stays, and nothing else comes."""
    right, wrap = WRAPPINGS[name]
    dropped = wrap(samples, tmp_path / name)

    found = find_model(dropped)
    take_model(found, folder)

    assert found.name == right
    assert [path.name for path in folder.iterdir()] == [right]
    assert hash_of(folder / right) == hash_of(samples / right)
    form, signature = model_format(folder / right), sign(folder / right)
    assert form is not None
    assert signature is not None
    assert completeness_of(folder / right, form, signature, thorough=True).complete
    assert dropped.exists()


def test_what_is_there_is_moved_aside(samples: Path, tmp_path: Path, folder: Path) -> None:
    """A different model of the same name is kept; one of another form is not touched."""
    (folder / "mymodel.keras").write_bytes(b"earlier")
    shutil.copy(samples / "mymodel.h5", folder)
    said: list[str] = []
    other = Path(shutil.copy(samples / "mymodel.keras", tmp_path / "mymodel (2).keras"))

    take_model(find_model(other), folder, tell=said.append)

    assert (folder / "mymodel.keras.bak-1").read_bytes() == b"earlier"
    assert hash_of(folder / "mymodel.h5") == hash_of(samples / "mymodel.h5")
    assert any("mymodel.keras.bak-1" in text for text in said)


def link(archive: zipfile.ZipFile) -> None:
    info = zipfile.ZipInfo("mymodel/variables/variables.index")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    archive.writestr(info, "/etc/passwd")
    archive.writestr("mymodel/saved_model.pb", b"x")


HOSTILE: dict[str, Callable[[zipfile.ZipFile], None]] = {
    "up": lambda a: a.writestr("../mymodel.keras", b"x"),
    "up by a backslash": lambda a: a.writestr("..\\mymodel.keras", b"x"),
    "up inside": lambda a: a.writestr("mymodel/../../x/saved_model.pb", b"x"),
    "absolute": lambda a: a.writestr("/tmp/mymodel.keras", b"x"),
    "drive": lambda a: a.writestr("C:/mymodel.keras", b"x"),
    "link": link,
    "twice": lambda a: [a.writestr(name, b"x") for name in ("a/mymodel.h5", "a\\mymodel.h5")] and None,
    "bomb": lambda a: a.writestr("mymodel.h5", b"\x89HDF\r\n\x1a\n" + bytes(30_000_000), zipfile.ZIP_DEFLATED),
    "unknown compression": lambda a: a.writestr("mymodel.h5", b"x" * 100, zipfile.ZIP_LZMA),
    "many": lambda a: (
        [a.writestr(f"mymodel/variables/{n}", b"") for n in range(2001)] and a.writestr("mymodel/saved_model.pb", b"x")
    ),
    "several": lambda a: [a.writestr(name, b"x") for name in ("a.keras", "b.h5")] and None,
    "none": lambda a: a.writestr("thesis.txt", b"x"),
    "weights": lambda a: a.writestr("mymodel.weights.h5", b"x"),
    "a pack": lambda a: a.writestr("q3_image/data/backbone.keras", b"PK\x03\x04"),
    "no model": lambda a: a.writestr("mymodel.keras", b"<html>"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_zip_leaves_nothing(name: str, tmp_path: Path, folder: Path) -> None:
    """It is refused, and neither the folder nor anything around it has changed."""
    path = tmp_path / "mymodel.zip"
    with zipfile.ZipFile(path, "w") as archive:
        HOSTILE[name](archive)

    with pytest.raises(UserError):
        take_model(find_model(path), folder)

    assert list(folder.iterdir()) == []
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([path.name, folder.name])


def test_only_the_model_is_unpacked(samples: Path, tmp_path: Path, folder: Path) -> None:
    """Of a zip with much else, a script beside the graph too."""
    path = packed(
        tmp_path / "mymodel.zip",
        {"mymodel/": samples / "mymodel", "mymodel/evil.py": b"x", "solution.py": b"x", "brief.md": b"x"},
    )

    take_model(find_model(path), folder)

    assert [p.name for p in folder.iterdir()] == ["mymodel"]
    assert not (folder / "mymodel" / "evil.py").exists()


def test_a_size_that_lies_is_noticed(samples: Path, tmp_path: Path, folder: Path) -> None:
    """The list of members says less than there is, or more."""
    path = packed(tmp_path / "mymodel.zip", {"mymodel.h5": samples / "mymodel.h5"})
    whole = path.read_bytes()
    size = (samples / "mymodel.h5").stat().st_size
    at = whole.rindex(b"PK\x01\x02") + 24
    assert struct.unpack_from("<I", whole, at) == (size,)
    for wrong in (size - 1, size + 1):
        path.write_bytes(whole[:at] + struct.pack("<I", wrong) + whole[at + 4 :])
        with pytest.raises(UserError):
            take_model(find_model(path), folder)
        assert list(folder.iterdir()) == []


def test_a_full_disk_leaves_nothing(
    samples: Path, tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = packed(tmp_path / "mymodel.zip", {"mymodel.h5": samples / "mymodel.h5"})
    monkeypatch.setattr(returned_model, "SPARE_BYTES", 1 << 60)

    with pytest.raises(UserError, match="disk is full"):
        take_model(find_model(path), folder)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04", b"\x89HDF\r\n\x1a\n", b"version https://git-lfs", b"PK\x05\x06"]
)
@pytest.mark.parametrize("name", ["mymodel.keras", "mymodel.h5", "mymodel.zip", "mymodel.txt"])
def test_what_is_no_model_is_refused(content: bytes, name: str, tmp_path: Path, folder: Path) -> None:
    """Cut short, empty, or something else: told, never a crash."""
    (tmp_path / name).write_bytes(content)

    with pytest.raises(UserError):
        take_model(find_model(tmp_path / name), folder)
    assert list(folder.iterdir()) == []
