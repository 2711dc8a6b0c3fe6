"""Every change of state there is: from what, by which act, to what, who may, with which evidence, written down as what.

The verbs of this room ask this table before they change anything, and the page of states in the documentation is
generated from it.
"""

from dataclasses import dataclass

from .errors import CaseworkError

NOTHING = ""  # the state of a thing that is not there yet


@dataclass(frozen=True)
class Transition:
    """One row of the table; `audit_event` is the action of the audit entry the act writes."""

    thing: str
    before: str
    verb: str
    after: str
    who: str
    evidence: str
    audit_event: str


def _step(before: str, verb: str, after: str, who: str, evidence: str, audit_event: str) -> Transition:
    return Transition("step", before, verb, after, who, evidence, audit_event)


_NIGHT = "the nightly job"
_WORKER = "a person who may close steps for the student"
_AUTHOR = "its author, within ten minutes"
_CALLER = "whoever logs the call"
_STANDS = "the delivered record"
_MATCHER = "a person who coordinates the school's mentors"
_PLANNER = "a person who may write plans for the student"
_ASSIGNER = "a person who may hand out steps for the student"
_FOLLOWER = "a person who may follow up referrals of the student"
_TEAM = "a person of the school's attendance team, or the district's"
_KEEPER = "the person whose caseload the student is on"

_VISITING = "a person who may plan visits for the student"
_VISITOR = "a person who may record visits for the student"
_VISIT_ENDS = (("completed", "done"), ("attempted", "not_found"), ("declined", "declined"))


def _visit(before: str, verb: str, after: str, who: str, evidence: str, audit_event: str) -> Transition:
    return Transition("visit", before, verb, after, who, evidence, audit_event)


_VISITS: tuple[Transition, ...] = (
    _visit(NOTHING, "propose_visit", "proposed", _VISITING, "a reason", "visit.proposed"),
    _visit(
        NOTHING, "propose_after_calls", "proposed", _CALLER, "the fourth call in a row reached nobody", "visit.proposed"
    ),
    *(
        _visit(before, "schedule_visit", "scheduled", _VISITING, "a pair, a time, an expected end", "visit.scheduled")
        for before in (NOTHING, "proposed", "scheduled")
    ),
    *(
        _visit(before, f"record_{outcome}", after, _VISITOR, "the day and what came of it", "visit.recorded")
        for before in (NOTHING, "proposed", "scheduled")
        for outcome, after in _VISIT_ENDS
    ),
    _visit("done", "promise", "follow_up", _VISITOR, "something was promised at the visit", "visit.recorded"),
    _visit("follow_up", "keep_promise", "done", _VISITOR, "what was promised was done", "visit.promise_kept"),
    _visit("scheduled", "check_out", "scheduled", _VISITOR, "the visitors are out of the house", "visit.checked_out"),
    *(
        _visit(before, "withdraw_visit", "withdrawn", _VISITING, "it will not be made", "visit.withdrawn")
        for before in ("proposed", "scheduled")
    ),
    _visit(
        "proposed",
        "undo_contact",
        "withdrawn",
        _AUTHOR,
        "that call is taken back",
        "contact.undone",
    ),
    *(
        _visit(before, "undo_visit", "what it was before", _AUTHOR, "none", "visit.undone")
        for before in ("done", "not_found", "declined", "follow_up")
    ),
)

_IN_HOUSE = ("held", "verified", "approved", "produced")


def _letter(before: str, verb: str, after: str, who: str, evidence: str, audit_event: str) -> Transition:
    return Transition("letter", before, verb, after, who, evidence, audit_event)


