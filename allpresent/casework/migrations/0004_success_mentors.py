import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('access', '0002_guards_and_cache_table'),
        ('casework', '0003_success_plans'),
        ('roster', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Mentor',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('adult', 'Adult'), ('peer', 'Senior peer')], max_length=8)),
                ('grades', models.CharField(blank=True, max_length=60)),
                ('languages', models.CharField(blank=True, max_length=60)),
                ('load_limit', models.PositiveSmallIntegerField()),
                ('school', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='mentors', to='roster.school')),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='mentor', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='MentorMatch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('starts_on', models.DateField()),
                ('ended_on', models.DateField(blank=True, null=True)),
                ('ending', models.CharField(blank=True, choices=[('goal', 'The goal is reached'), ('moved', 'The student moved'), ('mentor_left', 'The mentor stopped'), ('no_fit', 'They did not fit'), ('other', 'Something else')], max_length=12)),
                ('ended_why', models.TextField(blank=True)),
                ('grant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.grant')),
                ('mentor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='matches', to='casework.mentor')),
                ('student', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='mentor_matches', to='roster.student')),
            ],
        ),
        migrations.CreateModel(
            name='CheckIn',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('on', models.DateField(db_index=True)),
                ('at', models.DateTimeField()),
                ('how', models.CharField(choices=[('talked', 'Talked'), ('greeted', 'Said hello'), ('not_there', 'Not there')], max_length=12)),
                ('undone_at', models.DateTimeField(blank=True, null=True)),
                ('match', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='check_ins', to='casework.mentormatch')),
            ],
        ),
        migrations.CreateModel(
            name='MentorWorry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('text', models.TextField()),
                ('taken_at', models.DateTimeField(blank=True, null=True)),
                ('answer', models.TextField(blank=True)),
                ('match', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='worries', to='casework.mentormatch')),
                ('taken_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.AddConstraint(
            model_name='mentormatch',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_on', None)), fields=('student',), name='one_mentor_a_student'),
        ),
    ]
