"""Signatures and scans of agreements, kept as files below the home under the name of what is in them."""

import base64
import binascii
import hashlib
from pathlib import Path

from django.utils.translation import gettext as _

from .errors import CaseworkError

FOLDER = "plans"
SIGNATURE_MOST, SCAN_MOST = 300_000, 8_000_000
_DATA_URL = "data:image/png;base64,"
_KINDS = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpg", b"%PDF-": "pdf"}
CONTENT_TYPES = {"png": "image/png", "jpg": "image/jpeg", "pdf": "application/pdf"}


def signature_bytes(data_url: str) -> bytes:
    """The picture drawn on the glass. Raises CaseworkError for anything that is not one."""
    refused = CaseworkError(_("The signature did not arrive. Ask for it again on the line."))
    if not data_url.startswith(_DATA_URL) or len(data_url) > SIGNATURE_MOST * 2:
        raise refused
    try:
        content = base64.b64decode(data_url[len(_DATA_URL) :], validate=True)
    except binascii.Error:
        raise refused from None
    if kind_of(content) != "png" or len(content) > SIGNATURE_MOST:
        raise refused
    return content


def kind_of(content: bytes) -> str:
    """png, jpg or pdf by the first bytes; blank for anything else. What the name says is not believed."""
    return next((kind for magic, kind in _KINDS.items() if content.startswith(magic)), "")


def keep_paper(home: Path, plan_id: int, content: bytes) -> str:
    """Write the file and give its place below the home; the same content is kept once."""
    kind = kind_of(content)
    if not kind or len(content) > SCAN_MOST:
        raise CaseworkError(_("The scan has to be a PDF, PNG or JPEG file of at most 8 MB."))
    place = f"{FOLDER}/{plan_id}/{hashlib.sha256(content).hexdigest()}.{kind}"
    path = home / place
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        part = path.with_suffix(".part")
        part.write_bytes(content)
        part.replace(path)
    return place
