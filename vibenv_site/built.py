"""The front end's built files by their source's name: `static/build.mjs` names them by their content, and lists them."""

from __future__ import annotations

import functools
import json

from django import template
from django.conf import settings
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()


@functools.cache
def _manifest() -> dict[str, list[str]]:
    """For each entry its file, then all that it imports before it can run. Empty where nothing was built."""
    path = settings.STATICFILES_DIRS[0] / "manifest.json"
    return dict(json.loads(path.read_text())) if path.exists() else {}


class BuiltFiles(StaticFilesStorage):
    def url(self, name: str | None) -> str:
        return super().url(_manifest().get(name or "", [name or ""])[0])


@register.simple_tag
def module(name: str) -> SafeString:
    """The script, and its imports by name: the browser fetches all of them at once, not one after the other."""
    imports = ((static(each),) for each in _manifest().get(name, [])[1:])
    preloads = format_html_join("", '<link rel="modulepreload" href="{}">', imports)
    return format_html('{}<script type="module" src="{}"></script>', preloads, static(name))
