"""Authorities at the desk: added and changed in a form that loses nothing, with faults at their fields."""

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import expect

from services.portal.languages import LANGUAGES, translations
from tests.harness.support import Json
from tests.portal import hostile
from tests.portal.links import read
from tests.portal.site import Device, Site, Visits, check_accessible, counter, no_sideways_scroll
from tests.portal.test_desk import client, somebody

FULL = {
    "name": "Bashkia",
    "name-en": "The town",
    "name-": "Місто",
    "language": "uk",
    "level": "municipality",
    "country": "AL",
    "parent": "tirana",
    "ended": "2014-12",
    "successor": "tirana",
    "latitude": "41,5",
    "longitude": "-19.25",
    "count": "12 345",
    "year": "2011",
    "source": "Census, table 2",
    "migration_roles": ["origin", "transit"],
    "website": "https://town.example.org",
    "networks": "MedCities\n\n EUROCITIES \n",
    "office": "Zyra",
    "office-name-en": "The office",
    "office-website": "https://town.example.org/ask",
    "office-phone": "+355 4 222",
}
SAID = {
    "name": "Bashkia",
    "names": {"en": "The town", "uk": "Місто"},
    "level": "municipality",
    "country": "AL",
    "ended": "2014-12",
    "coordinates": {"latitude": 41.5, "longitude": -19.25},
    "population": {"count": 12345, "year": 2011, "source": "Census, table 2"},
    "migration_roles": ["origin", "transit"],
    "website": "https://town.example.org",
    "networks": ["MedCities", "EUROCITIES"],
    "contact_office": {
        "name": "Zyra",
        "names": {"en": "The office"},
        "website": "https://town.example.org/ask",
        "phone": "+355 4 222",
    },
}


@pytest.fixture
def desk(site: Site) -> Iterator[httpx.Client]:
    with client(site, somebody(site, "secretariat")) as visitor:
        yield visitor


def new(desk: httpx.Client, **fields: str) -> str:
    """Add an authority and return its slug."""
    slug = f"desk-town-{next(counter)}"
    sent = {"slug": slug, "name": f"Town {slug}", "level": "region", "country": "IT"} | fields
    answer = desk.post("/desk/authorities/new", data=sent)
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"] == f"/desk/authorities/{slug}?said=added"
    return slug


def told(site: Site, slug: str) -> Json:
    found: Json = site.http.get(f"/api/v1/authorities/{slug}").json()
    return found


def typed(page: httpx.Response) -> dict[str, str | list[str]]:
    """Return what the form on a page would send."""
    forms = read(page, page.status_code).all("form")
    form = next(one for one in forms if one.attributes["action"].startswith("/desk/authorities/"))
    sent: dict[str, str | list[str]] = {
        one.attributes["name"]: one.attributes.get("value", "")
        for one in form.all("input")
        if one.attributes.get("type") != "checkbox"
    }
    boxes = [one.attributes for one in form.all("input") if "checked" in one.attributes]
    sent["migration_roles"] = [box["value"] for box in boxes]
    for one in form.all("select"):
        sent[one.attributes["name"]] = next(
            (option.attributes["value"] for option in one.all("option") if "selected" in option.attributes), ""
        )
    sent["networks"] = "".join(text for one in form.all("textarea") for text in one.children if isinstance(text, str))
    return sent


def faults(page: httpx.Response) -> dict[str, str]:
    """Return what a page says is wrong, by the field that it leads to."""
    boxes = [box for box in read(page, page.status_code).all("div") if box.attributes.get("id") == "faults"]
    return {link.attributes["href"].removeprefix("#"): link.text for box in boxes for link in box.all("a")}


def test_all_that_is_typed_is_said_and_shown_again(site: Site, desk: httpx.Client) -> None:
    slug = f"desk-town-{next(counter)}"
    answer = desk.post("/desk/authorities/new", data=FULL | {"slug": slug})
    assert answer.status_code == 303, answer.text
    made = told(site, slug)
    assert {name: made[name] for name in SAID} == SAID
    assert (made["parent"]["slug"], made["successor"]["slug"]) == ("tirana", "tirana")
    page = desk.get(f"/desk/authorities/{slug}")
    again = desk.post(f"/desk/authorities/{slug}", data=typed(page))
    assert again.status_code == 303, again.text
    assert told(site, slug) == made | {"version": 2, "updated_at": told(site, slug)["updated_at"]}
    sent = {name: value for name, value in typed(page).items() if name in ("version", "name", "level", "country")}
    assert desk.post(f"/desk/authorities/{slug}", data=sent | {"version": "2"}).status_code == 303
    emptied = told(site, slug)
    for name in ("parent", "successor", "ended", "coordinates", "population", "website", "contact_office"):
        assert emptied[name] is None
    assert (emptied["names"], emptied["networks"], emptied["migration_roles"]) == ({}, [], [])


