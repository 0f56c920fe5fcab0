"""Serves the api: `python -m services.api`."""

from services.api.app import create_app
from services.api.settings import Settings
from services.web.observe import configure_logging
from services.web.server import serve


def main() -> None:
    """Serve until interrupted."""
    settings = Settings()
    configure_logging(settings.log_level, settings.log_json)
    app = create_app(settings)
    serve(app, lambda url: f"The api is at {url}/api/docs", on_exit=app.state.watcher.close)


if __name__ == "__main__":
    main()
