"""What records name elsewhere in the base: authorities and other records, looked up together."""

from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlmodel import Session

from services.api.authorities import service as authorities
from services.api.authorities.models import Authority
from services.api.forms.catalogue import Name, Named
from services.api.forms.drafts import Known, no_such
from services.api.forms.rules import Content
from services.api.forms.types import RecordType
from services.api.records import repository
from services.api.records.models import Record
from services.api.types import TYPES
from services.web.problems import Fault, Invalid

Json = dict[str, Any]

AUTHORITY = "authority"


@dataclass
class Names:
    """What was looked up so far in one transaction; a name that is not there is looked up once, too."""

    session: Session
    found: dict[Name, Authority | Record | None] = field(default_factory=dict)
    embedded: dict[UUID, Json] = field(default_factory=dict)
    """Authorities as records show them."""

    def look_up(self, names: Collection[Name]) -> None:
        """Look up what is not known yet, with one statement a type."""
        new = {name for name in names if name not in self.found}
        self.found |= dict.fromkeys(new)
        for type in {name[0] for name in new}:
            wanted = {name[1] for name in new if name[0] == type}
            for name, one in self._of(type, wanted):
                self.found[type, name] = one

    def target(self, name: Name) -> Authority | Record | None:
        """Return what a name leads to; a record only if it is or was public: others are nobody's to know of."""
        if name not in self.found:
            self.look_up({name})
        return self.found[name]

    def authority(self, authority: Authority) -> Json:
        """Return an authority as records show it."""
        if authority.id not in self.embedded:
            self.embedded[authority.id] = authorities.embedded(self.session, authority)
        return self.embedded[authority.id]

    def _of(self, type: str, names: set[str]) -> Iterator[tuple[str, Authority | Record]]:
        if type == AUTHORITY:
            yield from authorities.find_all(self.session, names).items()
        elif type in TYPES:
            ids = set()
            for name in names:
                with suppress(ValueError):
                    ids.add(UUID(name))
            found = repository.by_names(self.session, type, ids, names)
            yield from ((name, one) for name, one in found if one.first_published_at is not None)


_HERE = "records.here"


def known(session: Session) -> Known:
    """Return what tells which of some names lead to something in the base.

    What is there stays there: a transaction asks once for each name, however often the same answers are examined.
    """
    here: set[Name] = session.info.setdefault(_HERE, set())

    def tell(wanted: Collection[Name]) -> Collection[Name]:
        if new := {*wanted} - here:
            names = Names(session)
            names.look_up(new)
            here.update(name for name in new if names.found[name] is not None)
        return here.intersection(wanted)

    return tell


def unknown(named: Iterable[Named]) -> Iterator[Fault]:
    """Yield, as faults of a content, names that lead to nothing in the base."""
    for one in named:
        said = no_such(one.name)
        message = f"{said[0].upper()}{said[1:]}"
        yield Fault(location="body", field=f"content.{one.path}", message=message, value=one.name[1])


def faults(type: RecordType, content: Content, here: Known) -> Iterator[Fault]:
    """Yield what a content names that is not in the base."""
    named = list(type.form.named(content))
    found = here({one.name for one in named}) if named else ()
    yield from unknown(one for one in named if one.name not in found)


def require(session: Session, type: RecordType, content: Content) -> None:
    """Raise `Invalid` when a content names something that is not in the base."""
    if found := list(faults(type, content, known(session))):
        raise Invalid(found)
