"""Writes the practices of the base into files: all of one moment, in an order and a form that are always the same."""

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

from sqlmodel import Session

from services.api.authorities import service as authorities
from services.api.exchange.entries import Json
from services.api.exchange.formats import yaml
from services.api.exchange.shape import canonical, content
from services.api.exchange.sources import AUTHORITIES, PRACTICES, format_of
from services.api.kit.files import sync, written_beside
from services.api.kit.slugs import slug_of
from services.api.records import batches, rendering
from services.api.records.batches import Present

_FILE_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}")


@dataclass(frozen=True)
class Asked:
    """Which practices are exported, and how."""

    published: bool = True
    """The published revisions alone; otherwise the latest revision of every practice."""
    language: str | None = None
    """In which language they are read; such a copy cannot be imported."""


def export(session: Session, target: Path, asked: Asked, *, overwrite: bool = False) -> int:
    """Write the practices that a session sees to a file or a new folder; return how many there are.

    Nothing appears under the name before all of it is whole. Raise `FileExistsError` when there is something already,
    `Unwritable` for what the format cannot hold, and `Unreadable` for an unknown format.
    """
    count = 0

    def counted() -> Generator[Json, None, None]:
        nonlocal count
        count = 0
        for record in written(session, asked):
            count += 1
            yield record

    with ExitStack() as opened:  # whoever stops half-way leaves a cursor open

        def records() -> Iterator[Json]:
            return opened.enter_context(closing(counted()))

        if not target.suffix:
            _write_folder(session, target, records)
        else:
            form = format_of(target)
            with written_beside(target, overwrite=overwrite) as file:
                form.write(file, records)
    return count


def written(session: Session, asked: Asked) -> Iterator[Json]:
    """Yield practices as files hold them, by external id."""
    for one in batches.snapshot(session, published=asked.published):
        yield record(one) if asked.language is None else _localized(one, asked.language)


def record(one: Present) -> Json:
    """Return a practice as files hold it, which an import leaves as it is."""
    return {
        "external_id": one.external_id,
        **({"owner": one.owner} if one.owner else {}),
        **({"tier": one.tier} if one.tier else {}),
        "content": canonical(one.revision.content, content()),
        "translations": one.revision.translations,
    }


def _localized(one: Present, language: str) -> Json:
    """Return a practice to be read in a language; `localized` keeps an import from taking it for the original."""
    plain = {"content": one.revision.content, "translations": one.revision.translations}
    shown = rendering.localized(plain, language)
    found = shown.get("localized", {"language": shown["content"]["language"]})["language"]
    copy = record(one) | {"content": canonical(shown["content"], content())}
    del copy["translations"]
    return {"external_id": copy.pop("external_id"), "localized": found, **copy}


def _write_folder(session: Session, target: Path, practices: Callable[[], Iterator[Json]]) -> None:
    target = target.absolute()
    if os.path.lexists(target):
        raise FileExistsError(0, "is there already", str(target))
    beside = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent))
    try:
        for kind in (AUTHORITIES, PRACTICES):
            (beside / kind).mkdir()
        for authority in authorities.every(session):
            body = authorities.written(session, authority)
            _write(beside / AUTHORITIES, authority.slug, body.model_dump(mode="json"))
        for one in practices():
            _write(beside / PRACTICES, str(one["external_id"]), one)
        os.replace(beside, target)
    except BaseException:
        shutil.rmtree(beside)
        raise
    sync(target.parent)


def _write(folder: Path, name: str, record: Json) -> None:
    """Write a record's file; where the name is fit for a file, it is the file's and stands nowhere else."""
    if _FILE_NAME.fullmatch(name):
        record = {key: value for key, value in record.items() if key != "external_id"}
        file = f"{name}.yaml"
    else:
        file = f"{slug_of(name)}-{hashlib.blake2b(name.encode(), digest_size=6).hexdigest()}.yaml"
    (folder / file).write_bytes(yaml.document(record))
