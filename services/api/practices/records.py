"""How a practice is shown: to everybody, to its editors, in a list, in a language, and against another revision."""

import difflib
import hashlib
import re
from collections.abc import Iterator
from dataclasses import asdict
from functools import cache
from typing import Any

import orjson

from services.api.kit.moments import rfc3339
from services.api.practices.models import Practice, PracticePublication, PracticeRevision
from services.api.practices.schemas import PracticeRead
from services.api.questionnaire import catalogue

Json = dict[str, Any]

TITLE = "initiative.title"


_RENDERING = 1
"""Advance it when the same content is rendered otherwise though neither the form nor the questions have changed."""


@cache
def rendering() -> str:
    """Return by what this version's public records are told from those that another version rendered.

    It changes with their form and with the questions that completeness counts.
    """
    asked = sorted((one.path, one.number, one.tier, one.counted) for one in catalogue.QUESTIONS)
    form = PracticeRead.model_json_schema(mode="serialization")
    written = orjson.dumps([_RENDERING, asked, form], option=orjson.OPT_SORT_KEYS)
    return hashlib.blake2b(written, digest_size=8).hexdigest()


def public_record(practice: Practice, revision: PracticeRevision, tier: str, authorities: list[Json]) -> Json:
    """Return a practice as everybody sees it (`PracticeRead`); it must have been published, in that tier."""
    assert practice.first_published_at is not None  # noqa: S101 - publishing sets it
    return {
        "type": "practice",
        "id": str(practice.id),
        "slug": practice.slug,
        "revision": revision.number,
        "published_at": rfc3339(practice.first_published_at),
        "updated_at": rfc3339(revision.created_at),
        "tier": tier,
        "state": state(practice),
        "completeness": asdict(catalogue.completeness(revision.content)),
        "content": revision.content,
        "translations": revision.translations,
        "authorities": authorities,
    }


def edit_record(
    practice: Practice, revision: PracticeRevision, tier: str | None, authorities: list[Json], owner: str | None
) -> Json:
    """Return a practice as its editors see it (`PracticeEditRead`); the tier is that of the published revision."""
    archived = practice.archived_at
    return {
        "type": "practice",
        "id": str(practice.id),
        "slug": practice.slug,
        "external_id": practice.external_id,
        "version": practice.version,
        "status": status(practice),
        "revision": revision.number,
        "published_revision": practice.published_revision,
        "published_at": rfc3339(practice.first_published_at) if practice.first_published_at else None,
        "updated_at": rfc3339(practice.updated_at),
        "tier": tier,
        "archived": {"at": rfc3339(archived), "reason": practice.archived_because} if archived else None,
        "completeness": asdict(catalogue.completeness(revision.content)),
        "owner": owner,
        "content": revision.content,
        "translations": revision.translations,
        "authorities": authorities,
    }


def state(practice: Practice) -> str:
    """Tell whether a public practice is kept up (`publication-states`)."""
    return "archived" if practice.archived_at else "published"


def status(practice: Practice) -> str:
    """Tell whether a practice is a draft, public and kept up or not, or no longer public."""
    if practice.published_revision is not None:
        return state(practice)
    return "unpublished" if practice.first_published_at else "draft"


def summary(practice: Practice, revision: PracticeRevision, tier: str | None, language: str | None) -> Json:
    """Return a practice as a list shows it (`PracticeSummary`)."""
    shown = localized({"content": revision.content, "translations": revision.translations}, language)
    content = shown["content"]
    found = shown.get("localized", {"language": None, "fields": []})
    return {
        "id": str(practice.id),
        "slug": practice.slug,
        "status": status(practice),
        "revision": revision.number,
        "published_at": rfc3339(practice.first_published_at) if practice.first_published_at else None,
        "updated_at": rfc3339(revision.created_at),
        "tier": tier,
        "completeness": asdict(catalogue.completeness(revision.content)),
        "language": found["language"] if TITLE in found["fields"] else content["language"],
        "title": content["initiative"]["title"],
        "summary": content["how"]["summary"],
        "priorities": [tag["priority"] for tag in content["what"]["priorities"]],
    }