_SENDER = "a person who may send letters for the student"
_LETTERS: tuple[Transition, ...] = (
    _letter(NOTHING, "verify", "verified", _SENDER, "the reason stands in the record shown", "letters.verified"),
    _letter(NOTHING, "hold", "held", _SENDER, "a name in the words is unknown or not allowed", "letters.verified"),
    _letter("held", "verify", "verified", _SENDER, "what was missing is there", "letters.verified"),
    _letter("held", "hold", "held", _SENDER, "something is still missing", "letters.verified"),
    _letter("verified", "approve", "approved", f"{_SENDER}, not the one who verified", "the words", "letters.approved"),
    _letter("approved", "produce", "produced", _SENDER, "one print file a language", "letters.produced"),
    _letter("produced", "mail", "mailed", _SENDER, "the day it left, and how", "letters.mailed"),
    _letter("mailed", "undo_mailing", "produced", _AUTHOR, "it has not left", "letters.unmailed"),
    _letter("mailed", "return", "returned", _SENDER, "the day it came back", "letter.returned"),
    *(
        _letter(state, "pull_back", "pulled_back", _SENDER, "a reason in words", "letters.pulled_back")
        for state in _IN_HOUSE
    ),
    *(
        _letter(state, "withdraw", "withdrawn", _NIGHT, f"{_STANDS} no longer bears it out", "letters.withdrawn")
        for state in _IN_HOUSE
    ),
    _step("open", "mail_letter", "done", _SENDER, "the letter it promises was mailed", "letters.mailed"),
    _step("done", "undo_mailing", "open", _AUTHOR, "the letter has not left", "letters.unmailed"),
)

_HEAD = "the school's principal, or a person of the district's attendance team"


def _promise(before: str, verb: str, after: str, who: str, evidence: str, audit_event: str) -> Transition:
    return Transition("school promise", before, verb, after, who, evidence, audit_event)


_PROMISES: tuple[Transition, ...] = (
    _promise(
        NOTHING,
        "record_promise",
        "recorded",
        _HEAD,
        "since when, where it is written, and whom it names",
        "promise.recorded",
    ),
    _promise("recorded", "correct_promise", "recorded", _HEAD, "nobody corrected it meanwhile", "promise.corrected"),
    _promise("recorded", "end_promise", "ended", _HEAD, "its last day, and why", "promise.ended"),
    _promise("recorded", "withdraw_promise", "withdrawn", _HEAD, "why it was a mistake", "promise.withdrawn"),
    _promise("recorded", "undo_promise", "withdrawn", _AUTHOR, "nobody corrected it meanwhile", "promise.undone"),
    *(
        _promise(before, "undo_promise", "recorded", _AUTHOR, "no other record of it began", "promise.undone")
        for before in ("ended", "withdrawn")
    ),
)

