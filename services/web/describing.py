"""How operations and files are told of in the OpenAPI documents, from which clients are generated."""

from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

_TEXTS = ("text/plain", "text/html", "application/json")
_METHODS = frozenset(("get", "post", "put", "patch", "delete"))


def operation_id(route: APIRoute) -> str:
    """Return the name of an operation in clients: that of its function, or the name that its route was given."""
    return route.name


def describe_files(app: FastAPI) -> None:
    """Let the document say of every answer that is a file that it is one: FastAPI calls it a text."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        document = plain()
        for path in document["paths"].values():
            for operation in (path[method] for method in _METHODS & path.keys()):
                for response in operation["responses"].values():
                    for media_type, body in response.get("content", {}).items():
                        if media_type not in _TEXTS and body.get("schema") == {"type": "string"}:
                            body["schema"] = {"type": "string", "format": "binary"}
        return document

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend the document
