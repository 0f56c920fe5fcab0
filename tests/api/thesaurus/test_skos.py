"""SKOS out and in: what goes out comes back the same, what is not kept is told, and hostile files are refused."""

import itertools
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from services.api.kit.schema import language_codes
from services.api.thesaurus import network, skos
from services.api.thesaurus.schemas import ConceptWrite, same_word
from services.web.problems import Invalid
from tests.api.thesaurus.support import CONCEPTS, add_three, change, terms
from tests.harness.depth import examples
from tests.harness.support import Api, Json, Template, check_problem, running

BASE = "https://praxis.example/api/v1/vocabularies/thesaurus/concepts/"
TURTLE = "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n@prefix : <https://else.example/voc#> .\n"
RDF = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
    'xmlns:skos="http://www.w3.org/2004/02/skos/core#">'
)

codes = some.from_regex(r"[a-z0-9]{1,8}(-[a-z0-9]{1,8}){0,2}", fullmatch=True)
tags = some.sampled_from(["en", "es", "fr", "it", "de", "pt", "ar", "ro", "sq", "pt-BR", "sr-Latn-RS", "es-419", "tzm"])
words = (
    some.text(some.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40)
    .map(str.strip)
    .filter(bool)
)


def valid(body: Json) -> bool:
    try:
        ConceptWrite.model_validate(body)
    except ValueError:
        return False
    return True


@some.composite
def thesauri(draw: Any) -> dict[str, network.Content]:
    """Draw concepts that fall under earlier ones, and are related to any."""
    names = draw(some.lists(codes, min_size=1, max_size=6, unique=True))
    drawn = {}
    for place, code in enumerate(names):
        body = {
            "labels": draw(some.dictionaries(tags, words, min_size=1, max_size=4)),
            "alternatives": draw(
                some.dictionaries(tags, some.lists(words, max_size=4, unique_by=same_word), max_size=3)
            ),
            "broader": draw(some.lists(some.sampled_from(names[:place]), unique=True)) if place else [],
            "related": draw(some.lists(some.sampled_from([one for one in names if one != code]), unique=True))
            if len(names) > 1
            else [],
        }
        if not valid(body):
            body["alternatives"] = {}
        if valid(body):
            drawn[code] = network.content_of(ConceptWrite.model_validate(body))
    here = {
        code: content | {name: [one for one in content[name] if one in drawn] for name in ("broader", "related")}
        for code, content in drawn.items()
    }
    return network.joined({}, here)


@settings(deadline=None, max_examples=examples(300))
@given(thesauri(), some.sampled_from([BASE, "urn:praxis:thesaurus:"]))
def test_what_goes_out_comes_back(thesaurus: dict[str, network.Content], base: str) -> None:
    read = skos.read(skos.write(thesaurus, base, "turtle"), "turtle", most=100)
    assert not read.not_kept
    assert {one.code: network.content_of(one.concept) for one in read.concepts if one.concept} == thesaurus


def test_the_scheme_is_read_anywhere() -> None:
    content = network.content_of(ConceptWrite.model_validate({"labels": {"pt-BR": "um"}, "related": []}))
    text = skos.write({"one": content}, BASE, "turtle").decode()
    for said in ("skos:ConceptScheme", "skos:inScheme", "skos:topConceptOf", 'skos:notation "one"', '"um"@pt'):
        assert said in text
    assert b"prefLabel" in skos.write({"one": content}, BASE, "json-ld")


def test_all_languages_of_the_base_are_written_as_usual() -> None:
    for code in language_codes():
        assert skos.tag_of(code.upper()) == code
    assert [skos.tag_of(tag) for tag in ("PT-br", "SR-LATN-rs", "es-419")] == ["pt-BR", "sr-Latn-RS", "es-419"]


def sent(api: Api, key: str, file: str | bytes, media_type: str = "text/turtle", query: str = "") -> Any:
    return api.post(
        f"/vocabularies/thesaurus/import{query}",
        key,
        content=file.encode() if isinstance(file, str) else file,
        headers={"Content-Type": media_type},
    )


