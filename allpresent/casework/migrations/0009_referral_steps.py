import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("casework", "0008_plan_changes"),
        ("roster", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Referral",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("service", models.CharField(max_length=60)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "No answer yet"),
                            ("accepted", "Accepted"),
                            ("declined", "Declined"),
                            ("taken_back", "Taken back"),
                        ],
                        default="open",
                        max_length=12,
                    ),
                ),
                ("answered_on", models.DateField(blank=True, null=True)),
                ("answered_by", models.CharField(blank=True, max_length=200)),
                ("why", models.TextField(blank=True)),
                ("recorded_at", models.DateTimeField(blank=True, null=True)),
                (
                    "decision",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="referral",
                        to="casework.meetingdecision",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "student",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="referrals", to="roster.student"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["state", "recorded_at"], name="referral_state"),
                    models.Index(fields=["student", "state"], name="referral_student"),
                ],
            },
        ),
    ]
