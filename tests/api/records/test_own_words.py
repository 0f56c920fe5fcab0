"""An authority tells of a practice in its own words: one that the practice names or belongs to, once, and no other."""

import pytest

from services.api.types.own_account.type import TYPE
from tests.api.records.support import Desk
from tests.harness.support import Json, Template, check_problem, practice_body

PLURAL = TYPE.plural


def account(practice: str, authority: str = "alba", title: str = "As we see it") -> Json:
    """Return complete answers."""
    told = {"practice": practice, "authority": authority, "title": title, "description": "What we did."}
    return {"language": "en", "account": told}


def begun(desk: Desk, key: str, content: Json, **more: str) -> Json:
    made = desk.api.post("/submissions", key, json={"type": TYPE.name, "content": content} | more)
    assert made.status_code == 201, made.text
    found: Json = made.json()
    return found


def wrong(case: Json) -> dict[str, tuple[str, str, list[str] | None]]:
    return {one["path"]: (one["question"], one["message"], one["allowed"]) for one in case["findings"]}


def stepped(desk: Desk, key: str, case: Json, action: str) -> Json:
    path = f"/submissions/{case['id']}/transitions"
    taken = desk.api.post(path, key, version=case["version"], json={"action": action})
    assert taken.status_code == 200, taken.text
    found: Json = taken.json()
    return found


def published(desk: Desk, key: str, content: Json) -> Json:
    case = stepped(desk, key, begun(desk, key, content), "submit")
    return stepped(desk, desk.key, case, "publish")


def test_the_authority_that_a_practice_names_tells_of_it(desk: Desk, template: Template) -> None:
    practice = desk.make(practice_body("Told of", authority="alba"), owner=None)
    published(desk, template.alba, account(practice))
    (told,) = desk.read(practice)["incoming"]
    assert told["relation"] == "account-of"
    assert told["from"].startswith(f"{TYPE.name}/")


def test_the_authority_that_a_practice_belongs_to_tells_of_it(desk: Desk, template: Template) -> None:
    practice = desk.make(practice_body("Told of", authority="boca"), owner="alba")
    assert begun(desk, template.alba, account(practice))["ready"]


def test_an_authority_without_a_part_in_the_practice_is_refused(desk: Desk, template: Template) -> None:
    practice = desk.make(practice_body("Not ours", authority="alba"), owner="alba")
    slug = desk.read(practice)["slug"]
    case = begun(desk, template.boca, account(slug, "boca"))
    message = f"the practice '{slug}' neither names the authority 'boca' nor belongs to it"
    assert wrong(case) == {"account.authority": ("III", message, ["alba"])}
    path = f"/submissions/{case['id']}/transitions"
    refused = desk.api.post(path, template.boca, version=case["version"], json={"action": "submit"})
    (fault,) = check_problem(refused, 422)["errors"]
    assert (fault["location"], fault["field"], fault["allowed"]) == ("questionnaire", "account.authority", ["alba"])
    assert message in fault["message"]
    assert not begun(desk, desk.key, account(slug, "boca"), owner="boca")["ready"], "nor by the secretariat's hand"


def test_nobody_tells_in_the_name_of_another_authority(desk: Desk, template: Template) -> None:
    practice = desk.make(practice_body("Ours", authority="alba"), owner="alba")
    case = begun(desk, template.boca, account(practice, "alba"))
    ((number, message, allowed),) = wrong(case).values()
    assert (number, allowed) == ("III", ["boca"])
    assert "in the name of another" in message
    assert begun(desk, desk.key, account(practice, "alba"))["ready"], "the secretariat may, for any that has a part"
    assert begun(desk, desk.key, account(practice, "alba"), owner="alba")["ready"]


def test_an_authority_tells_of_a_practice_once(desk: Desk, template: Template) -> None:
    practice = desk.make(practice_body("Told twice", authority="alba"), owner="alba")
    other = desk.make(practice_body("Another one", authority="alba"), owner="alba")
    late = stepped(desk, template.alba, begun(desk, template.alba, account(practice)), "submit")
    first = published(desk, template.alba, account(practice))
    again = begun(desk, template.alba, account(practice))
    ((number, message, _),) = wrong(again).values()
    assert number == "III"
    assert "tells of it already" in message
    assert "'as-we-see-it'" in message
    answer = desk.api.post(
        f"/submissions/{late['id']}/transitions", desk.key, version=late["version"], json={"action": "publish"}
    )
    (fault,) = check_problem(answer, 422)["errors"]
    assert fault["field"] == "account.practice"
    assert begun(desk, template.alba, account(other))["ready"], "another practice is another matter"
    revised = stepped(desk, template.alba, first, "revise")
    assert revised["ready"], "what it tells later is a revision"
    stepped(desk, desk.key, stepped(desk, template.alba, revised, "submit"), "publish")


@pytest.mark.parametrize("authority", ["boca", "alba"])
def test_what_the_secretariat_writes_directly_is_checked_too(desk: Desk, authority: str) -> None:
    practice = desk.make(practice_body("Ours", authority="alba"), owner="alba")
    record = desk.make({"content": account(practice, authority)}, PLURAL, publish=False, owner=None)
    answer = desk.api.post(f"/{PLURAL}/{record}/publish", desk.key, version=1)
    if authority == "alba":
        assert answer.status_code == 200
    else:
        (fault,) = check_problem(answer, 422)["errors"]
        assert fault["field"] == "content.account.authority"
        assert fault["allowed"] == ["alba"]


@pytest.mark.parametrize("said", [None, 7, "nowhere", "", {}])
def test_an_unfinished_account_is_told_what_it_lacks(desk: Desk, template: Template, said: object) -> None:
    content = account("nowhere")
    content["account"] |= {"practice": said}
    assert "account.practice" in wrong(begun(desk, template.alba, content))