@pytest.mark.each_database
def test_a_file_is_tried_out_then_taken_in(api: Api, template: Template) -> None:
    key = template.secretariat
    add_three(api, key)
    own = api.get("/vocabularies/thesaurus.ttl")
    assert own.headers["content-type"].startswith("text/turtle")
    again = sent(api, key, own.content).json()
    assert (again["counts"], again["not_kept"]) == ({"unchanged": 3}, [])
    before = change(api)
    file = (
        TURTLE
        + """
        :migrant-workers a skos:Concept ; skos:prefLabel "migrant workers"@EN ; skos:definition "Who works."@en .
        :return a skos:Concept ; skos:prefLabel "return"@en , "retour"@fr , "rückkehr" ; skos:altLabel "homecoming"@en ;
            skos:hiddenLabel "retrun"@en ; skos:broader :circular-migration ; skos:narrower :reintegration .
        :reintegration a skos:Concept ; skos:prefLabel "Migrant workers"@en ; skos:related :seasonal-workers .
        :lost a skos:Concept ; skos:prefLabel "lost"@en ; skos:broader :nowhere .
        :after-lost a skos:Concept ; skos:prefLabel "after"@en ; skos:broader :lost .
        :one a skos:Concept ; skos:prefLabel "one"@en ; skos:broader :two .
        :two a skos:Concept ; skos:prefLabel "two"@en ; skos:broader :one .
        :long a skos:Concept ; skos:prefLabel "%s"@en .
        :seasonal-workers a skos:Concept ; skos:notation "seasonal-workers" ; skos:prefLabel "seasonal workers"@en ,
            "trabajadores de temporada"@es , "عمال موسميون"@ar ; skos:altLabel "temporeros"@es , "jornaleros"@es ;
            skos:broader :migrant-workers ; skos:related :circular-migration , :reintegration .
        [] a skos:Concept ; skos:prefLabel "nameless"@en .
        """
        % ("w" * 101)
    )
    trial = sent(api, key, file, query="?dry_run=true").json()
    assert not trial["written"]
    assert {one["code"]: one["outcome"] for one in trial["concepts"]} == {
        "migrant-workers": "changed",
        "return": "added",
        "reintegration": "added",
        "lost": "refused",
        "after-lost": "refused",
        "one": "refused",
        "two": "refused",
        "long": "refused",
        "seasonal-workers": "changed",
    }
    faults = {one["code"]: one["faults"] for one in trial["concepts"]}
    assert "nowhere" in faults["lost"][0]["message"]
    assert "'lost'" in faults["after-lost"][0]["message"]
    assert "circle" in faults["one"][0]["message"]
    assert "100" in faults["long"][0]["message"]
    assert {one["what"]: one["count"] for one in trial["not_kept"]} == {
        "skos:definition": 1,
        "skos:prefLabel without a language": 1,
        "concepts without an address or a skos:notation": 1,
    }
    assert trial["shared_words"] == [
        {"language": "en", "word": "migrant workers", "concepts": ["migrant-workers", "reintegration"]}
    ]
    assert change(api) == before
    done = sent(api, key, file)
    assert done.json() == trial | {"written": True}
    assert change(api)["seq"] == before["seq"] + 1 == int(done.headers["praxis-seq"].split(".")[1])
    now = terms(api)
    assert now["return"]["alternatives"] == {"en": ["homecoming", "retrun"]}
    assert now["reintegration"]["broader"] == ["return"]
    assert now["migrant-workers"]["labels"] == {"en": "migrant workers"}
    assert "lost" not in now
    assert sent(api, key, file).json()["counts"] == {"unchanged": 4, "refused": 5}


def test_rdf_xml_is_read(api: Api, template: Template) -> None:
    file = (
        f'<?xml version="1.0" encoding="UTF-8"?>{RDF}<skos:Concept rdf:about="http://else.example/c/Land_Use/">'
        '<skos:prefLabel xml:lang="en">land &amp; use</skos:prefLabel></skos:Concept></rdf:RDF>'
    )
    report = sent(api, template.secretariat, file, "application/rdf+xml; charset=utf-8").json()
    (one,) = report["concepts"]
    assert (one["code"], one["uri"], one["outcome"]) == ("land-use", "http://else.example/c/Land_Use/", "added")
    assert terms(api)["land-use"]["labels"] == {"en": "land & use"}


def test_two_concepts_of_a_code_are_refused(api: Api, template: Template) -> None:
    file = (
        TURTLE
        + '<http://a/x> a skos:Concept ; skos:prefLabel "a"@en . <http://b/x> a skos:Concept ; skos:prefLabel "b"@en .'
    )
    report = sent(api, template.secretariat, file).json()
    assert report["counts"] == {"refused": 2}
    assert "have the code 'x'" in report["concepts"][0]["faults"][0]["message"]


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
CONCEPT = (
    '<skos:Concept rdf:about="http://e/x"><skos:prefLabel xml:lang="en">{}</skos:prefLabel></skos:Concept></rdf:RDF>'
)


