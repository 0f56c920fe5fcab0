"""Files that are no forms or want to do harm are refused: what they are, where in them, and why."""

import pytest

from services.api.forms.workbook import read
from services.api.types.practice.type import FORM
from services.web.problems import Problem
from tests.api.workbook.attacks import ATTACKS, FILLED, members, packed, replaced


@pytest.mark.parametrize("name", ATTACKS)
def test_refused(name: str) -> None:
    make, status, said = ATTACKS[name]
    with pytest.raises(Problem) as refused:
        read(FORM, make())
    problem = refused.value
    assert problem.status == status, problem.detail
    assert said in problem.detail
    assert len(problem.detail) < 1_000
    for fault in problem.errors:
        assert fault.field
        assert fault.message


def test_links_that_excel_makes_of_addresses_are_harmless() -> None:
    rels = (
        b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
        b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink" '
        b'Target="https://example.org" TargetMode="External"/></Relationships>'
    )
    parts = members(FILLED) | {"xl/worksheets/_rels/sheet2.xml.rels": rels}
    assert read(FORM, packed(parts)).content == read(FORM, FILLED).content


def test_what_offices_add_is_harmless() -> None:
    """Printer settings, labels of sensitivity, parts of newer versions: not of the form, and left alone."""
    more = {
        "xl/printerSettings/printerSettings1.bin": b"\0" * 1_000,
        "docMetadata/LabelInfo.xml": b"<labels/>",
        "customXml/item1.xml": b"<x/>",
        "xl/calcChain.xml": b"<x/>",
        "xl/persons/person.xml": b"<x/>",
    }
    assert read(FORM, packed(members(FILLED) | more)).faults == []


def test_pictures_are_named() -> None:
    faults = read(FORM, packed(members(FILLED) | {"xl/media/image1.png": b"\x89PNG"})).faults
    assert [fault.message for fault in faults] == ["the workbook holds pictures, which are not read"]


def test_namespaces_may_be_spelt_otherwise() -> None:
    """Some programs give every element a prefix."""
    part = members(FILLED)["xl/workbook.xml"].decode()
    assert "<workbook" in part
    prefixed = part.replace("<", "<x:").replace("<x:/", "</x:").replace("<x:?", "<?").replace("xmlns=", "xmlns:x=")
    assert (
        read(FORM, packed(members(FILLED) | {"xl/workbook.xml": prefixed.encode()})).content
        == read(FORM, FILLED).content
    )
    absolute = replaced("xl/_rels/workbook.xml.rels", b"/xl/worksheets/sheet1.xml", b"worksheets/sheet1.xml")
    assert read(FORM, absolute).content == read(FORM, FILLED).content
