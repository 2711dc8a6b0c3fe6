"""Ed-Fi, data standard 3.3 to 5: pulled from an ODS API as files, and read from such files or bulk XML.

It knows Ed-Fi's resources by name and writes nothing back to an API. Pulling is in ``api``, apart: only who pulls waits
for an HTTP client to be loaded.
"""

from allpresent.intake.sources.edfi.declaration import DECLARATION
from allpresent.intake.sources.edfi.reader import read

__all__ = ["DECLARATION", "read"]
