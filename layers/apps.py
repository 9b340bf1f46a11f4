from django.apps import AppConfig


class LayersConfig(AppConfig):
    name = "layers"
    verbose_name = "vibenv layers"

    def ready(self) -> None:
        from layers import exports, usage

        usage.register(exports.under_way)
