"""What the cells of a workbook share: texts, and the formats that numbers are shown in."""

import re

from openpyxl.styles.numbers import BUILTIN_FORMATS

from services.api.forms.workbook.markup import Attributes, Handler
from services.web.problems import TooLarge

MOST_STYLES = 20_000

_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.')


class Strings(Handler):
    """The texts that cells share; formats within a text and readings beside it are left out."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._parts: list[str] = []
        self._aside = False

    def opened(self, name: str, attributes: Attributes) -> None:
        self.keep_text = name == "t" and not self._aside
        if name == "si":
            self._parts.clear()
        elif name == "rPh":
            self._aside = True

    def closed(self, name: str, text: str) -> None:
        self.keep_text = False
        if name == "t" and not self._aside:
            self._parts.append(text)
        elif name == "rPh":
            self._aside = False
        elif name == "si":
            self.found.append(unescaped("".join(self._parts)))


def unescaped(text: str) -> str:
    """Return a text of the file as it is meant: `_x000D_` stands for a character that XML cannot hold."""
    return _ESCAPE.sub(_meant, text) if "_x" in text else text


def _meant(found: re.Match[str]) -> str:
    number = int(found[1], 16)
    return found[0] if 0xD800 <= number <= 0xDFFF else chr(number)


class Formats(Handler):
    """How each style shows a number: as a date of some precision, in percent, or plainly."""

    def __init__(self) -> None:
        super().__init__()
        self._codes: dict[str, str] = {str(number): code for number, code in BUILTIN_FORMATS.items()}
        self._of_style: list[str] = []
        self._inside = False

    def opened(self, name: str, attributes: Attributes) -> None:
        if name == "numFmt":
            self._codes[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
        elif name == "cellXfs":
            self._inside = True
        elif name == "xf" and self._inside:
            self._of_style.append(attributes.get("numFmtId", "0"))
            if len(self._of_style) > MOST_STYLES:
                raise TooLarge(f"The workbook has more than {MOST_STYLES} styles")

    def closed(self, name: str, text: str) -> None:
        if name == "cellXfs":
            self._inside = False

    def of(self, style: str) -> str:
        """Return the format of a style: `day`, `month`, `year`, `percent` or ``."""
        if not style.isdecimal() or len(style) > 6 or int(style) >= len(self._of_style):
            return ""
        code = _QUOTED.sub("", self._codes.get(self._of_style[int(style)], "")[:300].split(";")[0]).casefold()
        if "%" in code:
            return "percent"
        if "general" in code:
            return ""
        if "d" in code:
            return "day"
        if "y" in code:
            return "month" if "m" in code else "year"
        return ""
