"""Keep the catalogues whole: find every text of the program, bring it into each .po, compile each .mo.

Run ``python tools/compile_catalogues.py`` after changing a text; it names what Spanish still lacks. It needs no
gettext installed: the texts are found by reading the code and the templates, the files are written by polib.
"""

import ast
import io
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parent.parent
ROOM = ROOT / "allpresent"
LOCALE = ROOM / "web" / "locale"
LANGUAGES = ("en", "es")
_PLURAL_FORMS = "nplurals=2; plural=(n != 1);"
_CALLS = {
    "_": 1,
    "_lazy": 1,
    "gettext": 1,
    "gettext_lazy": 1,
    "ngettext": 2,
    "ngettext_lazy": 2,
    "pgettext": 2,
    "pgettext_lazy": 2,
}
# What Django's own reader of templates leaves behind for each translated text.
_QUOTED = r"(u?(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"))"
_IN_TEMPLATE = re.compile(rf"\b(n?gettext|_)\(\s*{_QUOTED}(?:\s*,\s*{_QUOTED})?")


@dataclass(frozen=True)
class Text:
    """One text to translate: its plural form or blank, and the file it stands in."""

    msgid: str
    plural: str = ""
    place: str = ""


def texts_of_code(path: Path) -> Iterator[Text]:
    """The texts of a Python file, from its calls of gettext."""
    place = path.relative_to(ROOT).as_posix()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        given = [arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
        if name not in _CALLS or len(given) < _CALLS[name]:
            continue
        if name.startswith("pgettext"):
            raise ValueError(f"{place}: a text with a context is not expected; use gettext.")
        yield Text(given[0], given[1] if name.startswith("ngettext") else "", place)


def texts_of_template(path: Path) -> Iterator[Text]:
    """The texts of a template, as Django itself would hand them to gettext."""
    from django.utils.translation.template import templatize

    place = path.relative_to(ROOT).as_posix()
    source = templatize(path.read_text(encoding="utf-8"), origin=place)
    for call, single, plural in _IN_TEMPLATE.findall(source):
        yield Text(ast.literal_eval(single), ast.literal_eval(plural) if call == "ngettext" and plural else "", place)


def find_texts(room: Path = ROOM) -> dict[str, Text]:
    """Every text of the program by msgid, the first place it stands in."""
    found: dict[str, Text] = {}
    code = (text for path in sorted(room.rglob("*.py")) for text in texts_of_code(path))
    templates = sorted(path for path in room.rglob("templates/**/*") if path.suffix in (".html", ".txt"))
    for source in (code, (text for path in templates for text in texts_of_template(path))):
        for text in source:
            if not text.msgid.strip():
                continue
            known = found.get(text.msgid)
            if known is None or (text.plural and not known.plural):
                found[text.msgid] = text
    return found


def catalogue_path(language: str, suffix: str = ".po") -> Path:
    """Where a language's catalogue stands."""
    return (LOCALE / language / "LC_MESSAGES" / "django").with_suffix(suffix)


def read_catalogue(language: str) -> polib.POFile:
    """The catalogue of a language; a new, empty one if there is none yet."""
    path = catalogue_path(language)
    if path.exists():
        return polib.pofile(str(path), wrapwidth=110)
    catalogue = polib.POFile(wrapwidth=110)
    catalogue.metadata = {
        "Project-Id-Version": "allpresent",
        "Language": language,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": _PLURAL_FORMS,
    }
    return catalogue


def _entry(text: Text, known: polib.POEntry | None, language: str) -> polib.POEntry:
    is_source = language == "en"
    entry = polib.POEntry(msgid=text.msgid, occurrences=[(text.place, "")])
    if "%(" in text.msgid:
        entry.flags.append("python-format")
    if text.plural:
        entry.msgid_plural = text.plural
        kept = known.msgstr_plural if known and known.msgid_plural else {}
        entry.msgstr_plural = {0: text.msgid, 1: text.plural} if is_source else {0: kept.get(0, ""), 1: kept.get(1, "")}
    else:
        entry.msgstr = text.msgid if is_source else (known.msgstr if known else "")
    return entry


def merged_catalogue(language: str, texts: dict[str, Text]) -> polib.POFile:
    """The language's catalogue with every text of the program and no other; what was translated is kept."""
    old = read_catalogue(language)
    known = {entry.msgid: entry for entry in old if not entry.obsolete}
    merged = polib.POFile(wrapwidth=110)
    merged.metadata = old.metadata
    for text in sorted(texts.values(), key=lambda text: (text.place, text.msgid)):
        merged.append(_entry(text, known.get(text.msgid), language))
    return merged


def untranslated(catalogue: polib.POFile) -> list[str]:
    """The texts a catalogue has no words for."""
    return [
        entry.msgid
        for entry in catalogue
        if not (all(entry.msgstr_plural.values()) if entry.msgid_plural else entry.msgstr)
    ]


def compiled(catalogue: polib.POFile) -> bytes:
    """The catalogue as the bytes of a .mo file."""
    return bytes(catalogue.to_binary())


def main() -> int:
    """Bring the texts into the catalogues and compile them; 1 while Spanish lacks any."""
    _start_django()
    texts, missing = find_texts(), []
    for language in LANGUAGES:
        catalogue = merged_catalogue(language, texts)
        path = catalogue_path(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(str(catalogue) + "\n", encoding="utf-8")
        catalogue_path(language, ".mo").write_bytes(compiled(catalogue))
        missing += [f"{language}: {msgid}" for msgid in untranslated(catalogue)]
    out = io.StringIO()
    print(f"{len(texts)} texts, {len(missing)} without words", *missing, sep="\n", file=out)
    sys.stdout.write(out.getvalue())
    return 1 if missing else 0


def _start_django() -> None:
    from django.conf import settings

    if not settings.configured:
        settings.configure(USE_I18N=False)


if __name__ == "__main__":
    sys.exit(main())
