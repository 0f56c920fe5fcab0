"""Writes the records of the base into files: all of one moment, in an order and a form that are always the same."""

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Generator, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from sqlmodel import Session

from services.api.authorities import service as authorities
from services.api.exchange.entries import Json, Unwritable
from services.api.exchange.formats import yaml
from services.api.exchange.sources import AUTHORITIES, TABLES, format_of
from services.api.exchange.table import template_of
from services.api.forms.shape import canonical
from services.api.forms.types import RecordType
from services.api.kit.files import sync, written_beside
from services.api.kit.slugs import slug_of
from services.api.records import batches, rendering
from services.api.records.batches import Present
from services.api.types import TYPES, default

_FILE_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}")


class TooMany(Exception):
    """There are more records than were asked for at most."""


@dataclass(frozen=True)
class Asked:
    """Which records are exported, and how."""

    published: bool = True
    """The published revisions alone; otherwise the latest revision of every record."""
    language: str | None = None
    """In which language they are read; such a copy cannot be imported."""
    type: RecordType | None = None
    """Of which type they are; without it a folder holds all types, a file the first of all."""
    named: bool = True
    """By the names that they have where they come from, and with their owners: that is not for everybody."""
    most: int | None = None
    """How many there may be: more raise `TooMany`."""
    template: bool = False
    """The headings of a table alone, to be filled in."""


def export(session: Session, target: Path, asked: Asked, *, overwrite: bool = False) -> dict[str, int]:
    """Write the records that a session sees to a file or a new folder; return how many there are, by plural of type.

    Nothing appears under the name before all of it is whole. Raise `FileExistsError` when there is something already,
    `Unwritable` for what the format cannot hold, and `Unreadable` for an unknown format.
    """
    if not target.suffix:
        return _write_folder(session, target, asked)
    type, form = asked.type or default(), format_of(target)
    with written_beside(target, overwrite=overwrite) as file:
        return {type.plural: write(session, file, form, type, asked)}


def write(session: Session, file: BinaryIO, format: Any, type: RecordType, asked: Asked) -> int:
    """Write the records of a type that a session sees in a format; return how many there are. Raise `Unwritable`."""
    count = 0
    if asked.template and format not in TABLES:
        raise Unwritable("headings alone are those of a table: the name must end in .csv or .xlsx")

    def counted() -> Generator[Json, None, None]:
        nonlocal count
        count = 0
        for record in () if asked.template else written(session, type, asked):
            count += 1
            if asked.most is not None and count > asked.most:
                raise TooMany
            yield record

    with ExitStack() as opened:  # whoever stops half-way leaves a cursor open

        def records() -> Iterator[Json]:
            return opened.enter_context(closing(counted()))

        if asked.template:
            format.write(
                file, records, type, template_of(type.form, asked.language or "en", private=not asked.published)
            )
        else:
            format.write(file, records, type)
    return count


def written(session: Session, type: RecordType, asked: Asked) -> Generator[Json, None, None]:
    """Yield records of a type as files hold them, by external id."""
    for one in batches.snapshot(session, type, published=asked.published):
        whole = record(type, one)
        if asked.published:
            whole["content"] = type.form.public(whole["content"])
            whole["translations"] = type.form.public_translations(whole["translations"])
        if not asked.named:
            whole = {name: value for name, value in whole.items() if name != "owner"}
            whole["external_id"] = one.record.id.urn
        yield whole if asked.language is None else _localized(type, whole, asked.language)


def record(type: RecordType, one: Present) -> Json:
    """Return a record of a type as files hold it, private fields too, which an import leaves as it is."""
    return {
        "external_id": one.external_id,
        **({"owner": one.owner} if one.owner else {}),
        **({"tier": one.tier} if one.tier else {}),
        "content": canonical(one.revision.content, type.form.shape),
        "translations": one.revision.translations,
    }


def _localized(type: RecordType, whole: Json, language: str) -> Json:
    """Return a record to be read in a language; `localized` keeps an import from taking it for the original."""
    shown = rendering.localized({name: whole[name] for name in ("content", "translations")}, language)
    found = shown.get("localized", {"language": shown["content"]["language"]})["language"]
    copy = whole | {"content": canonical(shown["content"], type.form.shape)}
    del copy["translations"]
    return {"external_id": copy.pop("external_id"), "localized": found, **copy}


def _write_folder(session: Session, target: Path, asked: Asked) -> dict[str, int]:
    target = target.absolute()
    if os.path.lexists(target):
        raise FileExistsError(0, "is there already", str(target))
    beside = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent))
    counts: dict[str, int] = {}
    try:
        (beside / AUTHORITIES).mkdir()
        for authority in authorities.every(session):
            body = authorities.written(session, authority)
            _write(beside / AUTHORITIES, authority.slug, body.model_dump(mode="json"))
        for type in [asked.type] if asked.type else TYPES.values():
            (beside / type.plural).mkdir()
            counts[type.plural] = 0
            with closing(written(session, type, asked)) as records:
                for one in records:
                    _write(beside / type.plural, str(one["external_id"]), one)
                    counts[type.plural] += 1
        os.replace(beside, target)
    except BaseException:
        shutil.rmtree(beside)
        raise
    sync(target.parent)
    return counts


def _write(folder: Path, name: str, record: Json) -> None:
    """Write a record's file; where the name is fit for a file, it is the file's and stands nowhere else."""
    if _FILE_NAME.fullmatch(name):
        record = {key: value for key, value in record.items() if key != "external_id"}
        file = f"{name}.yaml"
    else:
        file = f"{slug_of(name)}-{hashlib.blake2b(name.encode(), digest_size=6).hexdigest()}.yaml"
    (folder / file).write_bytes(yaml.document(record))
