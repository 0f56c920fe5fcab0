"""An authority as the form of the desk has it and as the api takes it, and by which field a fault is mended. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from services.portal.languages import LANGUAGES
from services.portal.upstream import Json


def _(message: str) -> str:
    """Mark a message to be translated where it is shown."""
    return message


ROLES = "migration_roles"
LABELS = {
    "name": _("Name in its own language"),
    "level": _("Level of government"),
    "country": _("Country"),
    "parent": _("Belongs to"),
    "ended": _("Ended"),
    "successor": _("Taken over by"),
    "latitude": _("Latitude"),
    "longitude": _("Longitude"),
    "count": _("Inhabitants"),
    "year": _("Year of the number"),
    "source": _("Where the number is printed"),
    "website": _("Web site"),
    "networks": _("Networks, one a line"),
    "office": _("Name of the office"),
    "office-website": _("Web address of the office"),
    "office-phone": _("Telephone of the office"),
}
"""What the fields of the form are called; those for names in other languages are called by the language."""

_NAME = _("Write a name on one line, of at most 300 characters.")
_ADDRESS = _("Write a web address that begins with http:// or https://, and no e-mail address.")
_OTHER = _("Choose an authority that is here: write its name or the end of its address.")
MEANINGS = {
    "slug": _("Write lower-case letters from a to z, digits and single hyphens, such as cartaya; none that is taken."),
    "name": _NAME,
    "names": _NAME,
    "language": _("Write a language as its tag, such as ro or pt-BR, and a name beside it."),
    "level": _("Choose one of these."),
    "country": _("Choose one of these."),
    "parent": _OTHER,
    "successor": _OTHER,
    "ended": _("Write a year, a month or a day, such as 2014, 2014-12 or 2014-12-31."),
    "latitude": _("Write degrees from -90 to 90, and both numbers or none."),
    "longitude": _("Write degrees from -180 to 180, and both numbers or none."),
    "count": _("Write a whole number, with its year."),
    "year": _("Write a year from 1800 on, with its number."),
    "source": _("Write words or a web address on one line, of at most 500 characters, and no e-mail address."),
    "website": _ADDRESS,
    "networks": _("Write at most 50 names, each on a line of its own, of at most 300 characters."),
    "office": _("Write the name of the office, without an e-mail address, and a web address or a telephone."),
    "office-names": _("Write a name on one line, without an e-mail address, and the name of the office above."),
    "office-website": _ADDRESS,
    "office-phone": _("Write a telephone number in digits, such as +34 959 390 000."),
}
"""What is allowed in a field, told where it is something else."""

CIRCLE = _("An authority cannot name itself here, nor one that belongs to it or that it took over from.")

_PLACES = {
    "coordinates": "latitude",
    "coordinates.latitude": "latitude",
    "coordinates.longitude": "longitude",
    "population": "count",
    "population.count": "count",
    "population.year": "year",
    "population.source": "source",
    "contact_office": "office",
    "contact_office.name": "office",
    "contact_office.website": "office-website",
    "contact_office.phone": "office-phone",
}
"""The field of the form that a place in the api's body is in, where they are not called alike."""
_INTEGER = re.compile(r"[0-9]{1,18}")
_DEGREES = re.compile(r"[-+]?[0-9]{1,3}([.,][0-9]{1,20})?(e-?[0-9]{1,3})?")


