"""Makes novel.gz from the Debian package r-cran-janeaustenr 1.0.0-1.

    apt-get download r-cran-janeaustenr=1.0.0-1
    dpkg-deb -x r-cran-janeaustenr_1.0.0-1_all.deb unpacked
    python make_novel.py unpacked ../../../exams/text_classification/sisters_notebooks/novel.gz

It keeps the chapters of "Northanger Abbey" in small letters and single spaces, without headings and notes.
"""

import gzip
import re
import struct
import sys
import zlib
from pathlib import Path

BOOKS = Path("usr", "lib", "R", "site-library", "janeaustenr", "data", "Rdata.rdb")
TITLE = "NORTHANGER ABBEY"


def books(packed: bytes) -> dict[str, list[str]]:
    """The lines of each book by its first line. R packs every book by itself, and writes strings with their lengths."""
    found = {}
    while packed:
        unpacker = zlib.decompressobj()
        book = unpacker.decompress(packed[4:])
        packed = unpacker.unused_data
        place = 18 + struct.unpack_from(">i", book, 14)[0]  # after the header and the name of the encoding
        count = struct.unpack_from(">i", book, place + 4)[0]
        place += 8
        lines = []
        for _ in range(count):
            length = struct.unpack_from(">i", book, place + 4)[0]
            lines.append(book[place + 8 : place + 8 + length].decode("utf-8"))
            place += 8 + length
        found[lines[0]] = lines
    return found


def main(unpacked: Path, target: Path) -> None:
    """Read the package, keep the text of one novel."""
    lines = books((unpacked / BOOKS).read_bytes())[TITLE]
    first = next(i for i, line in enumerate(lines) if line.startswith("CHAPTER 1"))
    last = next(i for i, line in enumerate(lines) if line.startswith("A NOTE ON THE TEXT"))
    text = " ".join(line for line in lines[first:last] if not re.fullmatch(r"CHAPTER \d+", line.strip()))
    text = re.sub("[^a-z]+", " ", text.lower().replace("'", "")).strip()
    target.write_bytes(gzip.compress(text.encode("ascii"), 9, mtime=0))
    print(len(text), "letters and spaces")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
