"""Cells of files that leave: a spreadsheet must never take a name for a formula."""

# What a spreadsheet reads as the start of a formula, also in full width.
_FORMULA = frozenset("=+-@\t\r\n＝＋－＠")
_BLANK = " \u00a0\u3000\u200b\ufeff\x00"


def safe_cell(value: object) -> str:
    """The value as text no spreadsheet runs: a leading formula sign, also behind blanks, gets an apostrophe."""
    text = str(value).replace("\x00", "")
    bare = text.lstrip(_BLANK)
    return f"'{text}" if text[:1] in _FORMULA or bare[:1] in _FORMULA else text
