"""The Django application of the pages."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebConfig(AppConfig):
    """Pages only: this application has no models."""

    name = "allpresent.web"
    label = "web"
    verbose_name = _("Pages")
