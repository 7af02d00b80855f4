"""Writes docs/review.schema.json: the JSON Schema of what `mockexam review --json` writes.

Run it from a checkout after a change to the documents: `python tools/make_schema.py`.
"""

from __future__ import annotations

import json
from pathlib import Path

from mockexam.review.documents import schema

FILE = Path(__file__).resolve().parents[1] / "docs" / "review.schema.json"


def text() -> str:
    """The file's content."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
    print(FILE)
