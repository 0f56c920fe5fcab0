"""Submissions over HTTP: drafts that always save, two who edit at once, comments, lists and the inbox."""

import json
import re
from typing import Any

import pytest
from sqlalchemy import event

from tests.api.submissions.support import (
    JUDGED,
    Callers,
    begin,
    callers,
    complete,
    key_id,
    remark,
    save,
    step,
    stored,
    taken,
)
from tests.harness.support import Api, Json, Template, check_problem


@pytest.fixture
def who(api: Api, template: Template) -> Callers:
    return callers(api, template)


PARTIAL: list[Json] = [
    {},
    {"initiative": {"title": "Only a title"}},
    {"initiative": {"title": ""}, "how": {"summary": "", "results": ["", None]}},
    {"initiative": {"title": 7, "promoters": "not a list"}, "when": {"start": "last year"}},
    {"how": {"summary": "line\n" * 30}},
    {"what": {"priorities": [{"priority": "no such", "assessed_by": "authority"}]}},
    {"unheard of": {"nothing": [1, 2, 3]}},
]


@pytest.mark.parametrize("content", PARTIAL)
def test_a_draft_saves_whatever_stands_in_it_and_says_what_is_missing(api: Api, who: Callers, content: Json) -> None:
    made = begin(api, who.alba, content)
    assert {name: made["content"][name] for name in content} == content
    assert made["ready"] is False
    assert made["findings"]
    again = api.get(f"/submissions/{made['id']}", who.alba).json()
    assert again == made
    problem = check_problem(step(api, who.alba, made, "submit"), 422)
    assert any("question" in fault["message"] for fault in problem["errors"])
    assert api.get(f"/submissions/{made['id']}", who.alba).json() == made, "a refused step changed something"


@pytest.mark.parametrize(
    "content",
    [[], "text", 7, {"how": {"summary": "a" * 400_000}}, {"how": {"summary": "\x07"}}, {"how": {"summary": "\ud800"}}],
    ids=["list", "text", "number", "too long", "control character", "half a character"],
)
def test_what_could_not_be_stored_is_refused(api: Api, who: Callers, content: Any) -> None:
    made = begin(api, who.alba)
    headers = {"If-Match": '"1"', "Content-Type": "application/json"}
    body = json.dumps({"content": content})
    answer = api.put(f"/submissions/{made['id']}", who.alba, headers=headers, content=body)
    assert answer.status_code in (400, 422)
    assert api.get(f"/submissions/{made['id']}", who.alba).json() == made


def test_an_empty_draft_names_the_questions_that_must_be_answered(api: Api, who: Callers) -> None:
    made = begin(api, who.alba, {})
    asked = {finding["question"] for finding in made["findings"] if finding["kind"] == "missing"}
    assert {"1.1", "2.1", "6.1"} <= asked
    assert made["completeness"]["full"] < 10
    full = taken_as_complete(api, who, made)
    assert full["findings"] == []
    assert full["ready"]
    assert full["completeness"]["snapshot"] > made["completeness"]["snapshot"]


def taken_as_complete(api: Api, who: Callers, made: Json) -> Json:
    answer = save(api, who.alba, made, complete())
    assert answer.status_code == 200
    full: Json = answer.json()
    return full


@pytest.mark.each_database
def test_two_people_who_edit_the_same_draft_never_overwrite_each_other(api: Api, who: Callers) -> None:
    read = begin(api, who.alba)
    first = complete("The first one's title")
    assert save(api, who.secretariat, read, first).status_code == 200
    second = read["content"] | {"how": {"summary": "The second one's words."}}
    refused = save(api, who.alba, read, second)
    check_problem(refused, 412)
    link = refused.headers["link"]
    assert link.endswith('; rel="diff"')
    diff = api.get(link[1 : link.index(">")], who.alba).json()
    assert [(one["path"], one["after"]) for one in diff["differences"]] == [
        ("content.initiative.title", "The first one's title"),
        ("content.how.summary", "What The first one's title is about."),
    ]
    assert [one["id"] for one in diff["by"]] == [key_id(who.secretariat)]
    merged = first | {"how": second["how"]}
    saved = save(api, who.alba, {"id": read["id"], "version": diff["version"]}, merged)
    assert saved.status_code == 200
    assert saved.json()["content"] == merged
    numbers = [one["number"] for one in api.get(f"/submissions/{read['id']}/revisions", who.alba).json()]
    assert numbers == [3, 2, 1]
    kept = api.get(f"/submissions/{read['id']}/revisions/2", who.alba).json()
    assert kept["content"] == first


