"""Makes the secrets of an installation: `make secrets` writes them to `.env`, which Compose reads."""

import argparse
import os
import secrets
import sys
from pathlib import Path

from services.search.engines.meilisearch.keys import ACTIONS, derive

INDEX = "praxis"
"""The live index, as PRAXIS_SEARCH_MEILI_INDEX has it by default: keys are good for it alone."""
HEADER = "# Secrets of this installation. Never commit them, never share them between installations.\n"


def generate() -> dict[str, str]:
    """Return new random secrets, by the names that docker-compose.yml uses; the master key tells the keys."""
    master = secrets.token_hex(32)
    keys = derive(master, INDEX)
    return {
        "POSTGRES_PASSWORD": secrets.token_hex(24),
        "DATABASE_PASSWORD": secrets.token_hex(24),
        "MEILI_MASTER_KEY": master,
        **{f"MEILI_{role.upper()}_KEY": getattr(keys, role) for role in ACTIONS},
    }


def write(path: Path) -> None:
    """Write new secrets into a file that its owner alone may read; raise `FileExistsError` rather than replace one."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(HEADER + "".join(f"{name}={value}\n" for name, value in generate().items()))


def read(path: Path) -> dict[str, str]:
    """Read back what `write` wrote."""
    lines = (line for line in path.read_text(encoding="ascii").splitlines() if line and not line.startswith("#"))
    return dict(line.split("=", 1) for line in lines)


def main() -> None:
    """Write the file that is named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", nargs="?", type=Path, default=Path(".env"))
    path: Path = parser.parse_args().file
    try:
        write(path)
    except FileExistsError:
        sys.exit(f"{path} exists and is kept: without its secrets the data of this installation cannot be reached")
    print(f"{path} holds new secrets; keep a copy where it is safe")


if __name__ == "__main__":
    main()
