"""`make_train` gives what `write_train` writes: each question's files are read back and compared."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from mockexam import paths
from mockexam.bank.loader import load_bank
from mockexam.bank.rubric import load_rubric
from mockexam.grading.examiner.draws import gives_train, load_maker
from mockexam.grading.examiner.holdout import problem_with

Array = npt.NDArray[Any]
Samples = tuple[Array, Array]
SMALL = {"town_hall_inbox": {"N_TRAIN": 400}}
"""Constants of slow data makers that may be smaller here."""
SMALL_WORLDS = {"repair_cafe": {"per_class": (4, 3, 5, 4)}}


def table(path: Path, delimiter: str = ",") -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def numbers(name: str, labels: int) -> Callable[[Path, Any], Samples]:
    """Reads a table of nothing but numbers whose last columns are the labels."""

    def read(folder: Path, maker: Any) -> Samples:
        rows = np.loadtxt(folder / name, delimiter=",", skiprows=1)
        return rows[:, :-labels], rows[:, -labels:]

    return read


def freezer_alarms(folder: Path, maker: Any) -> Samples:
    rows = table(folder / "alarms.csv")
    codes = [[maker.ROOMS.index(row["room"]), maker.MAKES.index(row["make"])] for row in rows]
    readings = [[float(row[name]) for name in maker.READINGS] for row in rows]
    return np.hstack([readings, codes]), np.array([maker.CAUSES.index(row["cause"]) for row in rows])


def pass_road(folder: Path, maker: Any) -> Samples:
    stations = {s["id"]: s for s in json.loads((folder / "stations.json").read_text(encoding="utf-8"))["stations"]}
    features, labels = [], []
    for row in table(folder / "readings.csv"):
        site, road = stations[row["station"]]["site"], stations[row["station"]]["road"]
        features.append(
            [
                *(float(row[name] or maker.GAP) for name in maker.READINGS),
                site["altitude_m"],
                maker.SKIES.index(row["sky"]),
                maker.EXPOSURES.index(site["exposure"]),
                maker.PAVEMENTS.index(road["pavement"]),
            ]
        )
        labels.append(maker.STATES.index(row["state"]))
    return np.array(features), np.array(labels)


def three_labs(folder: Path, maker: Any) -> Samples:
    """The reports, lab by lab: their order among the labs is not in the files."""
    features, labels = [], []
    for code, rows in enumerate(_lab_rows(folder)):
        for row in rows:
            cells = [str(row[name]).replace(",", ".") if row[name] not in ("", None) else "" for name in maker.READINGS]
            features.append([*(float(cell or maker.GAP) for cell in cells), code])
            labels.append(maker.VINES.index(row["vine"]))
    return np.array(features), np.array(labels)


def _lab_rows(folder: Path) -> Iterator[list[dict[str, Any]]]:
    yield table(folder / "arbor.csv")
    yield table(folder / "bering.csv", ";")
    yield json.loads((folder / "corda.json").read_text(encoding="utf-8"))


def repair_cafe(folder: Path, maker: Any) -> Samples:
    files = sorted(folder.glob("parts/*/*"), key=lambda path: path.stem)
    arrays = [maker.to_array(path.read_bytes()) for path in files]
    return np.stack(arrays), np.array([maker.CLASSES.index(path.parent.name) for path in files])


def town_hall_inbox(folder: Path, maker: Any) -> Samples:
    records = json.loads((folder / "messages.json").read_text(encoding="utf-8"))
    return np.array([r["text"] for r in records]), np.array([maker.DESKS.index(r["desk"]) for r in records])


READERS: dict[str, Callable[[Path, Any], Samples]] = {
    "basil_trays": numbers("trays.csv", 1),
    "ballast_car": numbers("rides.csv", 1),
    "celadon_kiln": numbers("firings.csv", 1),
    "grain_dryer": numbers("batches.csv", 2),
    "seed_vault": numbers("shots.csv", 1),
    "freezer_alarms": freezer_alarms,
    "pass_road": pass_road,
    "three_labs": three_labs,
    "repair_cafe": repair_cafe,
    "town_hall_inbox": town_hall_inbox,
}
"""By question: reads the candidate's files into features and labels, in their order."""
WINDOWS = {"tidal_quay"}
"""Questions whose training samples are cut out of one record; each has a test of its own."""
QUESTIONS = load_bank().questions


def drawn(identifier: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, Array, Array]:
    """The data maker, and its training samples, after it has written its files."""
    maker: Any = load_maker(QUESTIONS[identifier].folder)
    name = identifier.rpartition("/")[2]
    for constant, value in SMALL.get(name, {}).items():
        monkeypatch.setattr(maker, constant, value)
    world = replace(maker.make_world(np.random.default_rng(1)), **SMALL_WORLDS.get(name, {}))
    maker.write_train(world, np.random.default_rng(2), folder, lambda _: None)
    features, labels = maker.make_train(world, np.random.default_rng(2))
    metric = load_rubric(paths.scoring_dir(), identifier).metric
    assert problem_with(QUESTIONS[identifier].contract, metric, features, labels) == ""
    return maker, features, labels


@pytest.mark.parametrize("identifier", [q for q in QUESTIONS if q.rpartition("/")[2] in READERS])
def test_training_samples_are_those_in_the_files(
    identifier: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every value of every sample, in the form that the marker feeds."""
    maker, features, labels = drawn(identifier, tmp_path, monkeypatch)

    written, told = READERS[identifier.rpartition("/")[2]](tmp_path, maker)

    if identifier.endswith("/three_labs"):
        order = np.argsort(features[:, -1], kind="stable")
        features, labels = features[order], labels[order]
    np.testing.assert_array_equal(features, written.astype(features.dtype))
    np.testing.assert_array_equal(labels, told.astype(labels.dtype).reshape(labels.shape))


def test_windows_of_the_quay_lie_in_its_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of them, with what came next; none reaches over a gap, and they are spread over all three years."""
    maker, features, labels = drawn("time_series/tidal_quay", tmp_path, monkeypatch)
    record = np.genfromtxt(tmp_path / "quay.csv", delimiter=",", skip_header=1, usecols=(1, 2)).astype(np.float32)
    length = maker.HOURS_IN + maker.HOURS_OUT
    found = {record[s : s + maker.HOURS_IN].tobytes(): s for s in range(len(record) - length + 1)}

    starts = [found[window.tobytes()] for window in features]

    assert np.isnan(record[:, 0]).any()
    assert not np.isnan(features).any()
    assert starts == sorted(set(starts))
    assert starts[0] < 100
    assert starts[-1] > len(record) - length - 100
    for start, label in zip(starts, labels, strict=True):
        np.testing.assert_array_equal(label, record[start + maker.HOURS_IN : start + length, 0])


def test_every_question_of_ours_gives_its_training_samples() -> None:
    """And each is compared with its files above."""
    without = [q for q in QUESTIONS if not gives_train(load_maker(QUESTIONS[q].folder))]

    assert without == []
    assert [q for q in QUESTIONS if q.rpartition("/")[2] not in READERS.keys() | WINDOWS] == []
