"""Exits 0 if every requirement in the file given is installed, whole and at its pinned version."""

import sys
from importlib.metadata import PackageNotFoundError, distribution

from pip._vendor.packaging.requirements import Requirement

for line in open(sys.argv[1], encoding="utf-8"):
    line = line.partition("#")[0].strip()
    if not line:
        continue
    requirement = Requirement(line)
    if requirement.marker and not requirement.marker.evaluate():
        continue
    try:
        found = distribution(requirement.name)
    except PackageNotFoundError:
        sys.exit(f"{requirement.name} is not installed")
    if found.version not in requirement.specifier or found.files is None:
        sys.exit(f"{requirement} is wanted, {found.version} is installed")
