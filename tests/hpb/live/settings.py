"""The demo site, with ``SIGNALING`` in the file that the variable LIVE_SIGNALING names.

Site and signaling server have to know each other's address, so one of the two starts before it is
told. Settings are read at each use, and so is the file.
"""

import json
import os
from pathlib import Path
from typing import Any

from project.settings import *  # noqa: F403

_FILE = Path(os.environ["LIVE_SIGNALING"])


class _Settings(dict[str, Any]):
    def get(self, key: str, default: Any = None) -> Any:
        if key == "SIGNALING" and _FILE.exists():
            return json.loads(_FILE.read_text())
        return super().get(key, default)


TALK_CALLS = _Settings()
