"""The closed vocabularies: stable codes, labelled in four languages."""

import pycountry
import pytest
from pydantic import TypeAdapter, ValidationError

from services.api.kit.schema import Language
from services.api.vocabularies.terms import LANGUAGES, codes, vocabularies
from tests.harness.support import Api, check_problem

STABLE = {
    "priorities": ["remittances", "capacities", "communities", "rights"],
    "features": [
        "ownership-and-participation",
        "economic-and-social-impact",
        "cost-efficiency-and-effectiveness",
        "institutional-dimension",
        "valorisation-of-differences",
        "adaptability",
        "transferability",
        "limitations-and-improvements",
    ],
    "authority-levels": [
        "municipality",
        "association-of-municipalities",
        "province-county",
        "region",
        "state",
        "national",
        "other",
    ],
    "country-roles": ["origin", "transit", "destination"],
    "translation-statuses": ["human", "machine", "outdated"],
    "sdgs": [str(number) for number in range(1, 18)],
    "gcm-objectives": [str(number) for number in range(1, 24)],
    "countries": sorted(country.alpha_2 for country in pycountry.countries),
    "currencies": sorted(currency.alpha_3 for currency in pycountry.currencies),
    "evidence": ["own-account", "editor-from-print", "published-source", "monitoring", "peer", "external-evaluation"],
    "evidence-says": ["worked", "mixed", "did-not"],
}


@pytest.mark.parametrize("name", STABLE)
def test_codes_are_stable(name: str) -> None:
    assert list(codes(name)) == STABLE[name]


def test_currencies_are_called_as_everywhere_else() -> None:
    called = vocabularies()["currencies"]
    assert called["USD"] == {
        "en": "US Dollar",
        "es": "dólar estadounidense",
        "fr": "dollar des États-Unis",
        "it": "dollaro statunitense",
    }
    assert called["VED"]["it"] == called["VED"]["en"] != "VED", "a language without a name for it takes the English one"
    assert called["XAD"]["en"] == pycountry.currencies.get(alpha_3="XAD").name


@pytest.mark.parametrize("name", vocabularies())
def test_every_term_has_a_label_in_four_languages(name: str) -> None:
    for code, labels in vocabularies()[name].items():
        assert set(labels) == set(LANGUAGES) == {"en", "es", "fr", "it"}, code
        assert all(isinstance(label, str) and label.strip() == label != "" for label in labels.values()), code
    for language in LANGUAGES:
        labels_of = [labels[language] for labels in vocabularies()[name].values()]
        assert len(set(labels_of)) == len(labels_of), f"two terms of {name} look alike in {language}"


def test_they_are_read_over_http_and_in_the_feed(api: Api) -> None:
    feed = api.get("/changes?limit=1000").json()["changes"]
    records = {one["id"]: one["record"] for one in feed if one["type"] == "vocabulary"}
    listed = api.get("/vocabularies").json()
    assert [one["name"] for one in listed] == [*vocabularies(), "thesaurus"] == list(records)
    for one in listed:
        read = api.get(f"/vocabularies/{one['name']}").json()
        assert read == records[one["name"]]
        assert len(read["terms"]) == one["terms"]
        if one["name"] != "thesaurus":
            assert [term["code"] for term in read["terms"]] == list(codes(one["name"]))
            assert all(term.keys() == {"code", "labels"} for term in read["terms"])
    assert "priorities" in check_problem(api.get("/vocabularies/nothing"), 404)["detail"]


def labels(api: Api, query: str) -> tuple[str, dict[str, dict[str, str]]]:
    body = api.get(f"/labels{query}").json()
    assert body.keys() == {"language", "vocabularies"}
    return body["language"], body["vocabularies"]


@pytest.mark.parametrize(
    ("asked", "language"), [("", "en"), ("?lang=es", "es"), ("?lang=es-MX", "es"), ("?lang=pt", "en")]
)
def test_all_labels_of_a_language_are_read_at_once(api: Api, asked: str, language: str) -> None:
    spoken, found = labels(api, asked)
    assert spoken == language
    assert list(found) == list(vocabularies())
    for name, terms in vocabularies().items():
        assert list(found[name].items()) == [(code, called[language]) for code, called in terms.items()]


def test_labels_of_some_vocabularies(api: Api) -> None:
    _, found = labels(api, "?lang=fr&vocabulary=sdgs&vocabulary=features&vocabulary=sdgs")
    assert list(found) == ["features", "sdgs"]
    assert found["features"].keys() == set(codes("features"))


def test_labels_are_cached_by_everybody(api: Api) -> None:
    read = api.get("/labels?lang=it")
    assert "public" in read.headers["cache-control"]
    again = api.get("/labels?lang=it", headers={"If-None-Match": read.headers["etag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("asked", ["nothing", "thesaurus", ""])
def test_labels_of_an_unknown_vocabulary_are_refused(api: Api, asked: str) -> None:
    (fault,) = check_problem(api.get(f"/labels?vocabulary=sdgs&vocabulary={asked}"), 422)["errors"]
    assert (fault["field"], fault["value"]) == ("vocabulary[1]", asked)
    assert fault["allowed"] == list(vocabularies())


def test_languages_are_those_of_iso_639() -> None:
    language = TypeAdapter(Language)
    for known in pycountry.languages:
        tag = getattr(known, "alpha_2", known.alpha_3)
        assert language.validate_python(tag) == tag
    for tag in ("pt-BR", "sr-Latn-RS", "es-419"):
        assert language.validate_python(tag) == tag
    for tag in ("xx", "EN", "en_GB", "en-gb", "english", ""):
        with pytest.raises(ValidationError):
            language.validate_python(tag)
