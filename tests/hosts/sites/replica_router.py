"""The router of the site with a replica."""

import shutil

from django.conf import settings
from django.db import connections

from tests.hosts.host import Host
from tests.hosts.page import use

use("replica-router", globals())


class ReplicaHost(Host):
    """Its replica is a copy of the tables that nobody brings up to date."""

    def prepare(self) -> None:
        super().prepare()
        self.copy()

    def open(self) -> None:
        """Let the replica have everybody's account, and nothing that comes later."""
        self.copy()

    def copy(self) -> None:
        connections["replica"].close()
        shutil.copy(*(settings.DATABASES[alias]["NAME"] for alias in ("default", "replica")))
