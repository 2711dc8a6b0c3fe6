"""Pulling from an interface over the network: asked patiently, read only, landed as files that are then read.

It knows no format and no table; each source says what to ask for. Nothing it writes or says holds a key or a token.
"""

from allpresent.intake.sources.pulling.asking import Access, Answer, Asker, NotThereError, PullError
from allpresent.intake.sources.pulling.landing import MANIFEST, Landed, Landing, read_manifest

__all__ = [
    "MANIFEST",
    "Access",
    "Answer",
    "Asker",
    "Landed",
    "Landing",
    "NotThereError",
    "PullError",
    "read_manifest",
]
