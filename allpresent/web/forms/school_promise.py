"""A school's own promise as its principal fills it in: since when, where it is written, and whom it names."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from allpresent.casework.queries.school_promises import PromiseKept
from allpresent.casework.school_promises import WORDS_MAX, Named, PromiseForm
from allpresent.protocol.people import People

MORE_ROWS, ROWS_MAX = 1, 40
_DAY = _lazy("Write the day as year-month-day, like 2026-11-05.")


def _day(required: bool = False) -> forms.DateField:
    return forms.DateField(
        required=required,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _DAY, "required": _lazy("Give the day.")},
    )


class RecordForm(forms.Form):
    """The record, with a row for each person it needs and a few more; a row without a name is left out."""

    form_key = forms.CharField(required=False)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    since = _day(required=True)
    reference = forms.CharField(
        max_length=WORDS_MAX, error_messages={"required": _lazy("Say where it is written down.")}
    )

    def __init__(
        self, data: Any = None, *, needed: People | None, staff: dict[int, str], held: PromiseKept | None
    ) -> None:
        super().__init__(data, initial=_values(held))
        self.have = needed.have if needed else ()
        named = len(held.people) if held else 0
        self.row_count = min(max(needed.count, named) + MORE_ROWS, ROWS_MAX) if needed else 0
        known = staff | ({person.user_id: person.name for person in held.people} if held else {})
        choices = [("", _("Nobody chosen")), *((str(key), name) for key, name in known.items())]
        wrong = {"invalid_choice": _("Choose people of this school from the list.")}
        for row in range(self.row_count):
            self.fields[f"person_{row}"] = forms.ChoiceField(required=False, choices=choices, error_messages=wrong)
            self.fields[f"trained_{row}"] = _day()
            self.fields[f"paid_{row}"] = _day()

    def rows(self) -> Iterator[dict[str, BoundField | int]]:
        """The rows of people for the page, each with its number."""
        names = ("person", *(name for name in ("trained", "paid") if name in self.have))
        return ({"number": row + 1} | {name: self[f"{name}_{row}"] for name in names} for row in range(self.row_count))

    def clean(self) -> dict[str, Any]:
        """Days without a name are somebody's that was not chosen."""
        sent = super().clean() or {}
        for row in range(self.row_count):
            if not sent.get(f"person_{row}") and (sent.get(f"trained_{row}") or sent.get(f"paid_{row}")):
                self.add_error(f"person_{row}", _("Choose whose days these are, or leave them blank."))
        return sent

    def wish(self) -> PromiseForm:
        """What was asked for."""
        sent = self.cleaned_data
        people = tuple(
            Named(int(sent[f"person_{row}"]), sent[f"trained_{row}"], sent[f"paid_{row}"])
            for row in range(self.row_count)
            if sent[f"person_{row}"]
        )
        return PromiseForm(sent["since"], sent["reference"], people)


def _values(held: PromiseKept | None) -> dict[str, Any]:
    if held is None:
        return {}
    values: dict[str, Any] = {"since": held.since, "reference": held.reference, "version": held.version}
    for row, person in enumerate(held.people):
        values |= {
            f"person_{row}": str(person.user_id),
            f"trained_{row}": person.trained_on,
            f"paid_{row}": person.paid_from,
        }
    return values
