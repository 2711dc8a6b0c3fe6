"""Contacts of students: a person (a parent, until standard 4), and a link for each student of that person.

A person who lives with the student and tells no address of their own has the student's.
"""

from allpresent.intake.findings import ERROR
from allpresent.intake.sources.edfi.words import parts_of
from allpresent.intake.workspace import Workspace

# A restriction is words ("not after 4 pm", "court order"): whoever calls has to read them first, so nobody may yet.
_MAY_CONTACT = """
    CASE WHEN l.restrictions IS NOT NULL THEN 0 ELSE greatest(l.legal_guardian, l.lives_with) END
"""
# A student may be told of by several organisations: the first of them with an address.
_STUDENT_HOMES = """
    CREATE TEMP TABLE student_homes AS
    SELECT student_id, max(address_protected) AS address_protected,
           min_by(coalesce(home, physical, mailing), (file_id, line_no))
               FILTER (coalesce(home, physical, mailing) IS NOT NULL) AS address
    FROM t_studentEducationOrganizationAssociations WHERE NOT is_bad GROUP BY student_id
"""
_CONTACTS = f"""
    CREATE TABLE c_contacts AS
    WITH reached AS (
        SELECT *, {parts_of("phones")} AS telephones, {parts_of("emails")} AS mails FROM persons
    ), points AS (
        SELECT *, unnest(range(1, greatest(len(telephones), len(mails), 1) + 1)) AS place FROM reached
    )
    SELECT l.file_id, l.line_no, l.person AS contact_id, l.student_id, p.full_name, l.relationship, l.priority,
           p.telephones[p.place] AS phone, p.mails[p.place] AS email, l.is_emergency, p.language,
           l.legal_guardian AS has_custody, l.lives_with, CAST({_MAY_CONTACT} AS TINYINT) AS may_contact,
           coalesce(p.home, p.physical, p.mailing, h.address) AS address,
           greatest(p.address_protected, h.address_protected) AS address_protected
    FROM links l JOIN points p USING (person)
    LEFT JOIN student_homes h ON l.lives_with = 1 AND h.student_id = l.student_id
"""


def make_contacts(workspace: Workspace) -> None:
    """``c_contacts``: one row a person, student and way to reach the person."""
    people = " UNION ALL ".join(
        "SELECT file_id, line_no, person, nullif(concat_ws(' ', first_name, middle_name, last_name), '') AS full_name,"
        " phones, emails, language, home, physical, mailing, address_protected"
        f" FROM t_{name} WHERE NOT is_bad"
        for name in ("contacts", "parents")
    )
    workspace.run(
        f"CREATE TEMP TABLE persons AS SELECT * FROM ({people})"
        " QUALIFY row_number() OVER (PARTITION BY person ORDER BY file_id, line_no) = 1"
    )
    links = " UNION ALL ".join(
        f"SELECT * FROM t_{name} WHERE NOT is_bad"
        for name in ("studentContactAssociations", "studentParentAssociations")
    )
    workspace.run(f"CREATE TEMP TABLE links AS {links}")
    workspace.log.add_rows(
        "SELECT file_id, line_no, person AS value FROM links WHERE person NOT IN (SELECT person FROM persons)",
        "K03",
        ERROR,
        "person",
        "The contact {value} is not delivered, so nobody knows who it is; deliver contacts (or parents) too.",
    )
    workspace.run(_STUDENT_HOMES)
    workspace.run(_CONTACTS)
