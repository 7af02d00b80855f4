"""Make foils.csv from the package xraydb: how much of an X-ray each of 20 solid elements holds back.

pip download --no-deps xraydb==4.5.8
python make_foils.py xraydb-4.5.8-py3-none-any.whl ../../../exams/simple_model/foil_shop/foils.csv
"""

import json
import math
import sqlite3
import sys
import tempfile
import zipfile
from pathlib import Path

# Solids whose own X-rays are all below 10 keV, so that the table has no jumps above it.
ELEMENTS = (*range(4, 7), *range(11, 17), *range(20, 31))  # their atomic numbers
TABLES = (
    "SELECT log_energy, log_photoabsorption, log_photoabsorption_spline FROM photoabsorption WHERE element = ?",
    "SELECT log_energy, log_coherent_scatter, log_coherent_scatter_spline FROM scattering WHERE element = ?",
    "SELECT log_energy, log_incoherent_scatter, log_incoherent_scatter_spline FROM scattering WHERE element = ?",
)
STEPS = 25  # energies from 10 to 100 keV, evenly spaced in their logarithm


def value(columns: tuple[str, str, str], log_energy: float) -> float:
    """Read one of the published tables between its points, by the cubic curves that come with it."""
    x, y, bend = (json.loads(column) for column in columns)
    right = next(i for i, at in enumerate(x) if at > log_energy)
    left, width = right - 1, x[right] - x[right - 1]
    b = (log_energy - x[left]) / width
    a = 1 - b
    curve = (a**3 - a) * bend[left] + (b**3 - b) * bend[right]
    return math.exp(a * y[left] + b * y[right] + curve * width**2 / 6)


def main(package: Path, target: Path) -> None:
    """Add up what is absorbed and what is scattered, in cm2 per gram."""
    energies = [10 * 10 ** (i / (STEPS - 1)) for i in range(STEPS)]
    lines = ["number,density," + ",".join(f"{energy:.3f}" for energy in energies)]
    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(package) as archive:
            file = archive.extract("xraydb/xraydb.sqlite", folder)
        base = sqlite3.connect(file)
        for number in ELEMENTS:
            name, density = base.execute(
                "SELECT element, density FROM elements WHERE atomic_number = ?", (number,)
            ).fetchone()
            tables = [base.execute(question, (name,)).fetchone() for question in TABLES]
            held = [sum(value(table, math.log(1000 * energy)) for table in tables) for energy in energies]
            lines.append(f"{number},{density}," + ",".join(f"{one:.5g}" for one in held))
        base.close()
    target.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
