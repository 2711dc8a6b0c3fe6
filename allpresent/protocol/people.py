"""The staff a school's own promise needs: how many, and what each of them is to have."""

from dataclasses import dataclass

from allpresent.protocol.errors import ProtocolError, check_one_of

# What a named person may be promised to have, each on a day: training for the work, pay for it.
HAVE = ("trained", "paid")


@dataclass(frozen=True)
class People:
    """At least `count` of the school's staff, named; each has everything in `have`."""

    count: int
    have: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.count < 1:
            raise ProtocolError("people.count has to be 1 or more; leave people out where nobody is to be named.")
        for name in self.have:
            check_one_of("people.have", name, HAVE)
