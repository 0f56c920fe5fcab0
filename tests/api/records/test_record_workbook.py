"""A practice as a workbook: what is public for everybody, drafts for those who see them."""

from services.api.forms.workbook import Reading, read
from services.api.records.workbooks import MEDIA_TYPE
from services.api.types import TYPES
from tests.harness.support import Api, Json, Template, check_problem, practice_body

SPANISH = {"es": {"initiative.title": {"text": "Buena práctica", "status": "human"}}}


def made(api: Api, key: str, title: str) -> Json:
    body = practice_body(title, translations=SPANISH) | {"owner": "alba"}
    id = api.post("/practices", key, json=body).json()["id"]
    published: Json = api.post(f"/practices/{id}/publish", key, version=1).json()
    return published


def opened(api: Api, path: str, key: str | None = None) -> Reading:
    answer = api.get(path, key)
    assert answer.status_code == 200, answer.text[:300]
    assert answer.headers["content-type"] == MEDIA_TYPE
    found = read(TYPES["practice"].form, answer.content)
    assert not found.faults
    return found


def test_everybody_gets_what_is_public(api: Api, template: Template) -> None:
    practice = made(api, template.secretariat, "Good Practice")
    for asked in ("good-practice", practice["id"]):
        found = opened(api, f"/practices/{asked}/workbook.xlsx")
        assert TYPES["practice"].form.validated(found.content).model_dump(mode="json") == practice["content"]
        assert found.translations == SPANISH
    draft = practice_body("Draft of another")
    api.put(f"/practices/{practice['id']}", template.secretariat, version=2, json=draft).raise_for_status()
    path = "/practices/good-practice/workbook.xlsx"

    def title(path: str, key: str | None) -> str:
        return str(opened(api, path, key).content["initiative"]["title"])

    latest = "/practices/good-practice/latest/workbook.xlsx"
    for key in (None, template.boca, template.alba, template.secretariat):
        assert title(path, key) == "Good Practice", "what is public is the same for everybody"
    assert title(latest, template.alba) == title(latest, template.secretariat) == "Draft of another"
    mine = api.get(latest, template.alba)
    assert (mine.headers["etag"], mine.headers["cache-control"]) == ('"3"', "no-store")
    for key, refusal in ((None, 401), (template.boca, 403)):
        check_problem(api.get(latest, key), refusal)


def test_languages_forms_and_names(api: Api, template: Template) -> None:
    made(api, template.secretariat, "Good Practice")
    path = "/practices/good-practice/workbook.xlsx"
    answer = api.get(f"{path}?lang=fr-CA&form=short")
    assert answer.headers["content-disposition"] == 'attachment; filename="praxis-good-practice.xlsx"'
    assert len(answer.content) < len(api.get(path).content)
    assert api.get(f"{path}?lang=fr").content != api.get(f"{path}?lang=es").content
    check_problem(api.get(f"{path}?lang=French"), 422)
    check_problem(api.get(f"{path}?form=snapshot"), 422)
    check_problem(api.get(f"{path}?q=x"), 422)


def test_a_renamed_one_leads_on_and_a_hidden_one_is_not_there(api: Api, template: Template) -> None:
    practice, key = made(api, template.secretariat, "Good Practice"), template.secretariat
    api.post(f"/practices/{practice['id']}/rename", key, version=2, json={"slug": "better"}).raise_for_status()
    answer = api.get("/practices/good-practice/workbook.xlsx?lang=es")
    assert answer.status_code == 308
    assert answer.headers["location"] == "/api/v1/practices/better/workbook.xlsx?lang=es"
    api.post(f"/practices/{practice['id']}/unpublish", key, version=3).raise_for_status()
    check_problem(api.get("/practices/better/workbook.xlsx"), 404)
    check_problem(api.get("/practices/better/workbook.xlsx", template.alba), 404)
    assert api.get("/practices/better/latest/workbook.xlsx", template.alba).status_code == 200


def test_the_answer_is_kept_until_the_practice_changes(api: Api, template: Template) -> None:
    practice = made(api, template.secretariat, "Good Practice")
    path = "/practices/good-practice/workbook.xlsx"
    first = api.get(path)
    tag = first.headers["etag"]
    assert tag.startswith('W/"')
    assert api.get(path).content == first.content
    assert api.get(path, headers={"If-None-Match": tag}).status_code == 304
    key, id = template.secretariat, practice["id"]
    api.post(f"/practices/{id}/archive", key, version=2, json={"reason": "Over"}).raise_for_status()
    assert api.get(path, headers={"If-None-Match": tag}).status_code == 200
