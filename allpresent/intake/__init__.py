"""Deliveries from a student information system: read, checked row by row, held or posted into the ledger.

It never guesses a value, never drops a row unseen and never asks what day it is; it knows no work on students.
``nightly``, ``cli`` and ``web`` may call it.
"""

from allpresent.intake.comparisons import published_figures
from allpresent.intake.delivery import Checked, check_delivery
from allpresent.intake.export import export_canonical, findings_csv
from allpresent.intake.keeping import (
    faults_of_current,
    faults_of_facts,
    forget_files,
    known_students,
    known_versions,
    only_posting,
    open_and_sealed,
    prune_versions,
    seal_kept_files,
)
from allpresent.intake.posting import (
    Posted,
    accept_held,
    delivery_record,
    list_deliveries,
    post_delivery,
    undo_delivery,
)
from allpresent.intake.pulls import faults_of_pulls, pull_source
from allpresent.intake.records import DeliveryRecord
from allpresent.intake.rules import IntakeError

__all__ = [
    "Checked",
    "DeliveryRecord",
    "IntakeError",
    "Posted",
    "accept_held",
    "check_delivery",
    "delivery_record",
    "export_canonical",
    "faults_of_current",
    "faults_of_facts",
    "faults_of_pulls",
    "findings_csv",
    "forget_files",
    "known_students",
    "known_versions",
    "list_deliveries",
    "only_posting",
    "open_and_sealed",
    "post_delivery",
    "prune_versions",
    "published_figures",
    "pull_source",
    "seal_kept_files",
    "undo_delivery",
]
