"""Lay out in a folder, once, all of a jail's root that is the same for every program.

A jail then begins with one mount in the place of a dozen, each of which has bubblewrap read the
whole table of mounts again: a quarter of the processor time of a short program. For an image, whose
files do not change under it.

    python3 -I -S stage.py FOLDER
"""

from __future__ import annotations

import os
import shutil
import sys

# -I keeps a script's own folder off sys.path.
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import jail


def lay_out(folder: str) -> None:
    """Fill `folder` with copies of what is small, and with places for what is mounted over it."""
    root = jail.load_policy()["root"]
    _, prefix = jail.find_python()
    for place in (*root["read-only"], *jail.PLACES, prefix):
        os.makedirs(folder + place, exist_ok=True)
    for path in root["linked"]:
        if os.path.islink(path):
            os.symlink(os.readlink(path), folder + path)
        elif os.path.isdir(path):
            os.makedirs(folder + path)
    for path in filter(os.path.exists, root["read-only-if-there"]):
        _copy(path, folder + path)
    shutil.copytree(os.path.join(jail.HERE, "etc"), f"{folder}/etc", dirs_exist_ok=True)
    shutil.copytree(jail.HERE, folder + jail.INSIDE_GUEST, dirs_exist_ok=True)


def _copy(source: str, target: str) -> None:
    os.makedirs(os.path.dirname(target), exist_ok=True)
    if os.path.isdir(source):
        shutil.copytree(source, target, symlinks=True)
    else:
        shutil.copy(source, target)


if __name__ == "__main__":
    lay_out(sys.argv[1])
