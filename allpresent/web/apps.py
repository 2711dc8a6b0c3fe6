"""The Django application of the pages."""

from django.apps import AppConfig
from django.urls import register_converter
from django.utils.translation import gettext_lazy as _

from allpresent.web.addresses import SystemId


class WebConfig(AppConfig):
    """Pages only: this application has no models."""

    name = "allpresent.web"
    label = "web"
    verbose_name = _("Pages")

    def ready(self) -> None:
        """Let addresses hold ids of other systems."""
        register_converter(SystemId, "sis")
