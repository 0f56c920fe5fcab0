"""Serves search: `python -m services.search`."""

from services.search.app import create_app
from services.search.settings import Settings
from services.web.observe import configure_logging
from services.web.server import serve


def main() -> None:
    """Serve until interrupted."""
    settings = Settings()
    configure_logging(settings.log_level, settings.log_json)
    serve(create_app(settings), lambda url: f"Search is at {url}/search/docs")


if __name__ == "__main__":
    main()
