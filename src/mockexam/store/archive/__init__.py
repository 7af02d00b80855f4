"""Moving attempts between machines: `export_attempts` writes a zip, `import_archive` reads one, whole or not at all."""

from __future__ import annotations

from mockexam.store.archive.exporting import Exported, export_attempts
from mockexam.store.archive.importing import Imported, import_archive

__all__ = ["Exported", "Imported", "export_attempts", "import_archive"]
