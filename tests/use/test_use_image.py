"""The Dockerfile: built by an engine's classic builder, and run beside that engine."""

from __future__ import annotations

import os
import shutil
import socket
import socketserver
import subprocess
import threading
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from scratch import replies, shipped

from validator import __version__
from validator.settings import load

if TYPE_CHECKING:
    from collections.abc import Iterator

TAG = f"reply-validator/gate:test-{os.getpid()}"
LOCAL = "reply-validator/base:bookworm"
SOCKET = Path("/var/run/docker.sock")

pytestmark = [pytest.mark.docker, pytest.mark.online]


def docker(*arguments: str | Path, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["docker", *arguments],
        check=False,
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, "DOCKER_BUILDKIT": "0"},
    )


def own_base() -> list[str]:
    """Return what has the gate build its sandbox on this machine's image, where it has one."""
    known = docker("image", "inspect", LOCAL).returncode == 0
    return ["-e", f"VALIDATOR_DOCKER_BASE={LOCAL}"] if known else []


@contextmanager
def forwarded(path: Path) -> Iterator[int]:
    """Stand in for an engine on another machine: a port that leads to this one's socket."""

    class Through(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with socket.socket(socket.AF_UNIX) as engine:
                engine.connect(str(path))
                back = threading.Thread(target=copied, args=(engine, self.request), daemon=True)
                back.start()
                copied(self.request, engine)
                back.join()

    def copied(source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
        with suppress(OSError):
            target.shutdown(socket.SHUT_WR)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Through) as server:
        server.daemon_threads, server.block_on_close = True, False
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@pytest.fixture(scope="module")
def base(sandboxes: frozenset[str]) -> str:
    """Return the image that sandboxes stand on here."""
    if "docker" not in sandboxes or shutil.which("docker") is None:
        pytest.skip("no Docker engine answers, or there is no docker command")
    return load({}, folder=Path("/")).docker_base


@pytest.fixture(scope="module")
def image(base: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    context = shipped(tmp_path_factory.mktemp("context"), "Dockerfile", ".dockerignore")
    authorities = os.environ.get("SSL_CERT_FILE")
    if authorities:
        shutil.copy(authorities, context / "ca-bundle.pem")
    local = "reply-validator/base:bookworm"
    known = docker("image", "inspect", local).returncode == 0
    built = docker(
        "build", "-q", "--build-arg", f"BASE={local if known else base}", "-t", TAG, context
    )
    assert built.returncode == 0, built.stdout[-2000:] + built.stderr[-2000:]
    yield TAG
    docker("rmi", TAG)


def test_it_is_the_command(image: str) -> None:
    done = docker("run", "--rm", "--network", "none", image, "--version")
    assert (done.returncode, done.stdout) == (0, f"reply-validator {__version__}\n")
    assert "usage: validate" in docker("run", "--rm", "--network", "none", image).stdout


def test_programs_run_beside_it_by_the_engines_socket(image: str, tmp_path: Path) -> None:
    if not SOCKET.is_socket():
        pytest.skip("the engine of this machine has no socket in the usual place")
    workspace = replies(tmp_path / "workspace")

    done = docker(
        *["run", "--rm", "--group-add", str(SOCKET.stat().st_gid), *own_base()],
        *["-v", f"{SOCKET}:{SOCKET}", "-v", f"{workspace}:/work:ro"],
        *[image, "replies", "--offline", "--also", "sarif=/tmp/out.sarif"],
    )

    assert done.returncode == 1, done.stdout + done.stderr
    assert "replies/good.md" in done.stdout
    assert "run       script in docker: ended with exit status 0" in done.stdout
    assert "--> replies/bad.md:5:11" in done.stdout
    assert "2 replies: 1 passed, 1 failed" in done.stdout

    done = docker(
        *["run", "--rm", "--group-add", str(SOCKET.stat().st_gid), *own_base()],
        *["-v", f"{SOCKET}:{SOCKET}", "-v", f"{workspace}:/work:ro"],
        *[image, "replies", "--changed-since", "HEAD"],
    )
    assert (done.returncode, done.stderr) == (0, "validate: nothing of it changed since HEAD\n")


def test_an_engine_elsewhere_needs_no_file_of_this_machine(image: str, tmp_path: Path) -> None:
    if not SOCKET.is_socket():
        pytest.skip("the engine of this machine has no socket in the usual place")
    workspace = replies(tmp_path / "workspace")
    with forwarded(SOCKET) as port:
        done = docker(
            *["run", "--rm", "--network", "host", "-e", f"DOCKER_HOST=tcp://127.0.0.1:{port}"],
            *[*own_base(), "-v", f"{workspace}:/work:ro", image, "replies/good.md", "--offline"],
        )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "run       script in docker: ended with exit status 0" in done.stdout


def test_without_an_engine_it_says_how_to_have_one(image: str, tmp_path: Path) -> None:
    workspace = replies(tmp_path / "workspace")
    done = docker(
        *["run", "--rm", "--network", "none", "-v", f"{workspace}:/work:ro"],
        *[image, "replies/good.md", "--offline"],
    )
    assert done.returncode == 3, done.stdout
    assert "no Docker engine answers" in done.stdout
