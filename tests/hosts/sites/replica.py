"""A site that reads from a replica, which stopped following when everybody had an account."""

from tests.hosts.sites.base import *  # noqa: F403
from tests.hosts.sites.base import DATABASES

DATABASES["replica"] = DATABASES["default"] | {"NAME": f"{DATABASES['default']['NAME']}.replica"}
DATABASE_ROUTERS = ["tests.hosts.sites.replica_router.ReadsFromReplica"]
CONTRACT_HOST = "tests.hosts.sites.replica_router.ReplicaHost"
