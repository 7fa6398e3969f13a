"""Say what programs meet in this container, and whether a jail can be made in it.

Runs once for each image and engine, in a container started exactly like a worker; answers with one
line of JSON on stdout: `python`, `platform`, `libc`, `jail`, and in `refusal` why there is no jail.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

POLICY = Path("/opt/validator/guest/jail.json")
JAIL_SECONDS = 10


def try_jail() -> str:
    """Return an empty string when a jail of the guest's own policy starts, else what was said."""
    options = json.loads(POLICY.read_bytes())["bubblewrap"]
    command = ["bwrap", *options, "--ro-bind", "/usr", "/usr", "--proc", "/proc", "--dev", "/dev"]
    for path in map(Path, ("/bin", "/lib", "/lib64")):
        if path.is_symlink():
            command += ["--symlink", str(path.readlink()), str(path)]
        elif path.is_dir():
            command += ["--ro-bind", str(path), str(path)]
    command += ["--tmpfs", "/work", "--", "/bin/sh", "-c", "echo inside"]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=JAIL_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return "" if done.stdout == "inside\n" else done.stderr.strip() or f"status {done.returncode}"


def libc() -> str:
    """Return `glibc X.Y`, or nothing for a C library that does not say."""
    try:
        return os.confstr("CS_GNU_LIBC_VERSION") or ""
    except (ValueError, OSError):
        return ""


def main() -> None:
    """Answer."""
    refusal = try_jail()
    answer = {
        "python": "{}.{}.{}".format(*sys.version_info),
        "platform": sysconfig.get_platform().replace("-", "_").replace(".", "_"),
        "libc": libc(),
        "jail": not refusal,
        "refusal": refusal,
    }
    sys.stdout.write(json.dumps(answer) + "\n")


main()
