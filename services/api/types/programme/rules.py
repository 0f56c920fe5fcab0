"""The rules that hold between the answers of a programme."""

from services.api.forms.rules import Rule, filled_fields, known_sources, named_once

RULES: tuple[Rule, ...] = (
    Rule("named-once", ("R.2",), "Nothing is named twice in a list.", named_once(rows={"sources": "key"})),
    Rule(
        "known-sources",
        ("R.3", "R.7"),
        "References and links name one of the record's sources.",
        known_sources("references", "links"),
    ),
    Rule("filled-fields", ("R.3",), "References name fields that are filled.", filled_fields),
)
