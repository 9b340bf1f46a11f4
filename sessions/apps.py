from django.apps import AppConfig


class SessionsConfig(AppConfig):
    name = "sessions"
    label = "vibenv_sessions"  # django.contrib.sessions holds the label "sessions"
    verbose_name = "vibenv sessions"

    def ready(self) -> None:
        from layers.signals import base_changed, build_changed, recipes_changed
        from layers.usage import register
        from sessions import agents, news, orphans, pool, usage, waiting
        from sessions.signals import session_changed, session_deleted, terminal_ended

        register(usage.of_sessions)
        register(pool.usage)
        orphans.register_owner(pool.keys)
        base_changed.connect(waiting.on_base_changed, dispatch_uid="sessions.waiting")
        build_changed.connect(waiting.on_build_changed, dispatch_uid="sessions.builds")
        recipes_changed.connect(waiting.on_recipes_changed, dispatch_uid="sessions.recipes")
        terminal_ended.connect(agents.on_terminal_ended, dispatch_uid="sessions.agents")
        session_changed.connect(news.on_session_changed, dispatch_uid="sessions.news.changed")
        session_deleted.connect(news.on_session_deleted, dispatch_uid="sessions.news.deleted")
