"""A public record of the change feed made searchable. Pure, and fast: a rebuild makes thousands a second.

What a record is found by, and what a hit shows of it, its type declares; which of its strings are text, the published
form of its type tells. So a field added to a form is found without a word here.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import orjson

from services.search import links
from services.search.codes import completeness
from services.search.declaring import SearchType
from services.search.engines.base import Document, Part, Text
from services.search.forms import Plan, Tree, strings
from services.search.labels import Terms, terms_of
from services.search.naming import Names
from services.search.types import TYPES
from services.search.types.shared import UNKNOWN_LANGUAGE, language, seconds
from services.web.build import digest

_RULES = ("codes.py", "declaring.py", "document.py", "facets.py", "forms.py", "labels.py", "links.py", "naming.py")
"""Files that say what the document of a record is, beside the declarations of types."""

_WEIGHTS: dict[Part, int] = {"title": 0, "summary": 1, "key": 2, "body": 3}

_ROW = re.compile(r"\[[^\]]*\]")

_place = cache(SearchType.place_of)

Record = Mapping[str, Any]

Plans = Mapping[str, Plan]
"""What is text in records of each type; of a type without any it is guessed."""


def schema(folder: Path) -> str:
    """Name the document rules in a copy of this folder: an index made by others is rebuilt."""
    return digest(folder, (*(folder / name for name in _RULES), *sorted((folder / "types").glob("*.py"))))


SCHEMA = schema(Path(__file__).parent)


def plan(name: str, tree: Tree | None = None) -> Plan:
    """Return where the texts of a type's records stand, given the tree of its form; without one it is guessed."""
    type = TYPES.get(name)
    return Plan(tree, type.parts, type.silent) if type else Plan(tree, {}, ())


def document(seq: int, record: Record, terms: Terms, plans: Plans | None = None) -> Document:
    """Return the document of a public record, its codes findable by their labels in `terms`.

    Raise `KeyError`, `TypeError`, `ValueError` or `AttributeError` for a record that is not of the published shape.
    """
    type = TYPES.get(record["type"])
    if type is None:
        # What is not found and names no code is known by its number alone, so that the index counts as the feed does.
        names_codes = record["type"] == "vocabulary"
        if names_codes:
            terms_of(record)
        return kept(record["type"], str(record["id"]), seq, record if names_codes else {})
    facets = {facet.name: tuple(dict.fromkeys(facet.codes(record))) for facet in type.facets}
    linked = links.codes(record)
    titles = _titles(type, record)
    summaries = _versions(record, place) if (place := _place(type, "summary")) else {}
    return Document(
        id=str(record["id"]),
        type=type.name,
        seq=seq,
        texts=_texts(type, record, facets, terms, (plans or {}).get(type.name) or plan(type.name)),
        facets=facets | linked,
        numbers=_numbers(type, record),
        published=seconds(record.get("published_at")),
        start=type.start(record),
        sort_titles={**titles, "": next(iter(titles.values()))},
        hit=orjson.dumps({**type.card(record, facets), **_card(type, record, titles, summaries, linked)}),
        slug=None if type.derived else record["slug"],
        completeness=completeness(record),
        rank=list(TYPES).index(type.name),
        aside=type.derived,
    )


def kept(type: str, id: str, seq: int, body: Any) -> Document:
    """Return a document that is stored and never found."""
    return Document(
        id=id,
        type=type,
        seq=seq,
        texts=(),
        facets={"type": (type,)},
        numbers={},
        published=0,
        start=None,
        sort_titles={"": ""},
        hit=orjson.dumps({"titles": {}, "summaries": {}, "language": UNKNOWN_LANGUAGE, **body}),
    )


def _titles(type: SearchType, record: Record) -> Mapping[str, str]:
    if type.titles:
        return type.titles(record)
    place = _place(type, "title")
    return _versions(record, place, required=True) if place else {}


