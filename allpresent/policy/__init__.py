"""What a state or a district has decided, as dated data: settings, state rules, causes and protocol files.

It never knows a student, a day's attendance or a piece of work; it computes nothing but dates in force.
Every room may call it.
"""

from allpresent.policy.causes import Cause, CauseFamily, load_causes
from allpresent.policy.district import District, load_district
from allpresent.policy.load import read_policy
from allpresent.policy.section import PolicyError, Section
from allpresent.policy.state import StatePack, load_state_pack

__all__ = [
    "Cause",
    "CauseFamily",
    "District",
    "PolicyError",
    "Section",
    "StatePack",
    "load_causes",
    "load_district",
    "load_state_pack",
    "read_policy",
]
