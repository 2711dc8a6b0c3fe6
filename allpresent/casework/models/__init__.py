"""The records: cases and the levels they crossed, promised steps, contacts with the family, notes, and nightly runs."""

from .cases import Case, LevelCrossing
from .contacts import ContactAttempt, ContactCause, Note
from .runs import NightlyRun
from .steps import CaseStep, PromisedStep

__all__ = ["Case", "CaseStep", "ContactAttempt", "ContactCause", "LevelCrossing", "NightlyRun", "Note", "PromisedStep"]
