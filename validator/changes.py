"""Which files of a repository have changed since a revision, those not yet added among them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from validator.errors import UsageError


def changed_since(revision: str, folder: Path | None = None) -> frozenset[str]:
    """Return the files that differ from `revision`, and the untracked, as absolute real paths.

    Committed or not makes no difference; what was deleted is not among them. `folder` is one in
    the repository, the working directory unless given.

    Raises:
        UsageError: there is no repository, no such revision, or no git.
    """
    if revision.startswith("-") or not revision:
        raise UsageError(f"--changed-since takes a revision, not {revision!r}")
    folder = folder or Path.cwd()
    root = Path(_git(folder, "rev-parse", "--show-toplevel").removesuffix("\n"))
    commit = _git(
        folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"
    ).strip()
    differing = _git(root, "diff", "--name-only", "--diff-filter=d", "-z", commit, "--")
    untracked = _git(root, "ls-files", "--others", "--exclude-standard", "-z")
    names = {*differing.split("\0"), *untracked.split("\0")} - {""}
    return frozenset(os.path.realpath(root / name) for name in names)


def _git(folder: Path, verb: str, *arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), verb, *arguments], capture_output=True, check=False
        )
    except FileNotFoundError:
        raise UsageError("--changed-since needs git, which is not installed") from None
    if done.returncode == 0:
        return os.fsdecode(done.stdout)
    said = (done.stderr.decode("utf-8", "replace").strip().splitlines() or [""])[0]
    if not said:
        raise UsageError("--changed-since: the repository here has no such revision")
    raise UsageError(f"--changed-since: git says: {said}")
