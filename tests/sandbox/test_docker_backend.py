"""Programs in a real engine: hardened, bounded, and nothing left behind however we end."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from docker.errors import APIError

from validator.errors import SandboxUnavailable
from validator.facts import (
    Ending,
    Job,
    Layer,
    Limits,
    Plan,
    ProgramKind,
    SourceFile,
    split_lines,
)
from validator.sandbox import guest
from validator.sandbox.docker import backend as backend_module
from validator.sandbox.docker.backend import DockerBackend
from validator.sandbox.docker.engine import connect
from validator.sandbox.docker.owner import KIND, Owner
from validator.sandbox.docker.recipe import Recipe
from validator.sandbox.docker.worker import Worker, _profile, reap
from validator.settings import Settings

pytestmark = pytest.mark.docker
LIMITS = Limits(wall_seconds=5, memory_mib=256)
PYTHON_IMAGE = {"GPG_KEY", "PYTHON_VERSION", "PYTHON_SHA256", "PYTHON_SETUPTOOLS_VERSION"}
"""What the official Python images set."""


def job(text: str, *, layer: Layer | None = None, limits: Limits = LIMITS) -> Job:
    lines = tuple(range(1, len(split_lines(text)) + 1))
    plan = Plan(ProgramKind.SCRIPT, "a test")
    return Job((SourceFile("main.py", text, lines),), "main.py", plan, layer, limits=limits)


def open_backend(cache: Path) -> DockerBackend:
    return DockerBackend(Settings(cache_dir=cache, limits=LIMITS), lambda progress: None)


def ours(engine, pid: int | None = None) -> list[dict]:
    """Return the containers of a process, in whatever state."""
    wanted = [f"{KIND}.pid={pid or os.getpid()}"]
    return engine.client.containers(all=True, filters={"label": wanted})


def eventually_none(engine, pid: int, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while ours(engine, pid):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


@pytest.fixture(scope="module")
def engine():
    try:
        return connect()
    except SandboxUnavailable as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def docker(engine, tmp_path_factory):
    opened = open_backend(tmp_path_factory.mktemp("cache"))
    opened.start()
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def single_use(engine, tmp_path_factory):
    """A backend whose workers are not let make namespaces, as on many a hardened host."""
    profile = Recipe(guest.folder()).seccomp
    patch = pytest.MonkeyPatch()
    patch.setattr(Recipe, "seccomp", json.loads(_profile(profile, jails=False)))
    opened = open_backend(tmp_path_factory.mktemp("cache"))
    opened.target()
    patch.undo()
    yield opened
    opened.close()


@pytest.fixture(params=["docker", "single_use"])
def either(request):
    return request.getfixturevalue(request.param)


def make_layer(folder: Path, value: int) -> Layer:
    (folder / "shop").mkdir()
    (folder / "shop/__init__.py").write_text(f"price = {value}\n")
    key = hashlib.sha256(f"{folder}{value}".encode()).hexdigest()
    return Layer(key, str(folder), 100)


def test_a_program_runs_and_says_where(either):
    run = either.run(job("import os\nprint('hello from', os.getuid())\n"))
    assert (run.stdout, run.ending, run.exit_code) == (b"hello from 65534\n", Ending.EXITED, 0)
    assert run.completed
    assert run.backend == ("docker" if either.jails else "docker-single-use")


def test_where_namespaces_are_forbidden_it_is_noticed_said_and_asked_again(single_use, docker):
    assert not single_use.jails
    assert "namespace" in single_use.refusal
    assert docker.jails
    assert docker.refusal == ""
    kept = list((docker._settings.cache_dir / "docker").glob("probe-*"))
    assert len(kept) == 1
    assert not list((single_use._settings.cache_dir / "docker").glob("probe-*"))


def test_the_target_is_what_programs_meet(docker):
    says = "import sys, platform\nprint('%d.%d' % sys.version_info[:2], *platform.libc_ver())\n"
    target = docker.target()
    assert docker.run(job(says)).stdout.decode().split() == [target.python, *target.libc.split()]
    assert target.platform.startswith("linux_")


def test_nothing_of_one_run_is_there_in_the_next(either):
    leave = "import os\nopen('/tmp/left', 'w').close()\nif os.fork() == 0:\n    os.setsid()\n"
    leave += "    import time\n    time.sleep(60)\n"
    assert either.run(job(leave)).ending is Ending.EXITED
    look = "import os\nprint(os.path.exists('/tmp/left'))\n"
    look += "print(sum('time.sleep' in open(f'/proc/{p}/cmdline').read() "
    look += "for p in os.listdir('/proc') if p.isdigit()))\n"
    assert either.run(job(look)).stdout == b"False\n0\n"


def test_tkinter_is_there(docker):
    assert docker.run(job("import tkinter\nprint(tkinter.TkVersion)\n")).stdout == b"8.6\n"


def test_a_layer_is_importable_and_cannot_be_changed(either, tmp_path):
    program = "import shop\nprint(shop.price)\n"
    program += (
        "try:\n    open(shop.__file__, 'a')\nexcept OSError as error:\n    print(error.errno)\n"
    )
    run = either.run(job(program, layer=make_layer(tmp_path, 7)))
    assert run.stdout.decode().split()[0] == "7"
    assert int(run.stdout.split()[1]) in (13, 30)  # EACCES, EROFS


def test_a_layer_is_sent_once_and_found_again_by_others(docker, engine, tmp_path, monkeypatch):
    layer = make_layer(tmp_path, 8)
    docker.run(job("import shop\n", layer=layer))
    said: list = []
    other = DockerBackend(Settings(cache_dir=tmp_path / "c", limits=LIMITS), said.append)
    try:
        run = other.run(job("import shop\nprint(shop.price)\n", layer=layer))
    finally:
        other.close()
    assert run.stdout == b"8\n"
    assert not [progress for progress in said if "copying" in progress.step]


def test_other_layers_cannot_be_listed(either, tmp_path):
    program = "import os\ntry:\n    print(os.listdir('/layers'))\nexcept OSError as error:\n"
    run = either.run(job(program + "    print(error.errno)\n", layer=make_layer(tmp_path, 9)))
    assert int(run.stdout) in (2, 13)  # ENOENT, EACCES


def test_a_worker_is_as_hard_as_it_is_said_to_be(docker, engine):
    docker.run(job("pass\n"))
    running = [c for c in ours(engine) if "--no-jail" not in c["Command"]]
    found = engine.client.inspect_container(running[0]["Id"])
    host = found["HostConfig"]
    assert found["Config"]["User"] == "65534:65534"
    assert host["NetworkMode"] == "none"
    assert host["ReadonlyRootfs"]
    assert host["CapDrop"] == ["ALL"]
    assert not host["CapAdd"]
    assert "no-new-privileges" in host["SecurityOpt"]
    assert any(option.startswith("seccomp={") for option in host["SecurityOpt"])
    assert (host["Memory"], host["MemorySwap"]) == ((256 + 96) << 20, (256 + 96) << 20)
    assert host["PidsLimit"] == 64 + 32
    assert host["LogConfig"]["Type"] == "none"
    assert host["Init"]
    assert host["AutoRemove"]
    assert not host["Binds"]
    assert not host["Privileged"]
    assert [(mount["Type"], mount["RW"]) for mount in found["Mounts"]] == [("volume", False)]


def test_nothing_of_the_users_environment_is_in_a_worker(engine, tmp_path, monkeypatch):
    proxies = {"default": {"httpProxy": "http://user:secret@proxy:3128"}}
    (tmp_path / "config.json").write_text(json.dumps({"proxies": proxies}))
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.setenv("TOKEN_OF_THE_USER", "secret")
    opened = open_backend(tmp_path)
    try:
        run = opened.run(job("import os\nprint(os.environ)\n"))
        worker = opened._readiness().result().pool._idle[0].worker
        environment = engine.client.inspect_container(worker.id)["Config"]["Env"]
    finally:
        opened.close()
    assert b"secret" not in run.stdout
    assert {entry.split("=")[0] for entry in environment} <= {"PATH", "LANG"} | PYTHON_IMAGE
    assert "secret" not in "".join(environment)


REFUSALS = """
import ctypes, json, os, socket
libc = ctypes.CDLL(None, use_errno=True)
def errno(number, *arguments):
    ctypes.set_errno(0)
    return ctypes.get_errno() if libc.syscall(number, *arguments) < 0 else 0
