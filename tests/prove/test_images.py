"""The images as they would run: each is installed anew, and serves with its own packages alone."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.harness.dockerfile import Dockerfile, Replay
from tests.harness.ports import free_port
from tests.harness.postgres import Postgres
from tests.pure.test_images import FILES, SERVICES


@contextmanager
def serving(image: Replay, file: Dockerfile, **settings: str) -> Iterator[str]:
    """Run what an image runs until its own health check is content."""
    environment = image.environment(**{**settings, "HOST": "127.0.0.1", "PORT": str(free_port())})
    process = subprocess.Popen(image.arguments(file.command()), cwd=image.place, env=environment)
    try:
        until = time.monotonic() + 30
        while subprocess.run(image.arguments(file.health()), env=environment, capture_output=True).returncode:
            assert process.poll() is None
            assert time.monotonic() < until, "the health check never became content"
        yield f"http://127.0.0.1:{environment['PORT']}"
        process.terminate()
        assert process.wait(10) in (0, -15)
    finally:
        process.kill()
        process.wait()


def test_each_image_serves_with_its_own_packages_alone(tmp_path: Path, postgres: Postgres) -> None:
    files = {name: Dockerfile(path) for name, path in FILES.items()}
    api, portal, search = (Replay(files[name], tmp_path / name) for name in SERVICES)
    postgres.create("images")
    database = {"PRAXIS_API_DATABASE_URL": postgres.url("images")}
    for command in ("migrate", "seed"):
        words = api.arguments(["python", "-m", "services.api.cli", command])
        subprocess.run(words, cwd=api.place, env=api.environment(**database), check=True)
    index = {"PRAXIS_SEARCH_INDEX_DIR": str(tmp_path / "index")}
    with (
        serving(api, files["api"], **database) as url,
        serving(search, files["search"], PRAXIS_SEARCH_API_URL=url, **index) as searched,
    ):
        found = httpx.get(f"{searched}/search/v1/records", params={"q": "seasonal migration"}).json()
        assert found["total"] > 0
        asked = {"PRAXIS_PORTAL_API_URL": url, "PRAXIS_PORTAL_SEARCH_URL": searched}
        with serving(portal, files["portal"], **asked) as visited:
            assert "Cartaya" in httpx.get(f"{visited}/practices", params={"q": "seasonal migration"}).text
    engine = search.arguments(["python", "-c", "import services.search.engines.meilisearch.engine"])
    subprocess.run(engine, cwd=search.place, env=search.environment(), check=True)
    for image, stranger in ((api, "tantivy"), (search, "sqlalchemy"), (portal, "sqlalchemy"), (portal, "tantivy")):
        asked = image.arguments(["python", "-c", f"import {stranger}"])
        assert subprocess.run(asked, env=image.environment(), capture_output=True).returncode
