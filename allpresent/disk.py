"""What is said to be kept is on the disk, whole, and outlasts a power cut. It knows no room."""

import os
from pathlib import Path


def sync(path: Path) -> None:
    """Come back only once the bytes of a file, or the names in a folder, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_whole(path: Path, text: str) -> None:
    """Put a text as UTF-8 in the place of a file, whole or not at all; line ends stay as they are.

    The new name outlasts a power cut once the folder is synced too.
    """
    temporary = path.with_name(f".{path.name}.new")
    with temporary.open("w", encoding="utf-8", newline="") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    os.replace(temporary, path)
