"""Start one program in a jail of its own, by the policy in `jail.json`.

Two kinds of launch share one face, `start(job) -> Started`: `Bubblewrap`, a fresh jail a run, and
`Bare`, for a container that is itself the jail and is thrown away after one run.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import ClassVar

import seccomp

HERE = os.path.dirname(os.path.abspath(__file__))
FLAGS = ("-I", "-S", "-B", "-u")
"""Isolated, without the host's or the image's packages, writing no byte code, unbuffered.

Unbuffered because what a program printed before it was stopped is half of what we know about it.
"""
INSIDE_GUEST, INSIDE_LAYER, INSIDE_WORK = "/guest", "/env", "/work"
PLACES = ("/proc", "/dev", "/tmp", INSIDE_GUEST, INSIDE_LAYER, INSIDE_WORK)
"""What is mounted in every jail, and in a staged root has to be there to be mounted on."""


def load_policy() -> dict:
    """Return the jail's policy."""
    with open(os.path.join(HERE, "jail.json"), encoding="utf-8") as file:
        return json.load(file)


class Bubblewrap:
    """A fresh bubblewrap jail for each program: every namespace its own, nothing left behind."""

    paths: ClassVar[dict] = {"guest": INSIDE_GUEST, "work": INSIDE_WORK}

    def __init__(
        self, program: str, python: str, prefix: str, prefix_source: str, staged: str = ""
    ) -> None:
        """Use the `bwrap` at `program`; run programs with `python`, installed under `prefix`.

        `prefix_source` is where we find that prefix, which need not be where it belongs; `staged`
        is the folder where `stage.py` has laid out the root, if it has.
        """
        self.policy = load_policy()
        self.program = program
        self.python = python
        self.filter = memory_file("seccomp", seccomp.compile_filter(self.policy["seccomp"]))
        uid = str(self.policy["uid"])
        self.fixed = [*self.policy["bubblewrap"], "--uid", uid, "--gid", uid]
        self.fixed += self._root(staged)
        if prefix.startswith("/nix/"):
            self.fixed += ["--ro-bind", "/nix/store", "/nix/store"]
        elif prefix != "/usr" and not prefix.startswith("/usr/"):
            self.fixed += ["--ro-bind", prefix_source, prefix]
        self.fixed += ["--proc", "/proc", "--dev", "/dev"]

    def layer_path(self, job: dict) -> str:
        """Return where the program finds its packages; empty where it has none."""
        return INSIDE_LAYER if job["layer"] else ""

    def start(self, job: dict, fds: dict, streams: dict) -> subprocess.Popen:
        """Start `job`; `fds` are kept open for the runner, `streams` are its stdio."""
        os.lseek(self.filter, 0, os.SEEK_SET)
        command = [self.python, *FLAGS, f"{INSIDE_GUEST}/start.py", *map(str, fds.values())]
        return subprocess.Popen(
            [self.program, *self.fixed, *self._arguments(job), "--", *command],
            env={}, pass_fds=(*fds.values(), self.filter), **streams,
        )  # fmt: skip

    def _root(self, staged: str) -> list:
        root = self.policy["root"]
        argv = ["--ro-bind", staged, "/"] if staged else []
        for path in root["read-only"]:
            argv += ["--ro-bind", path, path]
        for path in root["linked"]:
            if not os.path.islink(path):
                argv += ["--ro-bind", path, path] if os.path.isdir(path) else []
            elif not staged:
                argv += ["--symlink", os.readlink(path), path]
        if staged:
            return argv
        for path in root["read-only-if-there"]:
            argv += ["--ro-bind-try", path, path]
        for name in sorted(os.listdir(os.path.join(HERE, "etc"))):
            argv += ["--ro-bind", os.path.join(HERE, "etc", name), f"/etc/{name}"]
        return [*argv, "--ro-bind", HERE, INSIDE_GUEST]

    def _arguments(self, job: dict) -> list:
        size = str(job["limits"]["disk_mib"] << 20)
        argv = ["--ro-bind", job["layer"], INSIDE_LAYER] if job["layer"] else []
        for path in ("/tmp", "/dev/shm", INSIDE_WORK):
            argv += ["--size", size, "--tmpfs", path]
        # The folder that bubblewrap makes for devices is memory too, and of any size.
        argv += ["--remount-ro", "/dev", "--remount-ro", "/"]
        argv += ["--chdir", INSIDE_WORK, "--seccomp", str(self.filter)]
        for name, value in environment(self.policy, job, INSIDE_LAYER).items():
            argv += ["--setenv", name, value]
        return argv


class Bare:
    """The container around us is the jail; for one run, after which it is thrown away."""

    paths: ClassVar[dict] = {"guest": HERE, "work": INSIDE_WORK}

    def __init__(self, python: str) -> None:
        """Run programs with `python`, directly."""
        self.policy = load_policy()
        self.python = python
        self.filter = seccomp.compile_filter(self.policy["seccomp"])

    def layer_path(self, job: dict) -> str:
        """Return where the program finds its packages; empty where it has none."""
        return job["layer"] or ""

    def start(self, job: dict, fds: dict, streams: dict) -> subprocess.Popen:
        """Start `job`; the runner loads the filter itself, as there is no bubblewrap to do it."""
        command = [self.python, *FLAGS, os.path.join(HERE, "start.py")]
        return subprocess.Popen(
            [*command, *map(str, fds.values())],
            env=environment(self.policy, job, self.layer_path(job)),
            cwd=INSIDE_WORK, pass_fds=tuple(fds.values()), start_new_session=True, **streams,
        )  # fmt: skip


def environment(policy: dict, job: dict, layer: str) -> dict:
    """Return all of the environment the program meets; nothing of ours or the host's is in it."""
    variables = dict(policy["environment"])
    if job["layer"]:
        # For Python processes the program starts itself; the runner puts it on sys.path directly.
        variables["PYTHONPATH"] = layer
        variables["PATH"] = f"{layer}/bin:{variables['PATH']}"
    if job["display"]:
        # SDL's x11 can do what its dummy cannot: OpenGL.
        variables.update(DISPLAY=":99", SDL_VIDEODRIVER="x11")
    return variables


def memory_file(name: str, data: bytes) -> int:
    """Return a descriptor of an anonymous file that holds `data`, at its beginning."""
    descriptor = os.memfd_create(name, 0)
    os.set_inheritable(descriptor, False)
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


def find_python() -> tuple:
    """Return the interpreter that runs us, outside any virtual environment, and its prefix."""
    executable = os.path.realpath(getattr(sys, "_base_executable", sys.executable))
    return executable, sys.base_prefix
