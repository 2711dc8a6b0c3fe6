"""Pages as a person reads them."""

import html
import re


def text_of(page: object) -> str:
    """The words of a page or of an answer that holds one, blanks made single."""
    text = page if isinstance(page, str) else page.content.decode()  # type: ignore[attr-defined]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())
