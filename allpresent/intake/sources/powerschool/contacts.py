"""PowerSchool's Student Contacts: one person takes several rows, joined by the person's identifier.

The person's own row has the name; telephones, e-mails and addresses stand there and on further rows; each child has a
row of its own, with custody and lives-with. A canonical row is one person, student and row with a telephone or e-mail;
each says the person's first address in the order of priority.
"""

from allpresent.intake.findings import WARNING
from allpresent.intake.workspace import LEFT_OUT, MERGED, Workspace

_PEOPLE = """
    CREATE TEMP TABLE persons AS
    SELECT person, any_value(contact_id) AS contact_id,
           nullif(concat_ws(' ', any_value(first_name), any_value(middle_name), any_value(last_name)), '') AS full_name,
           any_value(language) AS language,
           min_by(address, (coalesce(address_order, 999), file_id, line_no)) FILTER (address IS NOT NULL) AS address,
           max(address_protected) AS address_protected
    FROM t_contacts WHERE NOT is_bad GROUP BY person
"""
# Custody and lives-with say who may be called; a blank is not yes, and all blank is unknown.
_MAY_CONTACT = """
    CASE WHEN greatest(legal_guardian, has_custody, lives_with) = 1 THEN 1
         WHEN greatest(legal_guardian, has_custody, lives_with) = 0 THEN 0 END
"""
_CONTACTS = f"""
    CREATE TABLE c_contacts AS
    WITH rows AS (SELECT * FROM t_contacts WHERE NOT is_bad AND person NOT IN (SELECT person FROM inactive)),
    links AS (SELECT *, CAST({_MAY_CONTACT} AS TINYINT) AS may_contact FROM rows
              WHERE student_id IN (SELECT student_id FROM c_students)),
    points AS (SELECT person, file_id, line_no, coalesce(phone_order, 999) AS place, phone, email FROM rows
               WHERE phone IS NOT NULL OR email IS NOT NULL),
    told AS (
        SELECT coalesce(t.file_id, l.file_id) AS file_id, coalesce(t.line_no, l.line_no) AS line_no,
               coalesce(l.person, t.person) AS person, l.student_id, l.relationship, l.priority, t.phone, t.email,
               l.is_emergency, l.has_custody, l.lives_with, l.may_contact
        FROM links l FULL JOIN points t USING (person)
    )
    SELECT CAST(t.file_id AS INTEGER) AS file_id, t.line_no, coalesce(p.contact_id, p.person) AS contact_id,
           t.student_id, p.full_name, t.relationship, t.priority, t.phone, t.email, t.is_emergency, p.language,
           t.has_custody, t.lives_with, t.may_contact, p.address, p.address_protected
    FROM told t JOIN persons p USING (person)
    QUALIFY row_number() OVER (PARTITION BY person, t.student_id, t.phone, t.email ORDER BY t.line_no) = 1
"""


def make_contacts(workspace: Workspace) -> None:
    """``c_contacts``; a person marked inactive is left out, rows that only complete a person are merged into it."""
    workspace.run(_PEOPLE)
    workspace.run("CREATE TEMP TABLE inactive AS SELECT DISTINCT person FROM t_contacts WHERE is_active = 0")
    workspace.run(_CONTACTS)
    elsewhere = (
        "SELECT file_id, line_no, student_id AS value FROM t_contacts WHERE NOT is_bad AND student_id IS NOT NULL"
        " AND student_id NOT IN (SELECT student_id FROM c_students)"
    )
    message = "The contact is linked to student {value}, who is not in this delivery; the link was left out."
    if workspace.log.add_rows(elsewhere, "K03", WARNING, "studentNumber", message):
        workspace.mark(LEFT_OUT, f"{elsewhere} AND phone IS NULL AND email IS NULL")
    of_nobody = "person IN (SELECT person FROM inactive)"
    workspace.mark(LEFT_OUT, f"SELECT file_id, line_no FROM t_contacts WHERE NOT is_bad AND {of_nobody}")
    workspace.mark(MERGED, f"SELECT file_id, line_no FROM t_contacts WHERE NOT is_bad AND NOT {of_nobody}")
