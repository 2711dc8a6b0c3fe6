"""The formats the suite is run over: every source, and mappings that come with the program."""

from tests.intake.conformance import canonical_csv, edfi, mapped, oneroster, powerschool, sds
from tests.intake.conformance.shapes import Shape

SHAPES: dict[str, Shape] = {
    "csv": canonical_csv.SHAPE,
    "edfi": edfi.SHAPE,
    "oneroster": oneroster.SHAPE,
    "powerschool": powerschool.SHAPE,
    "sds": sds.SHAPE,
    **mapped.SHAPES,
}
