from django.apps import AppConfig


class BoardsConfig(AppConfig):
    name = "boards"

    def ready(self) -> None:
        from boards import events, feeds
        from sessions.signals import participants_changed, session_changed

        session_changed.connect(events.on_session_changed, dispatch_uid="boards.session_changed")
        participants_changed.connect(feeds.feeds.on_participants_changed, dispatch_uid="boards.participants_changed")
