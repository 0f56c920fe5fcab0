"""Files that appear under their name only when they are whole and on disk."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def written_beside(path: Path, *, overwrite: bool = False) -> Iterator[BinaryIO]:
    """Write a file beside `path`, readable by its owner alone, and give it its name at the end.

    Raise `FileExistsError` when there is something of that name already, unless told to overwrite a file, and
    `OSError` when it cannot be written. Whatever is raised meanwhile leaves nothing behind.
    """
    path = path.absolute()
    _check_free(path, overwrite)
    handle, beside = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)  # mode 0600
    try:
        with os.fdopen(handle, "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        _check_free(path, overwrite)
        os.replace(beside, path)
    except BaseException:
        os.unlink(beside)
        raise
    sync(path.parent)


def sync(folder: Path) -> None:
    """Make new names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _check_free(path: Path, overwrite: bool) -> None:
    if os.path.lexists(path) and not (overwrite and path.is_file()):
        raise FileExistsError(0, "is there already", str(path))
