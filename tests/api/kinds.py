"""What tests that run over every type of record know of each; a type that is not here fails them."""

from collections.abc import Callable
from dataclasses import dataclass

from services.api.forms.inputs import Input
from services.api.forms.paths import value_at
from services.api.forms.types import RecordType
from services.api.types import TYPES
from tests.harness.support import Json, pledge_body, practice_body
from tests.harness.types.pledge.type import TYPE as PLEDGE

DAY = "1801-02-03"
"""What stands in every private field that takes a date and no word."""


@dataclass(frozen=True)
class Kind:
    """A type, and how a test makes a record of it."""

    type: RecordType
    content: Callable[[str, str], Json]
    """Answers with a title that name an authority as the partner, where the type has one: all of the short form."""

    def body(
        self, title: str, secret: str = "", *, owner: str | None = None, partner: str = "boca", of: str = ""
    ) -> Json:
        """Return the body of a new record, or of a new revision; a secret goes into every private field.

        `of` is the record that it tells of, where the type has such.
        """
        content = self.content(title, partner)
        if of and self.type.own_words:
            put_all(content, self.type.own_words.of, of)
        more: Json = {"owner": owner} if owner else {}
        if secret:
            keep(self.type, content, secret)
            if texts := in_other_words(self.type, content, secret):
                more["translations"] = {"it": texts}
        return {"content": content} | more

    def draft(
        self, title: str, secret: str = "", *, owner: str | None = None, partner: str = "boca", of: str = ""
    ) -> Json:
        """Return the body of a new submission."""
        return {"type": self.type.name} | self.body(title, secret, owner=owner, partner=partner, of=of)


def keep(type: RecordType, content: Json, secret: str) -> None:
    """Put a secret into every private field of a content, in each row that is there."""
    for asked in type.form.questions:
        if asked.private:
            put_all(content, asked.path, [secret] if asked.kind == "texts" else hidden(asked, secret))
        for column in asked.columns:
            if column.private:
                for row in value_at(content, asked.path) or ():
                    put_all(row, column.path, hidden(column, secret))


def in_other_words(type: RecordType, content: Json, secret: str) -> Json:
    """Return translations of all that is text in rows with keys, and of private texts: those are secret again."""
    texts: Json = {}
    for asked in type.form.questions:
        if asked.private and asked.free and asked.kind != "texts":
            texts[asked.path] = asked
        for row in value_at(content, asked.path) or () if asked.keyed and "." in asked.path else ():
            texts |= {
                f"{asked.path}[key={row['key']}].{column.path}": column
                for column in asked.columns
                if column.free and value_at(row, column.path)
            }
    return {
        path: {"text": secret if asked.private else f"Altrimenti: {path}", "status": "human"}
        for path, asked in texts.items()
    }


def hidden(asked: Input, secret: str) -> str:
    """Return what a private field takes; raise `KeyError` for a kind that no test has a secret for."""
    return {"text": secret, "long-text": secret, "date": DAY}[asked.kind]


def put_all(content: Json, path: str, value: object) -> None:
    """Put a value where a path leads, through parts that are not there yet."""
    *parts, last = path.split(".")
    for step in parts:
        content = content.setdefault(step, {})
    content[last] = value


def _practice(title: str, partner: str) -> Json:
    content: Json = practice_body(title)["content"]
    budget = {"amount": 10, "currency": "EUR", "scope": "total"}
    content["initiative"] |= {
        "promoters": [{"name": "A promoter"}],
        "budget_sources": [{"kind": "local"}],
        "partners": [{"name": "A partner"}],
        "countries": [{"country": "IT", "roles": ["destination"]}],
        "budget": [budget],
        "websites": ["https://example.org/"],
    }
    feature = {"feature": "adaptability", "statement": "It was adapted.", "assessed_by": "authority"}
    return content | {
        "when": {"start": "2010"},
        "where": {"places": [{"name": "A place"}]},
        "why": {"features": [feature]},
    }


def _pledge(title: str, partner: str) -> Json:
    content: Json = pledge_body(title, partner=partner)["content"]
    return content


def _road_map(title: str, partner: str) -> Json:
    return {
        "language": "en",
        "about": {"title": title, "summary": "What.", "authority": "alba", "objectives": ["An aim"], "start": "2021"},
        "people": {"leads": [{"key": "1", "name": "A unit"}]},
        "plan": {
            "areas": [{"key": "1", "area": "civic-participation", "name": "An area"}],
            "activities": [{"key": "1", "area": "civic-participation", "text": "Act"}],
        },
        "budget": {"total": 10, "currency": "EUR"},
        "provenance": {"kind": "submitted"},
    }


def _programme(title: str, partner: str) -> Json:
    organisation = {"key": "1", "name": "An organisation", "kind": "other"}
    return {
        "language": "en",
        "about": {"title": title, "summary": "What it is about.", "kind": "programme", "start": "2020"},
        "people": {
            "donors": [organisation],
            "leads": [organisation],
            "cities": [{"key": "1", "authority": "alba", "name": "Alba"}],
        },
        "provenance": {"kind": "submitted"},
    }


def _own_account(title: str, partner: str) -> Json:
    told = dict.fromkeys(
        ("contribution", "set_up", "results", "adaptations", "debate", "obstacles", "transferability", "dissemination"),
        "So it was.",
    )
    return {
        "language": "en",
        "account": {"practice": "to-be-made", "authority": "alba", "title": title, "description": "What."}
        | {"kind": "practice", "strand": "rights", "funds": ["local-budget"]}
        | {"features": [{"feature": "adaptability", "statement": "It was adapted."}]}
        | told,
    }


_CONTENTS = {
    "practice": _practice,
    "programme": _programme,
    "road-map": _road_map,
    "own-account": _own_account,
    "pledge": _pledge,
}
KINDS = {name: Kind(TYPES.get(name, PLEDGE), content) for name, content in _CONTENTS.items()}
BY_THEMSELVES = {name: kind for name, kind in KINDS.items() if not kind.type.own_words}
"""Those whose records tell of no other one, which must be public before."""
