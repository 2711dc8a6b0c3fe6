"""What the night's work can be refused for, as a sentence to a person."""


class NightlyError(ValueError):
    """The work cannot be done now; the text says why and what to do."""


class UnderWayError(NightlyError):
    """Other work on the home is under way."""