def test_writes_need_the_version(api: Api, who: Callers) -> None:
    made = begin(api, who.alba)
    check_problem(api.put(f"/submissions/{made['id']}", who.alba, json={"content": {}}), 428)
    check_problem(api.post(f"/submissions/{made['id']}/transitions", who.alba, json={"action": "submit"}), 428)


def test_many_saves_keep_what_was_handed_in_and_forget_the_oldest_others(api: Api, who: Callers) -> None:
    made = begin(api, who.alba)
    remark(api, who.alba, made, "Keep this state.", path="how.summary")
    handed_in = taken(api, who.alba, made, "submit")
    now = taken(api, who.alba, handed_in, "withdraw")
    for number in range(105):
        now = save(api, who.alba, now, complete(f"Title {number}")).json()
    numbers = [one["number"] for one in api.get(f"/submissions/{made['id']}/revisions", who.alba).json()]
    assert numbers == [*range(106, 5, -1), 1]
    check_problem(api.get(f"/submissions/{made['id']}/revisions/3", who.alba), 404)
    assert api.get(f"/submissions/{made['id']}/diff?since=1", who.alba).json()["before"] == 1


def test_comments_hang_on_fields_are_threaded_and_resolved(api: Api, who: Callers) -> None:
    made = taken(api, who.alba, begin(api, who.alba), "submit")
    question = remark(api, who.secretariat, made, "Which year?", path="when.start")
    whole = remark(api, who.peer, made, "A fine case.")
    reply = remark(api, who.alba, made, "In 2008.", parent=question["id"])
    listed = api.get(f"/submissions/{made['id']}/comments", who.alba).json()
    assert [one["id"] for one in listed] == [question["id"], whole["id"]]
    assert [one["id"] for one in listed[0]["answers"]] == [reply["id"]]
    assert (listed[0]["path"], listed[0]["revision"]) == ("when.start", 1)
    assert reply["path"] == "when.start"
    address = f"/submissions/{made['id']}/comments/{question['id']}"
    check_problem(api.post(f"{address}/resolve", who.peer), 403)
    resolved = api.post(f"{address}/resolve", who.alba).json()
    assert resolved["resolved_by"]["id"] == key_id(who.alba)
    assert api.post(f"{address}/resolve", who.alba).json() == resolved
    assert api.get(f"/submissions/{made['id']}", who.alba).json()["open_comments"] == 1
    assert api.post(f"{address}/reopen", who.alba).json()["resolved_at"] is None
    check_problem(api.post(f"/submissions/{made['id']}/comments/{reply['id']}/resolve", who.alba), 422)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"path": "how.nothing"}, "path"),
        ({"path": "how/summary"}, "path"),
        ({"revision": 9}, "revision"),
        ({"parent": "00000000-0000-4000-8000-000000000000"}, "parent"),
        ({"text": " "}, "text"),
        ({"text": "a" * 2_001}, "text"),
    ],
)
def test_a_comment_on_nothing_is_refused(api: Api, who: Callers, more: Json, field: str) -> None:
    made = begin(api, who.alba)
    answer = api.post(f"/submissions/{made['id']}/comments", who.alba, json={"text": "About what?"} | more)
    assert check_problem(answer, 422)["errors"][0]["field"] == field


def test_a_request_for_changes_names_open_comments_and_a_reason(api: Api, who: Callers) -> None:
    made = taken(api, who.secretariat, taken(api, who.alba, begin(api, who.alba), "submit"), "take-up")
    problem = check_problem(step(api, who.secretariat, made, "request-changes"), 422)
    assert {fault["field"] for fault in problem["errors"]} == {"reason", "comments"}
    ask = remark(api, who.secretariat, made, "Say who paid.", path="initiative.budget_sources")
    closed = remark(api, who.secretariat, made, "Nothing more.")
    api.post(f"/submissions/{made['id']}/comments/{closed['id']}/resolve", who.secretariat)
    wrong = {"reason": "Two things", "comments": [ask["id"], closed["id"]]}
    problem = check_problem(step(api, who.secretariat, made, "request-changes", **wrong), 422)
    assert [fault["field"] for fault in problem["errors"]] == ["comments[1]"]
    after = taken(api, who.secretariat, made, "request-changes", reason="One thing", comments=[ask["id"]])
    assert after["state"] == "changes-requested"
    last = api.get(f"/submissions/{made['id']}/events", who.alba).json()[-1]
    assert (last["reason"], last["comments"], last["by"]["id"]) == ("One thing", [ask["id"]], key_id(who.secretariat))


