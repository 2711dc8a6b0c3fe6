import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("casework", "0006_meetings"), ("roster", "0001_initial")]

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
    ]
