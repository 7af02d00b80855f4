"""Packs a question for another machine: brief, script, data and a notebook in one zip.

It holds what the candidate has, and nothing else: no seed, no hold-out, no label or rubric of the grading.
"""

from __future__ import annotations

import importlib.metadata
import os
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

from mockexam.bank.loader import question_folder
from mockexam.errors import UserError
from mockexam.exam.paper import PaperItem
from mockexam.files import atomic_writer, reason_of, write_error
from mockexam.workspace.layout import BRIEF, DATA, NOTEBOOK, SOLUTION, Workspace, script_of
from mockexam.workspace.notebook import Cell, NotebookError, notebook_text, read_cells
from mockexam.workspace.signature import open_regular

PACK_ENDING = "-pack.zip"
_README = "README.txt"
_SAME_TIME = (1980, 1, 1, 0, 0, 0)
"""Of every file in a pack, so that the same files make the same bytes."""
_CHUNK = 1 << 20
_PLAIN_FILE = 0o100644 << 16
_COMPRESSED = frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp", ".zip", ".gz", ".npz", ".keras"})
"""Endings of data that deflating makes no smaller."""

_MAIN = re.compile(r"^if __name__\b", re.MULTILINE)

Progress = Callable[[float, str], None]


def pack_path(workspace: Workspace, item: PaperItem) -> Path:
    """Where a question's pack goes if nothing else is named: the top folder of the workspace."""
    return workspace.root / f"{item.folder}{PACK_ENDING}"


def pack_question(
    workspace: Workspace,
    item: PaperItem,
    target: Path,
    *,
    overwrite: bool = False,
    progress: Progress = lambda _, __: None,
) -> None:
    """Write a question's pack, whole or not at all. Blocks. Raises UserError, also if `target` exists already."""
    folder = workspace.question(item.folder)
    data = sorted(_files(folder / DATA))
    if not data:
        raise UserError(
            "The question has no data to pack.",
            location=str(folder / DATA),
            hint=f"`repair {item.number}` in --plain, or o in the app, puts them back.",
        )
    if not overwrite and os.path.lexists(target):
        raise _taken(target)
    texts = _texts(folder, item, target.name)
    sizes = {path: path.stat().st_size for path in data}
    whole, done = max(1, sum(sizes.values())), 0
    try:
        with atomic_writer(target, overwrite=overwrite) as file, zipfile.ZipFile(file, "w") as archive:
            for name, text in sorted(texts.items()):
                archive.writestr(zip_entry(f"{item.folder}/{name}"), text.encode(errors="replace"))
            for path in data:
                progress(done / whole, f"Packing question {item.number}")
                name = f"{item.folder}/{path.relative_to(folder).as_posix()}"
                with open_regular(path) as source, archive.open(zip_entry(name), "w", force_zip64=True) as member:
                    while chunk := source.read(_CHUNK):
                        member.write(chunk)
                done += sizes[path]
    except FileExistsError:
        raise _taken(target) from None
    except OSError as error:
        raise write_error(error, target, what="The pack") from None
    progress(1.0, f"Packed question {item.number}")


def _taken(target: Path) -> UserError:
    return UserError(
        "There is a file of this name already.", location=str(target), hint="Name another one, or move it away."
    )


def zip_entry(name: str) -> zipfile.ZipInfo:
    """A plain file in a zip, compressed if that makes it smaller; the same files make the same bytes."""
    info = zipfile.ZipInfo(name, _SAME_TIME)
    info.create_system, info.external_attr = 3, _PLAIN_FILE
    stored = Path(name).suffix.lower() in _COMPRESSED
    info.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
    return info


def _files(folder: Path) -> Iterator[Path]:
    """All plain files below a folder; links are left out."""
    for root, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        paths = (Path(root, name) for name in names if not name.startswith("."))
        yield from (path for path in paths if path.is_file() and not path.is_symlink())


def _texts(folder: Path, item: PaperItem, zip_name: str) -> dict[str, str]:
    """The texts of a pack by name. Raises UserError."""
    bank = question_folder(item.question)
    brief = _read(folder / BRIEF, bank / "brief.md")
    script = script_of(folder)
    texts = {BRIEF: brief, SOLUTION: _read(folder / SOLUTION, bank / "stub.py"), _README: _readme(item, zip_name)}
    work = _cells_of(texts[SOLUTION])
    if script == NOTEBOOK:
        try:
            work = read_cells(_read(folder / NOTEBOOK))
        except NotebookError as error:
            hint = f"Mend it, or move it away to pack {SOLUTION}."
            raise UserError(
                f"The notebook can't be read: {error}.", location=str(folder / NOTEBOOK), hint=hint
            ) from None
    return {**texts, NOTEBOOK: notebook_text([*_before(item, brief), *_without_own(work), *_after()])}


def _read(*paths: Path) -> str:
    """The text of the first of these files that is there. Raises UserError."""
    error: OSError | None = None
    for path in paths:
        try:
            with open_regular(path) as file:
                return file.read().decode("utf-8-sig", errors="replace")
        except OSError as refused:
            error = refused
    assert error is not None
    raise UserError(f"A file of the question can't be read: {reason_of(error)}.", location=str(paths[-1]))


def _cells_of(script: str) -> list[Cell]:
    """A script as cells: what it defines, then what it does as the main program."""
    main = _MAIN.search(script)
    at = main.start() if main else 0
    return [Cell(True, part) for part in (script[:at], script[at:]) if part.strip()]


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "unknown"


