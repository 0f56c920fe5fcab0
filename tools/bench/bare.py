"""What services are compared with: a bare ASGI callable and a plain FastAPI handler, each giving one body."""

import argparse
from pathlib import Path

import uvicorn
from fastapi import FastAPI, Response
from starlette.types import ASGIApp, Receive, Scope, Send


def bare_app(body: bytes) -> ASGIApp:
    """Return an ASGI callable that does nothing but answer."""
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return answer


def handler_app(body: bytes) -> ASGIApp:
    """Return a FastAPI app with one handler, which takes a parameter of the path and answers with ready bytes."""
    app = FastAPI()

    @app.get("/read/{name}")
    async def read(name: str) -> Response:
        return Response(body, media_type="application/json")

    return app


def main() -> None:
    """Serve a file's bytes with uvicorn, set as the services set it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=("bare", "handler"))
    parser.add_argument("port", type=int)
    parser.add_argument("body", type=Path)
    asked = parser.parse_args()
    make = bare_app if asked.kind == "bare" else handler_app
    config = uvicorn.Config(
        make(asked.body.read_bytes()),
        port=asked.port,
        access_log=False,
        log_level="warning",
        lifespan="off",
        timeout_graceful_shutdown=1,
    )
    uvicorn.Server(config).run()


if __name__ == "__main__":
    main()