@pytest.mark.parametrize(
    ("file", "form", "told"),
    [
        (f'<!DOCTYPE r [<!ENTITY l0 "lol">{LAUGHS}]>{RDF}{CONCEPT.format("&l9;")}', "rdf-xml", "DOCTYPE"),
        (f'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>{RDF}{CONCEPT.format("&x;")}', "rdf-xml", "DOCTYPE"),
        (f'<!doctype r SYSTEM "http://else.example/x.dtd">{RDF}{CONCEPT.format("x")}', "rdf-xml", "DOCTYPE"),
        (RDF + CONCEPT.format("&unknown;"), "rdf-xml", "no XML"),
        (RDF + CONCEPT.format("x")[:-10], "rdf-xml", "no XML"),
        ("", "rdf-xml", "no XML"),
        ("<a/>", "rdf-xml", "no RDF/XML"),
        (f"{RDF}{CONCEPT.format('x')}".encode("utf-16"), "rdf-xml", "UTF-8"),
        ("no turtle", "turtle", "no Turtle"),
        (b"\xff", "turtle", "UTF-8"),
        ("<a> <b> " + "(" * 200_000, "turtle", "brackets"),
        ("#" * 10_000_001, "turtle", "bytes"),
        ("@prefix : <http://e/> .\n" + "".join(f":c{n} a <{skos.SKOS}Concept> .\n" for n in range(11)), "turtle", "11"),
    ],
    ids=[
        "laughs",
        "external",
        "dtd",
        "entity",
        "cut",
        "empty",
        "xml",
        "utf-16",
        "text",
        "bytes",
        "deep",
        "large",
        "many",
    ],
)
def test_hostile_files_are_refused(file: str | bytes, form: Any, told: str) -> None:
    with pytest.raises(Invalid, match=told):
        skos.read(file.encode() if isinstance(file, str) else file, form, most=10)


@pytest.mark.parametrize(
    ("file", "form"),
    [
        ("@prefix p: <http://x/> .\n" + "p:a p:b p:c .\n" * 1_000, "turtle"),
        (
            f"{RDF}{'<rdf:Description><skos:related>' * 1_000}{'</skos:related></rdf:Description>' * 1_000}</rdf:RDF>",
            "rdf-xml",
        ),
    ],
    ids=["statements", "deep elements"],
)
def test_reading_takes_no_longer_than_it_may(file: str, form: Any) -> None:
    ticks = itertools.count()
    with pytest.raises(Invalid, match="10 seconds"):
        skos.read(file.encode(), form, most=10, clock=lambda: next(ticks) / 10)


def test_what_a_prefix_stands_for_is_counted() -> None:
    file = f"@prefix p: <http://x/{'a' * 1_000_000}> .\n" + "p:a p:b p:c .\n" * 100
    with pytest.raises(Invalid, match="100000000 characters"):
        skos.read(file.encode(), "turtle", most=10)


def test_a_huge_word_is_refused_alone(api: Api, template: Template) -> None:
    file = (
        TURTLE
        + f':a a skos:Concept ; skos:prefLabel "{"w" * 4_000_000}"@en .\n:b a skos:Concept ; skos:prefLabel "b"@en .'
    )
    begun = time.monotonic()
    answer = sent(api, template.secretariat, file)
    assert len(answer.content) < 5_000
    assert {one["code"]: one["outcome"] for one in answer.json()["concepts"]} == {"a": "refused", "b": "added"}
    assert time.monotonic() - begun < 30


def test_what_the_file_is_must_be_said(api: Api, template: Template) -> None:
    fault = check_problem(sent(api, template.secretariat, b"{}", "application/ld+json"), 422)["errors"][0]
    assert (fault["field"], fault["allowed"]) == ("Content-Type", ["text/turtle", "application/rdf+xml"])
    check_problem(sent(api, template.secretariat, b" " * 10_000_001), 413)


def test_addresses_are_those_of_this_installation(template: Template, tmp_path: Any) -> None:
    told = template.copy(tmp_path).model_copy(update={"public_url": "https://praxis.example/"})
    with running(told) as api:
        add_three(api, template.secretariat)
        assert f"<{BASE}seasonal-workers>" in api.get("/vocabularies/thesaurus.ttl").text
        assert api.get(f"{CONCEPTS}/seasonal-workers").status_code == 200
        assert BASE in api.get("/vocabularies/thesaurus.jsonld").text
