"""Pages of the documentation, with their code blocks."""

import re
import shutil
from pathlib import Path

import pytest

NEEDS_CURL = pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")


class Page:
    """A Markdown page; a word after the language of a code block is the block's name."""

    def __init__(self, path: Path) -> None:
        self.text = path.read_text()
        self._blocks = re.findall(r"^```\S+ (\w+)\n(.*?)^```$", self.text, re.M | re.S)

    def block(self, name: str) -> str:
        """Return the code block with this name."""
        [code] = [code for label, code in self._blocks if label == name]
        return code