def test_what_was_handed_in_is_not_edited(api: Api, who: Callers) -> None:
    made = taken(api, who.alba, begin(api, who.alba), "submit")
    for key in (who.alba, who.secretariat):
        check_problem(save(api, key, made, {}), 409)


def test_a_hidden_case_is_not_there_for_others(api: Api, who: Callers) -> None:
    made = begin(api, who.alba)
    for key in (who.boca, who.peer, who.fellow):
        check_problem(api.get(f"/submissions/{made['id']}", key), 404)
        check_problem(save(api, key, made, {}), 404)
        check_problem(step(api, key, made, "submit"), 404)
        assert api.get("/submissions", key).json()["items"] == []
    check_problem(api.get("/submissions"), 401)
    check_problem(api.post("/submissions", who.peer, json={}), 403)
    check_problem(api.post("/submissions", who.alba, json={"owner": "boca"}), 403)


def test_the_secretariat_hands_a_case_to_a_peer_but_to_no_fellow(api: Api, who: Callers) -> None:
    made = taken(api, who.alba, begin(api, who.alba), "submit")
    for id in (key_id(who.fellow), key_id(who.boca), "nobody"):
        problem = check_problem(step(api, who.secretariat, made, "take-up", reviewer=id), 422)
        assert problem["errors"][0]["field"] == "reviewer"
    given = taken(api, who.secretariat, made, "take-up", reviewer=key_id(who.peer))
    assert given["reviewer"] == {"id": key_id(who.peer), "name": "reviewer boca"}
    check_problem(step(api, who.other_peer, given, "approve"), 403)
    approved = taken(api, who.peer, given, "approve", reason="It convinced me.", statements=JUDGED)
    assert (approved["state"], approved["turn"]) == ("approved", "secretariat")


def test_a_peers_approval_is_what_readers_see_and_only_of_what_was_approved(api: Api, who: Callers) -> None:
    made = taken(api, who.alba, begin(api, who.alba), "submit")
    approved = taken(api, who.peer, taken(api, who.peer, made, "take-up"), "approve", statements=JUDGED)
    published = taken(api, who.secretariat, approved, "publish")
    assert api.get(f"/practices/{published['practice']}").json()["tier"] == "peer-reviewed"
    draft = taken(api, who.alba, published, "revise")
    saved = save(api, who.alba, draft, complete("A desk for nurses who return")).json()
    reviewed = taken(api, who.secretariat, taken(api, who.alba, saved, "submit"), "take-up")
    old = api.get(f"/practices/{published['practice']}").json()
    assert old["content"] == stored(complete()), "the old one stays public"
    taken(api, who.secretariat, reviewed, "publish")
    public = api.get(f"/practices/{published['practice']}").json()
    assert (public["tier"], public["revision"]) == ("network", 2)
    assert public["content"]["initiative"]["title"] == "A desk for nurses who return"


def test_a_practice_that_went_on_meanwhile_is_not_overwritten(api: Api, who: Callers) -> None:
    made = taken(api, who.secretariat, taken(api, who.alba, begin(api, who.alba), "submit"), "take-up")
    published = taken(api, who.secretariat, made, "publish")
    draft = taken(api, who.alba, published, "revise")
    practice = api.get(f"/practices/{published['practice']}/latest", who.secretariat).json()
    direct = complete("Corrected by the secretariat")
    put = api.put(
        f"/practices/{practice['id']}", who.secretariat, version=practice["version"], json={"content": direct}
    )
    assert put.status_code == 200, put.text
    reviewed = taken(api, who.secretariat, taken(api, who.alba, draft, "submit"), "take-up")
    problem = check_problem(step(api, who.secretariat, reviewed, "publish"), 409)
    assert "base_revision 2" in problem["detail"]
    ask = remark(api, who.secretariat, reviewed, "Merge our correction.")
    back = taken(api, who.secretariat, reviewed, "request-changes", reason="Merge", comments=[ask["id"]])
    check_problem(save(api, who.alba, back, direct, base_revision=3), 422)
    merged = save(api, who.alba, back, direct, base_revision=2).json()
    again = taken(api, who.secretariat, taken(api, who.alba, merged, "submit"), "take-up")
    assert taken(api, who.secretariat, again, "publish")["base_revision"] == 3


