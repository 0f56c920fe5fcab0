"""What a peer states of the features of a case, as fields of a form and back. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from services.portal.upstream import Json

PREFIX = "statement-"
"""What the name of the field of a feature begins with; its code follows."""
_STATEMENT = re.compile(r"statements\[(\d+)\]")


@dataclass(frozen=True)
class Feature:
    """A feature to be judged: what the case itself says of it, and what is stated so far."""

    code: str
    label: str
    claimed: tuple[str, ...]
    stated: str

    @property
    def field(self) -> str:
        """The name and id of its field."""
        return PREFIX + self.code


def features(labels: Mapping[str, str], content: Json, stated: Mapping[str, str]) -> list[Feature]:
    """Return all features, those that the case claims first, by their labels by code."""
    why = content.get("why")
    rows = why.get("features") if isinstance(why, dict) else None
    claims: dict[str, list[str]] = {}
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict) and isinstance(row.get("feature"), str):
            claims.setdefault(row["feature"], []).append(str(row.get("statement") or ""))
    found = [
        Feature(code, label, tuple(filter(None, claims.get(code, ()))), stated.get(code, ""))
        for code, label in labels.items()
    ]
    return sorted(found, key=lambda one: one.code not in claims)


def stated(given: Iterable[tuple[str, object]]) -> dict[str, str]:
    """Return what was stated by the code of the feature: the fields of a form that are filled."""
    return {
        name.removeprefix(PREFIX): "\n".join(line.rstrip() for line in text.strip().splitlines())
        for name, text in given
        if name.startswith(PREFIX) and isinstance(text, str) and text.strip()
    }


def fields(found: Iterable[Json], stated: Mapping[str, str]) -> list[Json]:
    """Return the faults that a refusal finds with statements, each at the field of its feature."""
    sent = list(stated)
    places = [(one, _STATEMENT.match(one["field"])) for one in found]
    return [
        {"field": PREFIX + sent[int(place[1])], "message": one["message"], "lang": "en"}
        for one, place in places
        if place and int(place[1]) < len(sent)
    ]
