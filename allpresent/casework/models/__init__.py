"""The records: cases and the levels they crossed, promised steps, contacts with the family, notes, and nightly runs."""

from .cases import Case, LevelCrossing
from .contacts import ContactAttempt, ContactCause, Note
from .handover import CaseloadLimit, HandOver
from .home_visits import HomeVisit, VisitCause, VisitFieldNote
from .letters import Letter, LetterBatch
from .meetings import Meeting, MeetingDecision, MeetingItem, MeetingMember
from .mentors import CheckIn, Mentor, MentorMatch, MentorWorry
from .referrals import Referral, ReferralUpdate
from .runs import NightlyRun
from .school_promises import PromisePerson, SchoolPromise
from .steps import CaseStep, PromisedStep
from .success_plans import PastAgreement, PlanReview, PlanVersion, SuccessPlan

__all__ = [
    "Case",
    "CaseStep",
    "CaseloadLimit",
    "CheckIn",
    "ContactAttempt",
    "ContactCause",
    "HandOver",
    "HomeVisit",
    "Letter",
    "LetterBatch",
    "LevelCrossing",
    "Meeting",
    "MeetingDecision",
    "MeetingItem",
    "MeetingMember",
    "Mentor",
    "MentorMatch",
    "MentorWorry",
    "NightlyRun",
    "Note",
    "PastAgreement",
    "PlanReview",
    "PlanVersion",
    "PromisePerson",
    "PromisedStep",
    "Referral",
    "ReferralUpdate",
    "SchoolPromise",
    "SuccessPlan",
    "VisitCause",
    "VisitFieldNote",
]
