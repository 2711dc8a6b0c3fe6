"""Triggers that keep audit entries as written: the database itself refuses to change or remove a row."""

from django.db.backends.base.base import BaseDatabaseWrapper

TABLE = "access_auditentry"
REFUSAL = "audit entries are added and never changed"

_BODY = f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$"
_REFUSE = "FOR EACH STATEMENT EXECUTE FUNCTION audit_refuses()"
_INSTALL = {
    "sqlite": [
        f"CREATE TRIGGER IF NOT EXISTS audit_keeps_{act.lower()} BEFORE {act} ON {TABLE} "
        f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        for act in ("UPDATE", "DELETE")
    ],
    "postgresql": [
        f"CREATE OR REPLACE FUNCTION audit_refuses() RETURNS trigger LANGUAGE plpgsql AS {_BODY}",
        f"CREATE OR REPLACE TRIGGER audit_keeps_rows BEFORE UPDATE OR DELETE OR TRUNCATE ON {TABLE} {_REFUSE}",
    ],
}
_REMOVE = {
    "sqlite": [f"DROP TRIGGER IF EXISTS audit_keeps_{act}" for act in ("update", "delete")],
    "postgresql": [f"DROP TRIGGER IF EXISTS audit_keeps_rows ON {TABLE}"],
}


def install(connection: BaseDatabaseWrapper) -> None:
    """Put the triggers on. Safe to repeat."""
    _run(connection, _INSTALL)


def remove(connection: BaseDatabaseWrapper) -> None:
    """Take the triggers off: for undoing the migration, and for emptying a test database between tests."""
    _run(connection, _REMOVE)


def _run(connection: BaseDatabaseWrapper, statements: dict[str, list[str]]) -> None:
    with connection.cursor() as cursor:
        for statement in statements[connection.vendor]:
            cursor.execute(statement)
