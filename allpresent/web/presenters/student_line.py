"""One student line everywhere: name, room, level, strip, days, last contact, next promised step."""

from dataclasses import dataclass, replace

from allpresent.web.presenters.strips import Strip


@dataclass(frozen=True)
class StepWords:
    """The next promised step: what, when it is due (blank once it is late), and how late it is."""

    next_step: str = ""
    due: str = ""
    late: str = ""


@dataclass(frozen=True)
class StudentLine:
    """The line of one student, every part already in words of the reader's language.

    ``days_absent`` and ``days_reported`` are school days; ``rate`` is the absence rate as shown (27.3%), blank
    when nothing is reported, as ``days_absent`` is for a reader who may not see the days; ``late`` says how late
    the next step is (2 days late) and ``due`` when it is due.
    """

    student_id: str
    name: str
    url: str
    grade_room: str
    level: str | None
    days: Strip
    days_absent: str
    days_reported: int
    rate: str
    is_chronic: bool
    unreported: str = ""
    last_contact: str = ""
    next_step: str = ""
    due: str = ""
    late: str = ""
    school: str = ""
    route: str = ""  # what to try instead of one more call

    def with_step(self, words: StepWords) -> "StudentLine":
        """The same line about another step."""
        return replace(self, next_step=words.next_step, due=words.due, late=words.late)

    def with_route(self, words: str) -> "StudentLine":
        """The same line with what to try instead of one more call."""
        return replace(self, route=words)
