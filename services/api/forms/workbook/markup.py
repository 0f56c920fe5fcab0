"""The XML of a workbook: read as a stream, without document types and entities, within a budget for the whole file."""

from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from services.api.forms.workbook.package import Package, refusal
from services.web.problems import TooLarge

MOST_ELEMENTS = 200_000
MOST_CHARACTERS = 40_000_000
DEEPEST = 32

Attributes = dict[str, str]


class Budget:
    """What may still be read of a file."""

    def __init__(self) -> None:
        self.elements = MOST_ELEMENTS
        self.characters = MOST_CHARACTERS


class Handler:
    """Takes the events of one part: subclasses say what they want of `opened`, `closed` and `text`.

    Names of elements come without their namespace; an element of a namespace that is not asked for is passed over.
    """

    namespace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    keep_text = False
    """Whether `text` is wanted now."""

    def __init__(self) -> None:
        self._budget = Budget()
        self._depth = 0
        self._prefix = f"{{{self.namespace}}}"
        self._text: list[str] = []

    def opened(self, name: str, attributes: Attributes) -> None:
        """An element begins."""

    def closed(self, name: str, text: str) -> None:
        """An element ends; `text` is what was kept since the last beginning or end."""

    def start(self, tag: str, attributes: Attributes) -> None:
        self._depth += 1
        self._budget.elements -= 1
        if self._budget.elements < 0:
            raise TooLarge(f"The workbook has more than {MOST_ELEMENTS} elements")
        if self._depth > DEEPEST:
            raise TooLarge(f"The workbook is nested more than {DEEPEST} deep")
        self._text.clear()
        if tag.startswith(self._prefix):
            self.opened(tag[len(self._prefix) :], attributes)

    def end(self, tag: str) -> None:
        self._depth -= 1
        text = "".join(self._text)
        self._text.clear()
        if tag.startswith(self._prefix):
            self.closed(tag[len(self._prefix) :], text)

    def data(self, text: str) -> None:
        if self.keep_text:
            self._budget.characters -= len(text)
            if self._budget.characters < 0:
                raise TooLarge(f"The workbook has more than {MOST_CHARACTERS} characters")
            self._text.append(text)

    def close(self) -> None:
        pass

    def read(self, package: Package, name: str, budget: Budget) -> None:
        """Read one part; raise `Invalid` or `TooLarge`."""
        self._budget = budget
        parser = DefusedXMLParser(target=self, forbid_dtd=True)
        try:
            for chunk in package.chunks(name):
                parser.feed(chunk)
            parser.close()
        except DefusedXmlException as error:
            raise refusal(name, "refused: XML with a document type or entities is not taken") from error
        except (ParseError, LookupError, UnicodeError) as error:
            raise refusal(name, "damaged: this part of the workbook is not well-formed XML") from error
