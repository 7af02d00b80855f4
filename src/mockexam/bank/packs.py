"""Finds question packs in other installed distributions, without importing them: none of their code runs here.

A distribution declares a pack by an entry point of the group `mockexam.packs`: its name is the pack's, its value a
package or module whose folder has `exams/` and `scoring/`.
"""

from __future__ import annotations

import importlib.machinery
import importlib.metadata
import importlib.util
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mockexam import paths
from mockexam.bank.models import SHIPPED
from mockexam.errors import UserError

GROUP = "mockexam.packs"
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,48}")
_MODULE = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")


@dataclass(frozen=True)
class Pack:
    """A pack with both of its folders."""

    name: str
    distribution: str  # its name for pip
    folder: Path  # holds `paths.PACK_FOLDERS`

    @property
    def exams(self) -> Path:
        return self.folder / "exams"


@dataclass(frozen=True)
class BrokenPack:
    """A pack that is left out, and why."""

    name: str
    distribution: str
    message: str
    location: str
    hint: str

    @classmethod
    def of(cls, name: str, distribution: str, error: UserError) -> BrokenPack:
        hint = f"{error.hint} If the pack is not yours, update or uninstall {distribution}.".lstrip()
        return cls(name, distribution, error.message, error.location, hint)

    def __str__(self) -> str:
        message = f"The question pack {self.name} is left out: {self.message}"
        return str(UserError(message, location=self.location, hint=self.hint))


@dataclass(frozen=True)
class InstalledPacks:
    """All installed packs, by name."""

    packs: tuple[Pack, ...] = ()
    broken: tuple[BrokenPack, ...] = ()


@dataclass(frozen=True)
class _Declared:
    name: str
    distribution: str
    value: str


def find_packs() -> InstalledPacks:
    """Look through the installed distributions; faults are returned, not raised. Takes a few milliseconds."""
    packs: dict[str, Pack] = {}
    broken: list[BrokenPack] = []
    for declared in sorted(_declared(), key=lambda d: (d.name, d.distribution, d.value)):
        try:
            pack = Pack(declared.name, declared.distribution, _folder(declared))
            first = packs.setdefault(pack.name, pack)
            if first is not pack:
                message = f"{first.distribution} has a pack of the same name."
                hint = f"Uninstall {first.distribution} or {pack.distribution}."
                raise UserError(message, location=str(pack.folder), hint=hint)
        except UserError as error:
            broken.append(BrokenPack.of(declared.name, declared.distribution, error))
    return InstalledPacks(tuple(packs.values()), tuple(broken))


def _declared() -> Iterator[_Declared]:
    """What distributions declare. Of two with one name, the first on the path counts, as for imports."""
    seen: set[str] = set()
    for distribution in importlib.metadata.distributions():
        try:
            text = distribution.read_text("entry_points.txt") or ""
        except (OSError, UnicodeDecodeError):  # a damaged distribution, but perhaps no pack
            continue
        if GROUP not in text:
            continue
        name = _distribution_name(distribution)
        if name not in seen:
            seen.add(name)
            yield from _entries(name, text)


def _entries(distribution: str, text: str) -> Iterator[_Declared]:
    """The entries of our group. The file has sections of lines `name = value`; see packaging.python.org."""
    section = ""
    for line in map(str.strip, text.splitlines()):
        if line.startswith("["):
            section = line.strip("[] \t")
        elif section == GROUP and line and not line.startswith(("#", ";")):
            name, _, value = (part.strip() for part in line.partition("="))
            yield _Declared(name, distribution, value)


def _distribution_name(distribution: importlib.metadata.Distribution) -> str:
    try:
        name = distribution.metadata["Name"]
    except Exception:  # noqa: BLE001  # missing or damaged metadata: the exception depends on the version of Python
        name = None
    path = getattr(distribution, "_path", None)  # its folder carries the name too
    known = str(name or (path.name.partition("-")[0] if path is not None else "") or "an unnamed distribution")
    return re.sub(r"[-_.]+", "-", known).lower()


def _folder(declared: _Declared) -> Path:
    """The folder that an entry point names. Raises UserError."""
    where = f"{declared.distribution}, entry point {declared.name} = {declared.value}"
    if not _NAME.fullmatch(declared.name) or declared.name == SHIPPED:
        message = f"{declared.name!r} is not a valid name for a pack."
        raise UserError(message, location=where, hint=f"Use lowercase letters, digits, - and _, but not {SHIPPED!r}.")
    module = declared.value.partition(":")[0].strip()
    folders = _locate(module) if _MODULE.fullmatch(module) else []
    if not folders:
        raise UserError(
            f"There is no package or module {module!r}.", location=where, hint=f"Reinstall {declared.distribution}."
        )
    for folder in folders:
        if all((folder / part).is_dir() for part in paths.PACK_FOLDERS):
            return folder
    missing = " and ".join(f"{part}/" for part in paths.PACK_FOLDERS if not (folders[0] / part).is_dir())
    raise UserError(
        f"The pack has no folder {missing}.", location=str(folders[0]), hint="Ship both folders inside the package."
    )


def _locate(module: str) -> list[Path]:
    """The folders of a module, without importing it or its parents; none if it is not on disk."""
    top, *inner = module.split(".")
    try:
        spec = importlib.util.find_spec(top)
        name = top
        for part in inner:
            if spec is None or spec.submodule_search_locations is None:
                return []
            name = f"{name}.{part}"
            spec = importlib.machinery.PathFinder.find_spec(name, list(spec.submodule_search_locations))
    except Exception:  # noqa: BLE001  # finders are third-party code: if one fails, the pack is not found
        return []
    if spec is None:
        return []
    if spec.submodule_search_locations is not None:
        found = [Path(location) for location in spec.submodule_search_locations]
    else:
        found = [Path(spec.origin).parent] if spec.has_location and spec.origin else []
    return [folder.absolute() for folder in found if folder.is_dir()]
