"""Holds the house to its rules: imports run one way, one committer, queries in repositories, small files."""

import ast
import subprocess
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from tests.harness.paths import ROOT

SERVICES = ROOT / "services"
LEVEL = {
    "kit": 0,
    "letters": 1,
    "access": 2,
    "changes": 2,
    "thesaurus": 3,
    "vocabularies": 4,
    "authorities": 5,
    "forms": 5,
    "directory": 6,
    "notices": 6,
    "types": 6,
    "records": 7,
    "submissions": 8,
    "claims": 9,
    "exchange": 9,
    "readers": 9,
}
ROOMS = tuple(LEVEL)
FRAME = ("settings", "languages", "upstream", "visitor", "guard", "shown", "reference", "templating", "page")
"""Files of the portal that every page is made with."""
LONGEST = 400
LONGEST_LINE = 160
"""Of a template; code is bound by the formatter."""


def tracked(pattern: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", pattern],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return sorted(path for name in listed.stdout.splitlines() if (path := ROOT / name).exists())


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def calls(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute):
                yield node.func.attr, node.lineno
            elif isinstance(node.func, ast.Name):
                yield node.func.id, node.lineno


def modules_of(service: str) -> dict[str, Path]:
    """Return the files of a service by the name that they are imported by."""
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for path in python_files(service)
    }


def python_files(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((SERVICES / folder).rglob("*.py"))]


def test_every_room_is_known() -> None:
    rooms = {path.parent.name for path in (SERVICES / "api").glob("*/__init__.py")}
    assert rooms == set(LEVEL), "a new room needs its level here"


@pytest.mark.parametrize("room", ROOMS)
def test_rooms_import_one_way(room: str) -> None:
    for path in python_files(f"api/{room}"):
        for name in imports(path):
            parts = name.split(".")
            if parts[:2] != ["services", "api"] or parts[2] == room or parts[2] not in LEVEL:
                continue
            assert LEVEL[parts[2]] < LEVEL[room], f"{path.relative_to(ROOT)} imports {name}"


