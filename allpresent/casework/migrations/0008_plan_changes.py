from datetime import timedelta
from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def name_what_was_agreed(apps: Any, _schema_editor: Any) -> None:
    # Until now a plan was not rewritten after its agreement: its newest version is the one agreed to.
    plans = apps.get_model("casework", "SuccessPlan").objects
    plans.exclude(agreed_on=None).update(agreed_version=models.F("version"))


def date_the_worries(apps: Any, _schema_editor: Any) -> None:
    for worry in apps.get_model("casework", "MentorWorry").objects.all():
        worry.due_on = worry.at.date() + timedelta(days=2)
        worry.save(update_fields=["due_on"])


class Migration(migrations.Migration):
    dependencies = [
        ("casework", "0007_households"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="successplan",
            name="agreed_version",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="successplan",
            name="change",
            field=models.JSONField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="mentor",
            name="left_on",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="mentor",
            name="left_why",
            field=models.TextField(blank=True, default=""),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="mentorworry",
            name="due_on",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="mentorworry",
            name="owner",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="worries_owned",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.RunPython(date_the_worries, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="mentorworry",
            name="due_on",
            field=models.DateField(),
        ),
        migrations.AddField(
            model_name="letter",
            name="contact_id",
            field=models.CharField(blank=True, default="", max_length=64),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="letter",
            name="reason_key",
            field=models.CharField(blank=True, default="", max_length=40),
            preserve_default=False,
        ),
        migrations.RemoveConstraint(model_name="letter", name="one_letter_of_a_kind_in_the_house"),
        migrations.AddConstraint(
            model_name="letter",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["held", "verified", "approved", "produced"])),
                fields=("student", "kind", "school_year", "contact_id"),
                name="one_letter_of_a_kind_and_person_in_the_house",
            ),
        ),
        migrations.RunPython(name_what_was_agreed, migrations.RunPython.noop),
        migrations.CreateModel(
            name='PastAgreement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField()),
                ('agreed_on', models.DateField()),
                ('runs_to', models.DateField()),
                ('agreed_how', models.CharField(choices=[('signature', 'Signed here on the screen'), ('phone', 'By phone, with a witness'), ('paper', 'Signed on paper')], max_length=12)),
                ('agreed_with', models.CharField(max_length=200)),
                ('witness', models.CharField(blank=True, max_length=200)),
                ('paper', models.CharField(blank=True, max_length=200)),
                ('review_days', models.JSONField(default=list)),
                ('replaced_on', models.DateField()),
                ('agreed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='past_agreements', to='casework.successplan')),
            ],
            options={
                'ordering': ['version'],
                'constraints': [models.UniqueConstraint(fields=('plan', 'version'), name='one_past_agreement_a_version')],
            },
        ),
    ]
