import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("casework", "0010_school_promises"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="referral",
            name="state",
            field=models.CharField(
                choices=[
                    ("open", "No answer yet"),
                    ("accepted", "Accepted"),
                    ("declined", "Declined"),
                    ("closed", "Ended"),
                    ("taken_back", "Taken back"),
                ],
                default="open",
                max_length=12,
            ),
        ),
        migrations.CreateModel(
            name="ReferralUpdate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("on", models.DateField()),
                (
                    "work",
                    models.CharField(
                        choices=[
                            ("waiting", "on the waiting list"),
                            ("not_reached", "could not reach the family"),
                            ("begun", "has begun"),
                            ("under_way", "under way"),
                            ("served", "finished"),
                            ("stopped", "ended early"),
                        ],
                        max_length=12,
                    ),
                ),
                ("said_by", models.CharField(max_length=200)),
                ("text", models.TextField(blank=True)),
                ("at", models.DateTimeField()),
                ("undone_at", models.DateTimeField(blank=True, null=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "referral",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="updates", to="casework.referral"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("undone_at", None), ("work__in", ("served", "stopped"))),
                        fields=("referral",),
                        name="a_referral_ends_once",
                    )
                ],
            },
        ),
    ]
