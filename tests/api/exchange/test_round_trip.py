"""Records of any type come back from a file as they were: exported, imported elsewhere and exported, byte by byte."""

import subprocess
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count, product
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from services.api.app import open_database
from services.api.exchange import exporting
from services.api.exchange.exporting import Asked
from services.api.exchange.importing import Importer
from services.api.exchange.items import Options
from services.api.exchange.schemas import Outcome
from services.api.exchange.sources import open_source
from services.api.exchange.table import Row
from services.api.forms.types import RecordType
from services.api.kit.db import Database
from services.api.types import TYPES
from tests.api.exchange.test_bulk_formats import AWKWARD, acceptable
from tests.api.kinds import BY_THEMSELVES, DAY, Kind, put_all
from tests.harness.depth import examples
from tests.harness.paths import ROOT
from tests.harness.support import Json, Template

FORMATS = (".jsonl", ".yaml", ".csv", ".xlsx")
SECRET = "never-to-be-seen"
LINES = st.sampled_from([text for text in AWKWARD if acceptable(text) and len(text) < 100 and text.isprintable()])
TEXTS = LINES | st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=20)
KEYS = st.lists(st.sampled_from(["1", "3.1", "b", "x-y", "007", "TRUE", "1E5"]), unique=True, min_size=1, max_size=3)
counter = count()


@st.composite
def records(draw: st.DrawFn) -> tuple[Kind, list[Json]]:
    """Some records of one type: their lists of texts and rows with keys, translated too, hold what people may write."""
    kind = BY_THEMSELVES[draw(st.sampled_from(sorted(BY_THEMSELVES)))]
    found = []
    for number in range(draw(st.integers(1, 3))):
        content = kind.content(f"{draw(TEXTS)} {number}", "boca")
        translations: Json = {}
        for asked in kind.type.form.questions:
            if asked.kind == "texts" and asked.free and draw(st.booleans()):
                put_all(content, asked.path, draw(st.lists(TEXTS, min_size=1, max_size=2)))
            elif asked.keyed and all(one.free for one in asked.columns if one.required) and draw(st.booleans()):
                texts = [column.path for column in asked.columns if column.free]
                rows = [{"key": key} | {path: draw(TEXTS) for path in texts} for key in draw(KEYS)]
                put_all(content, asked.path, rows)
                for key, path in product((row["key"] for row in rows), texts if "." in asked.path else ()):
                    if draw(st.booleans()):
                        place = f"{asked.path}[key={key}].{path}"
                        translations.setdefault(draw(st.sampled_from(["it", "pt-BR"])), {})[place] = {
                            "text": draw(TEXTS), "status": draw(st.sampled_from(["human", "machine"])),
                        }  # fmt: skip
        owner = draw(st.sampled_from([{}, {"owner": "alba"}]))
        found.append(
            {"external_id": f"{draw(LINES)}{number}", "content": content, "translations": translations, **owner}
        )
    return kind, found


@contextmanager
def base(template: Template, folder: Path) -> Iterator[Database]:
    database = open_database(template.copy(folder / f"base-{next(counter)}"))
    yield database
    database.close()


def take_in(database: Database, path: Path, type: RecordType, *, publish: bool = False) -> Counter[Outcome]:
    faults: list[str] = []
    importer = Importer(database, Options(publish=publish), lambda line: faults.append(line.model_dump_json()))
    done = importer.run(open_source(path, type).entries)
    assert not faults
    return done


def give_out(database: Database, path: Path, type: RecordType, *, published: bool = False) -> bytes:
    with database.transaction(write=False) as session:
        exporting.export(session, path, Asked(published=published, type=type), overwrite=True)
    return path.read_bytes()


