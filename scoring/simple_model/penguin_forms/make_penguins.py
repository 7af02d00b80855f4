"""Make penguins.csv from the package palmerpenguins: 342 real penguins with four measures, island, sex and species.

pip download --no-deps palmerpenguins==0.1.4
python make_penguins.py palmerpenguins-0.1.4-py3-none-any.whl ../../../exams/simple_model/penguin_forms/penguins.csv
"""

import csv
import io
import sys
import zipfile
from pathlib import Path

ISLANDS = ("Biscoe", "Dream", "Torgersen")
SEXES = ("female", "male")
SPECIES = ("Adelie", "Chinstrap", "Gentoo")
MEASURES = ("bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g")


def main(package: Path, target: Path) -> None:
    """Keep the birds with all four measures, and write words as numbers; an unknown sex stays empty."""
    with zipfile.ZipFile(package) as archive, archive.open("palmerpenguins/data/penguins.csv") as raw:
        rows = list(csv.DictReader(io.TextIOWrapper(raw, encoding="utf-8")))
    lines = ["beak_mm,depth_mm,flipper_mm,mass_g,island,sex,species"]
    for row in rows:
        if "NA" in (row[name] for name in MEASURES):
            continue
        sex = "" if row["sex"] == "NA" else str(SEXES.index(row["sex"]))
        numbers = [*(row[name] for name in MEASURES), str(ISLANDS.index(row["island"])), sex]
        lines.append(",".join([*numbers, str(SPECIES.index(row["species"]))]))
    target.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
