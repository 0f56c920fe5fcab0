"""A form: what is asked, and all that can be done with what is answered."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from services.api.forms import drafts, keys, privacy
from services.api.forms.catalogue import Catalogue
from services.api.forms.drafts import Known, Report
from services.api.forms.inputs import Input
from services.api.forms.shape import Group, shape_of
from services.api.forms.tidying import Tidied, filled
from services.api.forms.wording import Wording

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True, eq=False)
class Form(Catalogue):
    """What is asked of a record, in one model; everything else is derived from that and never retyped."""

    folder: Path
    """Where its words stand: one file a language beside English, `sections.yaml`, and `form.yaml` for its title."""

    @cached_property
    def words(self) -> Wording:
        """What sections, questions, columns and rules are called, in every language."""
        return Wording(self.folder, self.questions, self.rules)

    @cached_property
    def schema(self) -> Json:
        """The JSON Schema of the content; rules between answers are beyond it."""
        return {"$schema": "https://json-schema.org/draft/2020-12/schema", **self.model.model_json_schema()}

    @cached_property
    def shape(self) -> Group:
        """The content's fields in their order and of their types, as files hold them."""
        return shape_of(self.model, required=True)

    def examine(self, content: Mapping[str, Any], known: Known | None = None) -> Report:
        """Tell what is missing or wrong in a draft, all at once, in the form's order; takes any JSON, raises nothing.

        `known` tells which of the authorities and records that it names there are; without it, that is left open.
        """
        return drafts.examine(self, content, known)

    def tidied(self, content: Mapping[str, Any]) -> Json:
        """Return a draft without its blanks."""
        return Tidied(self, content).content

    def filled(self, content: Mapping[str, Any]) -> Json:
        """Return a draft with what holds where nothing is answered; what a record must have and lacks stays out."""
        return filled(self.model, content)

    def keyed(self, content: Json, before: Mapping[str, Any] | None = None) -> Json:
        """Return a content or draft whose rows have keys where its lists have them, itself when none lacks one.

        Made are keys that neither it nor `before`, what it was at first, has anywhere.
        """
        return keys.keyed(self.keyed_lists, content, before)

    @cached_property
    def private(self) -> tuple[str, ...]:
        """The paths of what is no part of anything public, such as `review.note` or, in rows, `plan.actions.cost`."""
        return privacy.private_places(self.questions)

    def is_private(self, path: str) -> bool:
        """Tell whether a path leads to, or into, what is private."""
        return privacy.lies_in(path, self.private)

    def public(self, content: Json) -> Json:
        """Return what everybody may see of a content: the one way out. It is the same object where nothing is private.

        References to what is left out are left out too.
        """
        return privacy.shown(content, self.private) if self.private else content

    def public_translations(self, translations: Json) -> Json:
        """Return what everybody may see of texts in other languages, by language and path."""
        if not self.private:
            return translations
        shown = {
            language: {path: text for path, text in texts.items() if not self.is_private(path)}
            for language, texts in translations.items()
        }
        return {language: texts for language, texts in shown.items() if texts}

    def may_be_translated(self, path: str) -> bool:
        """Tell whether what stands at a path, where it is in a row, is text: a translated code would be another one."""
        try:
            return self.column(path).free
        except KeyError:
            return True

    def label(self, path: str, lang: str = "en") -> str:
        """Return the short name of what a path such as `how.results[0]` or `initiative.budget[0].currency` lies in.

        Of a value in a part of a row it names the part first: `Sum – Currency`. Raises `KeyError` for no question.
        """
        return self.words.label(self._input(path), lang)

    def help(self, path: str, lang: str = "en") -> str:
        """Return what is asked for at a path; raises `KeyError` for a path in no question."""
        return self.words.help(self._input(path), lang)

    def _input(self, path: str) -> Input:
        asked = self.question(path)
        try:
            return self.column(path)
        except KeyError:
            return asked
