"""A record type: a form, and what becomes of what is answered in it. Types are declared; the machinery knows none."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import NAMESPACE_URL, UUID, uuid5

from services.api.forms.form import Form
from services.api.kit.workflow import Part, Workflow

Json = dict[str, Any]

Tier = Literal["network", "peer-reviewed"]
"""How far a revision was judged before it became public: by the network's secretariat, or by peers too."""

OWNER = "owner"
"""The part of the authority that a record belongs to."""


@dataclass(frozen=True)
class PartyPart:
    """A part that an authority has in records of a type beside the owner's, and where a content names the authority."""

    part: str
    path: str
    unit: str | None = None
    """Where a content names the unit of that authority."""


@dataclass(frozen=True)
class StepKind:
    """Something that may happen to a public record, or to a row of it, and is kept with its date."""

    kind: str
    who: frozenset[Part]
    """Who may say so: an office (`office`), a further party (`partner`) or the secretariat."""
    block: str | None = None
    """Path of the list whose rows it happens to; none where it happens to the whole record."""
    values: tuple[str, ...] = ()
    """What may be said of it, such as `met` and `dropped`; empty where the kind says all."""


@dataclass(frozen=True)
class Derived:
    """Rows of a list that are found by themselves: each is published beside its record, as `id#key`."""

    type: str
    path: str


@dataclass(frozen=True)
class OwnWords:
    """That records of a type tell of another record in the words of an authority that has a part in it.

    The authority owns the other record or is named there, and tells of it once: what it tells later is a revision.
    """

    of: str
    """Where a content names the record that it tells of."""
    by: str
    """Where it names the authority that tells it."""


@dataclass(frozen=True, kw_only=True, eq=False)
class RecordType:
    """All that the machinery needs to know of a type of record."""

    name: str
    """Its code in the feed, in links and in addresses: `practice`."""
    plural: str
    """In addresses, names of folders and of sheets: `practices`."""
    form: Form
    title: str
    summary: str
    """Paths of the texts under which a record is listed."""
    workflow: Workflow
    rendering: int
    """Advanced when the same content is rendered otherwise: then every record is rendered anew."""
    tiers: tuple[Tier, ...] = ("network", "peer-reviewed")
    """How far it may be judged, from the lowest to the highest."""
    judged: str | None = None
    """Path of the list of features, each with a code in `feature`, that peers make statements on."""
    own_words: OwnWords | None = None
    """Where its records tell of others in the words of authorities: whose these may be."""
    parties: tuple[PartyPart, ...] = ()
    readers: frozenset[str] = frozenset((OWNER,))
    """The parts whose officers see what is not public; the secretariat does in any case."""
    steps: tuple[StepKind, ...] = ()
    derived: tuple[Derived, ...] = ()
    listed: Mapping[str, Callable[[Json], Any]] = field(default_factory=dict)
    """What lists show of a content beside title and summary, by the name of the field."""
    id_prefix: str | None = None
    """What stands before an external id where ids are made of them; by default it names the type."""

    @property
    def label(self) -> str:
        """What messages call one record of it."""
        return self.name.replace("-", " ")

    def id_of(self, external_id: str) -> UUID:
        """Return the id of the record that is known elsewhere under a name: the same in every base."""
        prefix = f"praxis:{self.name}:" if self.id_prefix is None else self.id_prefix
        return uuid5(NAMESPACE_URL, f"{prefix}{external_id}")
