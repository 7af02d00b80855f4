"""Taking attempts along: `export_attempts` writes a zip, `import_archive` takes one in, whole or not at all."""

from __future__ import annotations

from mockexam.records.archive_export import Exported, export_attempts
from mockexam.records.archive_import import Imported, import_archive

__all__ = ["Exported", "Imported", "export_attempts", "import_archive"]
