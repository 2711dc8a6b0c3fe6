"""Bytes sealed at rest: AES-256-GCM in chunks whose order and end are authenticated.

The key stands in the environment, ``ALLPRESENT_KEY``, as the base64 of 32 bytes, and in no file of a home or backup. A
sealed file is a header (mark, id of the key, salt), then chunks of ``CHUNK`` bytes with 16 bytes more each. Every file
has a key of its own, made from the key, the salt and the file's name, so a chunk or a whole file put in the place of
another is refused. The nonce of a chunk is its number and whether it is the last, so a cut or a changed order is too.
It knows no room; ``intake`` and ``nightly`` call it.
"""

import base64
import binascii
import hashlib
import io
import os
import secrets
from pathlib import Path
from typing import IO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_NAME = "ALLPRESENT_KEY"
MARK = b"APSEAL1\n"
CHUNK = 1 << 20
_ID, _SALT, _TAG, _KEY = 8, 16, 16, 32
HEADER = len(MARK) + _ID + _SALT


class SealError(ValueError):
    """Why bytes cannot be sealed or opened, in one sentence for the person who runs the server."""


def key_from_environment() -> bytes | None:
    """The key; None when none is set. Raises SealError for one that is not 32 bytes in base64."""
    text = os.environ.get(KEY_NAME, "").strip()
    if not text:
        return None
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error:
        key = b""
    if len(key) != _KEY:
        raise SealError(f"{KEY_NAME} is not 32 bytes in base64; make one with `openssl rand -base64 32`.")
    return key


def is_sealed(path: Path) -> bool:
    """Whether a file begins as a sealed one does."""
    with path.open("rb") as file:
        return file.read(len(MARK)) == MARK


class SealedWriter(io.RawIOBase):
    """Seals what is written to it into ``out``; only ``finish`` makes the file whole."""

    def __init__(self, out: IO[bytes], key: bytes, name: str) -> None:
        super().__init__()
        salt = secrets.token_bytes(_SALT)
        self._out, self._cipher = out, _cipher(key, salt, name)
        self._held, self._number = bytearray(), 0
        out.write(MARK + _key_id(key) + salt)

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        """Take bytes; a chunk goes out when more than one is held, for the last one is marked."""
        piece = memoryview(data).cast("B")  # type: ignore[arg-type]
        self._held += piece
        while len(self._held) > CHUNK:
            self._put(bytes(self._held[:CHUNK]), is_last=False)
            del self._held[:CHUNK]
        return len(piece)

    def finish(self) -> None:
        """Write the last chunk."""
        self._put(bytes(self._held), is_last=True)
        self._held.clear()

    def _put(self, chunk: bytes, *, is_last: bool) -> None:
        self._out.write(self._cipher.encrypt(_nonce(self._number, is_last), chunk, MARK))
        self._number += 1


class SealedReader(io.RawIOBase):
    """The bytes of a sealed file, each chunk given only after it proved right. Raises SealError where one does not."""

    def __init__(self, file: IO[bytes], key: bytes | None, name: str) -> None:
        super().__init__()
        self._file, self._name = file, name
        head = file.read(HEADER)
        if len(head) < HEADER or not head.startswith(MARK):
            raise SealError(f"{name} is not sealed, or was cut within its first bytes; restore it from a backup.")
        if key is None:
            raise SealError(f"{name} is sealed and no key is set; set {KEY_NAME} to the key it was sealed with.")
        if head[len(MARK) : len(MARK) + _ID] != _key_id(key):
            raise SealError(f"{name} was sealed with another key; set {KEY_NAME} to that one.")
        self._cipher = _cipher(key, head[len(MARK) + _ID :], name)
        self._number, self._is_over = 0, False
        self._next, self._held = file.read(CHUNK + _TAG), b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        """Fill a buffer; 0 only after the last chunk proved right."""
        target = memoryview(buffer).cast("B")  # type: ignore[arg-type]
        while not self._held and not self._is_over:
            self._held = self._open_next()
        count = min(len(target), len(self._held))
        target[:count] = self._held[:count]
        self._held = self._held[count:]
        return count

    def _open_next(self) -> bytes:
        chunk, self._next = self._next, self._file.read(CHUNK + _TAG)
        self._is_over = not self._next
        try:
            opened = self._cipher.decrypt(_nonce(self._number, self._is_over), chunk, MARK)
        except InvalidTag as error:
            raise SealError(f"{self._name} was cut short or changed after it was sealed; it is refused.") from error
        self._number += 1
        return opened


def seal_file(source: Path, target: Path, key: bytes, name: str) -> None:
    """Seal a file under a name, whole and on the disk when this returns."""
    with source.open("rb") as file, target.open("xb") as out:
        writer = SealedWriter(out, key, name)
        while piece := file.read(CHUNK):
            writer.write(piece)
        writer.finish()
        out.flush()
        os.fsync(out.fileno())


def open_file(source: Path, target: Path, key: bytes | None, name: str) -> None:
    """The bytes of a sealed file as a plain one. Raises SealError, leaving no plain file, for one that is not right."""
    try:
        with source.open("rb") as file, target.open("xb") as out:
            reader = SealedReader(file, key, name)
            while piece := reader.read(CHUNK):
                out.write(piece)
    except SealError:
        target.unlink(missing_ok=True)
        raise


def prove(source: Path, key: bytes | None, name: str) -> None:
    """Read a sealed file to its end and keep nothing. Raises SealError for one that would not open."""
    with source.open("rb") as file:
        reader = SealedReader(file, key, name)
        while reader.read(CHUNK):
            pass


def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(b"allpresent key id\0" + key).digest()[:_ID]


def _cipher(key: bytes, salt: bytes, name: str) -> AESGCM:
    made = HKDF(hashes.SHA256(), 32, salt, b"allpresent file\0" + name.encode("utf-8", "surrogateescape"))
    return AESGCM(made.derive(key))


def _nonce(number: int, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([is_last])
