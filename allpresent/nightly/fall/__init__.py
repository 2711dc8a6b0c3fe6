"""An invented fall: what the people of the demonstration did between two nights, through the verbs people use.

Only the schools of the demonstration's own people live it; the others keep their promises in `demonstration.Work`.
"""

from .living import Living, students_in_hand

__all__ = ["Living", "students_in_hand"]