said = {"ptrace": errno(101, 16, 1, 0, 0), "keyctl": errno(250, 0, -3, 0)}
said["bpf"] = errno(321, 0, 0, 0)
said["io_uring_setup"] = errno(425, 1, 0)
said["clone3"] = errno(435, 0, 0)
try:
    socket.socket(socket.AF_VSOCK)
except OSError as error:
    said["vsock"] = error.errno
print(json.dumps(said))
"""


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="the numbers are x86_64's")
def test_the_worker_itself_is_refused_what_its_profile_refuses(docker):
    yard = docker._readiness().result().pool._yard
    worker = Worker(yard, ("python3", "-I", "-c", REFUSALS), LIMITS, jails=True)
    try:
        answer = b""
        while piece := worker.receive(4096, time.monotonic() + 20):
            answer += piece
    finally:
        worker.kill()
    refused = json.loads(answer)
    assert refused.pop("clone3") == 38
    assert set(refused.values()) == {1}
    assert len(refused) == 5


def test_a_program_that_takes_all_memory_leaves_the_next_one_in_peace(either):
    hog = "hold = []\nwhile True:\n    hold.append(bytearray(10_000_000))\n"
    assert either.run(job(hog)).ending is Ending.OUT_OF_MEMORY
    assert either.run(job("print('next')\n")).stdout == b"next\n"


def test_a_program_whose_supervisor_was_killed_for_the_memory_of_another_runs_again(
    engine, tmp_path
):
    opened = open_backend(tmp_path)
    hog = "open('/proc/self/oom_score_adj', 'w').write('1000')\nhold = []\n"
    hog += "while True:\n    hold.append(bytearray(10_000_000))\n"

    def starve_and_kill(worker_id: str) -> None:
        asked = engine.client.exec_create(worker_id, ["python3", "-c", hog])
        engine.client.exec_start(asked["Id"])
        engine.client.kill(worker_id)

    try:
        opened.run(job("pass\n"))
        first = opened._readiness().result().pool._idle[0].worker.id
        threading.Timer(0.3, starve_and_kill, (first,)).start()
        run = opened.run(job("import time\ntime.sleep(2.5)\nprint('said')\n"))
        with pytest.raises(APIError):
            engine.client.inspect_container(first)
    finally:
        opened.close()
    assert (run.stdout, run.ending) == (b"said\n", Ending.EXITED)


def test_a_worker_that_is_killed_with_memory_to_spare_is_our_failure(engine, tmp_path):
    opened = open_backend(tmp_path)
    try:
        opened.run(job("pass\n"))
        worker_id = opened._readiness().result().pool._idle[0].worker.id
        threading.Timer(0.5, engine.client.kill, (worker_id,)).start()
        with pytest.raises(SandboxUnavailable, match="it ended"):
            opened.run(job("import time\ntime.sleep(4)\n"))
    finally:
        opened.close()


def test_a_supervisor_that_is_killed_for_want_of_memory_every_time_is_out_of_memory(
    either, monkeypatch
):
    # As no program can be made to win that race at will, this supervisor is sent too much; the
    # engine goes on taking what nobody reads until its buffers are full.
    monkeypatch.setattr("validator.sandbox.docker.attached.SEND_SECONDS", 2.0)
    limits = replace(LIMITS, memory_mib=16)
    seen = either.run(replace(job("pass\n", limits=limits), stdin=bytes(150_000_000)))
    assert (seen.ending, seen.exit_code, seen.stdout) == (Ending.OUT_OF_MEMORY, None, b"")
    assert seen.backend == ("docker" if either.jails else "docker-single-use")


def test_eight_at_a_time(docker):
    results: list = []
    threads = [
        threading.Thread(target=lambda n=n: results.append(docker.run(job(f"print({n})\n")).stdout))
        for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [b"%d\n" % n for n in range(8)]


def test_a_worker_is_replaced_after_its_share_of_jobs(engine, tmp_path, monkeypatch):
    monkeypatch.setattr("validator.sandbox.docker.pool.JOBS_A_WORKER", 2)
    opened = open_backend(tmp_path)
    try:
        hosts = [opened.run(job("print(1)\n")).exit_code for _ in range(5)]
        stations = opened._readiness().result().pool._idle
        assert hosts == [0] * 5
        assert all(station.jobs < 2 for station in stations)
    finally:
        opened.close()


def test_workers_that_ended_behind_our_back_are_not_missed(engine, tmp_path):
    opened = open_backend(tmp_path)
    try:
        opened.run(job("pass\n"))
        stations = opened._readiness().result().pool._idle
        for station in stations:
            engine.client.remove_container(station.worker.id, force=True)
        assert opened.run(job("print('still here')\n")).stdout == b"still here\n"
    finally:
        opened.close()


def test_jobs_of_other_lengths_share_a_worker_and_of_other_sizes_do_not(engine, tmp_path):
    opened = open_backend(tmp_path)
    try:
        for limits in (LIMITS, replace(LIMITS, wall_seconds=2.0), replace(LIMITS, memory_mib=128)):
            assert opened.run(job("print(1)\n", limits=limits)).stdout == b"1\n"
        stations = opened._readiness().result().pool._idle
        assert sorted(s.worker.limits.memory_mib for s in stations) == [128, 256]
    finally:
        opened.close()


def test_another_python_than_the_image_has_is_refused_by_name(engine, tmp_path, docker):
    have = docker.target().python
    settings = Settings(cache_dir=tmp_path, limits=LIMITS, python="3.11")
    opened = DockerBackend(settings, lambda progress: None)
    try:
        if have == "3.11":
            assert opened.target().python == "3.11"
        else:
            with pytest.raises(SandboxUnavailable, match=r"not 3\.11"):
                opened.target()
    finally:
        opened.close()


def test_closing_leaves_no_container_and_refuses_what_comes_later(engine, tmp_path):
    before = {container["Id"] for container in ours(engine)}
    opened = open_backend(tmp_path)
    opened.run(job("pass\n"))
    opened.close()
    opened.close()
    assert {container["Id"] for container in ours(engine)} <= before
    with pytest.raises(SandboxUnavailable, match="closed"):
        opened.run(job("pass\n"))


class Cable:
    """A wire to the real engine that can be cut: listens on TCP and passes bytes on."""

    def __init__(self, target: str) -> None:
        self.target = target
        self.ends: list[socket.socket] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"tcp://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            far = socket.socket(socket.AF_UNIX)
            far.connect(self.target)
            self.ends += [near, far]
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self._pass, args=(source, sink), daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            return

    def cut(self) -> None:
        for end in (self.listener, *self.ends):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue


@pytest.fixture
def cable(engine, monkeypatch):
    path = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock").removeprefix("unix://")
    if not Path(path).is_socket():
        pytest.skip("the engine is not behind a unix socket")
    laid = Cable(path)
    monkeypatch.setenv("DOCKER_HOST", laid.address)
    yield laid
    laid.cut()


def test_of_an_engine_far_away_nothing_but_its_address_is_needed(cable, tmp_path):
    opened = open_backend(tmp_path / "cache")
    try:
        layer = tmp_path / "layer"
        layer.mkdir()
        run = opened.run(job("import shop\nprint(shop.price)\n", layer=make_layer(layer, 11)))
    finally:
        opened.close()
    assert run.stdout == b"11\n"


def test_an_engine_that_vanishes_in_the_middle_of_a_run_is_our_failure(cable, engine, tmp_path):
    opened = open_backend(tmp_path / "cache")
    opened.run(job("pass\n"))
    timer = threading.Timer(0.7, cable.cut)
    timer.start()
    with pytest.raises(SandboxUnavailable) as caught:
        opened.run(job("import time\ntime.sleep(4)\n"))
    assert caught.value.remedy
    with pytest.raises(SandboxUnavailable):
        opened.run(job("pass\n"))
    opened.close()


SCRIPT = """
import sys, time
from pathlib import Path
from validator.facts import *
from validator.sandbox.docker.backend import DockerBackend
from validator.settings import Settings
limits = Limits(wall_seconds=30)
backend = DockerBackend(Settings(cache_dir=Path(sys.argv[1]), limits=limits), lambda progress: None)
endless = SourceFile("main.py", "while True: pass\\n", (1,))
job = Job((endless,), "main.py", Plan(ProgramKind.SCRIPT, "endless"), limits=limits)
backend.start()
backend.target()
print("running", flush=True)
try:
    backend.run(job)
