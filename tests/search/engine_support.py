"""Documents and engines for the tests of the embedded engine."""

import json
from collections.abc import Mapping
from typing import Any

from services.search.engines.base import Document, Part, Text
from services.search.words import clean


def document(
    id: str,
    title: str = "",
    *,
    texts: tuple[tuple[Part, str, str], ...] = (),
    language: str = "en",
    titles: Mapping[str, str] | None = None,
    summaries: Mapping[str, str] | None = None,
    **fields: Any,
) -> Document:
    """Return a document whose titles and summaries are searchable too, besides its other texts."""
    titles, summaries = titles or {language: title}, summaries or {}
    shown = {"id": id, "titles": titles, "summaries": summaries, "language": language}
    heads = [Text("title", tag, text) for tag, text in titles.items()]
    heads += [Text("summary", tag, text) for tag, text in summaries.items()]
    values: dict[str, Any] = {
        "type": "practice",
        "seq": 1,
        "facets": {},
        "numbers": {},
        "published": 0,
        "start": None,
        "sort_titles": {**titles, "": next(iter(titles.values()))},
        "hit": clean(json.dumps(shown, ensure_ascii=False)).encode(),
        "texts": tuple(heads + [Text(part, tag, text) for part, tag, text in texts]),
    }
    return Document(id=id, **(values | fields))