def _versions(record: Record, place: str, required: bool = False) -> dict[str, str]:
    """Return the text at a place by language, the original first; raise `KeyError` where a required one is missing."""
    held: Any = record["content"]
    for name in place.split("."):
        held = held[name] if required else (held or {}).get(name)
    found = {language(record): held} if held else {}
    for tag, texts in (record.get("translations") or {}).items():
        if translated := texts.get(place):
            found[tag] = translated["text"]
    return found


def _texts(
    type: SearchType, record: Record, facets: Mapping[str, tuple[str, ...]], terms: Terms, plan: Plan
) -> tuple[Text, ...]:
    texts = list(type.texts(record)) if type.texts else _told(type, record, plan)
    names: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for facet, named in _names(type, record, facets, terms):
        for tag, word in named.items():
            names[tag].setdefault(word, facet)
    texts += [Text("name", tag, "\n".join(its), "\n".join(its.values())) for tag, its in names.items()]
    return tuple(texts)


def _told(type: SearchType, record: Record, plan: Plan) -> list[Text]:
    """Return the free texts of a content and their translations, the heaviest first."""
    lines: dict[tuple[Part, str, str], list[str]] = {}
    original = language(record)
    for name, section in record["content"].items():
        for field, value in section.items() if isinstance(section, dict) else (("", section),):
            if value and (held := plan.field(name, field)):
                lines[held.part, original, held.place] = strings(value, held.on)
    for tag, translated in (record.get("translations") or {}).items():
        for path, text in translated.items():
            place = _field(path)
            if "]." in path and not plan.searches(_ROW.sub("", path)):
                continue
            lines.setdefault((type.parts.get(place, "body"), tag, place), []).append(text["text"])
    texts = [Text(part, tag, "\n".join(held), place) for (part, tag, place), held in lines.items() if held]
    texts.sort(key=lambda text: _WEIGHTS[text.part])
    return texts


@lru_cache(maxsize=1_000)
def _field(path: str) -> str:
    """Return the place of a field, given that of a text in it."""
    return ".".join(path.partition("[")[0].split(".")[:2])


def _names(
    type: SearchType, record: Record, facets: Mapping[str, tuple[str, ...]], terms: Terms
) -> Iterator[tuple[str, Names]]:
    """Yield what a record's codes and authorities are called, by language, each with its facet."""
    for facet, vocabularies in _naming(type):
        if codes := facets[facet]:
            for vocabulary in vocabularies:
                known = terms.get(vocabulary) or {}
                for code in codes:
                    if code in known:
                        yield facet, known[code]
    for authority in record.get("authorities") or ():
        yield "authority", {UNKNOWN_LANGUAGE: authority["name"], **(authority.get("names") or {})}


@cache
def _naming(type: SearchType) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the facets by whose values' names a record is found, each with the vocabularies that name them."""
    return tuple((facet.name, facet.vocabularies) for facet in type.facets if facet.searched)


def _numbers(type: SearchType, record: Record) -> Mapping[str, float]:
    percent = completeness(record)
    return type.numbers(record) if percent is None else {**type.numbers(record), "completeness": percent}


def _card(
    type: SearchType,
    record: Record,
    titles: Mapping[str, str],
    summaries: Mapping[str, str],
    linked: Mapping[str, tuple[str, ...]],
) -> dict[str, Any]:
    """Return what a hit of any type shows."""
    return {
        "id": record["id"],
        "type": record["type"],
        "slug": record.get("slug"),
        "language": language(record) if "content" in record else next(iter(titles)),
        "titles": titles,
        "summaries": summaries,
        "statuses": _statuses(type, record),
        "published_at": record.get("published_at"),
        "updated_at": record.get("updated_at") or record.get("published_at"),
        "tier": record.get("tier"),
        "state": record.get("state"),
        "completeness": record.get("completeness"),
        "links": links.counted(linked),
    }


def _statuses(type: SearchType, record: Record) -> dict[str, dict[str, str]]:
    """Return how title and summary were translated: language -> part -> status."""
    if not record.get("translations"):
        return {}
    places = [(place, part) for part in ("title", "summary") if (place := _place(type, part))]
    return {
        tag: {part: texts[place]["status"] for place, part in places if place in texts}
        for tag, texts in record["translations"].items()
    }
