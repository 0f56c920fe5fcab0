"""Any columns of any printed case's table: those that are there say what is, all others stay."""

import re
from collections.abc import Iterator
from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.api.exchange.table import Header, names
from services.api.types.practice.type import TYPE
from tests.api.exchange.tables import Base, Row, row_of, table
from tests.harness.depth import examples
from tests.harness.paths import SEEDS
from tests.harness.support import Api, Json, Template
from tools.seeds import Seeds

CASES = Seeds.read(SEEDS).practices
DEFAULTS = re.compile(r".*(partners\[\d+\]\.kind|authorities\[\d+\]\.part|\.about)")
"""Columns whose empty cell the model fills again, of items that need more than these."""
counter = count()

Edits = tuple[str, Json, Row]


@st.composite
def edits(draw: st.DrawFn) -> Edits:
    """A printed case, and some columns of its table in any order, with cells that were emptied or written anew."""
    name = draw(st.sampled_from(sorted(CASES)))
    body = CASES[name].model_dump(mode="json", include={"content", "translations"})
    for involved in body["content"]["who"]["authorities"]:
        involved["authority"] = None
    if draw(st.sampled_from((True, True, False))):  # with them, nothing that they name can be emptied
        body["content"]["references"] = []
    filled = row_of({"external_id": name, **body})
    del filled["external_id"]
    asked = sorted({*filled, *draw(st.lists(st.sampled_from(names(TYPE.form)[4:]), max_size=3))})
    columns = draw(st.lists(st.sampled_from(asked), unique=True, min_size=1, max_size=draw(st.sampled_from((3, 300)))))
    given = {column: filled.get(column, "") for column in columns}
    free = {column.name for column in Header.read(TYPE.form, ["external_id", *columns], "").columns if column.free}
    changed = st.lists(st.sampled_from(sorted(free & {*columns}) or columns), unique=True, max_size=3)
    for column in draw(changed):
        given[column] = draw(st.sampled_from((f"Anew {column}"[:40], ""))) if column in free else ""
    for column in draw(st.sets(st.sampled_from(columns), max_size=1)):
        given[column] = ""
    return name, body, given


def goes_with(name: str) -> Iterator[str]:
    """Yield the cells with which one goes that has no column: of a translation what it translates, and its text."""
    if name.startswith("translations."):
        *_, section, field, part = name.split(".")
        yield f"{section}.{field}"
        if part == "status":
            yield name.removesuffix("status") + "text"


@settings(max_examples=examples(60), deadline=None, suppress_health_check=list(HealthCheck))
@given(edits=edits())
def test_columns_that_are_there_say_what_is_and_others_stay(api: Api, template: Template, edits: Edits) -> None:
    base = Base(api, template.secretariat)
    _, body, row = edits
    name, other = (f"case {next(counter)}" for _ in range(2))
    base.add(name, body)
    before = base.cells(name)
    done = base.report(table("csv", [{"external_id": name, **row}]), "csv")["outcomes"]
    after = base.cells(name)
    wanted = {**before, **row, "external_id": name}
    for cell in before:
        if cell not in row and any(row.get(decides) == "" for decides in goes_with(cell)):
            wanted[cell] = ""
        elif cell.endswith(".status") and after.get(cell) == "outdated" and row.keys() & {*goes_with(cell)}:
            wanted[cell] = "outdated"
    if done["rejected"]:
        assert after == before
        full = {cell: text for cell, text in wanted.items() if cell in row or not DEFAULTS.fullmatch(cell)}
        refused = base.report(table("csv", [{**full, "external_id": other}]), "csv")["outcomes"]
        assert refused["rejected"], "what was refused is refused as a whole record too"
        return
    for cell in after.keys() | wanted.keys():
        if not (DEFAULTS.fullmatch(cell) and "" in (wanted.get(cell, ""), after.get(cell, ""))):
            assert after.get(cell, "") == wanted.get(cell, ""), cell
    assert done["changed" if after != before else "unchanged"] == 1
    again = base.report(table("csv", [{"external_id": name, **row}]), "csv")["outcomes"]
    assert (again["unchanged"], base.cells(name)) == (1, after)
