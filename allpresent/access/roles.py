"""The roles table: which role sees which kind of data, of whom, and which acts it may do. Data only.

A cell is `scope letters`, then `: limit` if only a part is meant. Scopes: D district, S own schools, O own students
(roster, caseload, assignment), Z released to the own organisation, F own child. Letters: r read, w write,
a totals only, x export. A dash is nothing. No role implies another; a person with two has both, each with its own
scope.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

DATA_CLASSES: dict[str, str | Promise] = {
    "D1": _("name, grade, school"),
    "D2": _("guardians, phone, address, language"),
    "D3": _("absence days, level"),
    "D4": _("reasons, barriers"),
    "D5": _("plans, services, discipline, health"),
    "D6": _("contact log, protocol steps"),
    "D7": _("home-visit field notes"),
    "D8": _("success plan, team notes"),
    "D9": _("mentor check-ins"),
    "D10": _("referrals, partner updates"),
    "D11": _("releases, disclosure log"),
    "D12": _("totals"),
    "D13": _("users, deliveries, audit"),
}
LIMITS: dict[str, str | Promise] = {
    "actions": _("actions only"),
    "class": _("own classes"),
    "codes": _("codes only"),
    "counts": _("own counts"),
    "deliveries": _("deliveries and releases"),
    "delivery_status": _("state of deliveries"),
    "first_name": _("first name"),
    "flag": _("flag only"),
    "goals": _("goals"),
    "has_plan": _("has a plan, yes or no"),
    "level_and_10_days": _("level and the last 10 days"),
    "need": _("with a task on the student"),
    "on_request": _("on request"),
    "own": _("own entries"),
    "phone_language": _("phone and language"),
    "prompts": _("prompts and a tick"),
    "released": _("released fields"),
    "revoke": _("revoke a release"),
    "safety_flag": _("safety flag only"),
    "state_file": _("state file"),
    "status": _("status only"),
    "system": _("users, keys, backups"),
    "visit_days": _("address from the day before to the day after a visit"),
    "write_own": _("writes own entries, reads others'"),
}


@dataclass(frozen=True)
class Right:
    """One cell: over whom, which letters, and the part meant (a key of LIMITS; blank = all of it)."""

    scope: str
    letters: str
    limit: str = ""

    @classmethod
    def parse(cls, cell: str) -> "Right | None":
        """A cell of the table; a dash is None. Raises ValueError for anything unknown."""
        if cell == "-":
            return None
        found = re.fullmatch(r"([DSOZF]) ([rwax]+)(?:: (\w+))?", cell)
        if not found or (found[3] and found[3] not in LIMITS):
            raise ValueError(f"not a cell of the roles table: {cell!r}")
        return cls(found[1], found[2], found[3] or "")


@dataclass(frozen=True)
class Role:
    """A role: its name for people, the kinds of object it may be granted on, and its row of the table."""

    key: str
    label: str | Promise
    kinds: tuple[str, ...]
    rights: dict[str, Right | None]

    @property
    def sees_students(self) -> bool:
        """Whether a student page opens for this role at all: name, grade and school in full, of somebody known now.

        Released data (Z) and own child (F) need records of release and custody, which no grant replaces.
        """
        right = self.rights["D1"]
        return right is not None and "r" in right.letters and not right.limit and right.scope in "DSO"

    @property
    def scope(self) -> str:
        """Over whom the role sees students: D, S, O, or blank."""
        right = self.rights["D1"]
        return right.scope if right and self.sees_students else ""


def _role(key: str, label: str | Promise, kinds: str, cells: str) -> Role:
    row = [Right.parse(cell.strip()) for cell in cells.split("|")]
    return Role(key, label, tuple(kinds.split()), dict(zip(DATA_CLASSES, row, strict=True)))


# Columns: D1 | D2 | D3 | D4 | D5 | D6 | D7 | D8 | D9 | D10 | D11 | D12 | D13.
# A drop-out specialist's L6 students come as dated grants, as the rest of the caseload does.
ROLES: dict[str, Role] = {
    role.key: role
    for role in (
        _role(
            "district_executive",
            _("district executive"),
            "district",
            "D a|-|D a|D a|D a|D a|-|D a|D a|D a|D a|D rx|-",
        ),
        _role(
            "district_attendance_team",
            _("district attendance team"),
            "district",
            "D r|D r|D rx|D rw|D r: need|D rw|D r|D rw|D r|D rw|D r|D rx|D r: delivery_status",
        ),
        _role("principal", _("principal"), "school", "S r|S r|S rx|S rw|S r|S rw|S r|S rw|S r|S r|S r|S rx|-"),
        _role(
            "school_attendance_team",
            _("school attendance team"),
            "school",
            "S r|S r|S r|S rw|S r: flag|S rw|S r|S rw|S r|S rw|S r|S r|-",
        ),
        _role(
            "teacher",
            _("teacher"),
            "district school section student",
            "O r|O r: phone_language|O r|O rw|O r: has_plan|O rw: own|-|O r: actions|-|O r: status|-|O r: class|-",
        ),
        _role(
            "dropout_specialist",
            _("drop-out prevention specialist"),
            "school student",
            "O r|O rw|O r|O rw|O r: need|O rw|O rw|O rw|O r|O rw|O r|S r|-",
        ),
        _role(
            "home_visitor",
            _("home visitor"),
            "school student",
            "O r|O r: visit_days|O r|O rw|O r: safety_flag|O rw|O rw: write_own|O r|-|-|-|-|-",
        ),
        _role(
            "success_mentor",
            _("success mentor"),
            "school student",
            "O r|-|O r: level_and_10_days|-|-|O w: own|-|O r: goals|O rw|-|-|-|-",
        ),
        _role(
            "peer_mentor",
            _("peer success mentor"),
            "school student",
            "O r: first_name|-|-|-|-|-|-|-|O rw: prompts|-|-|-|-",
        ),
        _role(
            "care_coordinator",
            _("care coordinator"),
            "school student",
            "O r|O r|O r|O rw|O r: need|O rw|O r|O rw|O r|O rw|O r|S r|-",
        ),
        _role(
            "partner",
            _("community partner"),
            "",
            "Z r: released|Z r: released|Z r: released|Z r: released|-|-|-|Z r: released|Z w: own|Z rw: own|Z r: own"
            "|Z r: counts|-",
        ),
        _role(
            "family",
            _("family"),
            "",
            "F r|F r|F r|F r|F r: on_request|F r|F r: on_request|F r|F r|F r|F rw: revoke|-|-",
        ),
        _role(
            "data_steward",
            _("data steward"),
            "district",
            "D r|-|D rx: state_file|D r: codes|D a|-|-|-|-|-|D r|D rx|D rw: deliveries",
        ),
        _role("it_admin", _("IT administrator"), "district", "-|-|-|-|-|-|-|-|-|-|-|-|D rw: system"),
    )
}

_SCHOOL_DESK = "district_attendance_team principal school_attendance_team"
_CASELOAD = "dropout_specialist care_coordinator"
_CALLERS = f"{_SCHOOL_DESK} {_CASELOAD} teacher home_visitor"
# Who may do what. Seeing a student is a second question, asked of each student (`why_can_view`).
ACTIONS: dict[str, frozenset[str]] = {
    action: frozenset(roles.split())
    for action, roles in {
        "see_my_calls": _CALLERS,
        "see_today": f"{_SCHOOL_DESK} {_CASELOAD}",
        "see_school": f"{_SCHOOL_DESK} {_CASELOAD} district_executive",
        "see_district": "district_attendance_team district_executive data_steward",
        "see_deliveries": "data_steward district_attendance_team",
        "see_report": f"{_SCHOOL_DESK} {_CASELOAD} district_executive data_steward",
        "accept_delivery": "data_steward",
        "undo_delivery": "data_steward",
        "log_contact": _CALLERS,
        "close_step": _CALLERS,
        "exempt_step": f"{_SCHOOL_DESK} {_CASELOAD}",
        "assign_step": f"{_SCHOOL_DESK} {_CASELOAD}",
        "see_visits": f"{_SCHOOL_DESK} {_CASELOAD} home_visitor",
        "plan_visit": f"{_SCHOOL_DESK} {_CASELOAD} home_visitor",
        "record_visit": f"{_SCHOOL_DESK} {_CASELOAD} home_visitor",
        "run_meeting": _SCHOOL_DESK,
        "see_caseload": _CASELOAD,
        "see_accountability": f"{_SCHOOL_DESK} district_executive",
        "record_school_promise": "district_attendance_team principal",
        "write_plan": f"{_SCHOOL_DESK} {_CASELOAD}",
        "manage_mentors": _SCHOOL_DESK,
        "see_mentees": "success_mentor peer_mentor",
        "send_letter": _SCHOOL_DESK,
        "create_referral": f"district_attendance_team school_attendance_team {_CASELOAD}",
        "accept_referral": "partner",
        "follow_referral": f"{_SCHOOL_DESK} {_CASELOAD}",
        "record_release": f"district_attendance_team school_attendance_team {_CASELOAD} data_steward",
        "revoke_release": f"{_SCHOOL_DESK} {_CASELOAD} data_steward family",
        "export_students": "district_attendance_team principal",
        "take_call_list": _SCHOOL_DESK,
        "approve_export": "data_steward",
        "edit_protocol": "district_attendance_team",
        "edit_script": "district_attendance_team",
        "merge_students": "data_steward",
        "break_glass": f"district_attendance_team principal {_CASELOAD}",
        "manage_users": "it_admin",
    }.items()
}


def roles_table() -> Iterator[list[str]]:
    """The table as it is printed in the reference: a header row, then one row a role."""
    yield ["Role", *DATA_CLASSES]
    for role in ROLES.values():
        yield [str(role.label), *(_cell(right) for right in role.rights.values())]


def _cell(right: Right | None) -> str:
    if right is None:
        return "-"
    letters = f"{right.scope} {' '.join(right.letters)}"
    return f"{letters}: {LIMITS[right.limit]}" if right.limit else letters


def roles_document() -> str:
    """The table and the classes as Markdown, for the reference pages; generated, so it cannot drift."""
    header, *rows = roles_table()
    lines = [f"- **{key}** {text}" for key, text in DATA_CLASSES.items()]
    lines += ["", "| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines) + "\n"
