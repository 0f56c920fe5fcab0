"""A draft that names what is not in the base is not ready, wherever that is asked; it can be looked at all the same."""

from typing import Any

import pytest

from tests.api.records.support import Desk, linking, pledge_body
from tests.harness.support import Json, Template, check_problem, practice_body


def naming_authority() -> Json:
    content: Json = practice_body(authority="alba")["content"]
    content["who"]["authorities"].append({"name": "Atlantis", "authority": "atlantis"})
    return content


def naming_record() -> Json:
    content: Json = linking("Source", "practice/nowhere")["content"]
    return content


UNKNOWN = {
    "who.authorities[1].authority": (naming_authority, "there is no authority 'atlantis' in this base"),
    "links[0].to": (naming_record, "there is no practice 'nowhere' in this base"),
}


def findings(report: Json) -> dict[str, str]:
    assert not report["ready"]
    return {one["path"]: one["message"] for one in report["findings"]}


@pytest.mark.parametrize("path", UNKNOWN)
def test_it_is_not_ready(desk: Desk, template: Template, path: str) -> None:
    make, message = UNKNOWN[path]
    content = make()
    api = desk.api
    checked = api.post("/questionnaire/check", template.alba, json={"content": content}).json()
    assert findings(checked) == {path: message}
    made = api.post("/submissions", template.alba, json={"content": practice_body()["content"]}).json()
    assert made["ready"]
    address = f"/submissions/{made['id']}"
    saved = api.put(address, template.alba, version=made["version"], json={"content": content})
    assert saved.status_code == 200, "a draft always saves"
    assert not saved.json()["ready"]
    step = {"action": "submit"}
    refused = api.post(f"{address}/transitions", template.alba, version=saved.json()["version"], json=step)
    (fault,) = check_problem(refused, 422)["errors"]
    assert (fault["location"], fault["field"]) == ("questionnaire", path)
    assert message in fault["message"]
    preview = api.get(f"{address}/preview", template.alba)
    assert preview.status_code == 200, preview.text
    check_preview(preview.json(), path)


def check_preview(shown: Json, path: str) -> None:
    assert shown["title"]["en"] == shown["content"]["initiative"]["title"]
    assert [one["slug"] for one in shown["authorities"]] == ["alba"], "those that there are"
    if path == "links[0].to":
        assert shown["content"]["links"][0]["to"] == "practice/nowhere"
        assert shown["links"] == [], "no end to lead to"
    else:
        assert shown["content"]["who"]["authorities"][1]["authority"] == "atlantis"


def test_what_comes_into_the_base_makes_it_ready(desk: Desk, template: Template) -> None:
    def report(content: Any) -> Json:
        found: Json = desk.api.post("/questionnaire/check", template.alba, json={"content": content}).json()
        return found

    draft = desk.make(practice_body("Nowhere"), publish=False)
    content = naming_record()
    content["links"][0]["to"] = f"practice/{draft}"
    assert findings(report(content)) == {"links[0].to": f"there is no practice '{draft}' in this base"}
    assert findings(report(naming_record())), "a draft is nobody's to know of, by any name"
    desk.act(draft, "publish")
    assert report(content)["ready"]
    assert report(naming_record())["ready"], "its slug leads to it now"


def test_of_another_type_too(desk: Desk, template: Template) -> None:
    content = pledge_body()["content"]
    content["promise"]["partner"] = "atlantis"
    report = desk.api.post("/questionnaire/check?type=pledge", template.alba, json={"content": content}).json()
    assert findings(report) == {"promise.partner": "there is no authority 'atlantis' in this base"}
