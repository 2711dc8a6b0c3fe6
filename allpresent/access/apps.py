from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "allpresent.access"
    label = "access"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from allpresent.access import sessions, startup

        sessions.connect()
        startup.register()