def test_revising_a_practice_of_the_base_starts_from_it(api: Api, who: Callers) -> None:
    body = {"content": complete("Printed before"), "owner": "alba"}
    practice = api.post("/practices", who.secretariat, json=body).json()
    api.post(f"/practices/{practice['id']}/publish", who.secretariat, version=1)
    check_problem(api.post("/submissions", who.boca, json={"practice": practice["id"]}), 403)
    made = api.post("/submissions", who.alba, json={"practice": practice["id"]}).json()
    assert (made["state"], made["content"], made["public"]) == ("draft", stored(complete("Printed before")), True)
    check_problem(api.post("/submissions", who.alba, json={"practice": practice["id"]}), 409)
    changed = save(api, who.alba, made, {}).json()
    dropped = taken(api, who.alba, changed, "discard")
    assert (dropped["state"], dropped["content"]) == ("published", stored(complete("Printed before")))


def test_archived_cases_stay_readable_and_come_back(api: Api, who: Callers) -> None:
    made = taken(api, who.secretariat, taken(api, who.alba, begin(api, who.alba), "submit"), "take-up")
    published = taken(api, who.secretariat, made, "publish")
    check_problem(step(api, who.secretariat, published, "archive"), 422)
    check_problem(step(api, who.alba, published, "archive", reason="Over"), 409)
    archived = taken(api, who.secretariat, published, "archive", reason="It ended in 2020.")
    assert api.get(f"/practices/{published['practice']}").json()["state"] == "archived"
    back = taken(api, who.secretariat, archived, "reopen", reason="It goes on.")
    assert back["state"] == "published"
    assert api.get(f"/practices/{published['practice']}").json()["state"] == "published"
    unpublished = begin(api, who.alba)
    gone = taken(api, who.alba, unpublished, "archive", reason="A double")
    assert taken(api, who.alba, gone, "reopen", reason="It was none")["state"] == "draft"


def test_unknown_authorities_are_named_at_submission(api: Api, who: Callers) -> None:
    content = complete(who={"authorities": [{"name": "Nowhere", "authority": "nowhere"}]})
    made = begin(api, who.alba, content)
    problem = check_problem(step(api, who.alba, made, "submit"), 422)
    assert [fault["field"] for fault in problem["errors"]] == ["who.authorities[0].authority"]


def test_the_inbox_tells_what_waits_for_whom(api: Api, who: Callers) -> None:
    draft = begin(api, who.alba, {"initiative": {"title": "A draft"}})
    handed_in = taken(api, who.alba, begin(api, who.alba, complete("Handed in")), "submit")
    with_peer = taken(api, who.alba, begin(api, who.alba, complete("With a peer")), "submit")
    taken(api, who.peer, with_peer, "take-up")

    def box(key: str) -> tuple[list[str], list[str]]:
        inbox = api.get("/inbox", key).json()
        for part, waiting in (("waiting_for_me", "me"), ("i_wait_for", "others")):
            items = inbox[part]["items"]
            assert inbox[part]["total"] == len(items)
            assert api.get(f"/submissions?waiting={waiting}&sort=age", key).json()["items"] == items
        return tuple([one["title"] for one in inbox[part]["items"]] for part in ("waiting_for_me", "i_wait_for"))  # type: ignore[return-value]

    assert box(who.alba) == (["A draft"], ["Handed in", "With a peer"])
    assert box(who.boca) == ([], [])
    assert box(who.secretariat) == (["Handed in"], ["With a peer"])
    assert box(who.peer) == (["With a peer"], [])
    ask = remark(api, who.secretariat, handed_in, "More, please.")
    current = taken(api, who.secretariat, handed_in, "take-up")
    taken(api, who.secretariat, current, "request-changes", reason="Short", comments=[ask["id"]])
    assert box(who.alba) == (["A draft", "Handed in"], ["With a peer"])
    assert box(who.secretariat) == ([], ["With a peer", "Handed in"])
    assert draft["turn"] == "office"


