from django.apps import AppConfig


class BoardsConfig(AppConfig):
    name = "boards"

    def ready(self) -> None:
        from boards import events
        from sessions.signals import session_changed

        session_changed.connect(events.on_session_changed, dispatch_uid="boards.session_changed")
