"""Makes nouns.gz from the package german-nouns 1.2.5.

    pip download --no-deps --no-binary :all: german-nouns==1.2.5
    python make_nouns.py german-nouns-1.2.5.tar.gz ../../../exams/text_classification/burnt_cards/nouns.gz

It keeps nouns of one word and one gender whose ending does not give the gender away: nearly all nouns in "-ung" are
feminine, nearly all in "-chen" are not, and so on. What is left, mostly compounds, has to be learned.
"""

import csv
import gzip
import io
import re
import sys
import tarfile
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np

MEMBER = "german-nouns-1.2.5/german_nouns/nouns.csv"
FEMININE = "ung|heit|keit|schaft|ion|tät|in|ik|ur|enz|anz|e|ie|ei|a"  # nearly always
OTHERS = "chen|lein|tum|ment|um|ling|ismus|us|or|er|o"  # nearly never feminine
EASY = re.compile(f"({FEMININE}|{OTHERS})$")
LETTERS = re.compile("[A-ZÄÖÜ][a-zäöüß]{4,23}")
RUDE = re.compile(
    "arsch|fick|fotze|hure|huren|neger|nazi|nutte|piss|scheiß|schwuchtel|titten|tussi|vergewalt|zigeuner|jude|kz"
)
N_OTHERS = 5000


def main(package: Path, target: Path) -> None:
    """Read the package, keep all feminine nouns and as many others as are needed."""
    genders: dict[str, set[str]] = defaultdict(set)
    with tarfile.open(package) as archive:
        member = archive.extractfile(MEMBER)
        assert member is not None
        for row in csv.DictReader(io.TextIOWrapper(member, encoding="utf-8")):
            found = {row[key] for key in row if key == "genus" or re.fullmatch(r"genus \d", key)} - {""}
            # A name or an adjective used as a noun has rules of its own: "x" keeps it out.
            genders[row["lemma"]] |= found if row["pos"] == "Substantiv" else {"x"}
    nouns = sorted(
        (noun, next(iter(found)))
        for noun, found in genders.items()
        if len(found) == 1 and found <= {"f", "m", "n"}
        if LETTERS.fullmatch(noun) and not EASY.search(noun) and not RUDE.search(noun.lower())
    )
    # The last part of a compound decides. A part that hardly any other noun has cannot be learned from the others.
    shared = Counter(noun.lower()[-4:] for noun, _ in nouns)
    nouns = [(noun, gender) for noun, gender in nouns if shared[noun.lower()[-4:]] >= 4]
    feminine = [pair for pair in nouns if pair[1] == "f"]
    others = [pair for pair in nouns if pair[1] != "f"]
    chosen = np.random.default_rng(1).permutation(len(others))[:N_OTHERS]
    kept = sorted([*feminine, *(others[i] for i in chosen)])
    text = "noun,gender\n" + "".join(f"{noun},{gender}\n" for noun, gender in kept)
    target.write_bytes(gzip.compress(text.encode("utf-8"), 9, mtime=0))
    print(len(feminine), "feminine,", len(kept) - len(feminine), "others")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
