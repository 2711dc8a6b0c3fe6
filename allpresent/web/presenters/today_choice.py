"""What a person looks at on the desk, as an address says it: a counter or a view, its order, its page, a school."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, ngettext_lazy

PAGE_SIZE = 50

# The counters in their order: key in the address, kinds of step, the word beside the number, the title of the list.
COUNTERS: tuple[tuple[str, tuple[str, ...], Promise, Promise], ...] = (
    ("verify", ("verify",), ngettext_lazy("to verify", "to verify"), gettext_lazy("To verify")),
    ("call", ("call",), ngettext_lazy("to call", "to call"), gettext_lazy("To call")),
    ("visit", ("visit",), ngettext_lazy("visit", "visits"), gettext_lazy("Visits")),
    ("letter", ("letter",), ngettext_lazy("letter", "letters"), gettext_lazy("Letters")),
    ("plan", ("plan",), ngettext_lazy("plan", "plans"), gettext_lazy("Success plans")),
    ("mentor", ("mentor",), ngettext_lazy("mentor", "mentors"), gettext_lazy("Success mentors")),
    ("referral", ("referral",), ngettext_lazy("partner", "partners"), gettext_lazy("Referrals to partners")),
    ("review", ("review", "conference"), ngettext_lazy("review", "reviews"), gettext_lazy("Reviews and conferences")),
)
# The board on which the work of a counter is done: its address, who may open it, and its name.
BOARDS: dict[str, tuple[str, str, Promise]] = {
    "call": ("web:calls", "see_my_calls", gettext_lazy("My calls")),
    "visit": ("web:visits", "see_visits", gettext_lazy("Visits")),
    "letter": ("web:letters", "send_letter", gettext_lazy("Letters")),
    "plan": ("web:plans", "write_plan", gettext_lazy("Success plans")),
    "mentor": ("web:mentors", "manage_mentors", gettext_lazy("Mentors")),
    "review": ("web:meetings", "run_meeting", gettext_lazy("Meetings")),
}
KINDS = {key: kinds for key, kinds, _name, _title in COUNTERS}
VIEWS = ("crossed", "overdue", "silent", "unreported")
CALL_VIEWS = ("call", "crossed", "overdue", "silent")  # a list of families to call, also on paper
SORTS = ("reached", "name", "level", "absent", "due")


@dataclass(frozen=True)
class Choice:
    """What the person looks at: a counter or a view, its order, its page, and one school or all."""

    view: str = "call"
    sort: str = "reached"
    is_reversed: bool = False
    number: int = 1
    school_id: str = ""

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "Choice":
        """The choice an address names; anything unknown is the default."""
        view, sort = query.get("view", ""), query.get("sort", "")
        page = query.get("page", "1")
        return cls(
            view if view in KINDS or view in VIEWS else "call",
            sort.removeprefix("-") if sort.removeprefix("-") in SORTS else "reached",
            sort.startswith("-"),
            int(page) if page.isdecimal() and 0 < int(page) < 10_000 else 1,
            query.get("school", ""),
        )

    def within(self, total: int) -> "Choice":
        """The same choice on the last page of a list of so many entries, where its own page lies beyond it."""
        last = max(1, -(-total // PAGE_SIZE))
        return self if self.number <= last else replace(self, number=last)

    def query(self, **changed: object) -> str:
        """The address of another choice: this one with some parts changed."""
        sort = ("-" if self.is_reversed else "") + self.sort
        parts: dict[str, object] = {"view": self.view, "sort": sort, "page": self.number, "school": self.school_id}
        parts |= changed
        if parts["sort"] == "reached":
            parts["sort"] = ""
        if parts["page"] == 1:
            parts["page"] = ""
        return "?" + urlencode({key: value for key, value in parts.items() if value})
