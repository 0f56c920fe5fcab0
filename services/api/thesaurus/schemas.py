"""Bodies of the thesaurus: a concept handed in, a concept as everybody sees it, the report on an import."""

import unicodedata
from typing import Annotated, Literal

from pydantic import BaseModel, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from services.api.kit.schema import Language, Schema, Text
from services.web.problems import Fault

MOST_ALTERNATIVES = 30
MOST_LANGUAGES = 50
MOST_BROADER, MOST_RELATED = 20, 100

Word = Annotated[str, Text(100, lines=False)]
"""A word or a phrase on one line, up to 100 characters."""
Code = Annotated[
    str,
    Text(
        80,
        pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$",
        meaning="lower-case ASCII letters, digits and single hyphens, such as 'seasonal-workers'",
    ),
    Field(examples=["seasonal-workers"]),
]


def same_word(word: str) -> str:
    """Return what two words share that differ in case or in how their accents are written."""
    return unicodedata.normalize("NFC", word).casefold()


class ConceptWrite(Schema):
    """A concept as it is handed in."""

    labels: dict[Language, Word] = Field(
        min_length=1, max_length=MOST_LANGUAGES, description="Preferred word by language"
    )
    alternatives: dict[Language, list[Word]] = Field(
        {}, max_length=MOST_LANGUAGES, description="Other words for it by language, 30 each at most"
    )
    broader: list[Code] = Field([], max_length=MOST_BROADER, description="Codes of the concepts that it falls under")
    related: list[Code] = Field(
        [], max_length=MOST_RELATED, description="Codes of concepts that it has to do with; these say so too then"
    )

    @field_validator("alternatives")
    @classmethod
    def _words_once(cls, alternatives: dict[str, list[str]], given: ValidationInfo) -> dict[str, list[str]]:
        for language, words in alternatives.items():
            if len(words) > MOST_ALTERNATIVES:
                raise PydanticCustomError(
                    "alternatives",
                    "{language}: {count} words; at most {most} are allowed",
                    {"language": language, "count": len(words), "most": MOST_ALTERNATIVES},
                )
            preferred = given.data.get("labels", {}).get(language)
            seen = {same_word(preferred)} if preferred else set()
            for word in words:
                if same_word(word) in seen:
                    raise PydanticCustomError(
                        "word_twice",
                        "{language}: '{word}' stands here twice, or is the preferred word already",
                        {"language": language, "word": word},
                    )
                seen.add(same_word(word))
        return alternatives


class ConceptCreate(ConceptWrite):
    """A concept of a file, with its code."""

    code: Code


class ConceptTerm(BaseModel):
    """A concept as a term of the vocabulary `thesaurus`."""

    code: str
    labels: dict[str, str]
    alternatives: dict[str, list[str]]
    broader: list[str]
    narrower: list[str]
    related: list[str]


class ConceptRead(ConceptTerm):
    """A concept as everybody sees it."""

    version: int
    updated_at: str


class ThesaurusRead(BaseModel):
    """The thesaurus as a vocabulary, its concepts by code."""

    type: Literal["vocabulary"]
    id: Literal["thesaurus"]
    terms: list[ConceptTerm]


Outcome = Literal["added", "changed", "unchanged", "edited here and kept", "refused"]


class ImportedConcept(BaseModel):
    """What became of a concept of a file."""

    code: str
    uri: str | None
    outcome: Outcome
    faults: list[Fault]


class NotKept(BaseModel):
    """What a file says that the thesaurus has no place for, and how often."""

    what: str
    count: int


class SharedWord(BaseModel):
    """A word that several concepts have: allowed, and searches take all of them."""

    language: str
    word: str
    concepts: list[str]


class ThesaurusReport(BaseModel):
    """What was done with a file, or would be."""

    written: bool = Field(description="False for a trial run")
    counts: dict[Outcome, int]
    concepts: list[ImportedConcept]
    not_kept: list[NotKept]
    shared_words: list[SharedWord] = Field(description="The first hundred words that several concepts have then")
