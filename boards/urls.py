from django.urls import path

from boards import device_pages, guests, invite_pages, login_pages, views
from boards.api import api

urlpatterns = [
    path("", views.home, name="home"),
    path("b/<slug:board_id>", views.board, name="board"),
    path("b/<slug:board_id>/wall", views.board, {"template": "wall.html"}, name="wall"),
    path("b/<slug:board_id>/layers", views.board, {"template": "layers.html"}, name="layers"),
    path("sessions", views.sessions, name="sessions"),
    path("c/<slug:card_id>", views.card, name="card"),
    path("c/<slug:card_id>/full", views.card, {"full": True}, name="card-full"),
    path("c/<slug:card_id>/recordings/<slug:recording_id>", views.recording, name="recording"),
    path("login/", login_pages.login_page, name="login"),
    path("login/<str:secret>", login_pages.login_link, name="login-link"),
    path("device", device_pages.device, name="device"),
    path("logout/", login_pages.log_out, name="logout"),
    path("i/<str:secret>", invite_pages.invite, name="invite"),
    path("s/<str:secret>", guests.guest, name="guest"),
    path("s/<str:secret>/questions", guests.guest_questions, name="guest-questions"),
    path("api/v1/", api.urls),
]
