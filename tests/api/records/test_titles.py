"""Titles of several records at once: of any type, public ones alone, as many as one may ask for."""

import pytest

from tests.api.records.support import Desk, pledge_body
from tests.harness.support import check_problem, practice_body

TOO_MANY = "&".join(f"of=practice/{number}" for number in range(101))


def test_titles_of_any_type_come_in_the_order_asked_for(desk: Desk) -> None:
    pledge = desk.make(pledge_body("A pledge"), "pledges")
    spanish = {"es": {"initiative.title": {"text": "Uno", "status": "human"}}}
    first, second = desk.make(practice_body("One", translations=spanish)), desk.make(practice_body("Two"))
    draft, gone = desk.make(practice_body("Three"), publish=False), desk.make(practice_body("Four"))
    desk.act(gone, "unpublish")
    names = [f"practice/{second}", f"pledge/{pledge}", f"practice/{draft}", f"practice/{gone}", f"practice/{first}"]
    asked = "&".join(f"of={name}" for name in [*names, names[0], "practice/nothing", "form/practice"])
    found = desk.api.get(f"/titles?{asked}").json()
    assert [(one["type"], one["plural"], one["id"], one["title"]) for one in found] == [
        ("practice", "practices", second, {"en": "Two"}),
        ("pledge", "pledges", pledge, {"en": "A pledge"}),
        ("practice", "practices", first, {"en": "One", "es": "Uno"}),
    ]
    assert [one["slug"] for one in found] == ["two", "a-pledge", "one"]


@pytest.mark.parametrize("query", ["", "?of=practice", "?of=a/b/c", f"?{TOO_MANY}"])
def test_what_cannot_be_asked_for_is_refused(desk: Desk, query: str) -> None:
    check_problem(desk.api.get(f"/titles{query}"), 422)


def test_a_record_is_found_by_its_slug_and_comes_once(desk: Desk) -> None:
    first = desk.make(practice_body("One"))
    found = desk.api.get(f"/titles?of=practice/one&of=practice/{first}&of=pledge/one").json()
    assert [(one["type"], one["id"], one["slug"]) for one in found] == [("practice", first, "one")]
