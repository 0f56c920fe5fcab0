"""How a record is shown: to everybody, to its editors, in a list, in a language, and against another revision."""

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from services.api.forms.paths import put, text_at, value_at
from services.api.forms.types import RecordType
from services.api.kit.moments import rfc3339
from services.api.records.models import (
    Record,
    RecordMention,
    RecordPublication,
    RecordRevision,
    RecordStep,
    RecordWithdrawal,
)

Json = dict[str, Any]

_UNDETERMINED = "und"
"""The language, in BCP 47, of a draft that does not say in which one it is written."""


@dataclass
class Around:
    """What a public record shows beside its own answers."""

    authorities: list[Json] = field(default_factory=list)
    """Those of the base that it names, as records show them."""
    targets: dict[str, tuple[str, int | None]] = field(default_factory=dict)
    """The records that it names, by the path at which it does: each as `type/id`, and which revision is public."""
    incoming: list[Json] = field(default_factory=list)
    progress: list[Json] = field(default_factory=list)
    withdrawn: list[int] = field(default_factory=list)


def public_record(
    type: RecordType, record: Record, revision: RecordRevision, publication: RecordPublication, around: Around
) -> Json:
    """Return a record as everybody sees it (`schemas.of(type).read`); it must have been published."""
    assert record.first_published_at is not None  # noqa: S101 - publishing sets it
    content = type.form.public(revision.content)
    translations = type.form.public_translations(revision.translations)
    return {
        "type": type.name,
        "id": str(record.id),
        "slug": record.slug,
        "revision": revision.number,
        "published_at": rfc3339(record.first_published_at),
        "updated_at": rfc3339(revision.created_at),
        "tier": publication.tier,
        "state": state(record),
        "form": type.name,
        "title": by_language(content, translations, type.title),
        "summary": by_language(content, translations, type.summary),
        "completeness": type.form.completeness(revision.content).shown(),
        "content": content,
        "translations": translations,
        "authorities": around.authorities,
        "links": links(type, content, around),
        "incoming": around.incoming,
        "progress": around.progress,
        "review": publication.statements,
        "withdrawn": around.withdrawn,
    }


def edit_record(
    type: RecordType,
    record: Record,
    revision: RecordRevision,
    tier: str | None,
    authorities: list[Json],
    owner: str | None,
) -> Json:
    """Return a record as its editors see it (`schemas.of(type).edit`); the tier is that of the published revision."""
    archived = record.archived_at
    return {
        "type": type.name,
        "id": str(record.id),
        "slug": record.slug,
        "external_id": record.external_id,
        "version": record.version,
        "status": status(record),
        "revision": revision.number,
        "published_revision": record.published_revision,
        "published_at": rfc3339(record.first_published_at) if record.first_published_at else None,
        "updated_at": rfc3339(record.updated_at),
        "tier": tier,
        "archived": {"at": rfc3339(archived), "reason": record.archived_because} if archived else None,
        "completeness": type.form.completeness(revision.content).shown(),
        "owner": owner,
        "content": revision.content,
        "translations": revision.translations,
        "authorities": authorities,
    }


def by_language(content: Json, translations: Json, path: str) -> dict[str, str]:
    """Return a text in all languages that it is in, its own first; outdated translations too."""
    own = text_at(content, path)
    found = {text_at(content, "language") or _UNDETERMINED: own} if own is not None else {}
    return found | {language: texts[path]["text"] for language, texts in translations.items() if path in texts}


def links(type: RecordType, content: Json, around: Around) -> list[Json]:
    """Return what a content says of other records (`LinkRead`): of those in the base, and of those known by name."""
    shown = []
    for one in type.form.linked(content):
        target = around.targets.get(one.path)
        if target is None and value_at(one.row, "name") is None:
            continue
        shown.append(
            {
                "path": one.path,
                "relation": one.relation,
                "to": target[0] if target else None,
                "to_path": one.inner,
                "revision": target[1] if target else None,
                "withdrawn": target is not None and target[1] is None,
                "name": value_at(one.row, "name"),
                "where": value_at(one.row, "where"),
                "asserted_by": value_at(one.row, "asserted_by"),
                "note": value_at(one.row, "note"),
                "source": value_at(one.row, "source"),
                "place": value_at(one.row, "place"),
            }
        )
    return shown


