"""What a draft was begun with: answers that its form tells rather than asks for, unless something is wrong."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from services.portal import languages
from services.portal.answering import forms
from services.portal.answering.answers import said
from services.portal.page import Page
from services.portal.types import TYPES
from services.portal.upstream import Json, Refused


@dataclass(frozen=True)
class Given:
    """A question that is told with its answer: in which language that is, and the address of what it names."""

    label: str
    text: str
    language: str
    path: str = ""


def parted(
    questionnaire: Json, paths: Collection[str], content: Json, findings: Sequence[Json]
) -> tuple[Json, list[Json]]:
    """Return a form without the questions at `paths` that are answered rightly, and these; empty sections go. Pure."""
    wrong = {one["path"] for one in findings}
    told = [
        question
        for section in questionnaire["sections"]
        for question in section["questions"]
        if question["path"] in paths and question["path"] not in wrong and said(forms.at(content, question["path"]))
    ]
    sections = [
        {**section, "questions": [one for one in section["questions"] if one not in told]}
        for section in questionnaire["sections"]
    ]
    return {**questionnaire, "sections": [one for one in sections if one["questions"]]}, told


async def tell(page: Page, questions: Sequence[Json], content: Json) -> list[Given]:
    """Return what is told of some questions, with what is named called by its title."""
    return [await _told(page, one, str(forms.at(content, one["path"]))) for one in questions]


async def _told(page: Page, question: Json, answer: str) -> Given:
    label, names = question["label"], question["names"]
    try:
        if names == "authority":
            found = await page.reference.authority(page.upstream, answer)
            return Given(label, found["names"].get(page.lang, found["name"]), "und", f"/authorities/{found['slug']}")
        if names in TYPES and (one := await page.reference.titles(page.upstream, [f"{names}/{answer}"])):
            ((path, title, language),) = ((it["path"], it["title"], it["language"]) for it in one.values())
            return Given(label, title, language, path)
    except Refused:
        pass  # what it is called is not to be had: the answer itself is told
    if question["kind"] == "language":
        return Given(label, languages.name(answer, page.lang), page.lang)
    known = (await page.reference.terms(page.upstream)).of(question["vocabulary"] or "")
    return Given(label, known.get(answer, answer), page.lang if answer in known else "und")