def _readme(item: PaperItem, zip_name: str) -> str:
    return f"""\
{item.title} (question {item.number})

Train here, bring the model back, and mockexam grades it as if it had been trained on your own machine.
The clock of the attempt keeps running.

WHAT IS HERE
  brief.md         the task
  solution.py      your script as it was when you packed
  solution.ipynb   the same as a notebook: it finds the data, trains, saves and downloads
  data/            the training data

GOOGLE COLAB
  1. Unzip this file on your machine, and open https://colab.research.google.com
  2. File, Upload notebook: solution.ipynb
  3. Runtime, Run all. When it asks for a file, choose {zip_name}
  4. The last cell downloads the model.

KAGGLE
  Create a notebook, File, Import notebook: solution.ipynb. Add {zip_name} as a dataset (Add input, Upload).
  Run all; the model is in the output of the notebook.

ANOTHER MACHINE
  Unzip this file there. Run solution.ipynb in Jupyter, or solution.py in a terminal.

BRING THE MODEL BACK
  Bring one: the one that the last cell downloads. With Keras 3 that is mymodel.keras, with an older Keras
  mymodel.zip. What else lies there (the folder mymodel/, a mymodel.keras of an older Keras) is the same model.
  If you ran solution.py instead, bring what it saved.
  Put it into the folder {item.folder} of your workspace. Its name does not matter much:
  "mymodel (1).keras" or "mymodel.zip" will do. mockexam asks whether to submit it.
  Or, from anywhere:   mockexam submit FILE --question {item.number}

VERSIONS
  mockexam grades with TensorFlow {_version("tensorflow")} and Keras {_version("keras")}.
  You can train with TensorFlow 2.12 or newer. With Keras 3 the notebook saves mymodel.keras; with an older
  Keras it exports a SavedModel, because that loads in every version.
"""


_MINE = "mockexam: "
"""How the cells begin that a pack adds to the candidate's, behind the sign of a comment or heading."""


def _without_own(cells: list[Cell]) -> list[Cell]:
    """Cells of a notebook that may be an earlier pack's, without those that a pack adds."""
    return [cell for cell in cells if not cell.source.lstrip("#<!- \n").startswith(_MINE)]


def _before(item: PaperItem, brief: str) -> list[Cell]:
    """The cells before the candidate's. Their code is text here: it runs on the other machine."""
    title = f"""## {_MINE}{item.title} (question {item.number})

Run all cells. They check the versions, find the data, train, save the model in a form that mockexam grades, and
download it. Then put the file into the folder `{item.folder}` of your workspace, whatever your browser called it."""
    versions = f"""\
# {_MINE}the versions. It grades with TensorFlow {_version("tensorflow")}; 2.12 and newer can train.
import tensorflow as tf

keras_version = getattr(tf.keras, "__version__", "2")  # Keras 2 does not say
print("TensorFlow", tf.__version__, "with Keras", keras_version)"""
    data = f"""\
# {_MINE}the data. Beside this notebook, in the zip that you upload, or in a dataset on Kaggle.
import os
import shutil
import sys
import zipfile
from pathlib import Path

NAME = "{item.folder}"


def find_zip():
    return next((path for place in ("*", "*/*") for path in sorted(Path().glob(place))
                 if path.name.startswith(NAME) and path.suffix == ".zip"), None)


if not Path("{DATA}").is_dir() or Path(NAME).is_dir():
    on_kaggle = [brief.parent for brief in Path("/kaggle/input").glob("**/{BRIEF}")]
    if on_kaggle and not Path(NAME).exists():
        shutil.copytree(on_kaggle[0], NAME)
    if not Path(NAME).is_dir() and find_zip() is None and "google.colab" in sys.modules:
        from google.colab import files

        files.upload()  # the zip that this notebook came in
    if not Path(NAME).is_dir():
        if find_zip() is None:
            raise SystemExit("Put the zip that this notebook came in beside it, and run this cell again.")
        zipfile.ZipFile(find_zip()).extractall()
    os.chdir(NAME)
__file__ = os.path.abspath("{SOLUTION}")  # so that the script finds its folder
print("The data are in", Path("{DATA}").resolve())"""
    return [
        Cell(False, title),
        Cell(False, f"<!-- {_MINE}the brief -->\n\n{brief}"),
        Cell(True, versions),
        Cell(True, data),
    ]


def _after() -> list[Cell]:
    save = f"""\
# {_MINE}save `model` in a form that every version can grade.
import shutil

if "model" not in globals():
    raise SystemExit("Call your trained model `model`, and run this cell again.")
if keras_version.startswith("2"):
    shutil.rmtree("mymodel", ignore_errors=True)
    if tf.__version__.startswith("2.12"):  # its export fails for a model that was trained
        model.save("mymodel", include_optimizer=False)
    else:
        model.export("mymodel")
    saved = shutil.make_archive("mymodel", "zip", ".", "mymodel")
else:
    saved = "mymodel.keras"
    model.save(saved)
print("Saved", os.path.abspath(saved))"""
    download = f"""\
# {_MINE}download the model. It belongs into the question's folder of your workspace.
if "google.colab" in sys.modules:
    from google.colab import files

    files.download(saved)"""
    return [Cell(True, save), Cell(True, download)]
