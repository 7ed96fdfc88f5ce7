"""Compare the content of a wheel with the package in this checkout.

usage: wheel_content.py WHEEL
"""

import sys
import zipfile
from pathlib import Path

PACKAGE = "talk_calls"


def main(wheel: str) -> None:
    with zipfile.ZipFile(wheel) as archive:
        shipped = {name for name in archive.namelist() if ".dist-info/" not in name}
    ours = {
        str(path)
        for path in Path(PACKAGE).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    if complaints := [
        *(f"missing in the wheel: {name}" for name in sorted(ours - shipped)),
        *(f"does not belong into the wheel: {name}" for name in sorted(shipped - ours)),
    ]:
        sys.exit("\n".join(complaints))
    print(f"{Path(wheel).name}: {len(shipped)} files, all of {PACKAGE}/ and nothing else")


if __name__ == "__main__":
    main(*sys.argv[1:])
