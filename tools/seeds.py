"""The seed records as the api's models hold them, for whatever is measured or made with them."""

from dataclasses import dataclass, field
from pathlib import Path

from services.api.authorities.schemas import AuthorityCreate
from services.api.exchange.schemas import ImportedRecord, imported
from services.api.exchange.sources import AUTHORITIES, THESAURUS, by_plural, open_source
from services.api.thesaurus.schemas import ConceptCreate
from services.api.types import default


@dataclass(frozen=True)
class Seeds:
    """A folder's authorities and records by the names of their files, and concepts by their codes."""

    authorities: dict[str, AuthorityCreate] = field(default_factory=dict)
    records: dict[str, dict[str, ImportedRecord]] = field(default_factory=lambda: {kind: {} for kind in by_plural()})
    """Records of each type by its plural."""
    concepts: dict[str, ConceptCreate] = field(default_factory=dict)

    @property
    def practices(self) -> dict[str, ImportedRecord]:
        """Records of the type that most of what is measured is about."""
        return self.records[default().plural]

    @staticmethod
    def read(folder: Path) -> "Seeds":
        """Read a folder; raise `ValueError` for the first record that is not valid."""
        seeds = Seeds()
        for entry in open_source(folder).entries:
            if entry.faults:
                raise ValueError(f"{entry.place}: {entry.faults[0].message}")
            if entry.kind == AUTHORITIES:
                seeds.authorities[entry.data["slug"]] = AuthorityCreate.model_validate(entry.data)
            elif entry.kind == THESAURUS:
                seeds.concepts[entry.data["code"]] = ConceptCreate.model_validate(entry.data)
            else:
                model = imported(by_plural()[entry.kind])
                seeds.records[entry.kind][entry.data["external_id"]] = model.model_validate(entry.data)
        return seeds
