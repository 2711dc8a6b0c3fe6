"""Django's ``migrate``, each step whole: new tables and the note that they are made stand in one transaction.

Django writes the note of some steps after their commit. Stopped between the two, the same command would make the tables
a second time, and fail from then on.
"""

from typing import Any

from django.core.management.commands import migrate
from django.db import transaction
from django.db.migrations.executor import MigrationExecutor


class WholeExecutor(MigrationExecutor):
    """Runs a migration and notes it at once."""

    def apply_migration(self, state: Any, migration: Any, *arguments: Any, **named: Any) -> Any:
        """The state after a migration; SQLite takes its constraints off only outside of a transaction."""
        if not migration.atomic:
            return super().apply_migration(state, migration, *arguments, **named)
        with self.connection.constraint_checks_disabled(), transaction.atomic(using=self.connection.alias):
            return super().apply_migration(state, migration, *arguments, **named)


class Command(migrate.Command):
    """Bring the records' tables to the newest shape."""

    def handle(self, *arguments: Any, **options: Any) -> None:
        """As Django's, with the executor above in the place of its own."""
        module: Any = migrate
        before, module.MigrationExecutor = module.MigrationExecutor, WholeExecutor
        try:
            super().handle(*arguments, **options)
        finally:
            module.MigrationExecutor = before
