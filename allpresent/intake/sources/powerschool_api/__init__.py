"""PowerSchool over its REST interface: schema tables and PowerQueries as the files the source ``powerschool`` reads.

It only reads; what the interface could write is not spoken here.
"""

from allpresent.intake.sources.powerschool_api.pull import pull

__all__ = ["pull"]
