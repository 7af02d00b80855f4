"""The data makers of the classics, on small sets in the published formats: what is written is what is graded."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mockexam import paths
from mockexam.bank.downloads import data_job, path_of
from mockexam.bank.loader import load_question
from mockexam.bank.models import LOOPBACK_VARIABLE
from mockexam.bank.rubric import load_rubric
from mockexam.grading.examiner.data_module import load_data_module, samples_problem
from mockexam.paths import HOME_VARIABLE
from tests.bank.served import serving
from tests.bank.small_sets import FASHION, FETCHED, HORSES, REVIEWS, SUNSPOTS, classics_bank

Makers = dict[str, Any]


@pytest.fixture(scope="module")
def makers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Makers]:
    """Each data module with its small set in place, as if fetched."""
    root = tmp_path_factory.mktemp("classics")
    with pytest.MonkeyPatch.context() as patch, serving() as served:
        patch.setenv(HOME_VARIABLE, str(root / "home"))
        patch.setenv(LOOPBACK_VARIABLE, "1")
        bank = classics_bank(root, served)
        found = {}
        for name in FETCHED:
            question = load_question(bank / "exams" / name)
            for download in question.downloads:
                path_of(download).parent.mkdir(parents=True, exist_ok=True)
                path_of(download).write_bytes(served.files[f"/{download.file}"])
            found[name] = load_data_module(data_job(question))
        assert served.asked == []
        yield found


def drawn(maker: Any, folder: Path, seed: int = 1) -> tuple[Any, Any, Any]:
    """The world, and the training samples, after the files were written."""
    world = maker.make_world(np.random.default_rng(seed))
    maker.write_train(world, np.random.default_rng(2), folder, lambda _: None)
    return world, *maker.make_train(world, np.random.default_rng(2))


@pytest.mark.parametrize("name", FETCHED)
def test_samples_keep_the_contract_and_vary(name: str, makers: Makers, tmp_path: Path) -> None:
    """With the data seed what is handed out, with the secret seed what is graded; and the two never meet."""
    maker, contract = makers[name], load_question(paths.exams_dir() / name).contract.model_dump()
    metric = load_rubric(paths.scoring_dir(), name).metric
    world, features, labels = drawn(maker, tmp_path)
    one, two = (maker.make_holdout(world, np.random.default_rng(seed)) for seed in (5, 6))

    for samples in ((features, labels), one, two):
        assert samples_problem(contract, metric, *samples) == ""
    assert not np.array_equal(one[0], two[0])
    assert not np.array_equal(features, maker.make_train(maker.make_world(np.random.default_rng(9)), None)[0])
    seen = {sample.tobytes() for sample in features}
    assert not any(sample.tobytes() in seen for sample in one[0])


def test_fashion_files(makers: Makers, tmp_path: Path) -> None:
    """They read like the published ones."""
    _, features, labels = drawn(makers[FASHION], tmp_path)

    pictures = gzip.decompress((tmp_path / "train-images-idx3-ubyte.gz").read_bytes())
    told = gzip.decompress((tmp_path / "train-labels-idx1-ubyte.gz").read_bytes())

    np.testing.assert_array_equal(np.frombuffer(pictures, np.uint8, offset=16).reshape(-1, 28, 28), features)
    np.testing.assert_array_equal(np.frombuffer(told, np.uint8, offset=8), labels)


def test_horse_files(makers: Makers, tmp_path: Path) -> None:
    """Small pictures in the folders of their classes, each once."""
    maker = makers[HORSES]
    _, features, labels = drawn(maker, tmp_path)

    files = sorted(tmp_path.rglob("*.jpg"), key=lambda path: path.stem)

    assert [maker.CLASSES.index(path.parent.name) for path in files] == labels.tolist()
    np.testing.assert_array_equal(np.stack([maker.to_array(path.read_bytes()) for path in files]), features)


def test_review_files(makers: Makers, tmp_path: Path) -> None:
    """Their end, with zeros before a short one, as Keras numbers words."""
    _, features, labels = drawn(makers[REVIEWS], tmp_path)

    with np.load(tmp_path / "reviews.npz") as data:
        np.testing.assert_array_equal(data["x"], features)
        np.testing.assert_array_equal(data["y"], labels)
    short = features[(features == 0).any(axis=1)]
    assert len(short)
    assert all(row[np.flatnonzero(row)[0]] == 1 for row in short)  # the beginning
    assert features.max() < 10_000


def test_a_pickle_of_anything_else_is_refused(makers: Makers) -> None:
    """Only arrays of lists of numbers are rebuilt."""
    import io
    import os
    import pickle

    class Evil:
        def __reduce__(self) -> Any:
            return os.system, ("true",)

    with pytest.raises(pickle.UnpicklingError, match="not allowed"):
        makers[REVIEWS]._Lists(io.BytesIO(pickle.dumps(Evil()))).load()


def test_sunspot_file(makers: Makers, tmp_path: Path) -> None:
    """Windows lie in the record, and what follows is foretold."""
    _, features, labels = drawn(makers[SUNSPOTS], tmp_path)

    record = np.loadtxt(tmp_path / "sunspots.csv", delimiter=",", skiprows=1, usecols=1, dtype=np.float32)

    np.testing.assert_array_equal(features[0, :, 0], record[:132])
    np.testing.assert_array_equal(labels[0], record[132:168])
    np.testing.assert_array_equal(labels[-1], record[-36:])
