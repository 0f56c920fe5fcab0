"""Writes the OpenAPI documents of the services to `openapi/`, or tells whether they differ from the code."""

import json
import sys
import tempfile
from difflib import unified_diff
from pathlib import Path
from typing import Any

from services.api.app import create_app as create_api
from services.api.settings import Settings as ApiSettings
from services.search.app import create_app as create_search
from services.search.settings import Settings as SearchSettings

FOLDER = Path(__file__).parent.parent / "openapi"


def documents() -> dict[str, dict[str, Any]]:
    """Return every service's OpenAPI document by file name."""
    with tempfile.TemporaryDirectory() as folder:
        api = create_api(ApiSettings(database_url=f"sqlite:///{folder}/praxis.db"))
        search = create_search(SearchSettings(index_dir=Path(folder) / "index"))
        return {"api.json": api.openapi(), "search.json": search.openapi()}


def render(document: dict[str, Any]) -> str:
    """Write a document the way it is kept."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def drift() -> list[str]:
    """Return the lines in which the kept documents differ from the code, none when they agree."""
    lines: list[str] = []
    for name, document in documents().items():
        path = FOLDER / name
        kept = path.read_text(encoding="utf-8") if path.exists() else ""
        lines += unified_diff(kept.splitlines(), render(document).splitlines(), f"openapi/{name}", "code", lineterm="")
    return lines


def main() -> None:
    """Write the documents; with `--check` only compare."""
    if "--check" in sys.argv[1:]:
        lines = drift()
        print("\n".join(lines[:200]))
        sys.exit(1 if lines else 0)
    for name, document in documents().items():
        (FOLDER / name).write_text(render(document), encoding="utf-8")
        print(f"openapi/{name}")


if __name__ == "__main__":
    main()
