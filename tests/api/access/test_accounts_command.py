"""`praxis account` and `praxis key` at the command line, and keys that were made before they had an organisation."""

from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import insert, text
from typer.testing import CliRunner, Result

from services.api import cli
from services.api.access import service as access
from services.api.access.models import ApiKey
from services.api.app import open_database
from services.api.kit.moments import now
from services.api.settings import Settings
from tests.harness.databases import Databases
from tests.harness.people import PASSWORD, sign_in
from tests.harness.support import Api, check_problem, settings_for

NEW = "another good pass phrase"


class Praxis:
    """The `praxis` command on one database."""

    def run(self, *arguments: str, input: str | None = None) -> Result:
        return CliRunner().invoke(cli.app, arguments, input=input)

    def account(self, *arguments: str, input: str | None = None) -> Result:
        return self.run("account", *arguments, input=input)


@pytest.fixture
def praxis(api_settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Praxis:
    monkeypatch.setenv("PRAXIS_API_DATABASE_URL", api_settings.database_url)
    monkeypatch.chdir(tmp_path)
    return Praxis()


def test_a_first_admin_is_made_with_a_password(praxis: Praxis, api: Api) -> None:
    person = ("Ada@Example.org", "--name", "Ada Min", "--role", "admin", "--organisation", "The network")
    made = praxis.account("create", *person, "--password-stdin", input=f"{PASSWORD}\n")
    assert made.exit_code == 0, made.output
    assert made.stdout == ""
    opened = sign_in(api, "ada@example.org")
    assert opened.status_code == 201
    me = api.get("/me", opened.json()["token"]).json()
    assert (me["name"], me["organisation"], me["rights"]["manage_keys"]) == ("Ada Min", "The network", True)
    again = praxis.account("create", *person)
    assert (again.exit_code, "already" in again.output) == (1, True)
    poor = praxis.account("create", "b@example.org", *person[1:], "--password-stdin", input="short\n")
    assert (poor.exit_code, "12 to 200" in poor.output) == (1, True)
    assert "b@example.org" not in praxis.account("list").output, "nothing is half made"


def test_an_invitation_is_shown_once_and_leads_to_a_password(praxis: Praxis, api: Api) -> None:
    made = praxis.account("create", "o@example.org", "--name", "Omar", "--role", "officer", "--authority", "alba")
    assert made.exit_code == 0, made.output
    invitation = made.stdout.strip()
    listed = praxis.account("list").output
    assert "invited" in listed
    assert invitation not in listed
    redeemed = api.post("/password-resets/redeem", json={"token": invitation, "password": NEW})
    assert redeemed.status_code == 204
    assert sign_in(api, "o@example.org", NEW).status_code == 201
    assert "active" in praxis.account("list").output


def test_accounts_are_reset_and_ended(praxis: Praxis, api: Api, ana: str) -> None:
    token = praxis.account("reset", "ANA@example.org").stdout.strip()
    assert praxis.account("deactivate", "ana@example.org").exit_code == 0
    check_problem(sign_in(api), 401)
    check_problem(api.post("/password-resets/redeem", json={"token": token, "password": NEW}), 422)
    assert praxis.account("deactivate", "ana@example.org").exit_code == 1
    assert praxis.account("reset", "ana@example.org").exit_code == 1
    assert "deactivated" in praxis.account("list").output
    assert praxis.account("reactivate", "ana@example.org").exit_code == 0
    assert sign_in(api).status_code == 201
    assert praxis.account("reset", "nobody@example.org").exit_code == 1
    assert praxis.account("reset", "nobody").exit_code == 2


def test_the_last_admin_stays_at_the_command_line_too(praxis: Praxis, api: Api) -> None:
    for name in ("a", "b"):
        praxis.account("create", f"{name}@example.org", "--name", name, "--role", "admin", "--organisation", "X")
    assert praxis.account("deactivate", "a@example.org").exit_code == 0
    refused = praxis.account("deactivate", "b@example.org")
    assert (refused.exit_code, "last active admin" in refused.output) == (1, True)


@pytest.mark.parametrize(
    "arguments",
    [
        ("nobody", "--name", "N", "--role", "reviewer", "--organisation", "X"),
        ("n@example.org", "--name", "two\nlines", "--role", "reviewer", "--organisation", "X"),
        ("n@example.org", "--name", "N", "--role", "king", "--organisation", "X"),
        ("n@example.org", "--name", "N", "--role", "reviewer"),
        ("n@example.org", "--name", "N", "--role", "reviewer", "--organisation", "X", "--authority", "alba"),
        ("n@example.org", "--name", "N", "--role", "officer", "--organisation", "X"),
        ("n@example.org", "--name", "N", "--role", "officer", "--authority", "atlantis"),
    ],
)
def test_faults_are_refused(praxis: Praxis, api: Api, arguments: tuple[str, ...]) -> None:
    refused = praxis.account("create", *arguments)
    assert refused.exit_code in (1, 2), refused.output
    assert "Traceback" not in refused.output
    assert praxis.account("list").output == ""


def test_keys_belong_to_somebody(praxis: Praxis, api: Api) -> None:
    def me(*arguments: str) -> dict[str, object]:
        made = praxis.run("key", "create", "Portal", *arguments)
        assert made.exit_code == 0, made.output
        found: dict[str, object] = api.get("/me", made.stdout.strip()).json()
        return found

    assert me("--role", "secretariat")["organisation"] == "Portal"
    assert me("--role", "reviewer", "--organisation", "Peers")["organisation"] == "Peers"
    officer = me("--role", "officer", "--authority", "alba")
    assert (officer["organisation"], officer["kind"]) == (None, "key")
    both = praxis.run("key", "create", "x", "--role", "reviewer", "--organisation", "X", "--authority", "alba")
    assert both.exit_code == 2


def test_keys_made_before_go_on_working(databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys of the secretariat had neither an authority nor an organisation."""
    url = databases.new(tmp_path / "before")
    monkeypatch.setenv("PRAXIS_API_DATABASE_URL", url)
    config = Config(cli.ROOT / "alembic.ini")
    command.upgrade(config, "0002")
    columns = [column for column in ApiKey.__table__.columns if column.name != "organisation"]  # type: ignore[attr-defined]
    database = open_database(settings_for(url))
    row = {"id": "a" * 12, "name": "our secretariat", "role": "secretariat", "secret_hash": access.hashed("secret")}
    with database.transaction() as session:
        moments = {"created_at": now(), "expires_at": now().replace(year=9000)}
        session.execute(insert(ApiKey).values({column: (row | moments).get(column.name) for column in columns}))
    database.close()
    command.upgrade(config, "head")
    database = open_database(settings_for(url))
    with database.transaction(write=False) as session:
        caller = access.authenticate(session, f"praxis_{'a' * 12}_secret")
    assert (caller.role, caller.organisation) == ("secretariat", "our secretariat")
    database.close()
    command.downgrade(config, "0002")
    database = open_database(settings_for(url))
    with database.transaction(write=False) as session:
        assert session.execute(text("SELECT name FROM api_key")).scalars().all() == ["our secretariat"]
    database.close()


def test_a_database_without_a_schema_is_said_and_nobody_else_reads_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRAXIS_API_DATABASE_URL", f"sqlite:///{tmp_path}/fresh.db")
    for arguments in (("account", "list"), ("key", "list"), ("epoch", "new")):
        result = CliRunner().invoke(cli.app, arguments)
        assert result.exit_code == 1, result.output
        assert "run `praxis migrate`" in result.output, result.output
    assert (tmp_path / "fresh.db").stat().st_mode & 0o077 == 0
