"""Make normals.csv from the package vega_datasets: how warm it usually is in Seattle, a day a row, an hour a column.

pip download --no-deps vega-datasets==0.9.0
python make_normals.py vega_datasets-0.9.0-py3-none-any.whl ../../../exams/simple_model/glue_book/normals.csv
"""

import csv
import io
import sys
import zipfile
from datetime import datetime
from pathlib import Path

NEW_YEAR = datetime(2010, 1, 1)  # the year that the table was given, though it is the mean of 30 years


def main(package: Path, target: Path) -> None:
    """Turn degrees Fahrenheit into Celsius. One hour in March is not there: it becomes the mean of its neighbours."""
    hours: dict[int, float] = {}
    with zipfile.ZipFile(package) as archive, archive.open("vega_datasets/_data/seattle-temps.csv") as raw:
        for row in csv.DictReader(io.TextIOWrapper(raw, encoding="utf-8")):
            since = datetime.strptime(row["date"], "%Y/%m/%d %H:%M") - NEW_YEAR
            hours[int(since.total_seconds()) // 3600] = (float(row["temp"]) - 32) / 1.8
    for missing in set(range(8760)) - hours.keys():
        hours[missing] = (hours[missing - 1] + hours[missing + 1]) / 2
    lines = [",".join(f"{hours[24 * day + hour]:.2f}" for hour in range(24)) for day in range(365)]
    target.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
