"""A backup from before something was taken out brings none of it back."""

import shutil
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from sqlmodel import select

from services.api import backup
from services.api.app import open_database
from services.api.changes import service as changes
from services.api.cli import MIGRATIONS
from services.api.kit import bulk
from services.api.kit.archive import State, writing
from services.api.kit.moments import now
from services.api.records.models import RecordWithdrawal
from services.api.settings import Settings
from tests.api.records.taking_out import everything_public, published, told
from tests.api.records.test_redaction import stored
from tests.api.records.test_withdrawal import trail
from tests.harness.support import Api, Template, practice_body, running, settings_for


def noted(api: Api) -> set[tuple[str, int, str]]:
    """Return what the base knows to be withdrawn and redacted."""
    with api.database.transaction(write=False) as session:
        return {(str(one.record_id), one.number, one.path) for one in session.exec(select(RecordWithdrawal))}


@pytest.mark.each_database
def test_what_was_taken_out_since_stays_so(api_settings: Settings, template: Template, tmp_path: Path) -> None:
    file = tmp_path / "before.backup"
    with running(api_settings) as api:
        case = published(api, template.secretariat, told("Zebra"), told("Yak"), told("Xerus", needs=["a", "b", "c"]))
        alone = published(api, template.secretariat, told("Walrus"))
        backup.back_up(api_settings, MIGRATIONS, file)
        late = published(api, template.secretariat, told("Viper"))
        late.withdraw(1)
        case.withdraw(2)
        for path in ("how.results[0]", "how.needs[1]", "how.needs[1]"):
            case.redact(3, path)
        alone.withdraw(1)
        case.publish(told("Uakari"))
        case.withdraw(4)
        known = noted(api)
    backup.restore(api_settings, MIGRATIONS, file, replace=True)
    with running(api_settings) as api:
        case.api = alone.api = api
        assert noted(api) == {one for one in known if one[0] != late.id and one[1] != 4}
        assert "Xerus" not in stored(api)
        shown = case.public()
        assert shown is not None
        assert (shown["revision"], shown["withdrawn"]) == (3, [2])
        assert (shown["content"]["how"]["results"], shown["content"]["how"]["needs"]) == (["Many came"], ["a"])
        everybody = everything_public(case, tmp_path)
        assert "Zebra" in everybody
        assert not any(word in everybody for word in ("Yak", "Xerus", "Walrus", "Viper"))
        assert alone.public() is None
        assert case.reload()["version"] == 7, "who read it as the backup has it does not write over it"
        assert len(trail(api, "practice.redact")) == 3
        alone.reload()
        alone.publish(told("Vole"))
        assert alone.public() is not None


@pytest.mark.each_database
def test_a_backup_from_between_goes_on_from_there(api_settings: Settings, template: Template, tmp_path: Path) -> None:
    file = tmp_path / "between.backup"
    with running(api_settings) as api:
        case = published(api, template.secretariat, practice_body(results=["a", "b", "c", "d", "e"]))
        case.redact(1, "how.results[1]")
        backup.back_up(api_settings, MIGRATIONS, file)
        case.redact(1, "how.results[0]")
        case.redact(1, "how.results[1]")
        before, left = noted(api), case.public()
    backup.restore(api_settings, MIGRATIONS, file, replace=True)
    with running(api_settings) as api:
        case.api = api
        assert noted(api) == before
        assert case.public() == left
        assert left is not None
        assert left["content"]["how"]["results"] == ["c", "e"]
    backup.back_up(api_settings, MIGRATIONS, file, overwrite=True)
    backup.restore(api_settings, MIGRATIONS, file, replace=True)
    with running(api_settings) as api:
        case.api = api
        assert (noted(api), case.public()) == (before, left), "what the backup knows itself is not done twice"


@pytest.mark.each_database
def test_where_what_was_redacted_is_another_content_it_is_not_shown(
    api_settings: Settings, template: Template, tmp_path: Path
) -> None:
    """Here a revision that went on otherwise after an earlier restore, and cannot lack what was redacted."""
    empty, one, other = (tmp_path / f"{name}.backup" for name in ("empty", "one", "other"))
    without = told("Yak")
    without["content"]["who"] = {}
    without["content"]["initiative"]["partners"] = [{"name": "Comune", "kind": "local-authority"}]
    with running(api_settings) as api:
        case = published(api, template.secretariat, told("Zebra"))
        backup.back_up(api_settings, MIGRATIONS, empty)
        case.publish(without)
        backup.back_up(api_settings, MIGRATIONS, one)
    backup.restore(api_settings, MIGRATIONS, empty, replace=True)
    with running(api_settings) as api:
        case.api = api
        case.reload()
        with_both = told("Yak")
        with_both["content"]["initiative"]["partners"] = [{"name": "Comune", "kind": "local-authority"}]
        case.publish(with_both)
        case.redact(2, "initiative.partners[0]")
        backup.back_up(api_settings, MIGRATIONS, other)
    backup.restore(api_settings, MIGRATIONS, one, replace=True)
    with running(api_settings) as api:
        case.api = api
        shown = case.public()
        assert shown is not None
        assert (shown["revision"], shown["withdrawn"]) == (1, [2])


def test_so_it_is_with_a_backup_of_an_older_schema(
    api_settings: Settings, template: Template, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(api_settings) as api:
        case = published(api, template.secretariat, told("Zebra"), told("Yak"))
    older = settings_for(f"sqlite:///{tmp_path / 'older.db'}")
    shutil.copy(api_settings.database_url.removeprefix("sqlite:///"), tmp_path / "older.db")
    monkeypatch.setenv("PRAXIS_API_DATABASE_URL", older.database_url)
    command.downgrade(MIGRATIONS, "0006")
    back_up_older(older, tmp_path / "older.backup", "0006")
    with running(api_settings) as api:
        case.api = api
        case.redact(1, "how.results[0]")
        case.withdraw(2)
    backup.restore(api_settings, MIGRATIONS, tmp_path / "older.backup", replace=True)
    with running(api_settings) as api:
        case.api = api
        everybody = everything_public(case, tmp_path)
        assert not any(word in everybody for word in ("Yak", "Zebra"))
        shown = case.public()
        assert shown is not None
        assert (shown["revision"], shown["withdrawn"]) == (1, [2])


def back_up_older(settings: Settings, path: Path, revision: str) -> None:
    """Back up a base as the version of an older schema did."""
    with closing(open_database(settings)) as database, writing(path, overwrite=False) as writer:
        with database.transaction(write=False) as session:
            mark, schema = changes.head(session), bulk.present(session)
            schema.remove(schema.tables["alembic_version"])
            for shape in bulk.shapes(schema):
                with closing(bulk.rows(session, shape)) as rows:
                    writer.add(shape, rows)
        writer.finish(State(revision=revision, epoch=mark.epoch, head=mark.seq, moment=now(), database="sqlite"))
