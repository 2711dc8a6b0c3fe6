"""How many faults are tried: a bounded share in `make test`, the design's full count in `make test-long`."""

import os

IS_LONG = "ALLPRESENT_EXAMPLES" in os.environ
SEED = 20261104


def share(full: int, gate: int) -> int:
    """The full count in the long campaign, the gate's share of it otherwise."""
    return full if IS_LONG else gate
