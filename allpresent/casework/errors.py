"""What can be refused: every text is one sentence to the person who can act on it, and is shown as it is."""


class CaseworkError(ValueError):
    """An act on a case that is not possible now; the text says why and what to do."""


class NotVisibleError(CaseworkError):
    """The person may not see this student, or there is no such record: a page answers both with the same 404."""


class AlreadyChangedError(CaseworkError):
    """Somebody else, or the night, changed the step first; the text says who and when."""


class EvidenceError(CaseworkError):
    """The step needs other evidence than was given."""


class LevelNotReachedError(CaseworkError):
    """The student stands below the level that promises this step."""
