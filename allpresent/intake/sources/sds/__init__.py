"""Microsoft School Data Sync 2.1: rosters with roles, relationships and flags of people."""

from allpresent.intake.sources.sds.declaration import DECLARATION
from allpresent.intake.sources.sds.reader import read

__all__ = ["DECLARATION", "read"]
