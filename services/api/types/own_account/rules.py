"""The rules that hold between the answers of an account."""

from services.api.forms.rules import Rule, named_once

RULES: tuple[Rule, ...] = (
    Rule(
        "named-once",
        ("III.2", "7.1"),
        "Nothing is named twice in a list.",
        named_once(rows={"account.features": "feature"}, values=("account.funds",)),
    ),
)
