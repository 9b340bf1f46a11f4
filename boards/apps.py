from django.apps import AppConfig


class BoardsConfig(AppConfig):
    name = "boards"

    def ready(self) -> None:
        from boards import agents, events, feeds, recordings
        from layers.signals import build_changed, recipes_changed
        from sessions import agent_work
        from sessions.recording import policy
        from sessions.signals import agent_over, participants_changed, session_changed

        policy.register(recordings.policy_of)
        agent_work.register(agents.brief)
        agent_over.connect(agents.on_agent_over, dispatch_uid="boards.agents")
        session_changed.connect(events.on_session_changed, dispatch_uid="boards.session_changed")
        participants_changed.connect(feeds.feeds.on_participants_changed, dispatch_uid="boards.participants_changed")
        recipes_changed.connect(events.on_recipes_changed, dispatch_uid="boards.recipes_changed")
        build_changed.connect(events.on_build_changed, dispatch_uid="boards.build_changed")
