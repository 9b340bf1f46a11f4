from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("vibenv_sessions", "0004_layers"),
    ]

    operations = [
        migrations.AddField(
            model_name="sessionlayer",
            name="held",
            field=models.BooleanField(default=False),
        ),
    ]
