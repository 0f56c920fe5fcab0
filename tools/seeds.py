"""The seed records as the api's models hold them, for whatever is measured or made with them."""

from dataclasses import dataclass
from pathlib import Path

from services.api.authorities.schemas import AuthorityCreate
from services.api.exchange.schemas import ImportedRecord, imported
from services.api.exchange.sources import AUTHORITIES, THESAURUS, by_plural, open_source
from services.api.thesaurus.schemas import ConceptCreate


@dataclass(frozen=True)
class Seeds:
    """A folder's authorities and practices by the names of their files, and concepts by their codes."""

    authorities: dict[str, AuthorityCreate]
    practices: dict[str, ImportedRecord]
    concepts: dict[str, ConceptCreate]

    @staticmethod
    def read(folder: Path) -> "Seeds":
        """Read a folder; raise `ValueError` for the first record that is not valid."""
        seeds = Seeds({}, {}, {})
        for entry in open_source(folder).entries:
            if entry.faults:
                raise ValueError(f"{entry.place}: {entry.faults[0].message}")
            if entry.kind == AUTHORITIES:
                seeds.authorities[entry.data["slug"]] = AuthorityCreate.model_validate(entry.data)
            elif entry.kind == THESAURUS:
                seeds.concepts[entry.data["code"]] = ConceptCreate.model_validate(entry.data)
            else:
                model = imported(by_plural()[entry.kind])
                seeds.practices[entry.data["external_id"]] = model.model_validate(entry.data)
        return seeds
