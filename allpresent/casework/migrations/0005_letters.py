import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('casework', '0004_success_mentors'),
        ('roster', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='LetterBatch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('language', models.CharField(max_length=8)),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='letter_batches', to=settings.AUTH_USER_MODEL)),
                ('made_at', models.DateTimeField()),
                ('made_on', models.DateField()),
            ],
        ),
        migrations.CreateModel(
            name='Letter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('student', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='letters', to='roster.student')),
                ('school', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='letters', to='roster.school')),
                ('school_year', models.PositiveSmallIntegerField()),
                ('kind', models.CharField(choices=[('superintendent_letter', 'Letter from the Superintendent'), ('attendance_letter', 'Letter of attendance'), ('truancy_meeting_notice', 'Notice of a truancy meeting'), ('improvement_note', 'Note of improvement')], max_length=40)),
                ('step_key', models.CharField(blank=True, max_length=80)),
                ('state', models.CharField(choices=[('held', 'Held'), ('verified', 'To approve'), ('approved', 'To produce'), ('produced', 'To mail'), ('mailed', 'Mailed'), ('returned', 'Came back'), ('pulled_back', 'Pulled back'), ('withdrawn', 'Withdrawn')], max_length=12)),
                ('language', models.CharField(max_length=8)),
                ('family', models.CharField(max_length=300)),
                ('template_version', models.DateField(blank=True, null=True)),
                ('is_template_approved', models.BooleanField(default=False)),
                ('delivery_id', models.CharField(max_length=64)),
                ('as_of', models.DateField()),
                ('days', models.JSONField(default=list)),
                ('title', models.CharField(blank=True, max_length=300)),
                ('paragraphs', models.JSONField(default=list)),
                ('held_because', models.TextField(blank=True)),
                ('verified_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='verified_letters', to=settings.AUTH_USER_MODEL)),
                ('verified_at', models.DateTimeField()),
                ('approved_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='approved_letters', to=settings.AUTH_USER_MODEL)),
                ('approved_at', models.DateTimeField(blank=True, null=True)),
                ('batch', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='letters', to='casework.letterbatch')),
                ('mailed_on', models.DateField(blank=True, null=True)),
                ('mailed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='mailed_letters', to=settings.AUTH_USER_MODEL)),
                ('mailed_at', models.DateTimeField(blank=True, null=True)),
                ('channel', models.CharField(blank=True, choices=[('mail', 'by mail'), ('email', 'by e-mail'), ('hand', 'handed over'), ('backpack', 'home with the student')], max_length=12)),
                ('ended_on', models.DateField(blank=True, null=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('ended_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='ended_letters', to=settings.AUTH_USER_MODEL)),
                ('reason', models.TextField(blank=True)),
            ],
            options={
                'indexes': [models.Index(fields=['state', 'school'], name='letter_state_school'), models.Index(fields=['student', 'school_year'], name='letter_student_year')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['held', 'verified', 'approved', 'produced'])), fields=('student', 'kind', 'school_year'), name='one_letter_of_a_kind_in_the_house'), models.CheckConstraint(condition=models.Q(('approved_by', None), models.Q(('approved_by', models.F('verified_by')), _negated=True), _connector='OR'), name='letter_approved_by_a_second_person')],
            },
        ),
    ]
