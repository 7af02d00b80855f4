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
from PIL import Image

from mockexam import paths
from mockexam.bank.downloads import data_job
from mockexam.bank.loader import load_bank
from mockexam.bank.rubric import load_rubric
from mockexam.grading.examiner.data_module import has_train_samples, load_data_module, samples_problem

Array = npt.NDArray[Any]
Samples = tuple[Array, Array]
SMALL = {
    "town_hall_inbox": {"N_TRAIN": 400},
    "bat_stations": {"CALLS": 240},
    "hut_relay": {"N_TRAIN": 400},
    "water_taxi": {"N_TRAIN": 400},
    "eye_keyboard": {"TRAIN_LETTERS": 20_000},
    "moth_trap": {"TRAIN_PER_CLASS": 3},
}
"""Constants of slow data makers that may be smaller here."""
SMALL_WORLDS = {
    "repair_cafe": {"per_class": (4, 3, 5, 4)},
    "mason_marks": {"per_class": (4, 3, 5, 4, 2)},
    "sock_mill": {"faulty": 5, "sound": 7},
}


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


def sisters_notebooks(folder: Path, maker: Any) -> Samples:
    pages = np.loadtxt(folder / "pages.csv", delimiter=",", dtype=np.int32)
    samples = [(page[end - 40 : end], page[end:]) for page in pages for end in np.linspace(40, 940, 24).astype(int)]
    return np.array([window for window, _ in samples]), np.array([after[after < 27][0] for _, after in samples])


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


def pictures(album: str) -> Callable[[Path, Any], Samples]:
    """Reads `album/<class>/<picture>`, by the numbers of the pictures."""

    def read(folder: Path, maker: Any) -> Samples:
        files = sorted((folder / album).glob("*/*"), key=lambda path: path.stem)
        arrays = [maker.to_array(path.read_bytes()) for path in files]
        return np.stack(arrays), np.array([maker.CLASSES.index(path.parent.name) for path in files])

    return read


def town_hall_inbox(folder: Path, maker: Any) -> Samples:
    records = json.loads((folder / "messages.json").read_text(encoding="utf-8"))
    return np.array([r["text"] for r in records]), np.array([maker.DESKS.index(r["desk"]) for r in records])


def hut_relay(folder: Path, maker: Any) -> Samples:
    rows = table(folder / "relay.csv")
    return np.array([row["text"] for row in rows]), np.array([int(row["help"]) for row in rows])


def water_taxi(folder: Path, maker: Any) -> Samples:
    """Numbers of words, as the brief has the marker look them up."""
    words = (folder / "vocabulary.txt").read_text(encoding="utf-8").splitlines()
    code = {word: number for number, word in enumerate(words)}
    rows = table(folder / "calls.csv")
    calls = [[code.get(word, 1) for word in row["text"].split(" ")] for row in rows]
    features = np.array([call + [0] * (72 - len(call)) for call in calls])
    return features, np.array([maker.PIERS.index(row["pier"]) for row in rows])


def burnt_cards(folder: Path, maker: Any) -> Samples:
    rows = table(folder / "cards.csv")
    return np.array([row["text"] for row in rows]), np.array([int(row["die"]) for row in rows])


def two_of_a_kind(folder: Path, maker: Any) -> Samples:
    rows = table(folder / "pairs.csv")
    return np.array([[row["first"], row["second"]] for row in rows]), np.array([int(row["same_kind"]) for row in rows])


def lost_parcels(folder: Path, maker: Any) -> Samples:
    rows = table(folder / "labels.csv")
    return np.array([row["text"] for row in rows]), np.array([maker.COUNTRIES.index(row["country"]) for row in rows])


def flight_strips(folder: Path, maker: Any) -> Samples:
    """A gap is -1 among the numbers, and a code of its own among the sizes."""
    rows = table(folder / "strips.csv")
    features = [
        [
            *(float(row[name] or -1.0) for name in ("miles", "minutes")),
            maker.AIRPORTS.index(row["airport"]),
            maker.PARTS.index(row["part"]),
            (*maker.SIZES, "").index(row["size"]),
        ]
        for row in rows
    ]
    return np.array(features), np.array([maker.AIRLINES.index(row["airline"]) for row in rows])


def weather_box(folder: Path, maker: Any) -> Samples:
    """Lowest and highest of twelve hours that have been, in windows spread evenly over the record."""
    air = np.array([float(row["air_c"]) for row in table(folder / "air.csv")])
    past = np.lib.stride_tricks.sliding_window_view(air, 12)
    shown = np.column_stack([past.min(axis=1), past.max(axis=1)])
    starts = np.linspace(0, len(shown) - 50, maker.TRAIN_WINDOWS).astype(int)
    now = starts + 11 + 47
    return np.stack([shown[s : s + 48] for s in starts]), np.stack([air[n : n + 3] for n in now])


def island_crates(folder: Path, maker: Any) -> Samples:
    rows = table(folder / "crates.csv")
    arrays = [np.asarray(Image.open(folder / "crates" / row["file"]))[..., None] for row in rows]
    islands = [[str(number) in row["islands"].split() for number in range(1, 7)] for row in rows]
    return np.stack(arrays), np.array(islands)


