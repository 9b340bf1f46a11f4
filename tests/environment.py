"""Loaded before anything else: every run has a data directory of its own, so that no test meets a person's installation."""

import os
import tempfile

os.environ["VIBENV_DATA_DIR"] = tempfile.mkdtemp(prefix="vibenv-tests-")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vibenv_site.settings")
