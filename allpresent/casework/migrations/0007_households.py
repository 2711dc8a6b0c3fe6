import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("casework", "0006_meetings"),
        ("roster", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="contactattempt",
            name="lead",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="also_about",
                to="casework.contactattempt",
            ),
        ),
        migrations.AddConstraint(
            model_name="contactattempt",
            constraint=models.UniqueConstraint(
                condition=models.Q(("undone_at", None)),
                fields=("lead", "student"),
                name="one_standing_row_a_call_and_sibling",
            ),
        ),
        migrations.AddField(
            model_name="casestep",
            name="passed_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="passed_steps",
                to="casework.contactattempt",
            ),
        ),
        migrations.AddField(
            model_name="casestep",
            name="passed_from",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="passed_steps",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="homevisit",
            name="proposed_after",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="proposed_visits",
                to="casework.contactattempt",
            ),
        ),
    ]
