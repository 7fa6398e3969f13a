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

POLICY = "/opt/validator/guest/jail.json"


def try_jail() -> str:
    """Return an empty string when a jail of the guest's own policy starts, else what was said."""
    with open(POLICY, encoding="utf-8") as file:
        options = json.load(file)["bubblewrap"]
    command = ["bwrap", *options, "--ro-bind", "/usr", "/usr", "--proc", "/proc", "--dev", "/dev"]
    for path in ("/bin", "/lib", "/lib64"):
        if os.path.islink(path):
            command += ["--symlink", os.readlink(path), path]
        elif os.path.isdir(path):
            command += ["--ro-bind", path, path]
    command += ["--tmpfs", "/tmp", "--", "/bin/sh", "-c", "echo inside"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return "" if done.stdout == "inside\n" else done.stderr.strip() or f"status {done.returncode}"


def libc() -> str:
    """Return `glibc X.Y`, or nothing for a C library that does not say."""
    try:
        return os.confstr("CS_GNU_LIBC_VERSION") or ""
    except (ValueError, OSError):
        return ""


refusal = try_jail()
print(
    json.dumps(
        {
            "python": "{}.{}".format(*sys.version_info),
            "platform": sysconfig.get_platform().replace("-", "_").replace(".", "_"),
            "libc": libc(),
            "jail": not refusal,
            "refusal": refusal,
        }
    )
)
