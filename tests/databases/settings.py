"""The suite's site with its rows in a database other than ``default``.

SITE_DATABASE  name of the database that has all rows: that of the test that runs
EMPTY_DATABASE  name of a database without tables, which is ``default``
"""

import os

from tests.settings import *  # noqa: F403
from tests.settings import DATABASES

DATABASES["site"] = DATABASES["default"] | {"NAME": os.environ["SITE_DATABASE"]}
DATABASES["default"]["NAME"] = os.environ["EMPTY_DATABASE"]
DATABASE_ROUTERS = ["tests.databases.router.ReadsElsewhere"]
