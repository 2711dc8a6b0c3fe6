"""What a place says of a referral's work, as the form on its page sends it."""

from django import forms
from django.utils.translation import gettext_lazy as _

from allpresent.casework.models.referrals import Work
from allpresent.casework.referral_updates import Update
from allpresent.casework.referrals import WHO_MAX, WORDS_MAX


class UpdateForm(forms.Form):
    """How the work stands, who there said so, on which day, and in which words."""

    form_key = forms.CharField(required=False)
    work = forms.ChoiceField(
        choices=Work.choices,
        error_messages={"required": _("Say how the work stands."), "invalid_choice": _("Say how the work stands.")},
    )
    who = forms.CharField(
        max_length=WHO_MAX,
        error_messages={"required": _("Say who told it there: a name.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    on = forms.DateField(
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "invalid": _("Write the day as year-month-day, like 2026-11-05."),
            "required": _("Give the day."),
        },
    )
    words = forms.CharField(required=False, max_length=WORDS_MAX, widget=forms.Textarea(attrs={"rows": 3}))

    def clean(self) -> dict[str, object]:
        """An end says what came of it."""
        sent = super().clean() or {}
        if not self.errors:
            try:
                self.update = Update(sent["work"], sent["who"], sent["on"], sent["words"])
            except ValueError as error:
                self.add_error("words", str(error))
        return sent

    def wish(self) -> Update:
        """What was said."""
        return self.update
