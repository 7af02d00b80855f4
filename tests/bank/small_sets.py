"""Small sets in the formats of the published ones, and a copy of the bank whose downloads are these."""

from __future__ import annotations

import gzip
import io
import re
import shutil
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

from mockexam import paths
from mockexam.bank.loader import load_question
from tests.bank.served import Served

FASHION = "learning_dataset/fashion_mnist"
HORSES = "image_classification/horses_humans"
REVIEWS = "text_classification/movie_reviews"
SUNSPOTS = "time_series/monthly_sunspots"
LINE = "simple_model/first_line"
FETCHED = FASHION, HORSES, REVIEWS, SUNSPOTS


def small_sets() -> dict[str, bytes]:
    """The files by name: a few hundred samples each, which something can be learnt from."""
    rng = np.random.default_rng(3)
    files = {}
    for part, count in (("train", 600), ("t10k", 200)):
        labels = rng.integers(0, 10, count).astype(np.uint8)
        pictures = rng.integers(0, 60, (count, 28, 28)).astype(np.uint8)
        pictures[np.arange(count), 2 * labels + 4] += 150  # a bright row that tells the class
        files[f"{part}-images-idx3-ubyte.gz"] = _idx(0x803, pictures)
        files[f"{part}-labels-idx1-ubyte.gz"] = _idx(0x801, labels)
    files["horse-or-human.zip"] = _pictures(rng, 30, outer=True)
    files["validation-horse-or-human.zip"] = _pictures(rng, 12, outer=False)
    files["imdb.npz"] = _reviews(rng)
    months = np.arange(900)
    numbers = 60 - 55 * np.cos(2 * np.pi * months / 132) + rng.uniform(0, 9, len(months))
    rows = [f'"{1749 + m // 12}-{m % 12 + 1:02}",{n:.1f}' for m, n in zip(months, numbers, strict=True)]
    files["monthly-sunspots.csv"] = "\n".join(['"Month","Sunspots"', *rows]).encode()
    return files


def _idx(magic: int, array: np.ndarray) -> bytes:
    return gzip.compress(np.array([magic, *array.shape], ">i4").tobytes() + array.tobytes(), mtime=0)


def _pictures(rng: np.random.Generator, count: int, *, outer: bool) -> bytes:
    """As published, PNG with transparency by folder; one of the published archives repeats its folder."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number in range(count):
            for name, colour in (("horses", (150, 90, 40)), ("humans", (200, 180, 170))):
                pixels = rng.integers(0, 50, (60, 60, 4)).astype(np.uint8) + np.array([*colour, 200], np.uint8)
                picture = io.BytesIO()
                Image.fromarray(pixels, "RGBA").save(picture, "PNG")
                archive.writestr(f"{name}/{name[:-1]}{number:02}-0.png", picture.getvalue())
                if outer:
                    archive.writestr(f"horse-or-human/{name}/{name[:-1]}{number:02}-0.png", picture.getvalue())
    return packed.getvalue()


def _reviews(rng: np.random.Generator) -> bytes:
    """As Keras packs them: lists of ranks of words in arrays of objects."""
    arrays = {}
    for half in ("train", "test"):
        labels = rng.integers(0, 2, 100)
        lists = np.empty(100, object)
        for row, label in enumerate(labels):
            lists[row] = [*map(int, rng.integers(1 + 50 * label, 60 + 50 * label, rng.integers(5, 300))), 30_000]
        arrays |= {f"x_{half}": lists, f"y_{half}": labels}
    packed = io.BytesIO()
    np.savez(packed, **arrays)  # type: ignore[arg-type]  # by name
    return packed.getvalue()


def classics_bank(folder: Path, served: Served, *, whole: bool = False) -> Path:
    """A bank whose classics fetch small sets from the server; with `whole`, all other questions are there too."""
    for part in paths.PACK_FOLDERS:
        source = paths.exams_dir().parent / part
        if whole:
            shutil.copytree(source, folder / part)
            continue
        (folder / part).mkdir(parents=True)
        for name in (*FETCHED, LINE):
            shutil.copytree(source / name, folder / part / name)
        for extra in ("classics.toml", "_handbook"):
            if (source / extra).is_file():
                shutil.copy(source / extra, folder / part)
            elif (source / extra).is_dir():
                shutil.copytree(source / extra, folder / part / extra)
    files = small_sets()
    for name in FETCHED:
        path = folder / "exams" / name / "question.toml"
        text = path.read_text(encoding="utf-8")
        for old in load_question(paths.exams_dir() / name).downloads:
            new = served.download(old.file, files[old.file])
            text = text.replace(old.sha256, new.sha256).replace(f"bytes = {old.bytes}\n", f"bytes = {new.bytes}\n")
            for url in old.urls:
                text = text.replace(f'"{url}"', f'"{new.urls[0]}"')
        path.write_text(re.sub(r"\n{3,}", "\n\n", text), encoding="utf-8")
    return folder
