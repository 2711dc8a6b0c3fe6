"""The file of a call list, in the columns and the letters of a calling system."""

import csv
import io
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from allpresent.policy.call_systems import CallSystem
from allpresent.reports.call_list import Line
from allpresent.reports.layout.flat import safe_cell


@dataclass(frozen=True, slots=True)
class Written:
    """The file, and the lines whose name it cannot say as it is: without some marks, or not at all."""

    content: bytes
    unmarked: tuple[Line, ...] = ()
    nameless: tuple[Line, ...] = ()


def write_call_list(system: CallSystem, lines: Iterable[Line], day: date) -> Written:
    """The list as the system takes it; no cell is one a spreadsheet would run."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=system.separator, lineterminator="\r\n")
    writer.writerow([column.name for column in system.columns])
    unmarked, nameless = [], []
    for line in lines:
        name = in_letters(line.name, system.encoding)
        if not name:
            nameless.append(line)
        elif name != unicodedata.normalize("NFC", _single(line.name)):
            unmarked.append(line)
        values = _values(system, line, name or system.nameless) | {"day": day.isoformat()}
        writer.writerow([safe_cell(column.cell(values)) for column in system.columns])
    return Written(out.getvalue().encode(system.encoding), tuple(unmarked), tuple(nameless))


def _values(system: CallSystem, line: Line, name: str) -> dict[str, str]:
    family, _comma, given = name.partition(",")
    language = system.languages.get(line.language, line.language)
    return {
        # An id is never simplified: two of them must not become one.
        "reference": _single(line.reference).encode(system.encoding, "backslashreplace").decode(system.encoding),
        "family_name": family.strip() or given.strip(),
        "given_names": given.strip() if family.strip() else "",
        "school": in_letters(line.school, system.encoding),
        "language": in_letters(language, system.encoding),
        "number": system.dialled(line.number),
    }


# Letters that have no marks to take away, as they are written without them.
_PLAIN = str.maketrans(
    {"ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ı": "i", "œ": "oe", "Œ": "OE", "ħ": "h", "Ħ": "H", "ŧ": "t", "Ŧ": "T"}
    | {"’": "'", "‘": "'", "ʼ": "'", "ʻ": "'", "“": '"', "”": '"', "‐": "-", "‑": "-", "–": "-", "—": "-"}
)


def in_letters(text: str, encoding: str) -> str:
    """The text in the letters of an encoding: as it is, or without the marks it lacks; blank where a letter has none.

    Nguyễn is Nguyên in ISO 8859-1, and Łukasz Lukasz; a name in Arabic letters has none of its letters.
    """
    found = []
    for letter in unicodedata.normalize("NFC", _single(text)):
        written = letter if _fits(letter, encoding) else _unmarked(letter, encoding)
        if not written:
            return ""
        found.append(written)
    return "".join(found)


def _unmarked(letter: str, encoding: str) -> str:
    plain = letter.translate(_PLAIN)
    if plain != letter:
        return plain if _fits(plain, encoding) else ""
    kept = ""
    for part in unicodedata.normalize("NFD", letter):
        further = unicodedata.normalize("NFC", kept + part)
        kept = further if _fits(further, encoding) else kept
    return kept


def _fits(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _single(text: str) -> str:
    """The text on one line, blanks made single, without the characters nobody sees."""
    return " ".join(
        "".join(" " if one.isspace() else one for one in text if one.isprintable() or one.isspace()).split()
    )
