"""The fall's meetings: an agenda, one child at a time, decisions with an owner and a day, people, and what was done."""

from datetime import date, datetime, timedelta

from allpresent.access.models import User
from allpresent.casework.contacts import ContactForm, log_contact
from allpresent.casework.decision_form import DecisionForm
from allpresent.casework.meetings import decide, end_meeting, finish_decision, start_meeting
from allpresent.casework.models import MeetingDecision
from allpresent.casework.models.contacts import Mode, NextAct, Result
from allpresent.casework.models.meetings import DecisionKind, DecisionState, Part
from allpresent.casework.queries.meetings import AGENDA_MAX, last_meeting_at, make_agenda
from allpresent.casework.referrals import Answer, answer_referral
from allpresent.policy.services import OTHER, load_services

from .setting import Setting, Team

DISCUSSED = 10
KINDS = (
    DecisionKind.CALL_AGAIN,
    DecisionKind.VISIT,
    DecisionKind.PLAN,
    DecisionKind.GO_ON,
    DecisionKind.REFER,
    DecisionKind.MENTOR,
    DecisionKind.SET_ASIDE,
    DecisionKind.REFER,
    DecisionKind.GO_ON,
)
WORDS = {
    DecisionKind.CALL_AGAIN: "in the evening, the mother works days",
    DecisionKind.VISIT: "with somebody who speaks the family's language",
    DecisionKind.PLAN: "with the family, in the second half of the month",
    DecisionKind.MENTOR: "somebody from the music room",
    DecisionKind.GO_ON: "",
    DecisionKind.SET_ASIDE: "Was in hospital and is back every day; nothing more to do now.",
}
CAME_OF_IT = {
    DecisionKind.VISIT: "agreed with the family, it stands on the visits board",
    DecisionKind.PLAN: "begun with the mother and the child",
    DecisionKind.MENTOR: "asked the band teacher, who said yes",
}
# To whom the teams refer, and who answers there.
SERVICES = [one for one in load_services("new_haven") if not one.needs_legal_basis and one != OTHER][:4]
THERE = ("Bettina Marchetti", "Cyrus Oyelaran", "Delfina Aguirre")
MEMBERS = (
    ("Winifred Castellano", Part.COUNSELOR),
    ("Tobias Renner", Part.SOCIAL_WORKER),
    ("Amara Dunleavy", Part.TEACHER),
    ("Paz Villareal", Part.COMMUNITY),
)


def hold_meeting(setting: Setting, team: Team, day: date) -> int:
    """One meeting from its agenda to its end. Returns how many students were spoken of."""
    at = setting.at(day, 14)
    since = last_meeting_at(team.school_id)
    silent_since = setting.days[0] - timedelta(days=14)
    lines = make_agenda(team.lead, day, team.school_id, since, silent_since)
    if not lines:
        return 0
    year = setting.facts.school_year(day)
    left_out = max(0, len(lines) - AGENDA_MAX)
    meeting = start_meeting(team.lead, team.school_id, lines[:AGENDA_MAX], left_out, year, setting.key(), at)
    spoken = list(meeting.items.all()[:DISCUSSED])
    for number, item in enumerate(spoken):
        moment = at + timedelta(minutes=2 * number)
        decide(team.lead, item.pk, _decision(setting, team, day, number), setting.key(), moment)
    members = [(str(team.lead), Part.ADMINISTRATOR), *setting.chance.sample(MEMBERS, 3)]
    end_meeting(team.lead, meeting.pk, members, setting.key(), at + timedelta(minutes=40))
    return len(spoken)


def _decision(setting: Setting, team: Team, day: date, number: int) -> DecisionForm:
    kind = KINDS[number % len(KINDS)]
    if kind in (DecisionKind.GO_ON, DecisionKind.SET_ASIDE):
        return DecisionForm(kind, words=WORDS[kind])
    owner = team.lead if number % 2 else team.second
    service = setting.chance.choice(SERVICES) if kind == DecisionKind.REFER else None
    due_on = day + timedelta(days=setting.chance.choice((7, 7, 14)))
    return DecisionForm(kind, owner.pk, due_on, WORDS.get(kind, ""), service)


def do_what_was_decided(setting: Setting, percent: int) -> int:
    """A share of what meetings decided before these weeks is done by its owner. Returns how many."""
    before, done = setting.at(setting.days[0], 0), 0
    for team in setting.staff.teams:
        waiting = MeetingDecision.objects.filter(
            state=DecisionState.OPEN,
            decided_at__lt=before,
            item__meeting__school_id=team.school_id,
            student__in=setting.seen_by(team),
        )
        for decision in waiting.select_related("owner").order_by("pk"):
            if decision.owner is not None and setting.does(percent):
                day = setting.day(setting.chance.randrange(5))
                _do(setting, decision, decision.owner, setting.at(day, 17, 30))
                done += 1
    return done


def _answer(setting: Setting, decision: MeetingDecision, owner: User, at: datetime) -> None:
    """Most referrals are accepted, some declined, and some go without an answer."""
    state = setting.chance.choices(["accepted", "declined", ""], [55, 20, 25])[0]
    if state:
        why = "no place before the new year" if state == "declined" else ""
        answer = Answer(state, setting.chance.choice(THERE), at.date(), why)
        answer_referral(owner, decision.pk, answer, setting.key(), at)


def _do(setting: Setting, decision: MeetingDecision, owner: User, at: datetime) -> None:
    if decision.kind == DecisionKind.REFER:
        _answer(setting, decision, owner, at)
        return
    if decision.kind == DecisionKind.CALL_AGAIN:
        family = setting.family_of([decision.student_id]).get(decision.student_id)
        is_reached = setting.does(60)
        form = ContactForm(
            Mode.PHONE,
            Result.REACHED if is_reached else Result.NO_ANSWER,
            contact_id=family.contact_id if family else "",
            contact_name=family.full_name if family else "",
            phone=family.phone if family else "",
            next_act=NextAct.NONE if is_reached else NextAct.VISIT,
        )
        log_contact(owner, decision.student_id, form, setting.key(), at)
    outcome = CAME_OF_IT.get(DecisionKind(decision.kind), "")
    moment = at + timedelta(minutes=1)
    finish_decision(owner, decision.pk, at.date(), outcome, setting.key(), moment)
