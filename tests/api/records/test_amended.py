"""What an amended record makes of others: those that link to it tell which revision is public, and no others come."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import pytest

from services.api.forms.catalogue import RECORD
from services.api.forms.form import Form
from services.api.forms.inputs import Names
from services.api.forms.parts import ask
from services.api.kit.schema import Slug
from tests.api.records.support import PLEDGE, Desk, linking, pledge_body, running_two
from tests.api.records.taking_out import Case
from tests.harness.support import Json, Template, practice_body
from tests.harness.types.pledge import content


class Promise(content.Promise):
    """A promise about a practice, which it names by itself, in no link."""

    partner: Annotated[Slug, Names("practice")] | None = ask("1.3", "Practice", "What it is about", default=None)


class Answer(content.Pledge):
    """A pledge that names a practice where others name an authority."""

    promise: Promise


ANSWER = dataclasses.replace(
    PLEDGE,
    name="answer",
    plural="answers",
    form=Form(
        model=Answer,
        sections={"promise": "1", "plan": "2", RECORD: "R"},
        short=("1.1", "2.1"),
        folder=PLEDGE.form.folder,
    ),
    parties=(),
    steps=(),
    derived=(),
)


@pytest.fixture
def desk(template: Template, tmp_path: Path) -> Iterator[Desk]:
    """The secretariat of a base that holds practices, pledges, and answers, which name a practice in no link."""
    with running_two(template.copy(tmp_path), ANSWER) as api:
        yield Desk(api, template.secretariat)


def answer(practice: str) -> Json:
    body = pledge_body("An answer")
    body["content"]["promise"]["partner"] = practice
    return body


def pledging(*to: str) -> Json:
    """Return a valid body of a pledge with links to other records."""
    body = pledge_body()
    body["content"]["links"] = linking("", *to)["content"]["links"]
    return body


def revisions(desk: Desk, id: str, plural: str = "practices") -> list[tuple[int | None, bool]]:
    return [(link["revision"], link["withdrawn"]) for link in desk.read(id, plural)["links"]]


class Web:
    """A practice that names another, those that name it, one that names one of these, and one that names none."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.named = desk.make(practice_body("Named"))
        self.amended = desk.make(linking("Amended", f"practice/{self.named}"))
        self.linking = desk.make(linking("Linking", f"practice/{self.amended}#how.summary"))
        self.pledge = desk.make(pledging(f"practice/{self.amended}", f"practice/{self.named}"), "pledges")
        self.answer = desk.make(answer(self.amended), "answers")
        self.around = {self.linking, self.pledge, self.answer}
        desk.make(linking("Two away", f"practice/{self.linking}", f"pledge/{self.pledge}"))
        desk.make(practice_body("Alone"))
        self.read = desk.head()

    def amend(self, *to: str) -> None:
        self.desk.update(self.amended, linking("Amended again", *(to or (f"practice/{self.named}",))))

    def told(self) -> list[str]:
        """Return what the feed tells since this was last asked, as its readers are told it: each once."""
        page = self.desk.feed(self.read)
        self.read = self.desk.head()
        ids = [change["id"] for change in page]
        assert [change["seq"] for change in page] == sorted(change["seq"] for change in page)
        for change in page:
            if change["op"] == "upsert":
                plural = {"practice": "practices", "pledge": "pledges", "answer": "answers"}[change["type"]]
                assert change["record"] == self.desk.read(change["id"], plural)
        assert len(ids) == len({*ids})
        return ids


@pytest.mark.each_database
def test_an_amended_record_brings_what_names_it_and_nothing_else(desk: Desk) -> None:
    web = Web(desk)
    assert revisions(desk, web.linking) == [(1, False)]
    web.amend()
    assert {*web.told()} == {web.amended} | web.around
    assert revisions(desk, web.linking) == [(2, False)]
    assert revisions(desk, web.pledge, "pledges") == [(2, False), (1, False)]
    assert revisions(desk, web.amended) == [(1, False)]


def test_what_it_names_comes_along_only_where_that_changed(desk: Desk) -> None:
    web = Web(desk)
    other = desk.make(practice_body("Other"))
    web.told()
    web.amend(f"practice/{other}")
    assert {*web.told()} == {web.amended, web.named, other} | web.around
    web.amend(f"practice/{other}")
    assert {*web.told()} == {web.amended} | web.around


def test_what_shows_the_same_revision_brings_no_others(desk: Desk, template: Template) -> None:
    web = Web(desk)
    desk.update(web.amended, practice_body("A draft"), publish=False)
    assert web.told() == [], "a draft is nobody's to know of"
    desk.api.post(f"/practices/{web.linking}/steps", template.alba, json={"kind": "still-true"}).raise_for_status()
    assert web.told() == [web.linking]
    desk.act(web.pledge, "publish", "pledges")
    assert web.told() == [web.pledge], "published again as it was"


def test_a_record_that_names_itself_tells_its_own_revision(desk: Desk) -> None:
    web = Web(desk)
    web.amend(f"practice/{web.named}", f"practice/{web.amended}")
    assert {*web.told()} == {web.amended} | web.around
    assert revisions(desk, web.amended) == [(1, False), (2, False)]
    other = desk.make(linking("In a circle", f"practice/{web.amended}"))
    web.amend(f"practice/{web.amended}", f"practice/{other}")
    assert revisions(desk, web.amended) == [(3, False), (1, False)]
    assert revisions(desk, other) == [(3, False)]
    web.told()
    desk.update(other, linking("In a circle", f"practice/{web.amended}"))
    assert {*web.told()} == {other, web.amended}, "those that name what names it stay as they are"


def test_links_to_nothing_of_this_base_or_no_longer_public_tell_no_revision(desk: Desk) -> None:
    web = Web(desk)
    body = linking("Linking", f"practice/{web.amended}")
    body["content"]["links"].append({"relation": "inspired-by", "name": "Far away", "asserted_by": "editor"})
    desk.update(web.linking, body)
    assert revisions(desk, web.linking) == [(1, False), (None, False)]
    web.told()
    desk.act(web.amended, "unpublish")
    assert {*web.told()} == {web.amended, web.named} | web.around
    assert revisions(desk, web.linking) == [(None, True), (None, False)]
    web.amend()
    assert {*web.told()} == {web.amended, web.named} | web.around
    assert revisions(desk, web.linking) == [(2, False), (None, False)]


def test_a_case_is_previewed_with_the_revisions_that_it_would_tell(desk: Desk, template: Template) -> None:
    web = Web(desk)
    web.amend()
    case = desk.api.post("/submissions", template.alba, json={"record": web.linking})
    assert case.status_code == 201, case.text
    shown = desk.api.get(f"/submissions/{case.json()['id']}/preview", template.alba).json()
    assert shown["links"] == desk.read(web.linking)["links"]
    assert [link["revision"] for link in shown["links"]] == [2]


def test_a_revision_that_goes_or_comes_back_is_told_by_what_names_it(desk: Desk) -> None:
    web = Web(desk)
    for _ in range(3):
        web.amend()
    web.told()
    case = Case(desk.api, desk.key, web.amended)
    case.withdraw(3)
    assert web.told() == [web.amended], "another revision than the public one"
    case.withdraw(4)
    assert {*web.told()} == {web.amended} | web.around
    assert revisions(desk, web.linking) == [(2, False)]
    case.do("revisions/1/bring-back")
    assert {*web.told()} == {web.amended} | web.around
    assert revisions(desk, web.linking) == [(5, False)]
    case.do("archive", {"reason": "Over"})
    assert web.told() == [web.amended], "no longer kept up, and as it was"
