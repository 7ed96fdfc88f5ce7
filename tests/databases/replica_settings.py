"""The suite's site, with a replica if there is one.

SITE_DATABASE  name of the primary
REPLICA_DATABASE  name of a copy of it that never changes; empty for a site without a replica
"""

import os

from tests.settings import *  # noqa: F403
from tests.settings import DATABASES

DATABASES["default"]["NAME"] = os.environ["SITE_DATABASE"]
if os.environ["REPLICA_DATABASE"]:
    DATABASES["replica"] = DATABASES["default"] | {"NAME": os.environ["REPLICA_DATABASE"]}
    DATABASE_ROUTERS = ["tests.databases.router.ReadsTheReplica"]

# Sessions of a database would be read from the replica, where no site could log anybody in.
SESSION_ENGINE = "django.contrib.sessions.backends.cache"
