import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("casework", "0005_letters"),
        ("roster", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CaseloadLimit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("most", models.PositiveSmallIntegerField()),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="caseload_limit",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Meeting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("school_year", models.PositiveSmallIntegerField()),
                ("on", models.DateField()),
                (
                    "state",
                    models.CharField(choices=[("open", "Open"), ("ended", "Ended")], default="open", max_length=8),
                ),
                ("started_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("left_out", models.PositiveIntegerField(default=0)),
                (
                    "school",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="meetings",
                        to="roster.school",
                    ),
                ),
                (
                    "started_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="MeetingItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("place", models.PositiveIntegerField()),
                ("level", models.CharField(max_length=12)),
                ("reasons", models.CharField(max_length=80)),
                ("discussed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="items", to="casework.meeting"
                    ),
                ),
                (
                    "student",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="meeting_items", to="roster.student"
                    ),
                ),
            ],
            options={
                "ordering": ["place", "pk"],
            },
        ),
        migrations.CreateModel(
            name="MeetingDecision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("call_again", "Call again"),
                            ("visit", "Visit the home"),
                            ("plan", "Make a success plan"),
                            ("mentor", "Find a success mentor"),
                            ("refer", "Refer to a partner"),
                            ("go_on", "Go on as promised"),
                            ("set_aside", "Close with a reason"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "Open"), ("done", "Done"), ("noted", "Noted"), ("taken_back", "Taken back")],
                        default="open",
                        max_length=12,
                    ),
                ),
                ("words", models.TextField(blank=True)),
                ("due_on", models.DateField(blank=True, null=True)),
                ("decided_on", models.DateField()),
                ("decided_at", models.DateTimeField()),
                ("ended_on", models.DateField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("outcome", models.TextField(blank=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions_owned",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "student",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="meeting_decisions",
                        to="roster.student",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="decisions", to="casework.meetingitem"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="MeetingMember",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200)),
                (
                    "part",
                    models.CharField(
                        choices=[
                            ("administrator", "administrator"),
                            ("counselor", "guidance or school counselor"),
                            ("social_worker", "social worker"),
                            ("teacher", "teacher"),
                            ("family", "student or parent"),
                            ("community", "community program"),
                            ("other", "other"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="members", to="casework.meeting"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="HandOver",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("offered", "Offered"),
                            ("accepted", "Accepted"),
                            ("declined", "Declined"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="offered",
                        max_length=10,
                    ),
                ),
                ("reason", models.TextField()),
                ("answer", models.TextField(blank=True)),
                ("offered_at", models.DateTimeField()),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                (
                    "giver",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="hand_overs_given",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "receiver",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="hand_overs_received",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "student",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="hand_overs", to="roster.student"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["receiver", "state"], name="hand_over_receiver")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "offered")),
                        fields=("student", "giver"),
                        name="one_offer_a_student_and_giver",
                    )
                ],
            },
        ),
        migrations.AddIndex(
            model_name="meeting",
            index=models.Index(fields=["school_year", "school", "on"], name="meeting_year_school"),
        ),
        migrations.AddConstraint(
            model_name="meeting",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "open")), fields=("school",), name="one_open_meeting_a_school"
            ),
        ),
        migrations.AddConstraint(
            model_name="meeting",
            constraint=models.UniqueConstraint(
                condition=models.Q(("school__isnull", True), ("state", "open")),
                fields=("state",),
                name="one_open_meeting_of_the_district",
            ),
        ),
        migrations.AddConstraint(
            model_name="meetingitem",
            constraint=models.UniqueConstraint(fields=("meeting", "student"), name="a_student_once_a_meeting"),
        ),
        migrations.AddIndex(
            model_name="meetingdecision",
            index=models.Index(fields=["state", "due_on"], name="decision_state_due"),
        ),
        migrations.AddIndex(
            model_name="meetingdecision",
            index=models.Index(fields=["student", "decided_at"], name="decision_student_at"),
        ),
        migrations.AddConstraint(
            model_name="meetingmember",
            constraint=models.UniqueConstraint(fields=("meeting", "name"), name="a_member_once_a_meeting"),
        ),
    ]