def incoming(record: Record, mention: RecordMention) -> Json:
    """Return that another public record names this one (`IncomingRead`)."""
    return {
        "from": f"{record.type}/{record.id}",
        "path": mention.path,
        "relation": mention.relation,
        "to_path": mention.to_path,
    }


def progress(step: RecordStep) -> Json:
    """Return something that happened to a record as everybody sees it (`StepRead`)."""
    return {
        "path": step.path,
        "kind": step.kind,
        "value": step.value,
        "note": step.note,
        "date": step.date,
        "at": rfc3339(step.at),
    }


def state(record: Record) -> str:
    """Tell whether a public record is kept up (`publication-states`)."""
    return "archived" if record.archived_at else "published"


def status(record: Record) -> str:
    """Tell whether a record is a draft, public and kept up or not, or no longer public."""
    if record.published_revision is not None:
        return state(record)
    return "unpublished" if record.first_published_at else "draft"


def summary(type: RecordType, record: Record, revision: RecordRevision, tier: str | None, language: str | None) -> Json:
    """Return a record as a list shows it (`schemas.of(type).summary`)."""
    shown = localized({"content": revision.content, "translations": revision.translations}, language)
    content = shown["content"]
    found = shown.get("localized", {"language": None, "fields": []})
    return {
        "id": str(record.id),
        "slug": record.slug,
        "status": status(record),
        "revision": revision.number,
        "published_at": rfc3339(record.first_published_at) if record.first_published_at else None,
        "updated_at": rfc3339(revision.created_at),
        "tier": tier,
        "completeness": type.form.completeness(revision.content).shown(),
        "language": found["language"] if type.title in found["fields"] else content["language"],
        "title": text_at(content, type.title),
        "summary": text_at(content, type.summary),
    } | {name: tell(content) for name, tell in type.listed.items()}


def revision_summary(
    type: RecordType,
    revision: RecordRevision,
    publication: RecordPublication | None,
    withdrawals: Sequence[RecordWithdrawal],
) -> Json:
    """Return a revision as a list shows it (`RevisionSummary`)."""
    own = [one for one in withdrawals if one.number == revision.number]
    whole = next((one for one in own if not one.path), None)
    return {
        "number": revision.number,
        "created_at": rfc3339(revision.created_at),
        "published_at": rfc3339(publication.at) if publication else None,
        "tier": publication.tier if publication else None,
        "title": text_at(revision.content, type.title),
        "withdrawn": {"at": rfc3339(whole.at), "reason": whole.reason} if whole else None,
        "redacted": [{"path": one.path, "at": rfc3339(one.at), "reason": one.reason} for one in own if one.path],
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
        put(content, path, translation["text"])
    return record | {"content": content, "localized": {"language": shown, "fields": sorted(translations[shown])}}


def carried_over(before: RecordRevision, content: Json, given: Json | None) -> Json:
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


_NOTHING: tuple[Any, ...] = (None, [])


def differences(before: Any, after: Any, path: str = "") -> Iterator[Json]:
    """Yield what differs between two JSON values, by path (`DifferenceRead`); a moved item is removed and added.

    An empty list says as little as none: revisions from before something was asked have no answer to it.
    """
    if isinstance(before, dict) and isinstance(after, dict):
        for name in [*before, *(name for name in after if name not in before)]:
            yield from differences(before.get(name), after.get(name), f"{path}.{name}".lstrip("."))
    elif isinstance(before, list) and isinstance(after, list):
        yield from _list_differences(before, after, path)
    elif before != after and not (before in _NOTHING and after in _NOTHING):
        change = "added" if before is None else "removed" if after is None else "changed"
        yield {"path": path, "change": change, "before": before, "after": after}


def _said(value: Any) -> Any:
    """Return a value without what says nothing, at any depth."""
    if isinstance(value, dict):
        return {name: _said(inner) for name, inner in value.items() if inner not in _NOTHING}
    return [_said(inner) for inner in value] if isinstance(value, list) else value


def _list_differences(before: list[Any], after: list[Any], path: str) -> Iterator[Json]:
    old, new = ([orjson.dumps(_said(item), option=orjson.OPT_SORT_KEYS) for item in items] for items in (before, after))
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
