"""HTTP of the search service."""

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

import orjson
from fastapi import APIRouter, Path, Request, Response

from services.search import links, parameters, query, shown, suggest
from services.search.engines.base import Engine
from services.search.facets import facets, visible
from services.search.labels import Labels
from services.search.node import Node
from services.search.parameters import Values
from services.search.schemas import FacetValuesRead, RecordsRead, SimilarRead, SuggestionsRead
from services.web.problems import Conflict, NotFound, Unavailable, responses

T = TypeVar("T")

router = APIRouter(prefix="/search/v1", tags=["search"])

UNCHANGED: dict[int | str, dict[str, Any]] = {304: {"description": "As in the answer whose ETag If-None-Match names"}}


def _node(request: Request) -> Node:
    node: Node = request.app.state.node
    return node


def _json(body: Any) -> Response:
    return Response(orjson.dumps(body), media_type="application/json")


async def _asked(node: Node, pairs: query.Pairs, read: Callable[[query.Pairs, Labels], T]) -> T:
    """Read a request once the state that it waits for is there: its values may have come with that state."""
    if state := query.state_asked(pairs):
        try:
            await node.reach(*state)
        except (Conflict, Unavailable):
            read(pairs, node.labels)  # a request that is wrong in itself is told so first
            raise
    return read(pairs, node.labels)


@router.get(
    "/records",
    response_model=RecordsRead,
    responses=responses(409, 422) | UNCHANGED,
    openapi_extra={"parameters": parameters.openapi(parameters.addresses().records)},
)
async def find_records(request: Request) -> Response:
    """Records that hold the words and pass the filters, a page of them, and all of them counted by the `facets` named.

    Values of one facet are alternatives, those of `feature` and `sdg` are all required; facets narrow each other.
    """
    node, pairs = _node(request), request.query_params.multi_items()
    node.require()
    asked = await _asked(node, pairs, query.records_asked)
    return await node.searchers.run(_find, node.engine, node.labels, asked)


def _find(engine: Engine, labels: Labels, asked: query.Asked) -> Response:
    return _json(shown.records(asked, links.search(engine, asked.query), labels, engine.name))


@router.get(
    "/records/{id}/similar",
    response_model=SimilarRead,
    responses=responses(404, 422) | UNCHANGED,
    openapi_extra={"parameters": parameters.openapi(parameters.SIMILAR)},
)
async def find_similar_records(
    request: Request,
    id: Annotated[str, Path(max_length=120, pattern="^[A-Za-z0-9-]+$", description="A record's id or slug")],
) -> Response:
    """Records most like one, each with what the two have in common."""
    node = _node(request)
    node.require()
    labels = node.labels
    values = Values(request.query_params.multi_items(), parameters.SIMILAR, labels)
    values.check()
    return await node.searchers.run(_similar, node.engine, labels, id, values)


def _similar(engine: Engine, labels: Labels, name: str, values: Values) -> Response:
    at = engine.generation()
    try:
        hits = engine.similar(name, visible(), values.get("limit"))
    except KeyError:
        raise NotFound(f"There is no record '{name}' to compare with") from None
    shown_hits = [shown.alike(hit, labels, values.get("lang")) for hit in hits]
    return _json({"hits": shown_hits, "index": shown.index(at, engine.name)})


@router.get(
    "/suggest",
    response_model=SuggestionsRead,
    responses=responses(422) | UNCHANGED,
    openapi_extra={"parameters": parameters.openapi(parameters.addresses().suggest)},
)
async def find_suggestions(request: Request) -> Response:
    """Completions of what is being typed: titles, and authorities, countries and terms to filter by."""
    node = _node(request)
    node.require()
    labels = node.labels
    values = Values(request.query_params.multi_items(), parameters.addresses().suggest, labels)
    values.check()
    return await node.searchers.run(_complete, node.engine, labels, values)


def _complete(engine: Engine, labels: Labels, values: Values) -> Response:
    at = engine.generation()
    limit, language, types = (values.get(name) for name in ("limit", "lang", "type"))
    found = suggest.suggestions(engine, labels, values.get("q"), limit, language, types)
    return _json({"suggestions": found, "index": shown.index(at, engine.name)})


@router.get(
    "/facets/{name}",
    response_model=FacetValuesRead,
    responses=responses(404, 409, 422) | UNCHANGED,
    openapi_extra={"parameters": parameters.openapi(parameters.addresses().facet_values)},
)
async def find_facet_values(
    request: Request,
    name: Annotated[str, Path(description="A facet", json_schema_extra={"enum": list(facets())})],
) -> Response:
    """Values of one facet whose label or code matches `q`, counted among what `query` and the filters find."""
    node, pairs = _node(request), request.query_params.multi_items()
    if name not in facets():
        raise NotFound(f"There is no facet '{name[:100]}'; there are {', '.join(facets())}")
    node.require()
    asked = await _asked(node, pairs, query.facet_asked)
    return await node.searchers.run(_facet_values, node.engine, node.labels, name, asked)


def _facet_values(engine: Engine, labels: Labels, name: str, asked: query.FacetAsked) -> Response:
    at = engine.generation()
    body = suggest.facet_values(engine, labels, name, asked)
    return _json({**body, "index": shown.index(at, engine.name)})
