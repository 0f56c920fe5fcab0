"""E-mail addresses, in the one form in which they are compared."""

from typing import Annotated, Any

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

LONGEST = 254


def normal(text: str) -> str:
    """Return an address as it is stored: case-folded, its domain in ASCII; raise `ValueError` for what is none."""
    try:
        read = validate_email(text.strip(), check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        raise ValueError(f"'{text[:100]}' is not an e-mail address, such as 'ana@alba.example.org'") from None
    return str(read.ascii_email).casefold()


def _checked(text: str) -> str:
    try:
        return normal(text)
    except ValueError:
        raise PydanticCustomError("email", "not an e-mail address, such as 'ana@alba.example.org'") from None


_SCHEMA: dict[str, Any] = {"format": "email"}
Email = Annotated[str, Field(max_length=LONGEST, json_schema_extra=_SCHEMA), AfterValidator(_checked)]
"""An e-mail address, case-folded."""
