"""What the night's work can be refused for, as a sentence to a person."""


class NightlyError(ValueError):
    """The work cannot be done now; the text says why and what to do."""