@dataclass
class Typed:
    """An authority as a form has it: texts, right or wrong, by field, such as `name-es`."""

    texts: dict[str, str] = field(default_factory=dict)
    roles: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, authority: Json) -> "Typed":
        """Return an authority as a form shows it first."""
        point, people = authority["coordinates"] or {}, authority["population"] or {}
        office = authority["contact_office"] or {}
        texts: dict[str, Any] = {
            name: authority[name] for name in ("slug", "name", "level", "country", "ended", "website")
        }
        texts |= {name: (authority[name] or {}).get("slug") for name in ("parent", "successor")}
        texts |= {name: point.get(name) for name in ("latitude", "longitude")}
        texts |= {name: people.get(name) for name in ("count", "year", "source")}
        texts |= {"networks": "\n".join(authority["networks"]), "office": office.get("name")}
        texts |= {f"office-{name}": office.get(name) for name in ("website", "phone")}
        texts |= {f"name-{tag}": name for tag, name in authority["names"].items()}
        texts |= {f"office-name-{tag}": name for tag, name in office.get("names", {}).items()}
        return cls({name: str(text) for name, text in texts.items() if text is not None}, authority[ROLES])

    @classmethod
    def read(cls, pairs: Iterable[tuple[str, str]]) -> "Typed":
        """Return what was sent by a form."""
        typed = cls()
        for name, value in pairs:
            if name == ROLES:
                typed.roles.append(value)
            else:
                typed.texts[name] = value.strip()
        return typed

    def __getitem__(self, name: str) -> str:
        return self.texts.get(name, "")

    @property
    def languages(self) -> list[str]:
        """The languages that the form has fields for names in."""
        starts = ("name-", "office-name-")
        tags = {name.removeprefix(start) for name in self.texts for start in starts if name.startswith(start)}
        return [*LANGUAGES, *sorted(tags - {*LANGUAGES, ""})]

    @property
    def body(self) -> Json:
        """The authority as the api takes it; what is no number goes as the text that it is, to be refused there."""
        point = {name: _number(self[name], _DEGREES) for name in ("latitude", "longitude") if self[name]}
        people: Json = {name: _number(self[name], _INTEGER) for name in ("count", "year") if self[name]}
        people |= {"source": self["source"]} if self["source"] else {}
        office: Json = {name: self[f"office-{name}"] for name in ("website", "phone") if self[f"office-{name}"]}
        office |= {"name": self["office"]} if self["office"] else {}
        names = self._names("office-name-")
        office |= {"names": names} if names else {}
        plain = ("parent", "ended", "successor", "website")
        return {
            **{name: self[name] for name in ("name", "level", "country")},
            "names": self._names("name-"),
            **{name: self[name] or None for name in plain},
            "coordinates": point or None,
            "population": people or None,
            ROLES: self.roles,
            "networks": [line.strip() for line in self["networks"].splitlines() if line.strip()],
            "contact_office": office or None,
        }

    def _names(self, start: str) -> dict[str, str]:
        tags = {tag: tag for tag in self.languages} | ({"": self["language"]} if self[start] else {})
        return {tag: self[f"{start}{at}"] for at, tag in tags.items() if self[f"{start}{at}"]}


def _number(text: str, pattern: re.Pattern[str]) -> Any:
    """Return the number that a text is, written with spaces or a decimal comma too; another text as it is."""
    plain = "".join(text.split())
    if not pattern.fullmatch(plain):
        return text
    return int(plain) if pattern is _INTEGER else float(plain.replace(",", "."))


def place_of(typed: Typed, path: str) -> tuple[str, str]:
    """Return the field of the form where a fault of the api's body is mended, and what tells what is allowed there."""
    whole = path.partition("[")[0]
    for start, form, meaning in (
        ("names.", "name-", "names"),
        ("contact_office.names.", "office-name-", "office-names"),
    ):
        if whole.startswith(start):
            tag = whole.removeprefix(start).partition(".")[0]
            return (f"{form}{tag}", meaning) if tag in typed.languages else ("language", "language")
    found = _PLACES.get(whole, whole.partition(".")[0])
    return (found, found) if found in MEANINGS else ("", "")


def otherwise(typed: Typed, present: Typed) -> list[tuple[str, str]]:
    """Return what an authority says now where a form says otherwise: fields and their texts."""
    fields = {**dict.fromkeys(present.texts), **dict.fromkeys(typed.texts)}
    compared: Mapping[str, str] = {
        name: present[name] for name in fields if name not in ("slug", "language", "version")
    }
    found = [(name, text) for name, text in compared.items() if text.split() != typed[name].split()]
    return found + ([(ROLES, ", ".join(present.roles))] if {*present.roles} != {*typed.roles} else [])
