"""Loads the printed cases: all files are checked by the api's own models before the first one is stored."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from sqlmodel import Session

from services.api.access.service import OPERATOR
from services.api.authorities import service as authorities
from services.api.authorities.schemas import AuthorityCreate, AuthorityWrite
from services.api.changes import service as changes
from services.api.practices import service as practices
from services.api.practices.schemas import PracticeCreate, PracticeWrite
from services.web.problems import NotFound, fault_of

Body = TypeVar("Body", bound=BaseModel)


class SeedsRefused(Exception):
    """Seed files that are wrong; each fault names file, field and reason."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__(f"{len(faults)} faults in seed files")
        self.faults = faults


@dataclass(frozen=True)
class Seeds:
    """The seed files of a folder by name, checked: `authorities/*.yaml` and `practices/*.yaml`."""

    authorities: dict[str, AuthorityWrite]
    practices: dict[str, PracticeWrite]

    def __len__(self) -> int:
        return len(self.authorities) + len(self.practices)

    @staticmethod
    def read(folder: Path) -> "Seeds":
        """Read and check a folder; raise `SeedsRefused` with every fault found."""
        faults: list[str] = []
        seeds = Seeds(
            dict(_read(folder / "authorities", AuthorityWrite, faults)),
            dict(_read(folder / "practices", PracticeWrite, faults)),
        )
        if not faults and not len(seeds):
            faults.append(f"{folder}: holds no authorities/*.yaml or practices/*.yaml")
        if not faults:
            faults += _unknown_authorities(seeds)
        for name in sorted(seeds.authorities.keys() - set(_parents_first(seeds.authorities))):
            faults.append(f"authorities/{name}.yaml: parent: belongs to itself")
        if faults:
            raise SeedsRefused(faults)
        return seeds

    def load(self, session: Session, on_record: Callable[[], None] = lambda: None) -> Counter[str]:
        """Store and publish what is new or changed; return how many records were added, changed and left alone.

        What somebody else changed since is theirs and stays, and what they took out of public view stays out.
        """
        changes.hold(session)
        done: Counter[str] = Counter(added=0, changed=0, unchanged=0)
        for name in _parents_first(self.authorities):
            done[_load_authority(session, name, self.authorities[name])] += 1
            on_record()
        for name, body in self.practices.items():
            done[_load_practice(session, name, body)] += 1
            on_record()
        return done


def _parents_first(authorities: dict[str, AuthorityWrite]) -> Iterator[str]:
    """Yield names, each after its parent's; those that belong to themselves are left out."""
    waiting = dict(authorities)
    while ready := [name for name, body in waiting.items() if body.parent not in waiting]:
        for name in ready:
            del waiting[name]
            yield name


def _read(folder: Path, model: type[Body], faults: list[str]) -> Iterator[tuple[str, Body]]:
    for path in sorted(folder.glob("*.yaml")):
        shown = f"{folder.name}/{path.name}"
        try:
            yield path.stem, model.model_validate(_parse(path))
        except ValidationError as error:
            for entry in error.errors():
                fault = fault_of({**entry, "loc": ("body", *entry["loc"])})
                allowed = f" (allowed: {', '.join(fault.allowed)})" if fault.allowed else ""
                faults.append(f"{shown}: {fault.field}: {fault.message}{allowed}")
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            faults.append(f"{shown}: not valid YAML: {' '.join(str(error).split())}")


def _parse(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


def _unknown_authorities(seeds: Seeds) -> Iterator[str]:
    for name, authority in seeds.authorities.items():
        if authority.parent and authority.parent not in seeds.authorities:
            yield f"authorities/{name}.yaml: parent: there is no authorities/{authority.parent}.yaml"
    for name, practice in seeds.practices.items():
        for number, involved in enumerate(practice.content.who.authorities):
            if involved.authority and involved.authority not in seeds.authorities:
                field = f"content.who.authorities[{number}].authority"
                yield f"practices/{name}.yaml: {field}: there is no authorities/{involved.authority}.yaml"


def _load_authority(session: Session, slug: str, body: AuthorityWrite) -> str:
    try:
        found = authorities.find(session, slug)
    except NotFound:
        authorities.create(session, OPERATOR, AuthorityCreate(slug=slug, **dict(body)))
        return "added"
    if authorities.written(session, found) == body:
        return "unchanged"
    if found.updated_by != OPERATOR.id:
        return "edited here and kept"
    authorities.update(session, OPERATOR, found, body, found.version)
    return "changed"


def external_id(name: str) -> str:
    """Return the external id of the practice in a seed file; no other source's names begin like it."""
    return f"seed:{name}"


def _load_practice(session: Session, name: str, body: PracticeWrite) -> str:
    found = practices.by_external_id(session, external_id(name))
    if found is None:
        created = practices.create(session, OPERATOR, PracticeCreate(**dict(body)), external_id(name))
        practices.publish(session, OPERATOR, created, created.version)
        return "added"
    latest = practices.latest(session, found)
    written = body.model_dump(mode="json")
    if latest.content == written["content"] and latest.translations == (written["translations"] or {}):
        return "unchanged"
    if latest.created_by != OPERATOR.id:
        return "edited here and kept"
    practices.update(session, OPERATOR, found, body, found.version)
    if found.published_revision is not None:
        practices.publish(session, OPERATOR, found, found.version)
    return "changed"
