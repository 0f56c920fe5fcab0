"""HTTP of vocabularies."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel

from services.api.kit.schema import Language
from services.api.kit.sessions import ReadSession
from services.api.thesaurus.schemas import ThesaurusRead
from services.api.vocabularies import service
from services.api.vocabularies.terms import Name
from services.web.problems import responses

router = APIRouter(prefix="/api/v1", tags=["vocabularies"])


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


class LabelsRead(BaseModel):
    """Labels in one language: by vocabulary, in its printed order, by code."""

    language: str
    vocabularies: dict[str, dict[str, str]]


@router.get("/vocabularies", response_model=list[VocabularyName], responses=responses())
def list_vocabularies(session: ReadSession) -> list[dict[str, Any]]:
    """The names of all vocabularies."""
    return service.names(session)


@router.get("/vocabularies/{name}", response_model=VocabularyRead | ThesaurusRead, responses=responses(404, 422))
def read_vocabulary(session: ReadSession, name: Annotated[str, Path(max_length=80)]) -> Response:
    """One vocabulary: a closed one has labels in English, Spanish, French and Italian, `thesaurus` in any language."""
    return Response(service.read(session, name), media_type="application/json")


@router.get("/labels", response_model=LabelsRead, responses=responses(422))
def read_labels(
    lang: Annotated[Language | None, Query(description="Language of the labels; English where there are none")] = None,
    vocabulary: Annotated[
        list[Annotated[str, Name]] | None,
        Query(max_length=100, description="Closed vocabularies wanted; all without it"),
    ] = None,
) -> Response:
    """What codes are called in one language, of many vocabularies at once."""
    return Response(service.labels(lang, vocabulary or ()), media_type="application/json")
