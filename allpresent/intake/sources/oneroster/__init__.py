"""OneRoster 1.1 and 1.2 bundles: bulk and delta, as a folder of files or one zip."""

from allpresent.intake.sources.oneroster.declaration import DECLARATION
from allpresent.intake.sources.oneroster.reader import read

__all__ = ["DECLARATION", "read"]
