"""Repositories made for a test: of replies, or of what this tree ships."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
GOOD = "Here you are:\n\n```python\nprint('hello')\n```\n"
BAD = "Of course:\n\n```python\ndef greet(name):\n    print(nam)\n\ngreet('you')\n```\n"
"""Its fifth line has the fault, in column 11."""
_SHIPPED = ("validator", "sandboxes", "pyproject.toml", "README.md", "LICENSE")


def git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


def committed(folder: Path) -> Path:
    """Make a repository of a folder, with all of it committed."""
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "What there is")
    return folder


def replies(folder: Path) -> Path:
    """Make a repository with a reply that passes and one that does not."""
    (folder / "replies").mkdir(parents=True)
    (folder / "replies/bad.md").write_text(BAD)
    (folder / "replies/good.md").write_text(GOOD)
    return committed(folder)


def shipped(folder: Path, *others: str) -> Path:
    """Copy what a package is built from, and other files of this tree's root."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in (*_SHIPPED, *others):
        if (ROOT / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, folder / name, ignore=ignored)
        else:
            shutil.copy(ROOT / name, folder)
    return folder