def revision_summary(revision: PracticeRevision, publication: PracticePublication | None) -> Json:
    """Return a revision as a list shows it (`RevisionSummary`)."""
    return {
        "number": revision.number,
        "created_at": rfc3339(revision.created_at),
        "published_at": rfc3339(publication.at) if publication else None,
        "tier": publication.tier if publication else None,
        "title": revision.content["initiative"]["title"],
    }


def localized(record: Json, language: str | None) -> Json:
    """Return a record with its translated texts put in place of the original ones.

    A language that has no translation falls to its base (`es-MX` to `es`), else the original stays. `localized` tells
    which language was found and which fields are in it; all others are in the content's own `language`.
    """
    translations: dict[str, Json] = record["translations"]
    if language is None or language == record["content"]["language"]:
        return record
    shown = next((tag for tag in (language, language.split("-")[0]) if tag in translations), None)
    if shown is None:
        return record
    content = orjson.loads(orjson.dumps(record["content"]))
    for path, translation in translations[shown].items():
        section, field, index = _steps(path)
        if index is None:
            content[section][field] = translation["text"]
        else:
            content[section][field][index] = translation["text"]
    return record | {"content": content, "localized": {"language": shown, "fields": sorted(translations[shown])}}


def carried_over(before: PracticeRevision, content: Json, given: Json | None) -> Json:
    """Return a new revision's translations: those given, else those of the revision before.

    A translation that stayed the same while its original changed is outdated; one whose original is gone is dropped.
    """
    kept: Json = {}
    for language, fields in (before.translations if given is None else given).items():
        for path, translation in fields.items():
            original = text_at(content, path)
            if original is None or language == content["language"]:
                continue
            old = before.translations.get(language, {}).get(path)
            same = old is not None and old["text"] == translation["text"]
            outdated = same and text_at(before.content, path) != original
            kept.setdefault(language, {})[path] = translation | ({"status": "outdated"} if outdated else {})
    return kept


def text_at(content: Json, path: str) -> str | None:
    """Return the text at a path such as `how.objectives[0]`, none when there is none."""
    section, field, index = _steps(path)
    value = content.get(section, {}).get(field)
    if index is not None:
        value = value[index] if isinstance(value, list) and index < len(value) else None
    return value if isinstance(value, str) else None


def _steps(path: str) -> tuple[str, str, int | None]:
    section, field, *index = re.findall(r"[a-z_]+|\d+", path)
    return section, field, int(index[0]) if index else None


_NOTHING: tuple[Any, ...] = (None, [])


def differences(before: Any, after: Any, path: str = "") -> Iterator[Json]:
    """Yield what differs between two JSON values, by path (`DifferenceRead`); a moved item is removed and added.

    An empty list says as little as none: revisions from before a question was asked have no answer to it.
    """
    if isinstance(before, dict) and isinstance(after, dict):
        for name in [*before, *(name for name in after if name not in before)]:
            yield from differences(before.get(name), after.get(name), f"{path}.{name}".lstrip("."))
    elif isinstance(before, list) and isinstance(after, list):
        yield from _list_differences(before, after, path)
    elif before != after and not (before in _NOTHING and after in _NOTHING):
        change = "added" if before is None else "removed" if after is None else "changed"
        yield {"path": path, "change": change, "before": before, "after": after}


def _list_differences(before: list[Any], after: list[Any], path: str) -> Iterator[Json]:
    old, new = ([orjson.dumps(item, option=orjson.OPT_SORT_KEYS) for item in items] for items in (before, after))
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        paired = min(i2 - i1, j2 - j1)
        for offset in range(paired):
            yield from differences(before[i1 + offset], after[j1 + offset], f"{path}[{j1 + offset}]")
        for i in range(i1 + paired, i2):
            yield {"path": f"{path}[{i}]", "change": "removed", "before": before[i], "after": None}
        for j in range(j1 + paired, j2):
            yield {"path": f"{path}[{j}]", "change": "added", "before": None, "after": after[j]}
