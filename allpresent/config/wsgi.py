"""The WSGI door: it stays shut while the settings would be unsafe to serve with."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "allpresent.config.settings")
application = get_wsgi_application()

from allpresent.access.startup import check_startup  # noqa: E402  (needs the settings above)

check_startup()
