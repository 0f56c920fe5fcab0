"""What a draft is worth: what is missing in it, and what lists show of it."""

from typing import Any

from pydantic import ValidationError
from sqlmodel import Session

from services.api.forms.drafts import Finding, Report
from services.api.forms.paths import text_at, value_at
from services.api.forms.tidying import Tidied
from services.api.forms.types import RecordType
from services.api.records import names, own_words, schemas
from services.api.records.own_words import NOBODY, Refusal, Teller
from services.web.problems import fault_of

Json = dict[str, Any]


def report(session: Session, type: RecordType, content: Json, translations: Json, teller: Teller = NOBODY) -> Report:
    """Examine a draft with its translations: what is missing, what is wrong, what it names that is not there.

    `teller` is whose words they are.
    """
    found = type.form.examine(content, names.known(session))
    if refused := list(own_words.refusals(session, type, content, teller)):
        told = [_refused(type, one) for one in refused]
        return Report(completeness=found.completeness, findings=(*found.findings, *told), content=None)
    if found.content is None or not translations:
        return found
    try:
        body = {"content": found.content, "translations": followed(type, content, translations)}
        schemas.of(type).write.model_validate(body)
    except ValidationError as error:
        faults = [fault_of({**entry, "loc": ("body", *entry["loc"])}) for entry in error.errors()]
        wrong = [
            Finding(question=None, path=fault.field, kind="wrong", message=fault.message, allowed=fault.allowed)
            for fault in faults
        ]
        return Report(completeness=found.completeness, findings=tuple(wrong), content=None)
    return found


def _refused(type: RecordType, one: Refusal) -> Finding:
    number = type.form.question(one.path).number
    return Finding(question=number, path=one.path, kind="wrong", message=one.message, allowed=one.allowed)


def followed(type: RecordType, content: Json, translations: Json) -> Json:
    """Return a draft's translations with the paths that their texts have once the draft's blanks are dropped."""
    draft = Tidied(type.form, content)
    return {
        language: {draft.moved(path): text for path, text in texts.items()} if isinstance(texts, dict) else texts
        for language, texts in translations.items()
    }


def translated(translations: Json) -> Json:
    """Return of a draft's translations those that are texts with what they are, as a record has them."""
    found = {
        language: {path: one for path, one in texts.items() if text_at(one, "text") and text_at(one, "status")}
        for language, texts in translations.items()
        if isinstance(texts, dict)
    }
    return {language: texts for language, texts in found.items() if texts}


def measured(session: Session, type: RecordType, content: Json, translations: Json, teller: Teller = NOBODY) -> Json:
    """Return what lists show of a draft; `teller` is whose words they are."""
    found = report(session, type, content, translations, teller)
    title = value_at(content, type.title)
    return {
        "title": " ".join(title.split())[:300] if isinstance(title, str) else "",
        "snapshot": found.completeness.snapshot,
        "full": found.completeness.full,
        "ready": found.ready,
    }
