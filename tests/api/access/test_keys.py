"""Keys: shown once, stored hashed, refused alike whatever is wrong with them, and never in a log."""

import string
from pathlib import Path

import httpx
import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import SQLModel
from typer.testing import CliRunner

from services.api import cli
from services.api.access import service as access
from services.api.settings import Settings
from services.web.observe import configure_logging
from tests.harness.depth import examples
from tests.harness.support import Api, Template, check_problem, make_key, practice_body, running


@pytest.fixture
def praxis(api_settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> CliRunner:
    """The `praxis` command on this test's database."""
    monkeypatch.setenv("PRAXIS_API_DATABASE_URL", api_settings.database_url)
    monkeypatch.chdir(tmp_path)
    return CliRunner()


def test_a_key_is_shown_once_and_stored_hashed(praxis: CliRunner, api: Api) -> None:
    made = praxis.invoke(cli.app, ["key", "create", "Our office", "--role", "secretariat", "--authority", "alba"])
    assert made.exit_code == 0, made.output
    token = made.stdout.strip()
    prefix, id, secret = token.split("_", 2)
    assert prefix == "praxis"
    assert len(secret) >= 40
    assert api.post("/practices", token, json=practice_body()).status_code == 201
    listed = praxis.invoke(cli.app, ["key", "list"])
    assert id in listed.output
    assert secret not in listed.output
    with api.database.transaction(write=False) as session:
        rows = [list(session.execute(table.select())) for table in SQLModel.metadata.sorted_tables]
    assert id in str(rows)
    assert secret not in str(rows)


def test_a_revoked_key_is_useless_at_once(praxis: CliRunner, api: Api) -> None:
    token = make_key(api.database)
    assert api.get("/practices", token).status_code == 200
    assert praxis.invoke(cli.app, ["key", "revoke", token.split("_")[1]]).exit_code == 0
    check_problem(api.get("/practices", token), 401)
    assert praxis.invoke(cli.app, ["key", "revoke", "0" * 12]).exit_code != 0


def test_an_officers_key_needs_an_authority(praxis: CliRunner) -> None:
    assert praxis.invoke(cli.app, ["key", "create", "somebody", "--role", "officer"]).exit_code == 2


def test_an_expired_key_is_refused(api: Api) -> None:
    check_problem(api.get("/practices", make_key(api.database, days=-0.001)), 401)


def same(answers: list[httpx.Response]) -> None:
    """Check that refusals tell nothing apart."""
    bodies = [answer.json() | {"request_id": ""} for answer in answers]
    assert all(body == bodies[0] for body in bodies)


def test_refusals_do_not_tell_what_is_wrong(api: Api, template: Template) -> None:
    _, id, secret = template.alba.split("_", 2)
    revoked, expired = make_key(api.database), make_key(api.database, days=-1)
    with api.database.transaction() as session:
        access.revoke_key(session, revoked.split("_")[1])
    wrong = [f"praxis_{id}_{'x' * len(secret)}", f"praxis_{'0' * 12}_{secret}", f"praxis_{id}_", revoked, expired]
    answers = [api.get("/practices", token) for token in wrong]
    for answer in answers:
        check_problem(answer, 401)
        assert answer.headers["www-authenticate"].startswith("Bearer")
    same(answers)


@settings(max_examples=examples(100), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_other_token_is_taken(api: Api, template: Template, data: st.DataObject) -> None:
    """Neither arbitrary headers nor a token with one character changed, added or lost get in."""
    right = template.alba
    place = data.draw(st.integers(0, len(right) - 1))
    character = data.draw(st.sampled_from(string.ascii_letters + string.digits + "_-"))
    token = data.draw(
        st.sampled_from(
            [
                right[:place] + character + right[place + 1 :],
                right[:place] + right[place + 1 :],
                right[:place] + character + right[place:],
            ]
        )
    )
    raw = data.draw(st.binary(max_size=40).filter(lambda value: not set(value) & set(b"\r\n\0")))
    for value in (raw, b"Bearer " + raw, b"Basic " + right.encode(), b"Bearer " + token.encode()):
        answer = api.get("/practices", headers={"Authorization": value})
        if value == f"Bearer {right}".encode():
            assert answer.status_code == 200
        else:
            check_problem(answer, 401)


def test_an_oversized_token_is_refused(api: Api) -> None:
    check_problem(api.get("/practices", "praxis_" + "a" * 50_000 + "_" + "b" * 50_000), 401)


def test_refused_keys_are_limited_and_good_ones_are_not(template: Template, tmp_path: Path) -> None:
    strict = template.copy(tmp_path).model_copy(update={"refusals_per_minute": 3, "writes_per_minute": 2})
    with running(strict) as api:
        statuses = [api.get("/practices", "praxis_no_no").status_code for _ in range(5)]
        assert statuses == [401, 401, 401, 429, 429]
        limited = api.get("/practices", "praxis_no_no")
        check_problem(limited, 429)
        assert int(limited.headers["retry-after"]) > 0
        assert api.get("/practices").status_code == 200
        assert api.get("/practices", template.alba).status_code == 200
        writes = [api.post("/practices", template.secretariat, json=practice_body()).status_code for _ in range(3)]
        assert writes == [201, 201, 429]
        assert api.post("/practices", template.colleague, json=practice_body(authority="boca")).status_code == 201


@pytest.mark.parametrize("json_lines", [True, False])
def test_logs_and_answers_hold_nothing_secret(
    api: Api, template: Template, capsys: pytest.CaptureFixture[str], json_lines: bool
) -> None:
    """Neither a refused key nor a crash in the middle of a request shows a secret."""

    def crash(session: object) -> None:
        raise RuntimeError("the inner fault")

    before = structlog.get_config()
    configure_logging("DEBUG", json_lines)
    try:
        wrong = template.secretariat[:-5] + "wrong"
        check_problem(api.get("/practices", wrong), 401)
        api.database.before_commit.append(crash)
        failed = api.post("/practices", template.secretariat, json=practice_body("Secret title"))
    finally:
        structlog.configure(**before)
    problem = check_problem(failed, 500)
    assert "inner fault" not in failed.text
    assert problem["request_id"] in problem["detail"]
    logged = capsys.readouterr()
    assert "the inner fault" in logged.err
    assert problem["request_id"] in logged.err
    for secret in (template.secretariat.split("_", 2)[2], wrong.split("_", 2)[2], "Secret title"):
        assert secret not in logged.err + logged.out
