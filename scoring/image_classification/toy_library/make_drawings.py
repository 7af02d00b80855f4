"""Makes drawings.npz from four packages of npm, with resvg-py 0.5.0 and Pillow.

npm pack @iconify-json/noto@1.2.9 @iconify-json/twemoji@1.2.5
npm pack @iconify-json/fluent-emoji-flat@1.2.6 @iconify-json/emojione@1.2.3
python make_drawings.py FOLDER-OF-THE-PACKAGES ../../../exams/image_classification/toy_library/drawings.npz
"""

import io
import json
import sys
import tarfile
from pathlib import Path

import numpy as np
import resvg_py
from PIL import Image

PACKAGES = (
    "iconify-json-noto-1.2.9.tgz",
    "iconify-json-twemoji-1.2.5.tgz",
    "iconify-json-fluent-emoji-flat-1.2.6.tgz",
    "iconify-json-emojione-1.2.3.tgz",
)
MOTIFS = {
    "blue book": "blue-book",
    "blue heart": "blue-heart",
    "green apple": "green-apple",
    "green book": "green-book",
    "green heart": "green-heart",
    "lemon": "lemon",
    "orange": "tangerine",
    "red apple": "red-apple",
    "red book": "closed-book",
    "red car": "automobile",
    "red heart": "red-heart",
    "taxi": "taxi",
}
"""What the question calls a drawing, and what the packages call it."""
SIDE = 48


def read_icons(package: Path) -> dict[str, str]:
    """The drawings of the motifs, as SVG."""
    with tarfile.open(package) as archive:
        member = archive.extractfile("package/icons.json")
        assert member is not None
        data = json.load(member)
    found = {}
    for name in MOTIFS.values():
        icon = data["icons"][name]
        left, top = (icon.get(key, data.get(key, 0)) for key in ("left", "top"))
        wide, high = (icon.get(key, data.get(key, 16)) for key in ("width", "height"))
        found[name] = (
            '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
            f'viewBox="{left} {top} {wide} {high}">{icon["body"]}</svg>'
        )
    return found


def main(folder: Path, target: Path) -> None:
    """Draw each motif as each of the four makers draws it."""
    drawings = []
    for package in PACKAGES:
        icons = read_icons(folder / package)
        for name in MOTIFS.values():
            png = resvg_py.svg_to_bytes(svg_string=icons[name], width=SIDE, height=SIDE)
            drawings.append(np.asarray(Image.open(io.BytesIO(bytes(png))).convert("RGBA")))
    shape = (len(PACKAGES), len(MOTIFS), SIDE, SIDE, 4)
    np.savez_compressed(target, drawings=np.array(drawings).reshape(shape), motifs=np.array(list(MOTIFS)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
