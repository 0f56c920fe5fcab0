"""Files of all records of a type over HTTP: what the command writes, for everybody what is public alone."""

from io import BytesIO
from pathlib import Path

import orjson
import pytest
from openpyxl import load_workbook

from services.api.exchange.downloads import Sender
from services.api.exchange.sources import open_source
from services.api.forms.types import RecordType
from services.api.settings import Settings
from tests.api.exchange.test_bulk_export import praxis
from tests.api.kinds import BY_THEMSELVES, Kind
from tests.harness.support import Api, Template, check_problem, running

ENDS = ("jsonl", "yaml", "csv", "xlsx")
SECRET = "never-to-be-seen"


@pytest.fixture(params=sorted(BY_THEMSELVES))
def kind(request: pytest.FixtureRequest) -> Kind:
    return BY_THEMSELVES[request.param]


@pytest.fixture
def filled(api: Api, template: Template, kind: Kind) -> Api:
    """An api with a public record, which came from elsewhere and belongs to somebody, and a draft."""
    for name, title, publish in (("lisbon:1", "First", "true"), ("lisbon:2", "Second", "false")):
        body = {"external_id": name} | kind.body(title, SECRET, owner="alba")
        query = f"format=jsonl&type={kind.type.name}&publish={publish}"
        report = api.post(f"/imports?{query}", template.secretariat, content=orjson.dumps(body)).json()
        assert report["outcomes"]["added"] == 1, report
    return api


def names(file: bytes, end: str, type: RecordType, folder: Path) -> list[str]:
    path = folder / f"file.{end}"
    path.write_bytes(file)
    return [entry.data.get("external_id") for entry in open_source(path, type).entries]


@pytest.mark.parametrize("end", ENDS)
def test_the_secretariat_has_what_the_command_writes(
    filled: Api, template: Template, api_settings: Settings, kind: Kind, end: str, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("PRAXIS_API_DATABASE_URL", api_settings.database_url)
    answer = filled.get(f"/{kind.type.plural}.{end}?state=all", template.secretariat)
    done = praxis("export", tmp_path / f"all.{end}", "--state", "all", "--type", kind.type.name)
    assert done.exit_code == 0, done.output
    assert answer.content == (tmp_path / f"all.{end}").read_bytes()
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-disposition"] == f'attachment; filename="{kind.type.plural}.{end}"'
    query = f"format={end}&type={kind.type.name}"
    again = filled.post(f"/imports?{query}", template.secretariat, content=answer.content).json()
    assert (again["records"], again["outcomes"]["unchanged"]) == (2, 2)


@pytest.mark.parametrize("end", ENDS)
def test_everybody_has_what_is_public_by_its_public_id(filled: Api, kind: Kind, end: str, tmp_path: Path) -> None:
    (public,) = filled.get(f"/{kind.type.plural}").json()["items"]
    answer = filled.get(f"/{kind.type.plural}.{end}")
    assert answer.status_code == 200
    assert names(answer.content, end, kind.type, tmp_path) == [f"urn:uuid:{public['id']}"]
    if end != "xlsx":
        assert "First" in answer.text
        for word in ("lisbon", "Second", SECRET, "owner"):
            assert word not in answer.text
    assert filled.get(f"/{kind.type.plural}.{end}").content == answer.content
    check_problem(filled.get(f"/{kind.type.plural}.{end}?state=all"), 401)


def test_a_template_names_what_may_be_filled_in_and_is_explained(api: Api, template: Template, kind: Kind) -> None:
    form, path = kind.type.form, f"/{kind.type.plural}"
    columns = api.get(f"{path}.csv?template=true").content.decode("utf-8-sig").strip().split(",")
    assert columns[:3] == ["external_id", "owner", "tier"]
    assert kind.type.title in columns
    assert not [name for name in columns if form.is_private(name)]
    sheet = load_workbook(BytesIO(api.get(f"{path}.xlsx?template=true&lang=es").content))[kind.type.plural]
    headings = {cell.value: cell.comment for cell in sheet[1]}
    assert [*headings] == columns
    note = headings[kind.type.title]
    assert note
    assert note.text == f"{form.label(kind.type.title, 'es')}: {form.help(kind.type.title, 'es')}"
    whole = api.get(f"{path}.csv?template=true&state=all", template.secretariat).content.decode("utf-8-sig")
    assert bool(form.private) == any(form.is_private(name) for name in whole.strip().split(","))
    for end in ("csv", "xlsx"):
        file = api.get(f"{path}.{end}?template=true").content
        query = f"format={end}&type={kind.type.name}"
        assert api.post(f"/imports?{query}", template.secretariat, content=file).json()["records"] == 0
    check_problem(api.get(f"{path}.jsonl?template=true"), 422)


def test_files_are_bounded(filled: Api, template: Template, api_settings: Settings, kind: Kind) -> None:
    path = f"/{kind.type.plural}.jsonl"
    few = api_settings.model_copy(update={"max_import_records": 1})
    with running(few) as api:
        assert api.get(path).status_code == 200
        check_problem(api.get(f"{path}?state=all", template.secretariat), 413)
        sender: Sender = api.app.state.sender
        with sender.busy["published"]:
            problem = api.get(f"{path}?lang=es")
            check_problem(problem, 503)
            assert problem.headers["retry-after"]
            check_problem(api.get(f"{path}?state=all", template.secretariat), 413)
        assert api.get(f"{path}?lang=es").status_code == 200
