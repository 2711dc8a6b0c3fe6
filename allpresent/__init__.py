"""All Present: the open system school districts run to bring chronic absence down."""

__version__ = "0.1.0"
