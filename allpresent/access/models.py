"""Who may see whom, and who did."""

from datetime import date
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _


class AccessError(ValueError):
    """A sentence for the person who can put it right."""


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, email: str | None) -> "User":
        return self.get(email=(email or "").lower())

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A user who signs in by `email`; without a password the first one is set by a mailed link."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A user like any other: what a person may see comes from grants alone."""
        return self.create_user(email, password, **fields)


class User(AbstractUser):
    """A person who signs in. Disabled people keep their row: what they did stays told."""

    class Source(models.TextChoices):
        STAFF_FILE = "staff.csv"
        ADMINISTRATOR = "administrator"

    username = None  # type: ignore[assignment]
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    email = models.EmailField(_("e-mail"), unique=True)
    full_name = models.CharField(_("name"), max_length=200, blank=True)
    staff_id = models.CharField(max_length=64, blank=True, db_index=True)
    language = models.CharField(max_length=8, blank=True)
    source = models.CharField(max_length=16, choices=Source.choices, default=Source.ADMINISTRATOR)
    is_demo = models.BooleanField(default=False)  # an invented person of the demo: the only kind one click signs in
    session_version = models.PositiveIntegerField(default=0)  # raised to end every session at once

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = UserManager()  # type: ignore[assignment, misc]

    class Meta:
        ordering = ["full_name", "email"]

    def __str__(self) -> str:
        return self.full_name or self.email

    def get_full_name(self) -> str:
        return self.full_name or self.email

    def get_short_name(self) -> str:
        return self.get_full_name()

    def clean(self) -> None:
        self.email = self.email.lower()

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        # The password and the session version together: raising the version kills sessions, keeps the password.
        return salted_hmac(
            "allpresent.access.User", f"{self.password}:{self.session_version}", secret=secret, algorithm="sha256"
        ).hexdigest()


class GrantQuerySet(models.QuerySet["Grant"]):
    def in_force(self, on: date) -> "GrantQuerySet":
        """Grants that hold on the day `on`; the last day counts."""
        return self.filter(Q(starts_on__lte=on) & (Q(ends_on__isnull=True) | Q(ends_on__gte=on)))


class Grant(models.Model):
    """A dated relation of a user to a district, school, section or student, given by somebody."""

    class Kind(models.TextChoices):
        DISTRICT = "district"
        SCHOOL = "school"
        SECTION = "section"
        STUDENT = "student"

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="grants")
    relation = models.CharField(max_length=32)  # a key of roles.ROLES
    object_kind = models.CharField(max_length=16, choices=Kind.choices)
    object_id = models.CharField(max_length=64, blank=True)  # blank for the district
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)  # the last day it holds
    given_by = models.CharField(max_length=254, blank=True)
    source = models.CharField(max_length=64, blank=True)  # staff.csv, casework, ...
    objects = GrantQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["user", "relation"], name="grant_by_user"),
            models.Index(fields=["object_kind", "object_id"], name="grant_by_object"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(object_kind="district", object_id="") | (~Q(object_kind="district") & ~Q(object_id="")),
                name="grant_names_its_object",
            )
        ]


class AuditEntry(models.Model):
    """One act or one look, written in the transaction of the act. Rows are added and never changed."""

    at = models.DateTimeField()
    user = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")  # null: the nightly run
    action = models.CharField(max_length=64)
    student_id = models.CharField(max_length=64, blank=True)
    object_kind = models.CharField(max_length=32, blank=True)
    object_id = models.CharField(max_length=64, blank=True)
    detail = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name_plural = "audit entries"
        indexes = [
            models.Index(fields=["student_id", "at"], name="audit_by_student"),
            models.Index(fields=["user", "at"], name="audit_by_user"),
        ]


class FormKey(models.Model):
    """A one-time key of a form that was sent, and where its first sending led."""

    key = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=64)
    used_at = models.DateTimeField()
    result_url = models.CharField(max_length=500, blank=True)