@pytest.mark.parametrize("scripts", [True, False])
def test_the_secretariat_makes_one(visits: Visits, site: Site, device: Device, scripts: bool) -> None:
    person, slug = somebody(site, "secretariat"), f"made-{next(counter)}"
    with visits.open("/desk/authorities", device, person=person, scripts=scripts) as page:
        page.get_by_role("link", name="Add an authority").click()
        page.get_by_label("Name in its own language").fill("Qyteti")
        page.get_by_label("End of its address").fill(slug)
        page.get_by_label("Level of government").select_option("municipality")
        page.get_by_label("Country", exact=True).select_option("AL")
        page.get_by_label("Belongs to").fill("MODEN")
        page.get_by_role("button", name="Save").click()
        page.get_by_role(
            "link", name="Several are called so. Write one of these: modena, provincia-di-modena"
        ).wait_for()
        if scripts:
            check_accessible(page)
            no_sideways_scroll(page)
        assert page.get_by_label("Name in its own language").input_value() == "Qyteti"
        page.get_by_label("Belongs to").fill("municipality of TIRANA")
        page.get_by_role("button", name="Save").click()
        page.get_by_text("The authority is added.").wait_for()
        assert told(site, slug)["parent"]["slug"] == "tirana"
        page.get_by_label("Country of origin").check()
        page.get_by_role("button", name="Save").click()
        page.get_by_text("The authority is saved.").wait_for()
        assert told(site, slug)["migration_roles"] == ["origin"]
        page.get_by_role("link", name="Its public page").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Qyteti")
        page.get_by_role("link", name="At the desk").click()
        page.goto("/desk/authorities")
        page.get_by_label("Part of a name").fill("qytet")
        page.get_by_role("button", name="Show").click()
        page.get_by_role("link", name="Qyteti").first.wait_for()


def test_who_was_faster_is_told_of_and_nothing_is_lost(site: Site, desk: httpx.Client) -> None:
    slug = new(desk)
    mine = typed(desk.get(f"/desk/authorities/{slug}")) | {"ended": "2015", "name": "Mine"}
    theirs = typed(desk.get(f"/desk/authorities/{slug}")) | {"name": "Theirs", "networks": "MedCities"}
    assert desk.post(f"/desk/authorities/{slug}", data=theirs).status_code == 303
    answer = desk.post(f"/desk/authorities/{slug}", data=mine)
    text = read(answer, 412).text
    assert "Somebody else changed this authority meanwhile, and nothing was saved." in text
    assert "Name in its own language Theirs" in text
    assert "Networks, one a line MedCities" in text
    assert "Ended nothing" in text
    kept = typed(answer)
    assert kept == mine | {"version": "2"}
    assert told(site, slug)["name"] == "Theirs"
    assert desk.post(f"/desk/authorities/{slug}", data=kept).status_code == 303
    assert (told(site, slug)["name"], told(site, slug)["ended"]) == ("Mine", "2015")
    without = {name: value for name, value in kept.items() if name != "version"}
    assert desk.post(f"/desk/authorities/{slug}", data=without).status_code == 428


WRONG = {
    "slug": "Not a slug",
    "name": "",
    "name-es": "x" * 301,
    "level": "village",
    "country": "XX",
    "ended": "last year",
    "latitude": "north",
    "longitude": "181",
    "count": "many",
    "year": "1",
    "source": "ask ana@example.org",
    "website": "town.example.org",
    "networks": "x" * 301,
    "office": "Ana, ana@example.org",
    "office-name-fr": "ana@example.org",
    "office-website": "mailto:ana@example.org",
    "office-phone": "call us",
}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_faults_stand_at_their_fields_in_every_language(desk: httpx.Client, lang: str) -> None:
    answer = desk.post(f"/desk/authorities/new?lang={lang}", data=WRONG)
    assert answer.status_code == 422
    said = faults(answer)
    assert said.keys() == WRONG.keys()
    assert (said["ended"] == translations(lang).gettext(said["ended"])) or lang != "en"
    assert len({said["ended"], said["office-phone"], said["count"]}) == 3
    if lang != "en":
        english = faults(desk.post("/desk/authorities/new?lang=en", data=WRONG))
        assert not {*said.values()} & {*english.values()}
    kept = typed(answer)
    assert {name: kept[name] for name in WRONG if name not in ("level", "country")} == {
        name: text for name, text in WRONG.items() if name not in ("level", "country")
    }


def test_what_cannot_be_is_said_where_it_is_mended(desk: httpx.Client) -> None:
    slug = new(desk)
    child = new(desk, parent=slug)
    page = typed(desk.get(f"/desk/authorities/{slug}"))

    def wrong(**fields: str) -> dict[str, str]:
        return faults(desk.post(f"/desk/authorities/{slug}", data=page | fields))

    assert wrong(parent=child)["parent"].startswith("An authority cannot name itself here")
    assert wrong(successor=slug)["successor"].startswith("An authority cannot name itself here")
    assert wrong(successor="Nobody is called so")["successor"].startswith("Choose an authority that is here")
    assert wrong(successor="x" * 300)["successor"].startswith("Choose an authority that is here")
    assert wrong(**{"name-": "Name"}).keys() == {"language"}
    assert wrong(**{"name-": "Name", "language": "no such"}).keys() == {"language"}
    assert wrong(**{"office-name-es": "Oficina"}).keys() == {"office"}
    assert wrong(latitude="1").keys() == {"longitude"}
    assert wrong(source="Census").keys() == {"count", "year"}
    taken = desk.post("/desk/authorities/new", data={"slug": slug, "name": "T", "level": "region", "country": "IT"})
    assert (taken.status_code, faults(taken).keys()) == (409, {"slug"})


def test_hostile_words_are_words(visits: Visits, site: Site) -> None:
    person = somebody(site, "secretariat")
    with client(site, person) as desk:
        slug = new(
            desk,
            name=hostile.CORPUS[0],
            **{"name-en": hostile.CORPUS[2], "office": hostile.CORPUS[9]},
            **{"office-phone": "+39 051", "networks": hostile.CORPUS[7]},
        )
    for path in (f"/desk/authorities/{slug}", f"/desk/authorities?q={hostile.CORPUS[1][:9]}"):
        with visits.open(path, person=person) as page:
            assert page.evaluate("window.pwned") is None
            assert page.locator("main script").count() == 0
