"""Workbooks of comparisons are made beside the event loop, in turn, and not twice."""

import threading
from collections.abc import Iterator
from io import BytesIO

import anyio
import pytest
from anyio.from_thread import start_blocking_portal
from openpyxl import load_workbook

from services.portal import comparing
from services.portal.comparing import Said
from services.portal.workbooks import Workbooks
from tests.harness.support import Template
from tests.harness.whole import Answer, Whole, running_whole

PATIENCE = 30
"""Seconds after which a test that would stand still fails."""


@pytest.fixture(scope="module")
def whole(template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    with running_whole(template, tmp_path_factory.mktemp("whole")) as whole:
        yield whole


class Making:
    """Watches workbooks being made: in which threads, and how far one comes before it is let go on."""

    def __init__(self) -> None:
        self.make = comparing.workbook
        self.threads: list[int] = []
        self.begun, self.go = threading.Event(), threading.Event()
        self.go.set()

    def __call__(self, *said: object) -> bytes:
        self.threads.append(threading.get_ident())
        self.begun.set()
        assert self.go.wait(PATIENCE)
        return self.make(*said)  # type: ignore[arg-type]  # just as it was given

    @property
    def made(self) -> int:
        """How many have been made since this was asked last."""
        made, self.threads = len(self.threads), []
        return made


@pytest.fixture
def making(whole: Whole, monkeypatch: pytest.MonkeyPatch) -> Making:
    """Nothing is kept from tests before, and no workbook is made unseen."""
    making = Making()
    monkeypatch.setattr(comparing, "workbook", making)
    whole.site.apps["/"].state.workbooks = Workbooks()
    return making


def address(whole: Whole, more: str = "") -> str:
    return f"/compare.xlsx?practice={whole.slugs[0]}&practice={whole.slugs[1]}{more}"


def test_the_event_loop_does_not_make_it(whole: Whole, making: Making) -> None:
    answer = whole.ask("GET", address(whole))
    assert answer.status == 200
    assert load_workbook(BytesIO(answer.body)).active is not None
    assert whole.loop.call(threading.get_ident) not in making.threads
    assert making.made == 1


def test_the_same_is_made_once(whole: Whole, making: Making) -> None:
    first, again = (whole.ask("GET", address(whole)) for _ in range(2))
    assert (making.made, again.body) == (1, first.body)
    for more in ("&lang=es", "&only=differences"):
        assert whole.ask("GET", address(whole, more)).body != first.body
        assert making.made == 1
    elsewhere = whole.ask("GET", address(whole), [(b"host", b"elsewhere.test")])
    assert (making.made, elsewhere.body != first.body) == (1, True), "it names the address of the site"
    assert whole.ask("GET", f"/compare.xlsx?practice={whole.slugs[0]}").status == 422
    assert whole.ask("GET", address(whole)).body == first.body
    assert making.made == 0


def test_what_has_changed_is_made_anew(whole: Whole, making: Making) -> None:
    before = whole.ask("GET", address(whole))
    whole.retitle("Second practice, renamed")
    after = whole.ask("GET", address(whole))
    assert (making.made, "renamed" in title(before), "renamed" in title(after)) == (2, False, True)


def title(answer: Answer) -> str:
    sheet = load_workbook(BytesIO(answer.body)).active
    assert sheet is not None
    return str(sheet.cell(1, 5).value)


def test_many_at_once_have_it_made_once(whole: Whole, making: Making) -> None:
    answers: list[Answer] = []

    async def ask() -> None:
        answers.append(await whole.send("GET", address(whole)))

    async def all_at_once() -> None:
        async with anyio.create_task_group() as group:
            for _ in range(12):
                group.start_soon(ask)

    whole.loop.call(all_at_once)
    assert {answer.status for answer in answers} == {200}
    assert making.made == 1


@pytest.mark.parametrize("bound", [Workbooks(waiting=0), Workbooks(waiting=1, seconds=0.01)], ids=["places", "time"])
def test_who_cannot_have_a_turn_is_told_to_come_again(whole: Whole, making: Making, bound: Workbooks) -> None:
    whole.site.apps["/"].state.workbooks = bound
    making.go.clear()
    first = whole.loop.start_task_soon(whole.send, "GET", address(whole))
    try:
        assert making.begun.wait(PATIENCE)
        assert whole.ask("GET", "/api/healthz").status == 200, "everything else goes on meanwhile"
        refused = whole.ask("GET", address(whole, "&lang=es"))
        assert (refused.status, refused.header(b"retry-after")) == (503, b"2")
        assert b"try again in a moment" in whole.ask("GET", address(whole, "&lang=en")).body
    finally:
        making.go.set()
    assert first.result(PATIENCE).status == 200
    assert whole.ask("GET", address(whole, "&lang=es")).status == 200
    assert making.made == 2


@pytest.mark.parametrize(("kept_bytes", "made"), [(0, 4), (1_000_000, 2)])
def test_what_is_kept_is_bounded(making: Making, kept_bytes: int, made: int) -> None:
    async def ask() -> None:
        workbooks = Workbooks(kept_bytes=kept_bytes)
        for text in ("a", "b", "a", "b"):

            async def read(text: str = text) -> Said:
                return (text, "", ""), [], []

            await workbooks.of(comparing.workbook, read)

    with start_blocking_portal() as portal:  # beside a browser, which has a loop of its own in this thread
        portal.call(ask)
    assert making.made == made
