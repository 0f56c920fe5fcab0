"""The questionnaire as everybody may read it: its questions in a language, its rules, and its JSON Schema."""

from functools import cache
from typing import Any, Literal

import orjson

from services.api.forms import wording
from services.api.forms.drafts import Report, check_draft, examine
from services.api.forms.form import QUESTIONS, SECTIONS, TIERS, Question, Tier, counted_questions
from services.api.forms.inputs import Column, Input, Kind
from services.api.types.practice.content import PracticeContent
from services.api.types.practice.rules import RULES
from services.api.vocabularies.terms import LANGUAGES, codes

Json = dict[str, Any]

Widget = Literal[
    "text", "textarea", "date", "url", "language", "yes-no", "radio", "select", "number", "list", "checkboxes", "table"
]
"""How a form may ask: `yes-no` leaves both open, `list` takes one text after another, `table` one row after another."""

SNAPSHOT_MINUTES = 15
"""What the snapshot is made to take; the full form is estimated at the same pace."""

_WIDGETS: dict[Kind, Widget] = {
    "text": "text",
    "long-text": "textarea",
    "date": "date",
    "url": "url",
    "language": "language",
    "yes-no": "yes-no",
    "code": "select",
    "integer": "number",
    "number": "number",
    "texts": "list",
    "codes": "checkboxes",
    "rows": "table",
}
_FEW = 6  # codes that are better seen at once


@cache
def schema() -> Json:
    """Return the JSON Schema of the content; rules between answers are beyond it."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **PracticeContent.model_json_schema()}


def shown(lang: str | None, tier: Tier) -> bytes:
    """Render the questionnaire (`QuestionnaireRead`) in a language, as far as a form asks it."""
    return _shown(wording.spoken(lang or "en"), tier)


@cache
def _shown(language: str, tier: Tier) -> bytes:
    sections = [
        {"name": name, "number": number, "title": wording.section(name, language), "questions": questions}
        for name, number in SECTIONS.items()
        if (questions := [_question(asked, language) for asked in _asked(tier) if asked.section == name])
    ]
    rules = [
        {"name": rule.name, "questions": rule.questions, "text": wording.rule(rule.name, language)} for rule in RULES
    ]
    return orjson.dumps(
        {
            "languages": LANGUAGES,
            "language": language,
            "tier": tier,
            "tiers": [{"name": name, "questions": counted_questions(name), "minutes": minutes(name)} for name in TIERS],
            "sections": sections,
            "rules": rules,
            "schema": schema(),
        }
    )


def _asked(tier: Tier) -> list[Question]:
    return [asked for asked in QUESTIONS if tier == "full" or asked.tier == tier]


def minutes(tier: Tier) -> int:
    """Return about how long a form takes, in minutes rounded up to five."""
    pace = SNAPSHOT_MINUTES / counted_questions("snapshot")
    return -(-round(counted_questions(tier) * pace) // 5) * 5


def _question(asked: Question, language: str) -> Json:
    return _input(asked, asked.path, language) | {
        "number": asked.number,
        "also": asked.also,
        "order": QUESTIONS.index(asked) + 1,
        "tier": asked.tier,
        "counted": asked.counted,
        "columns": [_column(asked, one, language) for one in asked.columns],
    }


def _column(asked: Question, one: Column, language: str) -> Json:
    return _input(one, f"{asked.path}.{one.path}", language) | {"required_in": one.required_in}


def _input(one: Input, path: str, language: str) -> Json:
    few = one.kind == "code" and len(codes(one.vocabulary or "")) <= _FEW
    return {
        "path": one.path,
        "label": wording.label(path, language),
        "help": wording.help(path, language),
        "kind": one.kind,
        "widget": "radio" if few else _WIDGETS[one.kind],
        "rows": _rows(one),
        "required": one.required,
        "vocabulary": one.vocabulary,
        "most": one.most,
        "longest": one.longest,
        "lines": one.lines,
        "minimum": one.minimum,
        "maximum": one.maximum,
        "default": one.default,
        "example": one.example,
    }


def _rows(one: Input) -> int:
    if one.lines:
        return one.lines
    return 1 if not one.longest else 3 if one.longest <= 2_000 else 12


def checked(content: Json) -> Report:
    """Examine a draft that could be saved; raises `Invalid` for one that could not."""
    return examine(check_draft(content))
