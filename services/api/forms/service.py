"""A form as everybody may read it: its questions in a language, its rules, and its JSON Schema."""

from functools import cache
from typing import Any, Literal

import orjson

from services.api.forms.catalogue import EXTENTS, Extent, Question
from services.api.forms.drafts import Known, Report, check_draft
from services.api.forms.form import Form
from services.api.forms.inputs import Column, Input, Kind
from services.api.vocabularies.terms import LANGUAGES, codes, spoken

Json = dict[str, Any]

Widget = Literal[
    "text", "textarea", "date", "url", "language", "yes-no", "radio", "select", "number", "list", "checkboxes", "table"
]
"""How a form may ask: `yes-no` leaves both open, `list` takes one text after another, `table` one row after another."""

SHORT_MINUTES = 15
"""What the short form is made to take; the full form is estimated at the same pace."""

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


def shown(form: Form, lang: str | None, extent: Extent) -> bytes:
    """Render a form (`QuestionnaireRead`) in a language, as far as its short or full form asks it."""
    return _shown(form, spoken(lang or "en"), extent)


@cache
def _shown(form: Form, language: str, extent: Extent) -> bytes:
    sections = [
        {"name": name, "number": number, "title": form.words.section(name, language), "questions": questions}
        for name, number in form.sections.items()
        if (questions := [_question(form, asked, language) for asked in form.asked(extent) if asked.section == name])
    ]
    rules = [
        {"name": rule.name, "questions": rule.questions, "text": form.words.rule(rule.name, language)}
        for rule in form.rules
    ]
    return orjson.dumps(
        {
            "languages": LANGUAGES,
            "language": language,
            "form": extent,
            "forms": [
                {"name": one, "questions": form.counted_questions(one), "minutes": minutes(form, one)}
                for one in EXTENTS
            ],
            "sections": sections,
            "rules": rules,
            "schema": form.schema,
        }
    )


def minutes(form: Form, extent: Extent) -> int:
    """Return about how long a form takes, in minutes rounded up to five."""
    pace = SHORT_MINUTES / max(1, form.counted_questions("short"))
    return -(-round(form.counted_questions(extent) * pace) // 5) * 5


def _question(form: Form, asked: Question, language: str) -> Json:
    return _input(form, asked, language) | {
        "number": asked.number,
        "also": asked.also,
        "order": form.questions.index(asked) + 1,
        "form": asked.extent,
        "counted": asked.counted,
        "columns": [_column(form, one, language) for one in asked.columns if one.kind != "key"],
    }


def _column(form: Form, one: Column, language: str) -> Json:
    return _input(form, one, language) | {"required_in": one.required_in}


def _input(form: Form, one: Input, language: str) -> Json:
    few = one.kind == "code" and len(codes(one.vocabulary or "")) <= _FEW
    return {
        "path": one.path,
        "label": form.words.label(one, language),
        "help": form.words.help(one, language),
        "kind": one.kind,
        "widget": "radio" if few else _WIDGETS[one.kind],
        "rows": _rows(one),
        "required": one.required,
        "vocabulary": one.vocabulary,
        "names": one.names,
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


def checked(form: Form, content: Json, known: Known | None = None) -> Report:
    """Examine a draft that could be saved; raises `Invalid` for one that could not."""
    return form.examine(check_draft(content), known)
