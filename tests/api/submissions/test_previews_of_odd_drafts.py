"""Previews of drafts that hold what no record can: they are shown all the same."""

import pytest

from tests.api.submissions.support import begin
from tests.harness.support import Api, Json, Template


@pytest.mark.parametrize("language", [5, ["en"], {"a": 1}, None])
def test_a_language_that_is_no_text_is_undetermined(api: Api, template: Template, language: object) -> None:
    case = begin(api, template.alba, {"language": language, "initiative": {"title": "Nurses"}})
    shown = api.get(f"/submissions/{case['id']}/preview", template.alba)
    assert shown.status_code == 200, shown.text
    assert shown.json()["title"] == {"und": "Nurses"}


@pytest.mark.parametrize(
    "translations",
    [
        {"es": "x"},
        {"es": {"initiative.title": 5}},
        {"es": {"initiative.title": {"text": 5}}},
        {"es": {"initiative.title": {"status": "human"}}},
    ],
)
def test_translations_that_are_none_are_left_out(api: Api, template: Template, translations: Json) -> None:
    good = {"fr": {"initiative.title": {"text": "Infirmières", "status": "human"}}}
    content = {"language": "en", "initiative": {"title": "Nurses"}}
    case = begin(api, template.alba, content, translations=translations | good)
    shown = api.get(f"/submissions/{case['id']}/preview", template.alba)
    assert shown.status_code == 200, shown.text
    assert shown.json()["title"] == {"en": "Nurses", "fr": "Infirmières"}
    assert shown.json()["translations"] == good
