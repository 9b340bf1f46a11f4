from django.urls import include, path

from vibenv_site.health import healthz
from vibenv_site.metrics import metrics

urlpatterns = [
    path("healthz", healthz),
    path("metrics", metrics),
    path("", include("boards.urls")),
]
handler404 = "boards.views.not_found"
handler500 = "boards.views.server_error"
