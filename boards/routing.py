"""WebSocket addresses, each behind its access check."""

from django.urls import path

from boards.consumers import BoardConsumer
from boards.link_sockets import LinkAccess, LinkTerminalConsumer
from boards.sockets import BoardAccess, ScreensAccess, TerminalAccess
from sessions.terminal.consumer import TerminalConsumer
from sessions.terminal.screens import ScreensConsumer

urlpatterns = [
    path("ws/boards/<slug:board_id>", BoardAccess(BoardConsumer.as_asgi())),
    path("ws/boards/<slug:board_id>/screens", ScreensAccess(ScreensConsumer.as_asgi())),
    path("ws/cards/<slug:card_id>/terminal", TerminalAccess(TerminalConsumer.as_asgi())),
    path("ws/cards/<slug:card_id>/terminals/<int:number>", TerminalAccess(TerminalConsumer.as_asgi())),
    path("ws/links/<str:secret>/terminal", LinkAccess(LinkTerminalConsumer.as_asgi())),
    path("ws/links/<str:secret>/terminals/<int:number>", LinkAccess(LinkTerminalConsumer.as_asgi())),
]
