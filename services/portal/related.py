"""What stands around a record: others that it names or that name it, what happened since, what was withdrawn."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from services.portal import record
from services.portal.reference import Reference
from services.portal.types import TYPES
from services.portal.upstream import Json, Refused, Upstream

MOST_LOOKED_UP = 40
"""Other records whose titles are looked up for one page."""


@dataclass(frozen=True)
class Other:
    """Another record: `title` in the visitor's language where that is known, `path` of its page where there is one."""

    relation: str
    title: str = ""
    language: str = ""
    path: str = ""
    where: str = ""
    note: str = ""
    withdrawn: bool = False


@dataclass(frozen=True)
class Around:
    """What stands around a record."""

    links: tuple[Other, ...] = ()
    incoming: tuple[Other, ...] = ()
    more_incoming: int = 0
    """How many others name it beside these."""
    progress: tuple[Json, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.links or self.incoming or self.more_incoming or self.progress)


async def around(upstream: Upstream, reference: Reference, questionnaire: Json, shown: Json) -> Around:
    """Return what stands around a record as everybody sees it, or as its editors do, who are shown nothing of it."""
    named = [one["to"] for one in shown.get("links", ()) if one["to"] and not one["withdrawn"]]
    naming = list(dict.fromkeys((one["from"], one["relation"]) for one in shown.get("incoming", ())))
    known = await _titles(upstream, reference, [*named, *(source for source, _ in naming)])
    incoming = [_named(source, relation, known) for source, relation in naming if source in known]
    return Around(
        links=tuple(_linked(one, known) for one in shown.get("links", ())),
        incoming=tuple(incoming),
        more_incoming=len(naming) - len(incoming),
        progress=tuple({**one, "heading": _heading(questionnaire, one["path"])} for one in shown.get("progress", ())),
    )


async def _titles(upstream: Upstream, reference: Reference, ids: Iterable[str]) -> Mapping[str, Json]:
    """Return path, title and its language of the first few records, by `type/id`; those that have no page are not."""
    first = [one for one in dict.fromkeys(ids) if one.partition("/")[0] in TYPES][:MOST_LOOKED_UP]
    try:
        return await reference.titles(upstream, first)
    except Refused:
        return {}  # not to be had: the page itself can be read


def _linked(link: Json, known: Mapping[str, Json]) -> Other:
    found = known.get(link["to"] or "")
    if found:
        return _named(link["to"], link["relation"], known, note=link["note"] or "")
    name = link["name"] or ("" if link["withdrawn"] else link["to"])
    return Other(
        link["relation"], name, "und", where=link["where"] or "", note=link["note"] or "", withdrawn=link["withdrawn"]
    )


def _named(id: str, relation: str, known: Mapping[str, Json], note: str = "") -> Other:
    one = known[id]
    return Other(relation, one["title"], one["language"], one["path"], note=note)


def _heading(questionnaire: Json, path: str | None) -> str:
    return record.heading(questionnaire, path) if path else ""


def history(questionnaire: Json, revisions: Iterable[Json], withdrawn: Iterable[int]) -> list[dict[str, Any]]:
    """Return the revisions that are or were public, the newest first: `gone` when withdrawn, `before` to compare with.

    Editors are told of others, too; and who is no editor is told of a withdrawn one no more than its number.
    """
    public = {one["number"]: one for one in revisions if one["published_at"]}
    gone = {number for number, one in public.items() if one["withdrawn"]} | {*withdrawn}
    found: list[dict[str, Any]] = []
    before = None
    for number in sorted({*public, *gone}):
        one = public.get(number, {"number": number, "published_at": None, "withdrawn": None, "redacted": ()})
        redacted = [{**field, "heading": record.heading(questionnaire, field["path"])} for field in one["redacted"]]
        found.append({**one, "redacted": redacted, "gone": number in gone, "before": before})
        before = before if number in gone else number
    return found[::-1]