TRANSITIONS: tuple[Transition, ...] = (
    _step(NOTHING, "open", "open", _NIGHT, f"{_STANDS} shows that a level was reached", "steps.night"),
    _step(NOTHING, "take_up", "open", _WORKER, "it is promised if needed, and the level is reached", "step.taken_up"),
    _step("open", "close", "done", _WORKER, "the evidence the step names", "step.done"),
    _step("open", "verify", "done", _WORKER, "the days were compared with the record shown", "step.verified"),
    _step("open", "log_contact", "done", _WORKER, "a contact that was reached", "contact.logged"),
    _step("open", "answer", "done", _NIGHT, "a mentor, or an agreed plan, that the student has", "step.answered"),
    _step("done", "undo_contact", "open", _AUTHOR, "the contact is taken back", "contact.undone"),
    _step("open", "pass_on", "open", _CALLER, "the third call in a row reached nobody", "step.passed"),
    _step("open", "undo_contact", "open", _AUTHOR, "that call is taken back", "contact.undone"),
    _step("open", "exempt", "exempt", _WORKER, "a reason in words", "step.exempt"),
    _step("open", "hand_back", "open", _NIGHT, "who was named sees the student no more", "step.handed_back"),
    _step("open", "reassign", "open", _WORKER, "the person named may see the student", "step.assigned"),
    _step("open", "escalate", "open", _NIGHT, "overdue by the protocol's school days", "steps.escalated"),
    _step(
        "open",
        "withdraw",
        "withdrawn",
        _NIGHT,
        f"{_STANDS} no longer shows the level, or the student left",
        "steps.night",
    ),
    _step("open", "end_year", "withdrawn", _NIGHT, "the school year ended", "steps.year_ended"),
    _step("open", "join", "withdrawn", _NIGHT, "it stands under the id the student has now", "student.joined"),
    Transition("contact", NOTHING, "log_contact", "logged", _WORKER, "a result", "contact.logged"),
    Transition(
        "contact", NOTHING, "share_contact", "logged", _WORKER, "a sibling's contact that was reached", "contact.shared"
    ),
    Transition("contact", "logged", "undo_contact", "taken back", _AUTHOR, "none", "contact.undone"),
    Transition("crossing", NOTHING, "open", "live", _NIGHT, f"{_STANDS} shows that a level was reached", "steps.night"),
    Transition(
        "crossing",
        "live",
        "withdraw",
        "withdrawn",
        _NIGHT,
        f"{_STANDS} no longer shows it, or the student left",
        "steps.night",
    ),
    Transition("case", NOTHING, "open", "open", _NIGHT, "a first level with promised steps", "steps.night"),
    Transition(
        "case", "open", "withdraw", "closed", _NIGHT, "no level is reached any more, or the student left", "steps.night"
    ),
    Transition("case", "open", "end_year", "closed", _NIGHT, "the school year ended", "steps.year_ended"),
    Transition(
        "case", "closed", "open", "open", _NIGHT, "a level is reached again, or the student is back", "steps.night"
    ),
    *_VISITS,
    Transition("meeting", NOTHING, "start", "open", _TEAM, "no other meeting of the team is open", "meeting.started"),
    Transition("meeting", "open", "end", "ended", _TEAM, "who was there", "meeting.ended"),
    Transition("decision", NOTHING, "decide", "open", _TEAM, "who does it, and by when", "decision.made"),
    Transition("decision", NOTHING, "note", "noted", _TEAM, "to close, a reason in words", "decision.noted"),
    Transition(
        "decision", "open", "finish", "done", _WORKER, "the day it was done, and what came of it", "decision.done"
    ),
    Transition("decision", "open", "take_back", "taken back", _AUTHOR, "none", "decision.undone"),
    Transition("decision", "noted", "take_back", "taken back", _AUTHOR, "none", "decision.undone"),
    Transition("decision", "open", "withdraw", "withdrawn", _NIGHT, "the student left", "decision.withdrawn"),
    Transition(
        "decision", "withdrawn", "open_again", "open", _NIGHT, "the student is back that year", "decision.opened_again"
    ),
    Transition(
        "decision", "open", "hand_on", "open", _NIGHT, "who was named sees the student no more", "decision.handed_on"
    ),
    Transition(
        "decision", "open", "give_back", "open", _NIGHT, "who was named sees the student again", "decision.given_back"
    ),
    Transition(
        "decision", "open", "assign", "open", _ASSIGNER, "the person named may see the student", "decision.assigned"
    ),
    Transition("referral", NOTHING, "refer", "open", _TEAM, "to whom, who asks, and by when", "referral.made"),
    Transition("referral", "open", "accept", "accepted", _WORKER, "who accepted, and which day", "referral.accepted"),
    Transition("referral", "open", "decline", "declined", _WORKER, "who declined, and why", "referral.declined"),
    Transition("referral", "open", "take_back", "taken back", _AUTHOR, "none", "referral.undone"),
    Transition("referral", "accepted", "update", "accepted", _FOLLOWER, "who told it there, and when", "referral.told"),
    Transition("referral", "accepted", "end", "closed", _FOLLOWER, "what came of it, in words", "referral.ended"),
    Transition("referral", "accepted", "undo_update", "accepted", _AUTHOR, "none", "referral.untold"),
    Transition("referral", "closed", "undo_update", "closed", _AUTHOR, "none", "referral.untold"),
    Transition("referral", "closed", "undo_end", "accepted", _AUTHOR, "none", "referral.opened_again"),
    Transition("hand-over", NOTHING, "offer", "offered", _KEEPER, "a reason to the receiver", "hand_over.offered"),
    Transition("hand-over", "offered", "accept", "accepted", "the receiver alone", "none", "hand_over.accepted"),
    Transition(
        "hand-over", "offered", "decline", "declined", "the receiver alone", "a reason in words", "hand_over.declined"
    ),
    Transition("hand-over", "offered", "withdraw", "withdrawn", "the giver", "none", "hand_over.withdrawn"),
    Transition("plan", NOTHING, "start", "draft", _PLANNER, "how the student stands today", "plan.started"),
    Transition("plan", "draft", "save", "draft", _PLANNER, "nobody saved it meanwhile", "plan.saved"),
    Transition("plan", "draft", "agree", "agreed", _PLANNER, "a signature, a witness or a scan", "plan.agreed"),
    Transition("plan", "draft", "discard", "ended", _PLANNER, "why, in words", "plan.discarded"),
    Transition("plan", "agreed", "review", "under review", _PLANNER, "what was found", "plan.reviewed"),
    Transition("plan", "under review", "review", "under review", _PLANNER, "what was found", "plan.reviewed"),
    *(
        Transition("plan", state, verb, after, _PLANNER, evidence, event)
        for state in ("agreed", "under review")
        for verb, after, evidence, event in (
            ("change", state, "nobody saved it meanwhile; what was agreed stays as it is", "plan.changed"),
            ("agree_again", "agreed", "a signature, a witness or a scan of the change", "plan.agreed_again"),
        )
    ),
    Transition("plan", "agreed", "end", "ended", _PLANNER, "what came of it, and why", "plan.ended"),
    Transition("plan", "under review", "end", "ended", _PLANNER, "what came of it, and why", "plan.ended"),
    *_LETTERS,
    Transition("mentor", NOTHING, "add_mentor", "on the roster", _MATCHER, "the person signs in", "mentor.added"),
    Transition("mentor", "on the roster", "edit_mentor", "on the roster", _MATCHER, "whom they fit", "mentor.edited"),
    Transition(
        "mentor", "on the roster", "remove_mentor", "off the roster", _MATCHER, "a reason in words", "mentor.removed"
    ),
    Transition(
        "mentor", "off the roster", "add_mentor", "on the roster", _MATCHER, "the person signs in", "mentor.added"
    ),
    Transition("match", NOTHING, "match_mentor", "matched", _MATCHER, "grade and load fit", "mentor.matched"),
    Transition("match", "matched", "end_match", "ended", _MATCHER, "a reason from the list", "mentor.match_ended"),
    Transition(
        "match", "matched", "leave_match", "ended", _NIGHT, "the student left the mentor's school", "mentor.match_ended"
    ),
    Transition("check-in", NOTHING, "check_in", "logged", "the student's mentor", "how it went", "mentor.checked_in"),
    Transition(
        "check-in", "logged", "undo_check_in", "taken back", "its mentor, within ten minutes", "none", "mentor.undone"
    ),
    Transition("worry", NOTHING, "send_worry", "open", "the student's mentor", "the worry in words", "mentor.worried"),
    Transition("worry", "open", "take_worry", "taken up", _MATCHER, "what is done about it", "mentor.worry_taken"),
    *_PROMISES,
)

_BY_ACT = {(row.thing, row.before, row.verb): row for row in TRANSITIONS}


def find_transition(thing: str, before: str, verb: str) -> Transition:
    """The row that allows `verb` on a thing in state `before`; CaseworkError when no row does."""
    row = _BY_ACT.get((thing, before, verb))
    if row is None:
        raise CaseworkError(f"A {thing} that is {before or 'not there'} cannot be changed by '{verb}'.")
    return row


def audit_event(thing: str, verb: str) -> str:
    """The one audit action a verb writes on a thing, whatever state it met."""
    (event,) = {row.audit_event for row in TRANSITIONS if row.thing == thing and row.verb == verb}
    return event
