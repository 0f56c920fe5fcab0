"""Serves the portal: `python -m services.portal`."""

from services.portal.app import create_app
from services.portal.settings import Settings
from services.web.observe import configure_logging
from services.web.server import serve


def main() -> None:
    """Serve until interrupted."""
    settings = Settings()
    configure_logging(settings.log_level, settings.log_json)
    serve(create_app(settings), lambda url: f"The portal is at {url}")


if __name__ == "__main__":
    main()
