"""PowerSchool's exports: students, schedules, marks and contacts resolved into canonical rows.

It knows PowerSchool's tables through the mapping's column names alone and keeps no key of PowerSchool's own.
Only the register of sources calls it.
"""

from allpresent.intake.sources.powerschool.declaration import DECLARATION
from allpresent.intake.sources.powerschool.reader import read

__all__ = ["DECLARATION", "read"]
