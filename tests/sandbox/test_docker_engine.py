"""Only an engine that really answers counts; everything else is one line and a next step."""

from __future__ import annotations

import hashlib
import json
import socket
import threading

import pytest

from validator.errors import SandboxUnavailable
from validator.sandbox.docker import engine
from validator.sandbox.docker.engine import asking, connect


@pytest.fixture
def answering(tmp_path):
    """Give a function that listens on a unix socket and answers everything with the same bytes."""
    listeners = []

    def listen(answer: bytes | None) -> dict[str, str]:
        path = str(tmp_path / "engine.sock")
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(path)
        listener.listen()
        listeners.append(listener)
        kept = []

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                kept.append(connection)
                if answer is not None:
                    connection.recv(65536)
                    connection.sendall(answer)
                    connection.close()

        threading.Thread(target=serve, daemon=True).start()
        return {"DOCKER_HOST": f"unix://{path}"}

    yield listen
    for listener in listeners:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def refusal(environ) -> SandboxUnavailable:
    with pytest.raises(SandboxUnavailable) as caught:
        connect(environ)
    assert "\n" not in str(caught.value)
    assert caught.value.remedy
    return caught.value


def test_no_socket(tmp_path):
    where = f"unix://{tmp_path}/none.sock"
    error = refusal({"DOCKER_HOST": where})
    assert str(error) == f"no Docker engine answers at {where}: No such file or directory"
    assert "docker info" in error.remedy


def test_nobody_listens():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        error = refusal({"DOCKER_HOST": f"tcp://127.0.0.1:{free.getsockname()[1]}"})
    assert "Connection refused" in str(error)


def test_somebody_listens_and_never_answers(answering, monkeypatch):
    monkeypatch.setattr(engine, "ANSWER_SECONDS", 0.2)
    assert "timed out" in str(refusal(answering(None))).lower()


def test_somebody_answers_who_is_no_engine(answering):
    refusal(answering(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"))


def test_somebody_answers_in_no_known_language(answering):
    refusal(answering(b"SSH-2.0-OpenSSH_9.2\r\n"))


def test_an_address_that_is_none():
    refusal({"DOCKER_HOST": "carrier-pigeon://coop"})


def test_a_context_that_is_not_there(tmp_path):
    assert "nowhere" in str(refusal({"DOCKER_CONTEXT": "nowhere"}))


@pytest.mark.parametrize("chosen_by", ["environment", "docker context use"])
def test_the_current_context_names_the_engine(tmp_path, monkeypatch, chosen_by):
    """As `docker context create far --docker host=unix://…` leaves it behind."""
    used = "far" if chosen_by == "docker context use" else "default"
    (tmp_path / "config.json").write_text(json.dumps({"currentContext": used}))
    folder = tmp_path / "contexts/meta" / hashlib.sha256(b"far").hexdigest()
    folder.mkdir(parents=True)
    endpoint = {"Host": f"unix://{tmp_path}/far.sock", "SkipTLSVerify": False}
    meta = {"Name": "far", "Metadata": {}, "Endpoints": {"docker": endpoint}}
    (folder / "meta.json").write_text(json.dumps(meta))
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    environ = {"DOCKER_CONTEXT": "far"} if chosen_by == "environment" else {}
    assert f"{tmp_path}/far.sock: No such file" in str(refusal(environ))


@pytest.mark.parametrize(
    ("raised", "said", "remedy"),
    [
        (PermissionError(13, "Permission denied"), "Permission denied", "usermod -aG docker"),
        (ConnectionResetError(104, "Connection reset by peer"), "Connection reset", "docker info"),
    ],
)
def test_the_systems_word_is_found_however_deep_it_is_wrapped(raised, said, remedy):
    import requests
    import urllib3

    inner = urllib3.exceptions.ProtocolError("Connection aborted.", raised)
    with pytest.raises(SandboxUnavailable, match=said) as caught, asking("list containers"):
        raise requests.ConnectionError(inner)
    assert str(caught.value) == f"the Docker engine failed to list containers: {raised.strerror}"
    assert remedy in caught.value.remedy


ANSWER = {"OSType": "linux", "ID": "it", "NCPU": 4, "MemoryLimit": True, "PidsLimit": True}


@pytest.mark.parametrize(
    ("said", "refused"),
    [
        ({"OSType": "windows"}, "windows containers"),
        ({"MemoryLimit": False}, "cannot limit memory"),
        ({"PidsLimit": False}, "cannot limit processes"),
    ],
)
def test_an_engine_that_cannot_hold_a_program_is_none(said, refused):
    assert engine._described(None, ANSWER).cpus == 4
    with pytest.raises(SandboxUnavailable, match=refused) as caught:
        engine._described(None, ANSWER | said)
    assert caught.value.remedy


def test_the_identity_follows_what_decides_whether_jails_work():
    identity = engine._described(None, ANSWER).identity
    assert engine._described(None, ANSWER | {"NCPU": 8}).identity == identity
    for change in ({"KernelVersion": "7.0"}, {"SecurityOptions": ["name=apparmor"]}, {"ID": "x"}):
        assert engine._described(None, ANSWER | change).identity != identity


def test_a_mistake_of_our_own_is_not_blamed_on_the_engine():
    with pytest.raises(ZeroDivisionError), asking("divide"):
        raise ZeroDivisionError
