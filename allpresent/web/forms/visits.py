"""The toolkit's home visit form and the plan of a visit, as people fill them in."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.timezone import make_aware
from django.utils.translation import gettext_lazy as _

from allpresent.casework.models.home_visits import VisitMode, VisitOutcome, VisitReason
from allpresent.casework.visit_forms import FIELD_NOTE_MAX, WORDS_MAX
from allpresent.web.forms.contact import cause_choices

_CHOOSE_REASON = _("Choose why the family is visited.")
_DAY = _("Write the day as year-month-day, like 2026-11-05.")


def _day(required: bool = True) -> forms.DateField:
    return forms.DateField(
        required=required,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _DAY, "required": _("Give the day.")},
    )


def _time() -> forms.TimeField:
    return forms.TimeField(
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"invalid": _("Write the time as hours and minutes, like 16:30.")},
    )


class _ReasonForm(forms.Form):
    """What the plan and the record of a visit share: items 2 and 4 of the toolkit's form."""

    form_key = forms.CharField(required=False)
    reason = forms.ChoiceField(
        choices=VisitReason.choices,
        error_messages={"required": _CHOOSE_REASON, "invalid_choice": _CHOOSE_REASON},
    )
    reason_words = forms.CharField(required=False, max_length=WORDS_MAX)
    mode = forms.ChoiceField(choices=VisitMode.choices)
    co_visitor = forms.ChoiceField(required=False)

    def __init__(self, data: Any = None, *, people: list[tuple[str, str]], **more: Any) -> None:
        super().__init__(data, **more)
        nobody = [("", _("Nobody chosen"))]
        for name in ("visitor", "co_visitor"):
            if name in self.fields:
                self.fields[name].choices = [*nobody, *people]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Another reason than the team's is explained."""
        sent = super().clean() or {}
        if sent.get("reason") == VisitReason.OTHER and not sent.get("reason_words", "").strip():
            self.add_error("reason_words", _("Explain the other reason for the visit."))
        return sent


class PlanForm(_ReasonForm):
    """Why a family is to be visited; with a day, by whom and when."""

    visitor = forms.ChoiceField(required=False)
    day = _day(required=False)
    starts = _time()
    ends = _time()

    def clean(self) -> dict[str, Any]:
        """A day needs its times, and times their day."""
        sent = super().clean()
        if not self.data.get("day") and (sent.get("starts") or sent.get("ends")):
            self.add_error("day", _("Give the day these times are of, or leave the times blank too."))
        if sent.get("day") and not (sent.get("starts") and sent.get("ends")):
            self.add_error("starts", _("Give when the visit begins and when it is expected to end."))
        return sent

    def moment(self, name: str) -> datetime | None:
        """The day with one of its times, in the district's time zone."""
        day, time = self.cleaned_data["day"], self.cleaned_data[name]
        return make_aware(datetime.combine(day, time)) if day and time else None


class RecordForm(_ReasonForm):
    """The toolkit's form field for field, with the day, what came of it, and what was promised."""

    by = forms.CharField(required=False)  # whose form it was when it was opened: a phone may send it much later
    on = _day()
    was_scheduled = forms.TypedChoiceField(
        choices=[("yes", _("Yes")), ("no", _("No"))],
        coerce=lambda said: said == "yes",
        error_messages={"required": _("Say whether the visit was scheduled.")},
    )
    outcome = forms.ChoiceField(
        choices=VisitOutcome.choices,
        error_messages={"required": _("Choose what came of the visit.")},
    )
    met = forms.CharField(required=False, max_length=200)
    language = forms.CharField(required=False, max_length=12)
    causes = forms.MultipleChoiceField(
        required=False,
        choices=cause_choices,
        error_messages={"invalid_choice": _("One of the reasons is not in the list. Choose again.")},
    )
    promised = forms.CharField(required=False, max_length=WORDS_MAX)
    promised_on = _day(required=False)
    field_note = forms.CharField(
        required=False, max_length=FIELD_NOTE_MAX, widget=forms.Textarea(attrs={"rows": 8, "autocomplete": "off"})
    )

    def clean(self) -> dict[str, Any]:
        """A completed visit says who was met."""
        sent = super().clean()
        if sent.get("outcome") == VisitOutcome.COMPLETED and not sent.get("met", "").strip():
            self.add_error("met", _("Say who was met."))
        return sent
