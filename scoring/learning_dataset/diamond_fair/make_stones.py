"""Makes stones.npz from the package plotnine 0.15.9.

    pip download --no-deps plotnine==0.15.9
    python make_stones.py plotnine-0.15.9-py3-none-any.whl ../../../exams/learning_dataset/diamond_fair/stones.npz

It keeps 32,000 diamonds by lot, without those that have a measure of zero or one that can't be right.
"""

import csv
import io
import sys
import zipfile
from pathlib import Path

import numpy as np

MEMBER = "plotnine/data/diamonds.csv"
CUTS = ["Fair", "Good", "Very Good", "Premium", "Ideal"]
COLOURS = list("DEFGHIJ")
CLARITIES = ["I1", "SI2", "SI1", "VS2", "VS1", "VVS2", "VVS1", "IF"]
KEPT = 32_000


def main(package: Path, target: Path) -> None:
    """Read the package and write whole numbers: hundredths of carat and mm, tenths of a per cent, dollars."""
    with zipfile.ZipFile(package) as archive:
        rows = list(csv.DictReader(io.StringIO(archive.read(MEMBER).decode())))
    sizes = np.array([[float(row[name]) for name in ("carat", "x", "y", "z")] for row in rows])
    shares = np.array([[float(row[name]) for name in ("depth", "table")] for row in rows])
    codes = [[CUTS.index(row["cut"]), COLOURS.index(row["color"]), CLARITIES.index(row["clarity"])] for row in rows]
    prices = np.array([float(row["price"]) for row in rows])
    sound = np.flatnonzero(((sizes[:, 1:] > 1.0) & (sizes[:, 1:] < 20.0)).all(axis=1))
    kept = np.sort(np.random.default_rng(1).permutation(sound)[:KEPT])
    print(len(sound), "sound diamonds")
    np.savez_compressed(
        target,
        sizes=np.rint(100 * sizes[kept]).astype(np.int16),
        shares=np.rint(10 * shares[kept]).astype(np.int16),
        codes=np.array(codes, dtype=np.uint8)[kept],
        price=prices[kept].astype(np.uint16),
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
