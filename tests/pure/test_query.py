"""Parameters read: every fault is named with what is allowed, and what is described is what is read."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.search import parameters, query
from services.search.engines.base import Range
from services.search.facets import facets
from services.search.labels import Labels
from services.search.parameters import with_values
from services.search.types import TYPES
from services.web.problems import Fault, Invalid
from tests.search.support import TERMS, authority, uid

LABELS = Labels(TERMS, {"roma": authority(7, "roma", "Roma")})


def faults(*pairs: tuple[str, str]) -> list[Fault]:
    with pytest.raises(Invalid) as refused:
        query.records_asked(pairs, LABELS)
    assert refused.value.status == 422
    return refused.value.errors


def asked(*pairs: tuple[str, str]) -> query.Asked:
    return query.records_asked(pairs, LABELS)


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("colour", "red", "priority"),
        ("priority", "remitances", "remittances"),
        ("priority", "", "rights"),
        ("country_of_origin", "sn", "SN"),
        ("sdg", "18", "17"),
        ("authority", "atlantis", "roma"),
        ("facets", "colour", "corridor"),
        ("facets", "", "none"),
        ("corridor", "MA", None),
        ("corridor", "MA-ES-IT", None),
        ("corridor", "ma-es", None),
        ("corridor", "MA→ES", None),
        ("corridor", "MA-15", None),
        ("type", "vocabulary", "practice"),
        ("ongoing", "yes", "true"),
        ("sort", "budget", "newest"),
        ("decade", "1995", None),
        ("decade", "1990s\n", None),
        ("budget_band", "EUR:2k", None),
        ("budget_band", "QQQ:0-10k", None),
        ("language", "qq", None),
        ("lang", "english", None),
        ("lang", "qq", None),
        ("currency", "eur", None),
        ("currency", "QQQ", None),
        ("completeness", "46", "25-49"),
        ("tier", "reviewed", "peer-reviewed"),
        ("state", "draft", "archived"),
        ("completeness_from", "101", None),
        ("completeness_from", "-1", None),
        ("page", "0", None),
        ("page", "-1", None),
        ("page", "1.5", None),
        ("page", "١", None),
        ("per_page", "101", None),
        ("year_from", "99", None),
        ("year_to", "10000", None),
        ("q", "a" * 1001, None),
        ("q", "nul\0", None),
        ("min_seq", "7", None),
    ],
)
def test_a_wrong_value_is_named_with_what_is_allowed(name: str, value: str, allowed: str | None) -> None:
    [fault] = faults((name, value))
    assert (fault.location, fault.field) == ("query", name)
    assert fault.message
    assert allowed is None or allowed in (fault.allowed or [])
    assert "\0" not in (fault.value or "")


@pytest.mark.parametrize(
    ("pairs", "field"),
    [
        ([("year_from", "2005"), ("year_to", "2001")], "year_from"),
        ([("budget_from", "2"), ("budget_to", "1"), ("currency", "EUR")], "budget_from"),
        ([("budget_from", "2")], "currency"),
        ([("budget_to", "2")], "currency"),
        ([("budget_from", "1"), ("currency", "eur")], "currency"),
        ([("budget_from", "1"), ("currency", "EUR"), ("currency", "USD")], "currency"),
        ([("page", "1001"), ("per_page", "10")], "page"),
        ([("q", "a"), ("q", "b")], "q"),
        ([("priority", "rights")] * 51, "priority"),
        ([("facets", "none"), ("facets", "country")], "facets"),
        ([("facets", "country")] * 51, "facets"),
    ],
)
def test_values_that_do_not_go_together(pairs: list[tuple[str, str]], field: str) -> None:
    assert [fault.field for fault in faults(*pairs)] == [field]


@pytest.mark.parametrize(
    ("name", "value", "told"), [("lang", "FR", "'en'"), ("language", "FR", "'en'"), ("currency", "eur", "'EUR'")]
)
def test_a_wrong_code_is_told_by_example(name: str, value: str, told: str) -> None:
    [fault] = faults((name, value))
    assert told in fault.message


def test_all_faults_are_told_at_once() -> None:
    assert {fault.field for fault in faults(("a", "1"), ("page", "0"), ("sdg", "0"))} == {"a", "page", "sdg"}


def test_filters() -> None:
    pairs = (("year_from", "2001"), ("year_to", "2005"), ("currency", "EUR"), ("budget_to", "100"))
    found = asked(*pairs, ("completeness_from", "50"))
    assert set(found.query.ranges) == {
        Range("completeness", low=50),
        Range("year_to", low=2001),
        Range("year_from", high=2005),
        Range("budget:EUR", low=0, high=100),
    }
    assert found.selected == {"currency": ("EUR",)}
    alone = asked(("currency", "EUR"), ("currency", "USD"))
    assert (alone.selected, alone.query.ranges) == ({"currency": ("EUR", "USD")}, ())
    assert asked(("authority", uid(7)), ("authority", "roma")).selected == {"authority": ("roma",)}


def test_all_types_are_asked_for_those_of_their_own_by_default_and_counted() -> None:
    found = asked()
    assert found.query.types == tuple(TYPES)
    own = tuple(name for name, one in TYPES.items() if not one.derived and name != "form")
    assert own[0] == "practice"
    assert found.query.selected == {"type": own}
    assert found.selected == {}
    assert asked(("type", "form")).query.selected == {"type": ("form",)}
    assert found.query.facets == tuple(facets())
    assert set(found.query.facets) - found.query.any_of == {"feature", "sdg"}


def test_facets_are_counted_as_named() -> None:
    assert asked(("facets", "none")).query.facets == ()
    assert asked(*(("facets", name) for name in ("type", "corridor", "type"))).query.facets == ("corridor", "type")


@pytest.mark.parametrize("code", ["MA-ES", "015-ES", "MA-150", "XX-YY", "ES-ES"])
def test_any_well_formed_corridor_can_be_asked_for(code: str) -> None:
    assert asked(("corridor", code)).selected == {"corridor": (code,)}


FACETS = tuple(facets().values())
FACET_VALUES = st.sampled_from([(facet.name, code) for facet in FACETS for code in LABELS.codes(facet.name) or ()])


@given(st.lists(FACET_VALUES, max_size=8))
def test_every_known_value_can_be_selected(pairs: list[tuple[str, str]]) -> None:
    selected = asked(*pairs).selected
    assert {(name, code) for name, codes in selected.items() for code in codes} == set(pairs)


NAMES = st.sampled_from([parameter.name for parameter in parameters.addresses().records]) | st.text(max_size=5)


@given(st.lists(st.tuples(NAMES, st.text(max_size=12) | st.from_regex(r"\A[0-9A-Z:.a-z-]{0,12}\Z")), max_size=6))
def test_nothing_else_than_invalid_is_raised(pairs: list[tuple[str, str]]) -> None:
    for read in (query.records_asked, query.facet_asked):
        faulty: list[Fault] = []
        try:
            read(pairs, LABELS)
        except Invalid as refused:
            faulty = refused.errors
        assert {fault.field for fault in faulty} <= {name[:100] for name, _ in pairs} | {"currency"}


def described() -> list[Any]:
    known = parameters.addresses()
    every = (*known.records, *known.facet_values, *known.suggest, *parameters.SIMILAR)
    return [pytest.param(one, id=f"{number}-{one.name}") for number, one in enumerate(every)]


@pytest.mark.parametrize("parameter", described())
def test_what_is_described_is_what_is_read(parameter: parameters.Parameter) -> None:
    """A value by the description is taken, unless only a list too long to describe tells that it is unknown."""
    schema = with_values(parameters.openapi([parameter]), LABELS)[0]["schema"]
    one = schema["items"] if parameter.several else schema

    @given(st.data())
    def check(data: st.DataObject) -> None:
        value = data.draw(_values(one))
        values = parameters.Values([(parameter.name, value)], [parameter], LABELS)
        for fault in values.faults:
            assert parameter.name in ("lang", "language", "currency", "budget_band", "authority", "lead_authority"), (
                fault
            )

    check()


def _values(schema: Any) -> st.SearchStrategy[str]:
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if schema["type"] in ("integer", "number"):
        return st.integers(schema["minimum"], int(schema["maximum"])).map(str)
    strategy = st.from_regex(re.compile(schema["pattern"]), fullmatch=True) if "pattern" in schema else st.text()
    least, most = schema.get("minLength", 0), schema.get("maxLength", 10**6)
    return strategy.filter(lambda text: least <= len(text) <= most)


def test_min_seq() -> None:
    assert query.state_asked([("min_seq", "abc.17"), ("q", "x")]) == ("abc", 17)
    assert query.state_asked([("q", "x")]) is None
    with pytest.raises(Invalid):
        query.state_asked([("min_seq", "17")])
