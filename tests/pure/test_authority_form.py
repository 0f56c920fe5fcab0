"""An authority in the form of the desk: what is sent back as it was shown says the same; faults find their fields."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.api.authorities.schemas import AuthorityWrite
from services.portal import authority_form
from services.portal.authority_form import LABELS, MEANINGS, Typed

NAME = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=20)
NAMES = st.dictionaries(st.sampled_from(["en", "es", "ar", "pt-BR", "zh-Hans"]), NAME, max_size=4)
SLUG = st.sampled_from(["alba", "boca"])
OFFICE = st.fixed_dictionaries({"name": NAME, "names": NAMES}, optional={"phone": st.just("+39 051 219")}).map(
    lambda one: {"website": "https://e.example/ask", "phone": None} | one
)
WRITTEN = st.fixed_dictionaries(
    {
        "name": NAME,
        "names": NAMES,
        "level": st.just("region"),
        "country": st.just("IT"),
        "parent": st.none() | SLUG,
        "successor": st.none() | SLUG,
        "ended": st.none() | st.sampled_from(["2014", "2014-12"]),
        "coordinates": st.none()
        | st.fixed_dictionaries({"latitude": st.floats(-90, 90), "longitude": st.floats(-180, 180)}),
        "population": st.none()
        | st.fixed_dictionaries(
            {"count": st.integers(0, 2_000_000_000), "year": st.integers(1800, 9998), "source": st.none() | NAME}
        ),
        "migration_roles": st.lists(st.sampled_from(["origin", "transit", "destination"]), unique=True),
        "website": st.none() | st.just("https://town.example"),
        "networks": st.lists(NAME, max_size=4),
        "contact_office": st.none() | OFFICE,
    }
)


@given(WRITTEN)
def test_what_is_shown_and_sent_back_says_the_same(said: dict[str, Any]) -> None:
    named = {name: {"slug": said[name]} if said[name] else None for name in ("parent", "successor")}
    shown = AuthorityWrite.model_validate(said).model_dump(mode="json")
    typed = Typed.of(shown | named | {"slug": "new"})
    again = Typed.read([*typed.texts.items(), *((authority_form.ROLES, role) for role in typed.roles)])
    assert AuthorityWrite.model_validate(again.body).model_dump(mode="json") == shown
    assert authority_form.otherwise(again, typed) == []


@given(st.text(max_size=30), st.text(max_size=30))
def test_what_is_no_number_is_sent_as_it_was_typed(latitude: str, count: str) -> None:
    body = Typed({"latitude": latitude, "count": count}).body
    for value, text in ((body["coordinates"], latitude), (body["population"], count)):
        if text:
            (sent,) = value.values()
            assert sent == text or str(abs(float(sent))).rstrip("0").rstrip(".")[:1].isdigit()


def test_every_field_says_what_is_allowed_in_it() -> None:
    assert not LABELS.keys() - MEANINGS.keys()
    for path in AuthorityWrite.model_json_schema()["properties"]:
        if path not in ("names", "migration_roles"):
            assert authority_form.place_of(Typed(), path)[0] in MEANINGS, path


def test_a_fault_is_led_to_its_field() -> None:
    typed = Typed({"name-ro": "Nume"})
    for path, field in {
        "names.ro": "name-ro",
        "names.es": "name-es",
        "names.sq": "language",
        "contact_office.names.ro": "office-name-ro",
        "networks[3]": "networks",
        "population.year": "year",
        "coordinates": "latitude",
        "nothing.of.the.kind": "",
    }.items():
        assert authority_form.place_of(typed, path)[0] == field
