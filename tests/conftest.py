"""Fixtures that all suites share, how deep properties go, and the table of what was left out for want of a program."""

import gc
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from services.api.settings import Settings
from services.web.observe import configure_logging
from tests.harness import programs
from tests.harness.databases import Databases, Files
from tests.harness.depth import PROVING
from tests.harness.meili import Meili
from tests.harness.postgres import Postgres
from tests.harness.programs import NEEDS, PROGRAMS
from tests.harness.support import Api, Template, build_template, running

# Every day the same examples, so that no run fails by chance; a proof looks for new ones, and remembers what failed.
settings.register_profile("everyday", max_examples=20, deadline=None, derandomize=True, database=None)
settings.register_profile("proof", deadline=None, print_blob=True)
settings.load_profile("proof" if PROVING else "everyday")
collect_ignore_glob = [] if PROVING else ["*/prove/*"]  # what only proofs run
BEGAN = time.monotonic()
OUT_OF_TIME = "out of time"
configure_logging()  # as in service: the library's own default draws whole tracebacks with all variables


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--strict-programs", action="store_true", help="fail where a test lacks a program that Debian has")
    parser.addoption("--seconds", type=float, help="leave out what was not begun after so many seconds, and say so")


def pytest_runtest_setup(item: pytest.Item) -> None:
    seconds: float | None = item.config.getoption("--seconds")
    if seconds and time.monotonic() - BEGAN > seconds:
        pytest.skip(OUT_OF_TIME)
    for marker in item.iter_markers("needs"):
        for name in marker.args:
            programs.require(name)


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()  # what is imported stays: nobody needs to look through it again and again


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    late = sum(OUT_OF_TIME in str(report.longrepr) for report in terminalreporter.stats.get("skipped", ()))
    if late:
        terminalreporter.write_line(f"{late} tests were not begun for want of time: `make test` runs them all")
    for line in programs.told(left_out(terminalreporter)):
        terminalreporter.write_line(line)


def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter: Any = session.config.pluginmanager.get_plugin("terminalreporter")
    if session.config.getoption("--strict-programs") and reporter and not hasattr(session.config, "workerinput"):
        lacking = [name for name in left_out(reporter) if PROGRAMS[name].from_debian]
        session.exitstatus = pytest.ExitCode.TESTS_FAILED if lacking else session.exitstatus


def left_out(reporter: Any) -> dict[str, int]:
    """Return how many tests were left out for want of each program."""
    reasons = [str(report.longrepr[2]).partition(NEEDS) for report in reporter.stats.get("skipped", ())]
    return Counter(name for _, needs, name in reasons if needs)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server for the whole run; tests make databases of their own on it."""
    programs.require("postgresql")
    server = Postgres.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def meili(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Meili]:
    """A Meilisearch server for the whole run; tests take indexes of their own on it."""
    programs.require("meilisearch")
    server = Meili.running() or Meili.start(tmp_path_factory.mktemp("meili"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def databases() -> Databases:
    """Where databases are made."""
    return Files()


@pytest.fixture(scope="session")
def template(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Template:
    """A migrated database with authorities and keys, built once, to be copied."""
    return build_template(databases, tmp_path_factory.mktemp("template"))


@pytest.fixture
def api_settings(template: Template, tmp_path: Path) -> Settings:
    """Settings for an api on a database of this test's own."""
    return template.copy(tmp_path)


@pytest.fixture
def api(api_settings: Settings) -> Iterator[Api]:
    """The api on a database of this test's own."""
    with running(api_settings) as api:
        yield api
