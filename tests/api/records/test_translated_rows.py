"""Texts in rows with keys in other languages: they are known by the key of their row, at every door of the api."""

import pytest

from services.api.forms.workbook import read, write
from tests.api.records.support import ACTIONS, PLEDGE, Desk, pledge_body
from tests.harness.support import Json, Template, check_problem

FIRST, SECOND, DOUBTS = (f"plan.actions[key={place}" for place in ("3.1].text", "b].text", "3.1].doubts"))
HIDDEN = "never-to-be-seen"


def said(text: str, status: str = "human") -> Json:
    return {"text": text, "status": status}


def body(*actions: Json, **texts: str) -> Json:
    more = {"translations": {"es": {path: said(text) for path, text in texts.items()}}} if texts else {}
    return pledge_body(actions=[*actions] or ACTIONS) | more


SPANISH = {FIRST: "Construir", SECOND: "Enseñar", DOUBTS: HIDDEN}


def shown(desk: Desk, id: str, lang: str = "es") -> Json:
    answer: Json = desk.api.get(f"/pledges/{id}?lang={lang}").json()
    return answer


@pytest.mark.each_database
def test_rows_are_read_in_the_language_asked_for(desk: Desk) -> None:
    id = desk.make(body(**SPANISH), "pledges")
    for lang in ("es", "es-MX"):
        found = shown(desk, id, lang)
        assert [row["text"] for row in found["content"]["plan"]["actions"]] == ["Construir", "Enseñar"]
        assert found["localized"] == {"language": "es", "fields": [FIRST, SECOND]}
    assert [row["text"] for row in shown(desk, id, "fr")["content"]["plan"]["actions"]] == ["Build", "Teach"]
    latest = desk.api.get(f"/pledges/{id}/latest?lang=es", desk.key).json()
    assert latest["localized"]["fields"] == sorted(SPANISH)


@pytest.mark.each_database
def test_a_translation_goes_where_its_row_goes(desk: Desk) -> None:
    id = desk.make(body(**SPANISH), "pledges")
    build, teach = ACTIONS
    desk.update(id, body(teach, build | {"text": "Build higher"}), "pledges")
    assert desk.read(id, "pledges")["translations"]["es"] == {
        FIRST: said("Construir", "outdated"),
        SECOND: said("Enseñar"),
    }
    assert [row["text"] for row in shown(desk, id)["content"]["plan"]["actions"]] == ["Enseñar", "Construir"]
    desk.update(id, body(teach | {"key": "c"}), "pledges")
    found = shown(desk, id)
    assert (found["translations"], found.get("localized")) == ({}, None), "the row of another key is another row"


def test_what_is_no_text_of_a_row_is_not_translated(desk: Desk) -> None:
    stated = ACTIONS[0] | {"state": "draft", "due": "2027", "planned": {"start": "2026"}}
    for place in ("key", "state", "due", "planned.start", "nothing"):
        path = f"plan.actions[key=3.1].{place}"
        wrong = check_problem(desk.api.post("/pledges", desk.key, json=body(stated, **{path: "published"})), 422)
        assert "is not a filled text of the form" in wrong["errors"][0]["message"], place
    for path in ("plan.actions[key=c].text", "plan.actions[0].text", "plan.actions[key=3.1]", "plan.actions"):
        check_problem(desk.api.post("/pledges", desk.key, json=body(**{path: "X"})), 422)


def test_nobody_reads_the_translation_of_what_is_private(desk: Desk, template: Template) -> None:
    id = desk.make(body(**SPANISH), "pledges")
    desk.update(id, body(**SPANISH | {FIRST: "Edificar"}), "pledges")
    paths = ("", "?lang=es", "/revisions/1", "/diff?before=1&after=2", "/workbook.xlsx")
    for path in (*(f"/pledges/{id}{one}" for one in paths), "/changes?limit=1000", "/pledges.csv", "/pledges.jsonl"):
        answer = desk.api.get(path)
        assert answer.status_code == 200, path
        assert HIDDEN not in answer.text, path
    assert HIDDEN not in str(read(PLEDGE.form, desk.api.get(f"/pledges/{id}/workbook.xlsx").content))
    assert HIDDEN in desk.api.get(f"/pledges/{id}/latest", template.alba).text


def test_a_difference_names_the_row_by_its_key(desk: Desk) -> None:
    id = desk.make(body(**SPANISH), "pledges")
    desk.update(id, body(**SPANISH | {FIRST: "Edificar"}), "pledges")
    (one,) = desk.api.get(f"/pledges/{id}/diff?before=1&after=2").json()["differences"]
    assert (one["path"], one["before"], one["after"]) == (f"translations.es.{FIRST}.text", "Construir", "Edificar")


@pytest.mark.each_database
def test_a_row_of_the_feed_has_its_translations(desk: Desk) -> None:
    def told(after: int = 0) -> dict[str, Json]:
        return {one["id"]: one["record"]["translations"] for one in desk.feed(after) if one["type"] == "action"}

    id = desk.make(body(**SPANISH), "pledges")
    assert told() == {f"{id}#3.1": {"es": {"text": said("Construir")}}, f"{id}#b": {"es": {"text": said("Enseñar")}}}
    head = desk.head()
    desk.update(id, body(**SPANISH | {SECOND: "Instruir"}), "pledges")
    assert told(head) == {f"{id}#b": {"es": {"text": said("Instruir")}}}


def test_what_is_taken_out_is_taken_out_in_all_languages(desk: Desk) -> None:
    id = desk.make(body(**SPANISH), "pledges")
    redaction = {"path": "plan.actions[0]", "reason": "A slip"}
    done = desk.api.post(f"/pledges/{id}/revisions/1/redact", desk.key, version=2, json=redaction)
    assert done.status_code == 200, done.text
    assert "Construir" not in desk.api.get(f"/pledges/{id}/latest", desk.key).text
    assert shown(desk, id)["content"]["plan"]["actions"][0]["text"] == "Enseñar"


def test_a_workbook_takes_them_out_and_in_without_change(desk: Desk) -> None:
    id = desk.make(body(**SPANISH), "pledges")
    answers = desk.api.get(f"/pledges/{id}/latest/workbook.xlsx?lang=es", desk.key).content
    found = read(PLEDGE.form, answers)
    record = desk.api.get(f"/pledges/{id}/latest", desk.key).json()
    assert (found.faults, found.translations) == ([], record["translations"])
    case = desk.api.post("/submissions", desk.key, json={"type": "pledge", "record": id}).json()
    path = f"/submissions/{case['id']}"
    files = [desk.api.get(f"{path}/workbook.xlsx", desk.key).content]
    files.append(write(PLEDGE.form, case["content"], "fr", translations=case["translations"], id=case["id"]))
    for version, file in enumerate(files, case["version"]):
        saved = desk.api.post(
            f"/submissions/import?type=pledge&submission={case['id']}",
            desk.key,
            version=version,
            content=file,
            headers={"Content-Type": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
        )
        assert saved.status_code in (200, 201), saved.text
        assert saved.json()["translations"] == record["translations"]
        assert saved.json()["content"] == PLEDGE.form.tidied(case["content"])
