"""The app that a site installs to get ``talk_simulate``; it has no models."""

from django.apps import AppConfig


class SimulationConfig(AppConfig):
    """Makes Django find the management command."""

    name = "talk_calls.contrib.simulation"
    label = "talk_simulation"
    verbose_name = "Talk simulation"