@pytest.mark.each_database
def test_lists_are_narrowed_by_state_age_owner_and_paged(api: Api, who: Callers) -> None:
    titles = [f"Case {number}" for number in range(5)]
    for title in titles:
        begin(api, who.alba, complete(title))
    begin(api, who.boca, {"initiative": {"title": "Of Boca"}})
    taken(api, who.secretariat, begin(api, who.secretariat, complete("Ours"), owner="boca"), "submit")

    def listed(query: str, key: str = who.secretariat) -> list[str]:
        answer = api.get(f"/submissions?{query}", key)
        assert answer.status_code == 200, answer.text
        return [one["title"] for one in answer.json()["items"]]

    assert listed("owner=alba&sort=age") == titles
    assert listed("state=submitted") == ["Ours"]
    assert set(listed("state=submitted&state=draft&owner=boca")) == {"Ours", "Of Boca"}
    assert listed("ready=false") == ["Of Boca"]
    assert listed("mine=true") == ["Ours"]
    assert listed("older_than=1") == []
    assert len(listed("older_than=0")) == 7
    assert listed("owner=boca", who.alba) == []
    assert listed("q=CASE+3") == listed("q=case+3", who.alba) == ["Case 3"]
    assert set(listed("q=o&owner=boca")) == {"Ours", "Of Boca"}
    assert listed("q=ours", who.alba) == listed("q=%25") == listed("q=C_se") == []
    begin(api, who.boca, {"initiative": {"title": "Élan für Şehir"}})
    for part in ("élan", "FÜR", "şehir", "ÉLAN FÜR ŞEH"):
        assert [one["title"] for one in api.get("/submissions", who.boca, params={"q": part}).json()["items"]] == [
            "Élan für Şehir"
        ]
    for refused in ("", "%00", "x" * 121):
        assert check_problem(api.get(f"/submissions?q={refused}", who.boca), 422)["errors"][0]["field"] == "q"
    pages, address = [], "/submissions?limit=2&sort=-updated"
    while address:
        answer = api.get(address, who.secretariat)
        pages.append([one["title"] for one in answer.json()["items"]])
        link = answer.headers.get("link", "")
        address = link[1 : link.index(">")] if link else ""
    assert [len(page) for page in pages] == [2, 2, 2, 2]
    assert [title for page in pages for title in page] == ["Élan für Şehir", "Ours", "Of Boca", *reversed(titles)]


@pytest.mark.each_database
def test_a_step_sent_twice_is_taken_once(api: Api, who: Callers) -> None:
    made = begin(api, who.alba)
    headers = {"Idempotency-Key": "again", "If-Match": '"1"'}
    path = f"/submissions/{made['id']}/transitions"
    answers = [api.post(path, who.alba, headers=headers, json={"action": "submit"}) for _ in range(2)]
    assert answers[0].content == answers[1].content
    assert [one["action"] for one in api.get(f"/submissions/{made['id']}/events", who.alba).json()] == [
        "create",
        "submit",
    ]


def asked(api: Api, path: str, key: str) -> list[str]:
    """What the database is asked about cases, practices and authorities for an answer."""
    sent: list[str] = []

    def keep(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if re.search(r"FROM (submission|practice|authority)", statement):
            sent.append(statement)

    event.listen(api.database.engine, "before_cursor_execute", keep)
    try:
        assert api.get(path, key).status_code == 200
    finally:
        event.remove(api.database.engine, "before_cursor_execute", keep)
    return sent


def test_a_longer_list_asks_the_database_no_more_often(api: Api, who: Callers) -> None:
    for number in range(3):
        for key in (who.alba, who.boca):
            made = begin(api, key, complete(f"Told by many {number}"))
            for action in ("submit", "take-up", "publish"):
                made = taken(api, key if action == "submit" else who.secretariat, made, action)
    short, long = (asked(api, f"/submissions?limit={limit}", who.secretariat) for limit in (1, 100))
    assert 0 < len(long) == len(short) == len(set(long))