finally:
    backend.close()
"""


@pytest.fixture
def validator(engine, tmp_path):
    """A process of its own that runs an endless program."""
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "running\n"
    until = time.monotonic() + 20
    while not ours(engine, process.pid) and time.monotonic() < until:
        time.sleep(0.05)
    time.sleep(0.3)
    yield process
    process.kill()
    process.communicate()


def test_an_interrupt_ends_every_container(validator, engine):
    assert ours(engine, validator.pid)
    validator.send_signal(signal.SIGINT)
    assert eventually_none(engine, validator.pid, 2)
    _, errors = validator.communicate(timeout=10)
    assert "KeyboardInterrupt" in errors
    assert "SandboxUnavailable" not in errors


def test_of_a_validator_that_is_killed_the_containers_end_by_themselves(validator, engine):
    assert ours(engine, validator.pid)
    validator.kill()
    validator.communicate()
    assert eventually_none(engine, validator.pid, 10)


def test_what_nobody_will_use_is_removed_at_the_next_start_and_nothing_else(docker, engine):
    docker.run(job("pass\n"))
    me = Owner.this_process()
    image = docker._readiness().result().pool._yard.image.id

    def leave(owner: Owner, seconds: float) -> str:
        labels = owner.labels("worker", time.time() + seconds)
        return engine.client.create_container(image, ["true"], labels=labels)["Id"]

    dead = leave(Owner(me.host, me.pid, "1"), 600)
    overdue = leave(Owner("another machine", 1, "1"), -5)
    strange = leave(Owner("another machine", 1, "1"), 600)
    stranger = engine.client.create_container(image, ["true"])["Id"]
    try:
        reap(engine, me)
        left = {c["Id"] for c in engine.client.containers(all=True)}
        assert {dead, overdue}.isdisjoint(left)
        assert {strange, stranger} <= left
        assert docker.run(job("print('still here')\n")).stdout == b"still here\n"
    finally:
        for container in (strange, stranger):
            engine.client.remove_container(container, force=True)


def test_a_failure_to_get_ready_is_told_to_everyone_who_asks(tmp_path, monkeypatch):
    def no_engine() -> None:
        raise SandboxUnavailable("no Docker engine answers", remedy="start Docker")

    monkeypatch.setattr(backend_module, "connect", no_engine)
    opened = open_backend(tmp_path)
    opened.start()
    for ask in (opened.target, lambda: opened.run(job("pass\n"))):
        with pytest.raises(SandboxUnavailable, match="no Docker engine answers"):
            ask()
    opened.close()
