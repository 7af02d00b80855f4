"""Makes digits.npz, the handwriting on the crates, from the digits that come with scikit-learn 1.9.1.

    pip download --no-deps --only-binary :all: --python-version 3.11 scikit-learn==1.9.1
    python make_digits.py scikit_learn-1.9.1-*.whl ../../../exams/image_classification/island_crates/digits.npz

The file inside is sklearn/datasets/data/digits.csv.gz: 1,797 rows of 64 grey values from 0 to 16, and the digit.
"""

import gzip
import io
import sys
import zipfile
from pathlib import Path

import numpy as np

INSIDE = "sklearn/datasets/data/digits.csv.gz"


def read(package: Path) -> bytes:
    """The data file of the wheel."""
    with zipfile.ZipFile(package) as wheel:
        return wheel.read(INSIDE)


def main(package: Path, target: Path) -> None:
    rows = np.loadtxt(io.BytesIO(gzip.decompress(read(package))), delimiter=",")
    assert rows.shape == (1797, 65)
    np.savez_compressed(
        target, images=rows[:, :64].reshape(-1, 8, 8).astype(np.uint8), digits=rows[:, 64].astype(np.uint8)
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
