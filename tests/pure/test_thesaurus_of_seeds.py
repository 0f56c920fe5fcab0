"""The seeds' thesaurus: whole in nine languages; it names what officers say, and mistakes no other words for it."""

from collections.abc import Mapping
from graphlib import TopologicalSorter

import pytest

from services.api.thesaurus.schemas import ConceptCreate
from services.search.thesaurus import LANGUAGES, Thesaurus
from tests.harness.paths import SEEDS
from tools.seeds import Seeds

LEAST = 150
"""Concepts of a thesaurus that covers the field."""

SAID = {
    "temporeros": {"seasonal-workers"},
    "jornaleros": {"seasonal-workers", "day-labourers"},
    "braccianti": {"seasonal-workers", "farm-workers"},
    "Erntehelfer": {"seasonal-workers", "farm-workers"},
    "saisonniers": {"seasonal-workers"},
    "lucrători sezonieri": {"seasonal-workers"},
    "punëtorë sezonalë": {"seasonal-workers"},
    "العمال الموسميين": {"seasonal-workers"},
    "trabalhadores sazonais": {"seasonal-workers"},
    "Gastarbeiter": {"guest-workers"},
    "guest workers": {"guest-workers"},
    "MNA": {"unaccompanied-minors"},
    "UAM": {"unaccompanied-minors"},
    "menas": {"unaccompanied-minors"},
    "menores solos": {"unaccompanied-minors"},
    "القاصرين غير المصحوبين": {"unaccompanied-minors"},
    "badanti": {"caregivers"},
    "caregivers": {"caregivers"},
    "Pflegekräfte": {"caregivers", "nurses"},
    "sans-papiers": {"irregular-migrants"},
    "undocumented": {"irregular-migrants"},
    "empadronamiento": {"municipal-register"},
    "desplazados": {"internally-displaced-persons"},
    "ONG": {"ngos"},
    "FAMI": {"asylum-migration-and-integration-fund"},
    "AMIF": {"asylum-migration-and-integration-fund"},
    "ventanilla única": {"one-stop-shop"},
    "guichet unique": {"one-stop-shop"},
    "ghișeu unic": {"one-stop-shop"},
    "gender equality": {"gender-equality"},
    "parità di genere": {"gender-equality"},
    "Gleichstellung": {"gender-equality"},
    "return of talent": {"return-of-qualified-nationals"},
    "rientro dei cervelli": {"return-of-qualified-nationals"},
    "primăria": {"municipalities"},
    "sindacato": {"trade-unions"},
    "deportistas": {"sport"},
    "البلدية": {"municipalities"},
}
"""What officers say, and the concepts that it names, no others."""

MEANT_OTHERWISE = (
    *("national", "policies", "nature", "regular", "claim", "digital", "Rome", "șef"),
    *("menos", "el bien común", "sepan", "guardar", "habitación"),
    *("visant", "élevé", "commun", "retrait", "maçons"),
    *("Ausland", "Gründe", "entregar"),
    *("المدني", "المصالح", "المكتب", "المرحلة", "الجنسين"),
)
"""Everyday words that share letters or a stem with words of the field, and mean something else."""


@pytest.fixture(scope="module")
def concepts() -> Mapping[str, ConceptCreate]:
    return Seeds.read(SEEDS).concepts


@pytest.fixture(scope="module")
def thesaurus(concepts: Mapping[str, ConceptCreate]) -> Thesaurus:
    return Thesaurus.read(concept.model_dump() for concept in concepts.values())


def test_concepts_are_called_in_nine_languages_and_tied_to_known_ones(concepts: Mapping[str, ConceptCreate]) -> None:
    assert len(concepts) >= LEAST
    for code, concept in concepts.items():
        assert set(concept.labels) == set(LANGUAGES), code
        assert {*concept.broader, *concept.related} <= concepts.keys() - {code}, code


def test_nothing_falls_under_itself(concepts: Mapping[str, ConceptCreate]) -> None:
    TopologicalSorter({code: concept.broader for code, concept in concepts.items()}).prepare()


def test_each_preferred_word_names_its_concept(concepts: Mapping[str, ConceptCreate], thesaurus: Thesaurus) -> None:
    for code, concept in concepts.items():
        for label in concept.labels.values():
            assert code in {named.concept.code for named in thesaurus.named_in(label)}, f"{code}: {label}"


@pytest.mark.parametrize("said", SAID)
def test_what_officers_say_names_its_concepts(thesaurus: Thesaurus, said: str) -> None:
    assert {named.concept.code for named in thesaurus.named_in(said)} == SAID[said]


@pytest.mark.parametrize("word", MEANT_OTHERWISE)
def test_words_of_another_meaning_name_nothing(thesaurus: Thesaurus, word: str) -> None:
    assert not thesaurus.named_in(word)
