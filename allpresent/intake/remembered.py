"""What the deliveries before say of one that comes: the same files again, taken back, or overtaken."""

from allpresent.intake.records import POSTED, UNDONE, DeliveryRecord, Records
from allpresent.intake.rules import IntakeError


def known_record(records: Records, source: str, sha: str) -> DeliveryRecord | None:
    """The record of the same bytes from the same source that is not undone; a posted one before a held one."""
    same = [r for r in records.all() if r.content_sha == sha and r.source == source and r.outcome != UNDONE]
    return next((record for record in same if record.outcome == POSTED), same[0] if same else None)


def taken_back(records: Records, source: str, sha: str) -> list[str]:
    """Why the same files may not come back by themselves: a person took them back."""
    return [
        f"The same files were posted as {record.id} and taken back; accept them if they are right after all."
        for record in records.all()
        if record.content_sha == sha and record.source == source and record.outcome == UNDONE
    ][:1]


def refuse_overtaken(records: Records, record: DeliveryRecord) -> None:
    """A held delivery that a later one of its source has overtaken would bring older marks back."""
    for later in records.all():
        if later.outcome == POSTED and later.source == record.source and later.received_at > record.received_at:
            raise IntakeError(
                f"Delivery {record.id} is older than {later.id}, which is posted already; "
                "deliver its files again if they are right."
            )
