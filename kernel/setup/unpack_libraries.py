"""Takes out of TensorFlow's wheel, and of NVIDIA's beside it, what libtensorflow needs.

usage: unpack_libraries.py WHEELS TARGET

TARGET/lib/libtensorflow_cc.so.2, TARGET/lib/libtensorflow_framework.so.2 (.2.dylib on macOS) and, for a GPU,
TARGET/nvidia/*/lib: there the libraries look for CUDA, by $ORIGIN/../nvidia/*/lib. XLA needs ptxas and libdevice, too.
"""

import re
import shutil
import sys
from pathlib import Path
from zipfile import ZipFile

WANTED = [
    (re.compile(r"tensorflow/(libtensorflow_(?:cc|framework)\.[^/]+)"), r"lib/\1"),
    (re.compile(r"(nvidia/[^/]+/lib/.+\.so[^/]*)"), r"\1"),
    (re.compile(r"(nvidia/cuda_nvcc/(?:bin/ptxas|nvvm/libdevice/[^/]+))"), r"\1"),
]

wheels, target = Path(sys.argv[1]), Path(sys.argv[2])
for wheel in sorted(wheels.glob("*.whl")):
    with ZipFile(wheel) as archive:
        for entry in archive.infolist():
            for pattern, place in WANTED:
                match = pattern.fullmatch(entry.filename)
                if not match:
                    continue
                path = target / match.expand(place)
                path.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(entry) as source, path.open("wb") as copy:
                    shutil.copyfileobj(source, copy, 1 << 20)
                path.chmod(0o755)
    wheel.unlink()  # room for the next one

for part in ("cc", "framework"):
    if not list((target / "lib").glob(f"libtensorflow_{part}.*")):
        sys.exit(f"error: the wheel holds no libtensorflow_{part}")