def boiler_gauge(folder: Path, maker: Any) -> Samples:
    with np.load(folder / "gauge.npz") as file:
        return file["pictures"][..., None], np.round(file["celsius"].astype(float), 1)


def hill_tanks(folder: Path, maker: Any) -> Samples:
    """Windows of each tank, spread evenly over its days."""
    rows = table(folder / "tanks.csv")
    levels = np.array([float(row["level_cm"]) for row in rows]).reshape(maker.TANKS, -1)
    starts = np.linspace(0, levels.shape[1] - 60, maker.TRAIN_WINDOWS // maker.TANKS).astype(int)
    windows = np.concatenate([np.stack([level[s : s + 60] for s in starts]) for level in levels])
    return windows[:, :48, None], windows[:, 48:]


def terminus_baths(folder: Path, maker: Any) -> Samples:
    """Two days of the record, without the guests of the second, which are what is foretold."""
    rows = table(folder / "baths.csv")
    record = np.array(
        [[float(r["guests"]), float(r["seats"]), float(r["free_day"]), int(r["time"][11:13])] for r in rows]
    )
    starts = np.linspace(0, len(record) - 48, maker.TRAIN_WINDOWS).astype(int)
    windows = np.stack([record[s : s + 48] for s in starts])
    guests = windows[:, 24:, 0].copy()
    windows[:, 24:, 0] = 0.0
    return windows, guests


def penguin_forms(folder: Path, maker: Any) -> Samples:
    rows = np.genfromtxt(folder / "forms.csv", delimiter=",", skip_header=1)
    return rows[:, :-1], rows[:, -1:]


def engraved_tags(folder: Path, maker: Any) -> Samples:
    rows = table(folder / "tags.csv")
    arrays = [np.asarray(Image.open(folder / "tags" / row["file"]))[..., None] for row in rows]
    return np.stack(arrays), np.array([int(row["digit"]) for row in rows])


def toy_library(folder: Path, maker: Any) -> Samples:
    """Photos, and the numbers of their motifs in alphabetical order."""
    rows = table(folder / "cards.csv")
    motifs = sorted({row["motif"] for row in rows})
    arrays = [np.asarray(Image.open(folder / "cards" / row["file"])) for row in rows]
    return np.stack(arrays), np.array([motifs.index(row["motif"]) for row in rows])


def hut_barometers(folder: Path, maker: Any) -> Samples:
    """Windows of each hut, spread evenly over its days: the reading, and a column for each maker."""
    rows = table(folder / "huts.csv")
    makers = [[row["maker"] == name for name in maker.MAKERS] for row in rows]
    shown = np.column_stack([[float(row["reading"]) for row in rows], makers])
    hpa = np.array([float(row["hpa"]) for row in rows])
    hours = len(rows) // int(rows[-1]["hut"])
    starts = np.linspace(0, hours - 30, maker.TRAIN_WINDOWS).astype(int)
    begins = [hut + start for hut in range(0, len(rows), hours) for start in starts]
    return np.stack([shown[b : b + 24] for b in begins]), np.stack([hpa[b + 24 : b + 30] for b in begins])


def diamond_fair(folder: Path, maker: Any) -> Samples:
    """The columns of the book, with the codes of cut, colour and clarity, and the price."""
    rows = table(folder / "book.csv")
    names = maker.COLUMNS.split(",")
    numbers = [[float(row[name]) for name in names[:6]] for row in rows]
    codes = [[kinds.index(row[name]) for name, kinds in zip(names[6:9], maker.KINDS, strict=True)] for row in rows]
    return np.hstack([numbers, codes]), np.array([float(row["price"]) for row in rows])


def bat_stations(folder: Path, maker: Any) -> Samples:
    """Every 24th call of each shard, unpacked."""
    shards = [np.load(path) for path in sorted(folder.glob("*.npz"))]
    dots = np.concatenate([shard["dots"][:: maker.TRAIN_EVERY] for shard in shards])
    species = np.concatenate([shard["species"][:: maker.TRAIN_EVERY] for shard in shards])
    return np.unpackbits(dots, axis=1).reshape(-1, maker.BANDS, maker.STEPS), species


READERS: dict[str, Callable[[Path, Any], Samples]] = {
    "first_line": numbers("line.csv", 1),
    "basil_trays": numbers("trays.csv", 1),
    "ballast_car": numbers("rides.csv", 1),
    "burnt_cards": burnt_cards,
    "fleece_tags": numbers("fleeces.csv", 1),
    "celadon_kiln": numbers("firings.csv", 1),
    "two_of_a_kind": two_of_a_kind,
    "lost_parcels": lost_parcels,
    "flight_strips": flight_strips,
    "weather_box": weather_box,
    "island_crates": island_crates,
    "engraved_tags": engraved_tags,
    "toy_library": toy_library,
    "boiler_gauge": boiler_gauge,
    "hill_tanks": hill_tanks,
    "terminus_baths": terminus_baths,
    "diamond_fair": diamond_fair,
    "hut_barometers": hut_barometers,
    "penguin_forms": penguin_forms,
    "grain_dryer": numbers("batches.csv", 2),
    "foil_shop": numbers("foils.csv", 1),
    "glue_book": numbers("logger.csv", 1),
    "seed_vault": numbers("shots.csv", 1),
    "pigeon_post": numbers("letters.csv", 1),
    "bat_stations": bat_stations,
    "freezer_alarms": freezer_alarms,
    "pass_road": pass_road,
    "three_labs": three_labs,
    "repair_cafe": pictures("parts"),
    "mason_marks": pictures("archive"),
    "moth_trap": pictures("moths"),
    "sock_mill": pictures("panels"),
    "town_hall_inbox": town_hall_inbox,
    "hut_relay": hut_relay,
    "water_taxi": water_taxi,
    "sisters_notebooks": sisters_notebooks,
}
"""By question: reads the candidate's files into features and labels, in their order."""


def letters(folder: Path, maker: Any) -> Array:
    """A man's letters as their numbers in the row that the brief gives."""
    row = "\n ',-.?abcdefghijklmnopqrstuvwxyz"
    text = (folder / "messages.txt").read_bytes().decode("ascii")
    return np.array([[row.index(letter)] for letter in text], np.int32)


def hourly(name: str) -> Callable[[Path, Any], Array]:
    """Reads a table of an hour a row: all its columns but the time, NaN where nothing was measured."""

    def read(folder: Path, maker: Any) -> Array:
        rows = np.genfromtxt(folder / name, delimiter=",", skip_header=1, dtype=str)
        assert set(np.diff(rows[:, 0].astype("datetime64[m]"))) == {np.timedelta64(60, "m")}
        return np.where(rows[:, 1:] == "", "nan", rows[:, 1:]).astype(np.float32)

    return read


RECORDS: dict[str, Callable[[Path, Any], Array]] = {
    "eye_keyboard": letters,
    "tidal_quay": hourly("quay.csv"),
    "hive_scale": hourly("hive.csv"),
    "seven_meters": hourly("heat.csv"),
    "glacier_ford": hourly("ford.csv"),
}
"""By question whose samples are windows of one record: reads it, a step a row, what is foretold in the first column."""
QUESTIONS = {name: question for name, question in load_bank().questions.items() if not question.downloads}
"""Those whose data must be fetched are compared in `test_small_sets`."""


def drawn(identifier: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, Array, Array]:
    """The data maker, and its training samples, after it has written its files."""
    maker: Any = load_data_module(data_job(QUESTIONS[identifier]))
    name = identifier.rpartition("/")[2]
    for constant, value in SMALL.get(name, {}).items():
        monkeypatch.setattr(maker, constant, value)
    world = replace(maker.make_world(np.random.default_rng(1)), **SMALL_WORLDS.get(name, {}))
    maker.write_train(world, np.random.default_rng(2), folder, lambda _: None)
    features, labels = maker.make_train(world, np.random.default_rng(2))
    metric = load_rubric(paths.scoring_dir(), identifier).metric
    assert samples_problem(data_job(QUESTIONS[identifier]), metric, features, labels) == ""
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


def found(record: Array, windows: Array) -> list[int]:
    """Where in a record each of these windows begins, each behind the one before. Fails for one that is not there."""
    length = windows.shape[1]
    places: dict[bytes, list[int]] = {}
    for start in range(len(record) - length + 1):
        places.setdefault(record[start : start + length].tobytes(), []).append(start)
    starts = [-1]
    for window in windows:
        starts.append(next(start for start in places[window.tobytes()] if start > starts[-1]))
    return starts[1:]


@pytest.mark.parametrize("name", RECORDS)
def test_windows_lie_in_their_record(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of them, with what came next; none reaches over a gap, and they are spread over all of it."""
    identifier = next(q for q in QUESTIONS if q.rpartition("/")[2] == name)
    maker, features, labels = drawn(identifier, tmp_path, monkeypatch)
    record = RECORDS[name](tmp_path, maker)
    length = features.shape[1]
    ahead = 1 if labels.ndim == 1 else labels.shape[1]
    of_all = labels.ndim == 3
    assert np.isnan(record).any() == (name == "tidal_quay")
    assert not np.isnan(np.asarray(features, float)).any()

    starts = found(record, features.reshape(len(features), length, -1))

    assert starts[0] < 100
    assert starts[-1] > len(record) - length - ahead - 100
    assert max(np.diff(starts)) < len(record) / 50
    for start, label in zip(starts, labels, strict=True):
        after = record[start + length : start + length + ahead]
        np.testing.assert_array_equal(label, (after if of_all else after[:, 0]).reshape(label.shape))


def test_every_question_of_ours_gives_its_training_samples() -> None:
    """And each is compared with its files above."""
    without = [q for q in QUESTIONS if not has_train_samples(load_data_module(data_job(QUESTIONS[q])))]

    assert without == []
    assert [q for q in QUESTIONS if q.rpartition("/")[2] not in READERS.keys() | RECORDS.keys()] == []
