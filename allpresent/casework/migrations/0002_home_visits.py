import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("casework", "0001_initial"),
        ("roster", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="HomeVisit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("proposed", "Proposed"),
                            ("scheduled", "Scheduled"),
                            ("done", "Done"),
                            ("not_found", "Nobody met"),
                            ("declined", "Declined"),
                            ("follow_up", "Promise to keep"),
                            ("withdrawn", "Taken back"),
                        ],
                        max_length=12,
                    ),
                ),
                ("proposed_at", models.DateTimeField()),
                (
                    "reason",
                    models.CharField(
                        choices=[("designated", "Designated by the school attendance team"), ("other", "Other")],
                        max_length=12,
                    ),
                ),
                ("reason_words", models.CharField(blank=True, max_length=500)),
                (
                    "mode",
                    models.CharField(
                        choices=[("in_person", "In person"), ("virtual", "Virtual")], default="in_person", max_length=12
                    ),
                ),
                ("starts_at", models.DateTimeField(blank=True, null=True)),
                ("ends_at", models.DateTimeField(blank=True, null=True)),
                ("checked_out_at", models.DateTimeField(blank=True, null=True)),
                ("on", models.DateField(blank=True, null=True)),
                ("was_scheduled", models.BooleanField(blank=True, null=True)),
                ("number", models.PositiveSmallIntegerField(blank=True, null=True)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("completed", "Completed"),
                            ("attempted", "Attempted, nobody met"),
                            ("declined", "Declined by the family"),
                        ],
                        max_length=12,
                    ),
                ),
                ("met", models.CharField(blank=True, max_length=200)),
                ("language", models.CharField(blank=True, max_length=12)),
                ("promised", models.CharField(blank=True, max_length=500)),
                ("promised_on", models.DateField(blank=True, null=True)),
                ("recorded_at", models.DateTimeField(blank=True, null=True)),
                (
                    "state_before",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("proposed", "Proposed"),
                            ("scheduled", "Scheduled"),
                            ("done", "Done"),
                            ("not_found", "Nobody met"),
                            ("declined", "Declined"),
                            ("follow_up", "Promise to keep"),
                            ("withdrawn", "Taken back"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "co_visitor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="co_visits",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="proposed_visits",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="recorded_visits",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "school",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="home_visits",
                        to="roster.school",
                    ),
                ),
                (
                    "student",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="home_visits", to="roster.student"
                    ),
                ),
                (
                    "visitor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="visits",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="VisitCause",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("cause", models.CharField(db_index=True, max_length=60)),
                ("family", models.CharField(max_length=60)),
                (
                    "visit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="causes", to="casework.homevisit"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="VisitFieldNote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("text", models.TextField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="visit_field_notes",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "visit",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="field_note", to="casework.homevisit"
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="homevisit",
            index=models.Index(fields=["student", "-on"], name="visit_student_on"),
        ),
        migrations.AddIndex(
            model_name="homevisit",
            index=models.Index(fields=["school", "state"], name="visit_school_state"),
        ),
        migrations.AddConstraint(
            model_name="homevisit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("reason", "other"), _negated=True),
                    models.Q(("reason_words", ""), _negated=True),
                    _connector="OR",
                ),
                name="another_reason_for_a_visit_is_explained",
            ),
        ),
        migrations.AddConstraint(
            model_name="visitcause",
            constraint=models.UniqueConstraint(fields=("visit", "cause"), name="a_cause_once_a_visit"),
        ),
    ]
