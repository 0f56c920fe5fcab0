"""HTTP of vocabularies."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path
from pydantic import BaseModel

from services.api.vocabularies import service
from services.web.problems import responses

router = APIRouter(prefix="/api/v1/vocabularies", tags=["vocabularies"])


class VocabularyName(BaseModel):
    """A vocabulary's name and how many terms it has."""

    name: str
    terms: int


class TermRead(BaseModel):
    """A stable code and its label by language."""

    code: str
    labels: dict[str, str]


class VocabularyRead(BaseModel):
    """A closed vocabulary, in its printed order."""

    type: Literal["vocabulary"]
    id: str
    terms: list[TermRead]


@router.get("", response_model=list[VocabularyName], responses=responses())
async def list_vocabularies() -> list[dict[str, Any]]:
    """The names of all vocabularies."""
    return service.names()


@router.get("/{name}", response_model=VocabularyRead, responses=responses(404, 422))
async def read_vocabulary(name: Annotated[str, Path(max_length=80)]) -> dict[str, Any]:
    """One vocabulary: its codes with labels in English, Spanish, French and Italian."""
    return service.public(name)
