"""Every row of the records as one hash a table: what a restore has to give back."""

import hashlib

from django.apps import apps

# Changed by the restore itself, in ways its test says.
CHANGED = {"casework.NightlyRun"}


def hashes() -> dict[str, str]:
    """Hash of all rows by model, of what people wrote and of the roster they point at."""
    models = [model for model in apps.get_models() if model._meta.app_label in ("casework", "roster")]
    return {
        model._meta.label: hashlib.sha256(repr(list(model.objects.order_by("pk").values_list())).encode()).hexdigest()
        for model in models
        if model._meta.label not in CHANGED
    }
