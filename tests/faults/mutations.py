"""Small real deliveries of every source, changed as broken exports and bad wills change them.

A change knows lines, cells and labels where the file has them, so that most changed files still get past the header.
"""

from collections.abc import Callable, Mapping
from random import Random

from tests.faults import district
from tests.intake.conformance.every import SHAPES
from tests.intake.conformance.facts import FACTS
from tests.intake.powerschool_files import FILES as POWERSCHOOL_MEETINGS

Files = dict[str, bytes]


def _bytes(files: Mapping[str, str | bytes]) -> Files:
    return {name: text if isinstance(text, bytes) else text.encode() for name, text in files.items()}


# name of the seed: the source, the name of a mapping that is shipped or the text of one, and the files
SEEDS: dict[str, tuple[str, str | None, Files]] = {
    name: (
        shape.source,
        shape.shipped or shape.mapping,
        _bytes({file: sheet.text() for file, sheet in shape.write(FACTS).items()}),
    )
    for name, shape in SHAPES.items()
} | {
    "days": ("csv", None, district.files(5, district.pupils(4))),
    "powerschool export": ("powerschool", None, _bytes(POWERSCHOOL_MEETINGS)),
}
WORDS = (
    *("", " ", "NULL", "null", "0", "-1", "+5", "-0", "1e400", "nan", "inf", "1_000", "0x10", "99999999999999999999"),
    *(
        "0/0",
        "1/0",
        "1/3",
        "2/1",
        "٣",
        "１２",
        "½",
        "2026-02-30",
        "31/31/2026",
        "0000-00-00",
        "9999-12-31",
        "10000-01-01",
    ),
    *(
        "0001-01-01",
        "12/30/1899",
        "1900-01-00",
        "2026-09-01T00:00:00Z",
        "9/1/26",
        "1/9/2026",
        "20260901",
        "True",
        "yes",
    ),
    *('"', '""', '"a', 'a"b', "a\nb", "\r", "\0", "\x1a", "\x1b[31m", ",", ";;;;", "\t", "\\", "'", "`", "\ufeff"),
    *(
        "=1+1",
        "'=1",
        '="0930011"',
        '="',
        "@a",
        "<script>",
        "%s{0}",
        "{value}",
        "$HOME",
        "'; DROP TABLE x; --",
        "\u202e",
    ),
    *("\U0001f600", "é", "e\u0301", "a" * 5_000, "1.0E+06", "1.23E+09", "null\0", "*", "s", "-9999", "<5"),
)


def _lines(data: bytes) -> list[bytes]:
    return data.splitlines(keepends=True) or [b""]


def _delimiter(line: bytes) -> bytes:
    return max((b",", b"\t", b";", b"|"), key=line.count)


def _in_line(change: Callable[[list[bytes], Random], None]) -> Callable[[bytes, Random], bytes]:
    """A change of the cells of one line."""

    def changed(data: bytes, chosen: Random) -> bytes:
        lines = _lines(data)
        # The header now and then, a row mostly.
        at = 0 if chosen.random() < 0.15 else chosen.randrange(len(lines))
        mark = _delimiter(lines[at])
        body, end = lines[at].rstrip(b"\r\n"), lines[at][len(lines[at].rstrip(b"\r\n")) :]
        cells = body.split(mark)
        change(cells, chosen)
        lines[at] = mark.join(cells) + end
        return b"".join(lines)

    return changed


def _put(cells: list[bytes], chosen: Random) -> None:
    cells[chosen.randrange(len(cells))] = chosen.choice(WORDS).encode()


def _wrap(cells: list[bytes], chosen: Random) -> None:
    at = chosen.randrange(len(cells))
    cells[at] = chosen.choice((b'"', b"'", b" ", b"=")) + cells[at] + chosen.choice((b'"', b"", b" "))


def _quote_all(cells: list[bytes], chosen: Random) -> None:
    """Every value quoted; now and then one that goes on for more than a reader takes at once."""
    if chosen.random() < 0.1:
        cells[chosen.randrange(len(cells))] = b"a" * chosen.choice((100_001, 131_073, 1_100_000))
    cells[:] = [b'"' + cell.strip(b'"') + b'"' for cell in cells]


def _drop(cells: list[bytes], chosen: Random) -> None:
    del cells[chosen.randrange(len(cells))]


def _twice(cells: list[bytes], chosen: Random) -> None:
    cells.insert(chosen.randrange(len(cells)), chosen.choice(cells))


def _exchange(cells: list[bytes], chosen: Random) -> None:
    one, other = chosen.randrange(len(cells)), chosen.randrange(len(cells))
    cells[one], cells[other] = cells[other], cells[one]


def _lines_changed(data: bytes, chosen: Random) -> bytes:
    lines = _lines(data)
    at, other = chosen.randrange(len(lines)), chosen.randrange(len(lines))
    kind = chosen.randrange(4)
    if kind == 0:
        del lines[at]
    elif kind == 1:
        lines.insert(other, lines[at])
    elif kind == 2:
        lines[at], lines[other] = lines[other], lines[at]
    else:
        lines[at:] = lines[at : at + 1] * chosen.randrange(1, 40)
    return b"".join(lines)


def _bytes_changed(data: bytes, chosen: Random) -> bytes:
    at, kind = chosen.randrange(len(data) + 1), chosen.randrange(4)
    some = bytes(chosen.randrange(256) for _ in range(chosen.randrange(1, 6)))
    if kind == 0:
        return data[:at] + some + data[at:]
    if kind == 1:
        return data[:at] + some + data[at + len(some) :]
    return data[:at] if kind == 2 else data[at:]


def _written_otherwise(data: bytes, chosen: Random) -> bytes:
    text = data.decode("utf-8", "replace")
    kind = chosen.randrange(6)
    if kind < 3:
        return text.encode(("utf-16", "utf-8-sig", "cp1252")[kind], "replace")
    if kind == 3:
        return text.replace("\r\n", "\n").replace("\n", chosen.choice(("\r", "\r\n", "\n\n", "\n\r"))).encode()
    if kind == 4:
        return data.replace(_delimiter(_lines(data)[0]), chosen.choice((b";", b"\t", b"|", b"^", b" ")))
    return _lines(data)[0] if chosen.random() < 0.5 else b""


CHANGES = (
    *(_in_line(change) for change in (_put, _put, _put, _wrap, _quote_all, _drop, _twice, _exchange)),
    *(_lines_changed, _lines_changed, _bytes_changed, _written_otherwise),
)


def mutated(name: str, seed: int, changes: int) -> Files:
    """The files of a seed after so many changes; the same for the same arguments."""
    chosen = Random(f"{name} {seed} {changes}")
    files = dict(SEEDS[name][2])
    for _ in range(changes):
        file = chosen.choice(sorted(files))
        luck = chosen.random()
        if luck < 0.03 and len(files) > 1:
            del files[file]
        elif luck < 0.06:
            stem, _, ending = file.rpartition(".")
            files[
                f"{stem}{chosen.choice((' (1)', '-copy', '_2', ''))}.{chosen.choice((ending, 'txt', 'csv', 'CSV'))}"
            ] = files[file]
        elif luck < 0.09:
            files[file] += files[chosen.choice(sorted(files))]
        else:
            files[file] = chosen.choice(CHANGES)(files[file], chosen)
    return files
