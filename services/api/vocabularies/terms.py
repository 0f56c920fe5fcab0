"""The closed vocabularies: stable codes with labels in four languages, read once from the files beside this one.

Countries, regions and currencies come from ISO 3166-1, UN M49 and ISO 4217 through pycountry and Babel, never from a
list of our own.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pycountry
import yaml
from babel import Locale
from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

LANGUAGES = ("en", "es", "fr", "it")
_FOLDER = Path(__file__).parent / "terms"


@cache
def vocabularies() -> dict[str, dict[str, dict[str, str]]]:
    """Return every vocabulary: name -> code -> language -> label, codes in their printed order."""
    printed = {path.stem: _read(path) for path in sorted(_FOLDER.glob("*.yaml"))}
    return printed | {"countries": _countries(), "currencies": _currencies(), "regions": _regions()}


def codes(vocabulary: str) -> tuple[str, ...]:
    """Return the codes of a vocabulary; raise `KeyError` for an unknown one."""
    return tuple(vocabularies()[vocabulary])


def spoken(lang: str) -> str:
    """Return the language of the labels that serve a wish for a language: it or its base, else English."""
    return next((tag for tag in (lang, lang.split("-")[0]) if tag in LANGUAGES), LANGUAGES[0])


def _read(path: Path) -> dict[str, dict[str, str]]:
    terms: dict[str, dict[str, str]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {str(code): labels for code, labels in terms.items()}


def _countries() -> dict[str, dict[str, str]]:
    return _territories(sorted(country.alpha_2 for country in pycountry.countries))


def _regions() -> dict[str, dict[str, str]]:
    return _territories(sorted(str(code) for code in Locale("en").territories if str(code).isdigit()))


def _territories(wanted: list[str]) -> dict[str, dict[str, str]]:
    names = {language: Locale(language).territories for language in LANGUAGES}
    return {code: {language: names[language][code] for language in LANGUAGES} for code in wanted}


def _currencies() -> dict[str, dict[str, str]]:
    """Label the currencies; where Babel lacks one in a language it is called as in English, else as ISO calls it."""
    names = {language: Locale(language).currencies for language in LANGUAGES}
    english = {one.alpha_3: names["en"].get(one.alpha_3, one.name) for one in pycountry.currencies}
    return {
        code: {language: names[language].get(code, english[code]) for language in LANGUAGES} for code in sorted(english)
    }


@dataclass(frozen=True, slots=True)
class Term:
    """Annotates a string that must be a code of one vocabulary; the JSON Schema lists the codes."""

    vocabulary: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.literal_schema(list(codes(self.vocabulary)))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "enum": list(codes(self.vocabulary)), "x-vocabulary": self.vocabulary}


class Name:
    """Annotates a string that must be the name of a closed vocabulary; the JSON Schema lists them."""

    @staticmethod
    def __get_pydantic_core_schema__(source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.literal_schema(list(vocabularies()))
