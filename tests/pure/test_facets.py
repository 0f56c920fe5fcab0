"""The table of facets: the codes of records, and what codes are called."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.search.codes import keyword
from services.search.engines.meilisearch.schema import LONGEST_VALUE, safe
from services.search.facets import facets
from services.search.labels import Labels, pick
from services.search.types import TYPES
from tests.search.support import TERMS, Json, authority, practice, uid

FACET = facets()
FACETS = tuple(FACET.values())
ROME = authority(7, "roma", "Roma", {"en": "Rome"}, level="municipality")
LABELS = Labels(TERMS, {"roma": ROME})

RICH = practice(
    1,
    content={
        "initiative": {
            "countries": [
                {"country": "SN", "roles": ["origin", "transit"]},
                {"country": "IT", "roles": ["destination"]},
                {"region": "015", "roles": ["origin"]},
                {"country": "ES"},
            ],
            "budget_sources": [{"kind": "eu"}, {"kind": "local"}, {"kind": "eu"}],
            "budget": [
                {"amount": 99_999.99, "currency": "EUR", "scope": "total"},
                {"amount": 5_000_000, "currency": "EUR", "scope": "part"},
            ],
        },
        "what": {
            "priorities": [
                {"priority": "rights", "assessed_by": "editor"},
                {"priority": "capacities", "assessed_by": "source"},
            ],
            "policy_areas": ["language"],
            "keywords": ["Seasonal  Work", "Codesarrollo"],
            "sdgs": ["1", "10"],
        },
        "when": {"start": "1999-05", "end": "2003"},
        "who": {
            "target_groups": [{"who": "Some", "groups": ["women", "youth"]}, {"who": "Others", "groups": ["women"]}],
            "authorities": [{"name": "Lazio", "level": "region"}],
        },
        "why": {"features": [{"feature": "adaptability", "statement": "So", "assessed_by": "editor"}]},
    },
    authorities=(ROME,),
    tier="peer-reviewed",
    state="archived",
    completeness={"snapshot": 100, "full": 49},
)


def test_codes_of_a_record() -> None:
    declared = TYPES["practice"].facets
    assert {facet.name: sorted(set(facet.codes(RICH))) for facet in declared} == {
        "priority": ["capacities", "rights"],
        "feature": ["adaptability"],
        "policy_area": ["language"],
        "target_group": ["women", "youth"],
        "keyword": ["codesarrollo", "seasonal work"],
        "country_of_origin": ["015", "SN"],
        "country_of_destination": ["IT"],
        "country": ["015", "ES", "IT", "SN"],
        "corridor": ["015-IT", "SN-IT"],
        "authority": ["roma"],
        "level": ["municipality", "region"],
        "sdg": ["1", "10"],
        "budget_source": ["eu", "local"],
        "budget_band": ["EUR:10k-100k"],
        "currency": ["EUR"],
        "provenance": ["extracted"],
        "tier": ["peer-reviewed"],
        "state": ["archived"],
        "completeness": ["25-49"],
        "decade": ["1990s"],
        "ongoing": ["false"],
        "relation": [],
        "language": ["en"],
        "type": ["practice"],
    }


@pytest.mark.parametrize(
    ("amount", "band"),
    [
        (0, "0-10k"),
        (9_999.99, "0-10k"),
        (10_000, "10k-100k"),
        (100_000, "100k-1m"),
        (999_999.99, "100k-1m"),
        (1_000_000, "1m-10m"),
        (10_000_000, "10m-or-more"),
    ],
)
def test_bands_hold_their_least_amount(amount: float, band: str) -> None:
    record = practice(1, content={"initiative": {"budget": [{"amount": amount, "currency": "MXN", "scope": "total"}]}})
    assert list(FACET["budget_band"].codes(record)) == [f"MXN:{band}"]


@pytest.mark.parametrize(
    ("percent", "band"),
    [
        (0, "0-24"),
        (24, "0-24"),
        (25, "25-49"),
        (49, "25-49"),
        (50, "50-74"),
        (74, "50-74"),
        (75, "75-100"),
        (100, "75-100"),
    ],
)
def test_bands_hold_their_least_percentage(percent: int, band: str) -> None:
    record = practice(1, completeness={"snapshot": 100, "full": percent})
    assert list(FACET["completeness"].codes(record)) == [band]
    assert LABELS.has("completeness", band)


def test_corridors_join_each_origin_with_each_other_destination_and_stay_bounded() -> None:
    def corridors(*countries: tuple[str, list[str]]) -> list[str]:
        involved = [{"country": code, "roles": roles} for code, roles in countries]
        return list(FACET["corridor"].codes(practice(1, content={"initiative": {"countries": involved}})))

    both = ["origin", "destination"]
    assert corridors(("MA", both), ("ES", both), ("SN", ["transit"]), ("IT", [])) == ["MA-ES", "ES-MA"]
    assert corridors(("MA", both)) == corridors(("MA", ["origin"])) == []
    codes = list(TERMS["countries"])[:30]
    everywhere = corridors(*((code, both) for code in codes))
    assert everywhere == [f"{codes[0]}-{end}" for end in codes[1:]] + [
        f"{codes[1]}-{end}" for end in codes[:22] if end != codes[1]
    ]
    assert len(everywhere) == 50


def test_the_country_of_an_authority_counts_for_the_case_and_for_no_role() -> None:
    rabat = authority(8, "rabat", "Rabat", country="MA")
    content = {
        "initiative": {
            "countries": [{"country": "SN", "roles": ["origin"]}, {"country": "IT", "roles": ["destination"]}]
        },
        "who": {
            "authorities": [
                {"name": "Rabat", "authority": "rabat", "country": "DZ"},
                {"name": "Cartaya", "country": "ES"},
                {"name": "Anywhere"},
            ]
        },
    }
    record = practice(1, content=content) | {"authorities": [rabat]}
    assert list(FACET["country"].codes(record)) == ["SN", "IT", "MA", "ES"], "as the base knows it, else as is said"
    assert list(FACET["country_of_origin"].codes(record)) == ["SN"]
    assert list(FACET["country_of_destination"].codes(record)) == ["IT"]
    assert list(FACET["corridor"].codes(record)) == ["SN-IT"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Seasonal Work", "seasonal work"),
        ("\u00a0seasonal\u2003work ", "seasonal work"),
        ("Cooperación", "cooperacion"),
        ("COOPERACIO\u0301N", "cooperacion"),
        ("Ġenerazzjoni m\u0303", "generazzjoni m"),
        ("Ελλάς", "ελλας"),
        ("ΕΛΛΆΣ", "ελλας"),
        ("Трудовой", "трудовой"),
        ("मज़दूर", unicodedata.normalize("NFC", "मज़दूर")),
        ("عمل موسمي", "عمل موسمي"),
        ("が", "が"),
        ('R&D: 100 % + "more" \\', 'r&d: 100 % + "more" \\'),
        ("\U00100000", "?"),
    ],
)
def test_keywords_that_differ_in_case_spaces_or_accents_alone_are_one(text: str, code: str) -> None:
    record = practice(1, content={"what": {"keywords": [text]}})
    assert list(FACET["keyword"].codes(record)) == [code]
    assert LABELS.canonical("keyword", text) == code
    assert LABELS.label("keyword", code, "es") == code


@given(st.text(min_size=1, max_size=60))
def test_the_code_of_a_keyword_is_its_own_code_and_fits_every_engine(text: str) -> None:
    code = keyword(text)
    assert keyword(code) == code == " ".join(code.split())
    assert len(code) <= 60
    assert len(safe(code)) <= LONGEST_VALUE
    assert code or not text.strip()


def test_a_record_from_before_keywords_has_none() -> None:
    older = practice(1)
    del older["content"]["what"]["keywords"]
    assert list(FACET["keyword"].codes(older)) == []


def test_a_record_of_an_older_base_tells_nothing_of_its_review() -> None:
    older = {name: held for name, held in RICH.items() if name not in ("tier", "state", "completeness")}
    for facet in ("tier", "state", "completeness"):
        assert list(FACET[facet].codes(older)) == []


def test_every_vocabulary_of_the_table_exists_and_every_fixed_value_is_labelled() -> None:
    for facet in FACETS:
        assert set(facet.vocabularies) <= set(TERMS), facet.name
        assert facet.vocabularies or facet.pattern or facet.naming.fixed
        for code in facet.naming.fixed or ():
            assert set(facet.naming.names(LABELS, code)) == {"en", "es", "fr", "it"}


@pytest.mark.parametrize(
    ("facet", "code", "language", "label"),
    [
        ("priority", "remittances", "it", "Rimesse"),
        ("priority", "remittances", "it-CH", "Rimesse"),
        ("priority", "remittances", "sq", "Remittances"),
        ("priority", "remittances", None, "Remittances"),
        ("country", "SN", "fr", "Sénégal"),
        ("country", "015", "es", "África septentrional"),
        ("corridor", "MA-ES", "en", "Morocco → Spain"),
        ("corridor", "MA-ES", "es-MX", "Marruecos → España"),
        ("corridor", "015-IT", "fr", "Afrique septentrionale → Italie"),
        ("corridor", "XX-IT", "sq", "XX → Italy"),
        ("authority", "roma", "en", "Rome"),
        ("authority", "roma", "fr", "Roma"),
        ("authority", "gone", "fr", "gone"),
        ("language", "sq", "fr", "albanais"),
        ("language", "pt-BR", None, "Portuguese"),
        ("decade", "1990s", "es", "1990–1999"),
        ("budget_band", "EUR:100k-1m", "es", "EUR 100,000–1,000,000"),
        ("budget_band", "EUR:10m-or-more", None, "EUR ≥ 10,000,000"),
        ("currency", "MAD", "fr", "dirham marocain"),
        ("currency", "QQQ", "fr", "QQQ"),
        ("ongoing", "true", "es", "En curso"),
        ("type", "practice", "fr", "Pratique"),
        ("tier", "network", "it", "Pubblicata dalla rete"),
        ("state", "archived", None, "Archived: no longer kept up"),
        ("completeness", "25-49", "fr", "25–49 % complète"),
    ],
)
def test_labels(facet: str, code: str, language: str | None, label: str) -> None:
    assert LABELS.label(facet, code, language) == label


def test_an_id_of_an_authority_stands_for_its_slug() -> None:
    assert LABELS.canonical("authority", uid(7)) == "roma"
    assert LABELS.canonical("authority", "roma") == "roma"


@pytest.mark.parametrize(
    ("facet", "text", "found"),
    [
        ("country", "senég", ["SN"]),
        ("country", "SENEGAL", ["SN"]),
        ("country", "sn", ["SN"]),
        ("country", "korea south", ["KR"]),
        ("authority", "rom", ["roma"]),
        ("priority", "dirit", ["rights"]),
        ("priority", "zzz", []),
    ],
)
def test_matching_begins_any_word_in_any_language_without_accents(facet: str, text: str, found: list[str]) -> None:
    assert LABELS.matching(facet, text, LABELS.codes(facet) or ()) == found


def test_corridors_match_by_either_end_in_any_language() -> None:
    codes = ["MA-ES", "MA-IT", "SN-IT"]
    assert LABELS.matching("corridor", "marru", codes) == ["MA-ES", "MA-IT"]
    assert LABELS.matching("corridor", "ital maroc", codes) == ["MA-IT"]
    assert LABELS.matching("corridor", "SN-IT", codes) == ["SN-IT"]
    assert LABELS.matching("corridor", "", codes) == codes


def test_labels_change_version_when_anything_is_called_otherwise() -> None:
    renamed: Json = {**ROME, "name": "Urbs"}
    assert Labels(TERMS, {"roma": renamed}).version != LABELS.version
    assert Labels({**TERMS, "priorities": {}}, {"roma": ROME}).version != LABELS.version
    assert Labels(dict(reversed(TERMS.items())), {"roma": ROME}).version == LABELS.version


@pytest.mark.parametrize(
    ("language", "picked"),
    [("pt", "pt-BR"), ("pt-BR", "pt-BR"), ("en-GB", "en"), ("fr", None), (None, None)],
)
def test_pick(language: str | None, picked: str | None) -> None:
    assert pick({"en": "a", "pt-BR": "b"}, language) == picked
