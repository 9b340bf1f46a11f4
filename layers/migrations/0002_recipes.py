"""A build and the recipe's version that asked for it become two things."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("layers", "0001_initial")]

    operations = [
        migrations.RemoveConstraint(model_name="layerversion", name="layers_one_version_per_digest"),
        migrations.RemoveConstraint(model_name="layerversion", name="layers_numbers_are_unique"),
        migrations.RemoveField(model_name="layerversion", name="number"),
        migrations.RenameModel(old_name="LayerVersion", new_name="Build"),
    ]