def check_round_trip(
    template: Template, folder: Path, type: RecordType, given: list[Json], ends: Sequence[str] = FORMATS
) -> None:
    source = folder / "given.jsonl"
    with base(template, folder) as here:
        with source.open("wb") as file:
            exporting.format_of(source).write(file, lambda: iter(given), type)
        assert take_in(here, source, type) == {"added": len(given)}
        for end in ends:
            path = folder / f"records{end}"
            told = give_out(here, path, type)
            assert take_in(here, path, type) == {"unchanged": len(given)}
            with base(template, folder) as elsewhere:
                assert take_in(elsewhere, path, type) == {"added": len(given)}
                assert take_in(elsewhere, path, type) == {"unchanged": len(given)}
                assert give_out(elsewhere, folder / f"again{end}", type) == told, end


@settings(
    max_examples=examples(20),
    deadline=None,
    phases=set(Phase) - {Phase.shrink},
    suppress_health_check=list(HealthCheck),
)
@given(some=records(), end=st.sampled_from(FORMATS))
def test_records_of_any_type_survive(
    template: Template, tmp_path: Path, some: tuple[Kind, list[Json]], end: str
) -> None:
    kind, given = some
    check_round_trip(template, tmp_path, kind.type, given, [end])


@pytest.mark.each_database
@pytest.mark.parametrize("name", sorted(BY_THEMSELVES))
def test_what_is_there_survives(template: Template, tmp_path: Path, name: str) -> None:
    kind = BY_THEMSELVES[name]
    bodies = [{"external_id": f"own {number}"} | kind.body(f"Own {number}", SECRET) for number in range(2)]
    check_round_trip(template, tmp_path, kind.type, bodies)


@pytest.mark.parametrize("end", FORMATS)
@pytest.mark.parametrize("name", sorted(BY_THEMSELVES))
def test_no_public_export_tells_what_is_private(template: Template, tmp_path: Path, name: str, end: str) -> None:
    kind = BY_THEMSELVES[name]
    source = tmp_path / "given.yaml"
    with base(template, tmp_path) as here:
        with source.open("wb") as file:
            given = [{"external_id": "one"} | kind.body("One", SECRET)]
            exporting.format_of(source).write(file, lambda: iter(given), kind.type)
        assert take_in(here, source, kind.type, publish=True) == {"added": 1}
        for published, shown in ((True, False), (False, bool(kind.type.form.private))):
            give_out(here, tmp_path / f"records{end}", kind.type, published=published)
            found = [entry.data for entry in open_source(tmp_path / f"records{end}", kind.type).entries]
            told = repr([one.values if isinstance(one, Row) else one for one in found])
            assert ("One" in told, SECRET in told or DAY in told) == (True, shown)


def test_a_folder_holds_records_of_all_types_and_no_derived_rows(template: Template, tmp_path: Path) -> None:
    with base(template, tmp_path) as here:
        for kind in BY_THEMSELVES.values():
            source = tmp_path / "given.jsonl"
            with source.open("wb") as file:
                given = [{"external_id": "one"} | kind.body("One")]
                exporting.format_of(source).write(file, lambda given=given: iter(given), kind.type)
            take_in(here, source, kind.type, publish=True)
        with here.transaction(write=False) as session:
            counts = exporting.export(session, tmp_path / "folder", Asked(published=False))
        assert counts == {type.plural: 0 if type.own_words else 1 for type in TYPES.values()}
        assert {path.name for path in (tmp_path / "folder").iterdir()} >= {"authorities"} | {
            plural for plural, count in counts.items() if count
        }
        done = Importer(here, Options()).run(open_source(tmp_path / "folder").entries)
        assert done["unchanged"] == done.total() > len(BY_THEMSELVES)


def test_a_type_is_exchanged_by_being_in_the_list_of_types() -> None:
    """What the room says of types, it says of any: the second one is known to `TYPES` alone."""
    names = [word for type in TYPES.values() for word in (type.name, type.plural)]
    said = subprocess.run(
        ["grep", "-rniwE", "--include=*.py", f"(import .*|['\"])({'|'.join(names)})['\"]?", "services/api/exchange"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert said.stdout == ""
