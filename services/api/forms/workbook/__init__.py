"""A form as an Excel workbook, and back."""

from services.api.forms.workbook.answers import CellFault, Place, Reading
from services.api.forms.workbook.reading import read
from services.api.forms.workbook.sheets import Sheets, sheets
from services.api.forms.workbook.writing import write

__all__ = ["CellFault", "Place", "Reading", "Sheets", "read", "sheets", "write"]
