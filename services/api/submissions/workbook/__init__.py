"""The questionnaire as an Excel workbook, and back."""

from services.api.submissions.workbook.answers import CellFault, Place, Reading
from services.api.submissions.workbook.reading import read
from services.api.submissions.workbook.writing import write

__all__ = ["CellFault", "Place", "Reading", "read", "write"]
