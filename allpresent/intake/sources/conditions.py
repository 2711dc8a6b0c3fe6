"""The conditions of a mapping as SQL over staged rows. A label the file lacks is blank, as is a word for nothing.

A condition is true or false of every row, never unknown.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal

from allpresent.intake.keep import literal, quoted
from allpresent.intake.mapping_tables import Condition

YES = ("1", "true", "t", "yes", "y")
NO = ("", "0", "false", "f", "no", "n")
# A number that may stand elsewhere with other zeros; 01 is a code, and stays one.
_NUMBER = r"[+-]?(?:(?:0|[1-9][0-9]{0,9})(?:\.[0-9]{0,18})?|\.[0-9]{1,18})"
_ABOVE_ZERO = r"\+?0*(?:[1-9][0-9]*(?:\.[0-9]*)?|0?\.0*[1-9][0-9]*)"
_CELL = "\x1f"  # before a label: its text as conditions read it; no header has such a letter
UNFIT = quoted("\x1f\x1funfit")


def flag(at: int) -> str:
    """The column that says whether a row fits the condition at a place."""
    return quoted(f"\x1f\x1f{at}")


class Conditions:
    """Conditions over one staged table, which has some labels and some words that stand for nothing."""

    def __init__(self, have: Collection[str], blanks: Collection[str]) -> None:
        self.have = have
        self.blanks = ", ".join(literal(word) for word in sorted(blanks))

    def weighed(self, staged: str, several: Sequence[Condition], nothing: Sequence[Condition] = ()) -> str:
        """SQL of the staged rows with a ``flag`` for each condition.

        Besides, where a row fits none of them and none of ``nothing``, UNFIT has what it says: ``type period``.
        """
        labels = self._asked((*several, *nothing))
        cells = "".join(f", {self._cell(label)} AS {quoted(_CELL + label)}" for label in labels)
        flags = "".join(f", {self._holds(condition)} AS {flag(at)}" for at, condition in enumerate(several))
        known = " OR ".join(f"({self._holds(condition)})" for condition in (*several, *nothing))
        aside = f" EXCLUDE ({', '.join(quoted(_CELL + label) for label in labels)})" if labels else ""
        unfit = f"CASE WHEN NOT ({known}) THEN {self._shown(labels)} END AS {UNFIT}"
        return f"SELECT *{aside}{flags}, {unfit} FROM (SELECT *{cells} FROM {staged})"

    def _asked(self, several: Iterable[Condition]) -> list[str]:
        return list(dict.fromkeys(label for one in several for label in one.asked if label in self.have))

    def _holds(self, condition: Condition) -> str:
        tests = [self._is_one_of(label, texts) for label, texts in condition.when.items()]
        tests += [f"NOT {self._is_one_of(label, texts)}" for label, texts in condition.unless.items()]
        tests += [self._is_one_of(label, YES) for label in condition.says_yes]
        tests += [self._is_one_of(label, NO) for label in condition.says_no]
        tests += [f"regexp_full_match({self._named(label)}, '{_ABOVE_ZERO}')" for label in condition.above_zero]
        return " AND ".join(tests) or "true"

    def _is_one_of(self, label: str, texts: tuple[str, ...]) -> str:
        return f"{self._named(label)} IN ({', '.join(literal(_plain(text)) for text in texts)})"

    def _named(self, label: str) -> str:
        return quoted(_CELL + label) if label in self.have else "''"

    def _cell(self, label: str) -> str:
        """The text under a label in small letters, a number without the zeros that change nothing."""
        text = f"coalesce(trim({quoted(label)}), '')"
        number = f"rtrim(rtrim(CAST(CAST({text} AS DECIMAL(38, 18)) AS VARCHAR), '0'), '.')"
        return (
            f"CASE WHEN {text} IN ({self.blanks}) THEN ''"
            f" WHEN regexp_full_match({text}, '{_NUMBER}') THEN {number} ELSE lower({text}) END"
        )

    def _shown(self, labels: Iterable[str]) -> str:
        cells = "".join(f", {literal(label + ' ')} || nullif(trim({quoted(label)}), '')" for label in labels)
        return f"coalesce(nullif(concat_ws(', ', NULL{cells}), ''), 'all blank')"


def _plain(text: str) -> str:
    """A text of a condition as cells are read."""
    if not re.fullmatch(_NUMBER, text):
        return text
    number = Decimal(text)
    return f"{number.normalize():f}" if number else "0"
