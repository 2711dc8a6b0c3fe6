"""Protected addresses dropped at the door: what must not be known is not stored, and how much was dropped is said.

A family is protected together: one row typed without the mark would lay open the home of all who live there.
"""

from allpresent.intake.workspace import Workspace

# Rows of a protected person, and of whoever may live with the same child; then every row of these people, and every
# row that gives the same place.
_KIN = """
    CREATE OR REPLACE TEMP TABLE kin AS
    WITH marked AS (
        SELECT * FROM c_contacts WHERE address_protected = 1 OR contact_id IN
            (SELECT contact_id FROM c_contacts WHERE address_protected = 1 AND contact_id IS NOT NULL)
    )
    SELECT * FROM marked UNION ALL SELECT * FROM c_contacts
    WHERE lives_with IS DISTINCT FROM 0 AND student_id IN (SELECT student_id FROM marked WHERE student_id IS NOT NULL)
"""
_SHUT = """
    (address_protected = 1
     OR contact_id IN (SELECT contact_id FROM kin WHERE contact_id IS NOT NULL)
     OR (student_id IN (SELECT student_id FROM kin WHERE student_id IS NOT NULL) AND lives_with IS DISTINCT FROM 0)
     OR lower(address) IN (SELECT lower(address) FROM kin WHERE address IS NOT NULL))
"""


def drop_protected(workspace: Workspace) -> None:
    """Empty the protected addresses of ``c_contacts`` and mark all their rows; how many is among what was decided."""
    if not workspace.count("SELECT count(*) FROM c_contacts WHERE address_protected = 1"):
        return
    workspace.run(_KIN)
    people = workspace.count(f"SELECT count(DISTINCT coalesce(contact_id, full_name)) FROM c_contacts WHERE {_SHUT}")
    lines = workspace.count(f"SELECT count(*) FROM c_contacts WHERE address IS NOT NULL AND {_SHUT}")
    workspace.run(f"UPDATE c_contacts SET address = NULL, address_protected = 1 WHERE {_SHUT}")
    workspace.decided.append(
        f"Protected addresses: people {people:,}, rows whose address was dropped before anything was stored {lines:,}."
    )
