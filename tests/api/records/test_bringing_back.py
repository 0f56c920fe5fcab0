"""An owner brings an earlier revision back, as it was judged then, and the way of a case goes on from it."""

import pytest

from services.api.access.service import OPERATOR
from services.api.records import service
from services.api.types import TYPES
from tests.api.records.taking_out import REASON, draft, published, told
from tests.api.records.test_withdrawal import trail
from tests.api.submissions.support import begin, callers, complete, save, step, taken
from tests.harness.support import Api, Template, check_problem, make_key

pytestmark = pytest.mark.each_database

JUDGED = [{"feature": "positive-impact", "statement": "It worked."}]


def test_an_earlier_revision_is_public_again_as_it_was_judged(api: Api, template: Template) -> None:
    case = draft(api, template.secretariat, told("Zebra"))
    with api.database.transaction() as session:
        record = service.find(session, TYPES["practice"], case.id, OPERATOR)
        service.publish(session, OPERATOR, record, 1, "peer-reviewed", JUDGED)
    case.reload()
    case.publish(told("Yak"))
    first = case.revision(1)
    answer = case.do("revisions/1/bring-back", key=template.alba)
    assert (answer["revision"], answer["published_revision"], answer["tier"]) == (3, 3, "peer-reviewed")
    shown = case.public()
    assert shown is not None
    assert (shown["revision"], shown["tier"], shown["review"]) == (3, "peer-reviewed", JUDGED)
    assert (shown["content"], shown["translations"]) == (first["content"], first["translations"])
    assert trail(api, "practice.bring-back") == [{"revision": 3, "from": 1}]
    assert [case.revisions()[number]["tier"] for number in (1, 2, 3)] == ["peer-reviewed", "network", "peer-reviewed"]


def test_who_may(api: Api, template: Template) -> None:
    case = published(api, template.secretariat, told("Zebra"), told("Yak"))
    others = (template.boca, make_key(api.database, role="reviewer"), make_key(api.database, "alba", role="reviewer"))
    for key in others:
        check_problem(case.post("revisions/1/bring-back", key=key), 403)
    check_problem(api.post(f"{case.path}/revisions/1/bring-back", version=case.version), 401)
    case.do("revisions/1/bring-back", key=template.alba)
    case.do("revisions/2/bring-back", key=template.secretariat)
    case.do("unpublish")
    check_problem(case.post("revisions/1/bring-back", key=template.boca), 404)


def test_what_is_refused(api: Api, template: Template) -> None:
    case = published(api, template.secretariat, told("Zebra"), told("Yak"))
    case.update(told("Draft"))
    path = "revisions/{}/bring-back"
    told_of = {3: "never was public", 2: "is the public one"}
    for number, why in told_of.items():
        assert why in check_problem(case.post(path.format(number), key=template.alba), 409)["detail"]
    check_problem(case.post(path.format(9), key=template.alba), 404)
    check_problem(case.post(path.format(1), key=template.alba, version=1), 412)
    check_problem(case.post(path.format(1), key=template.alba, version=None), 428)
    case.withdraw(1)
    assert "withdrawn" in check_problem(case.post(path.format(1), key=template.alba), 409)["detail"]
    case.publish()
    case.do("archive", REASON)
    assert "archived" in check_problem(case.post(path.format(2), key=template.alba), 409)["detail"]
    case.do("unpublish")
    assert "not published" in check_problem(case.post(path.format(2), key=template.alba), 409)["detail"]


def test_the_way_of_a_case_goes_on_from_it(api: Api, template: Template) -> None:
    """A revision that starts afterwards starts from it; one under way hears of it before it is published."""
    by = callers(api, template)
    case = begin(api, by.alba, complete("First"))
    for key, action in ((by.alba, "submit"), (by.secretariat, "take-up"), (by.secretariat, "publish")):
        case = taken(api, key, case, action)
    case = taken(api, by.alba, case, "revise")
    case = save(api, by.alba, case, complete("Second")).json()
    for key, action in ((by.alba, "submit"), (by.secretariat, "take-up"), (by.secretariat, "publish")):
        case = taken(api, key, case, action)
    path = f"/practices/{case['record']}" if isinstance(case["record"], str) else f"/practices/{case['record']['id']}"
    version = api.get(f"{path}/latest", by.alba).json()["version"]
    back = api.post(f"{path}/revisions/1/bring-back", by.alba, version=version)
    assert back.status_code == 200, back.text
    case = taken(api, by.alba, case, "revise")
    shown = api.get(f"/submissions/{case['id']}", by.alba).json()
    assert (shown["content"]["initiative"]["title"], shown["base_revision"]) == ("First", 3)
    version = back.json()["version"]
    api.post(f"{path}/revisions/2/bring-back", by.alba, version=version).raise_for_status()
    case = save(api, by.alba, case, complete("Third")).json()
    for key, action in ((by.alba, "submit"), (by.secretariat, "take-up")):
        case = taken(api, key, case, action)
    assert "went on from revision 3 to 4" in check_problem(step(api, by.secretariat, case, "publish"), 409)["detail"]
    case = taken(api, by.secretariat, case, "withdraw")
    case = save(api, by.alba, case, complete("Third"), base_revision=4).json()
    for key, action in ((by.alba, "submit"), (by.secretariat, "take-up"), (by.secretariat, "publish")):
        case = taken(api, key, case, action)
    assert api.get(path).json()["title"] == {"en": "Third"}
