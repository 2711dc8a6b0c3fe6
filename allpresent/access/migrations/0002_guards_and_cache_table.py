"""Audit entries the database keeps as written, and the table of the cache all workers share."""

from typing import Any

from django.core.management import call_command
from django.db import migrations

from allpresent.access import guards


def install(apps: Any, schema_editor: Any) -> None:
    guards.install(schema_editor.connection)
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


def remove(apps: Any, schema_editor: Any) -> None:
    guards.remove(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("access", "0001_initial")]
    operations = [migrations.RunPython(install, remove)]
