"""Packs of questions as an installer leaves them: a package and a `*.dist-info` in one folder, no installer needed."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

EXAMPLE = Path(__file__).parent / "pack_example"
PACKAGE = "mockexam_pack_kitchen"
KETTLE, PEARS = "simple_model/kettle_minutes", "learning_dataset/ripe_pears"


def declare(site: Path, entries: str, distribution: str = "mockexam-pack-kitchen") -> None:
    """Put a distribution into `site` that declares these entry points of the group (lines `name = value`)."""
    info = site / f"{distribution.replace('-', '_')}-1.0.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0.0\n")
    (info / "entry_points.txt").write_text(f"[mockexam.packs]\n{entries}\n")


def install(site: Path) -> Path:
    """Put the example pack into `site` as its pyproject.toml declares it; returns the package's folder."""
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    entries = "\n".join(f"{name} = {value}" for name, value in project["entry-points"]["mockexam.packs"].items())
    declare(site, entries, project["name"])
    shutil.copytree(EXAMPLE / "src" / PACKAGE, site / PACKAGE, ignore=shutil.ignore_patterns("__pycache__"))
    return site / PACKAGE
