"""Zips each given folder's `bootstrap` beside it, with nothing in the zip but what is in the program."""

import hashlib
import sys
import zipfile
from pathlib import Path

# The earliest that a zip can tell. The real time would make a new zip of the same program.
TIME = (1980, 1, 1, 0, 0, 0)


def pack(folder: Path) -> None:
    program = (folder / "bootstrap").read_bytes()
    entry = zipfile.ZipInfo("bootstrap", TIME)
    entry.create_system = 3  # Unix, or the permissions are not read.
    entry.external_attr = 0o100755 << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    path = folder / "bootstrap.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(entry, program, compresslevel=9)
    content = path.read_bytes()
    print(
        f"{path}: {len(content) / 1e6:.1f} MB, of a program of {len(program) / 1e6:.1f} MB,"
        f" sha256 {hashlib.sha256(content).hexdigest()[:16]}"
    )


for argument in sys.argv[1:]:
    pack(Path(argument))