def test_no_file_outside_the_types_knows_a_type() -> None:
    """Whatever a type needs, its declaration says: the machinery asks `TYPES`."""
    folder = SERVICES / "api" / "types"
    types = {path.name for path in folder.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert types
    for path in python_files(""):
        if path == folder / "__init__.py":
            continue
        own = path.relative_to(folder).parts[0] if path.is_relative_to(folder) else ""
        for name in imports(path):
            parts = name.split(".")
            stray = parts[:3] == ["services", "api", "types"] and len(parts) > 3 and parts[3] in types - {own}
            assert not stray, f"{path.relative_to(ROOT)} imports {name}"


OF_ONE_TYPE = (
    "pages/practice.py",
    "pages/road_map.py",
    "pages/desk/practices.py",
    "pages/developers.py",
    "pages/desk/pipeline.py",
)
"""Files of the portal that are about one type alone: pages of its own, and what the secretariat does with practices."""


def test_the_portal_names_no_type_outside_its_declarations() -> None:
    """Whatever a type needs is declared in `services/portal/types`: pages of all types ask `TYPES`."""
    portal = SERVICES / "portal"
    types = {path.stem: path for path in (portal / "types").glob("*.py")}.keys() - {"__init__", "declaration"}
    named = tuple(f"/{name}" for name in types)
    assert types
    for path in python_files("portal"):
        if path.parent.name == "types" or path.relative_to(portal).as_posix() in OF_ONE_TYPE:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            said = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
            names = said in types or said.startswith(named)
            assert not names, f"{path.relative_to(ROOT)} names {said}"


def portal_level(module: str) -> int:
    """Return where a file of the portal stands: the frame, then features, their pages, what puts all together."""
    name = module.removeprefix("services.portal").strip(".").split(".")[0]
    return 0 if name in FRAME else {"pages": 2, "app": 3, "__main__": 4}.get(name, 1)


def test_the_portal_imports_one_way() -> None:
    """The frame knows no feature, features know no page, and nothing comes round to itself."""
    modules = modules_of("portal")
    needs: dict[str, set[str]] = {module: set() for module in modules}
    for module, path in modules.items():
        for name in imports(path):
            imported = name if name in modules else name.rpartition(".")[0]
            if imported in modules and imported not in ("services.portal", module):
                needs[module].add(imported)
                assert portal_level(imported) <= portal_level(module), f"{path.relative_to(ROOT)} imports {name}"
    assert needs["services.portal.page"], "the frame was found"
    TopologicalSorter(needs).prepare()


def test_services_know_each_other_over_http_only() -> None:
    for service, others in {
        "api": ("search", "portal", "standalone"),
        "search": ("api", "portal", "standalone"),
        "portal": ("api", "search", "standalone"),
        "web": ("api", "search", "portal"),
    }.items():
        for path in python_files(service):
            for name in imports(path):
                assert not any(name.startswith(f"services.{other}") for other in others), f"{path} imports {name}"


def test_rooms_are_entered_through_their_services() -> None:
    for path in python_files("api"):
        own = path.relative_to(SERVICES / "api").parts[0]
        for name in imports(path):
            parts = name.split(".")
            if parts[:2] == ["services", "api"] and len(parts) > 3 and parts[3] == "repository":
                assert parts[2] == own, f"{path.relative_to(ROOT)} reaches into {name}"


def test_only_the_kit_commits() -> None:
    for path in python_files("api"):
        if path == SERVICES / "api" / "kit" / "db.py":
            continue
        stray = [line for name, line in calls(path) if name in ("commit", "rollback")]
        assert not stray, f"{path.relative_to(ROOT)}:{stray} commits or rolls back"


def test_only_repositories_query() -> None:
    for path in python_files("api"):
        if path.name == "repository.py" or path.parent.name == "kit":
            continue
        stray = [(name, line) for name, line in calls(path) if name in ("select", "execute", "scalars", "exec")]
        assert not stray, f"{path.relative_to(ROOT)}: {stray}"


def test_services_and_repositories_know_no_http() -> None:
    for path in [*SERVICES.rglob("service.py"), *SERVICES.rglob("repository.py")]:
        for name in imports(path):
            assert not name.startswith(("fastapi", "starlette")), f"{path.relative_to(ROOT)} imports {name}"


def test_only_engines_know_an_engine() -> None:
    for path in python_files("search"):
        if "engines" in path.parts:
            continue
        for name in imports(path):
            assert not name.startswith(("tantivy", "meilisearch")), f"{path.relative_to(ROOT)} imports {name}"


def test_files_stay_small() -> None:
    for path in tracked("*.py"):
        lines = len(path.read_text(encoding="utf-8").splitlines())
        assert lines <= LONGEST, f"{path.relative_to(ROOT)} has {lines} lines"


def test_lines_of_templates_stay_short() -> None:
    for path in tracked("services/portal/templates"):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            assert len(line) <= LONGEST_LINE, f"{path.relative_to(ROOT)}:{number} has {len(line)} characters"


def test_every_setting_is_documented() -> None:
    from services.api.settings import Settings as Api
    from services.portal.settings import Settings as Portal
    from services.search.settings import Settings as Search

    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    for settings in (Api, Portal, Search):
        prefix = settings.model_config.get("env_prefix", "")
        for name in settings.model_fields:
            assert f"`{prefix}{name}`".upper() in text.upper(), f"docs/settings.md lacks {prefix}{name}"


def test_whose_something_is_is_asked_of_the_caller() -> None:
    """Compared by itself, a caller without an authority is the owner of what has none."""
    for path in python_files("api"):
        if path.parent.name == "access":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Compare):
                sides = (node.left, *node.comparators)
                attributes = {side.attr for side in sides if isinstance(side, ast.Attribute)}
                whose = attributes & {"authority_id", "office"}
                where = f"{path.relative_to(ROOT)}:{node.lineno}"
                assert not whose, f"{where}: use Caller.belongs_to, or kit.columns.same in a query"
