"""A real llama.cpp server and a real llama-cpp-python server, with a model that says what we wrote.

    VALIDATOR_LLAMA_SERVER=/path/to/llama-server pytest -m llama_server tests/models
    VALIDATOR_LLAMA_CPP_PYTHON=/path/to/venv/bin/python pytest -m llama_cpp_python tests/models

docs/repair.md says where to have either from.
"""

from __future__ import annotations

import os
import socket
import subprocess
import time
from typing import TYPE_CHECKING

import httpx
import pytest
from scripted_gguf import Script, write

from validator.facts import Reply, SourceFile, Stop, Submission
from validator.findings import Finding, Location, Report, Severity, Verdict
from validator.models import Message
from validator.models.continuing import go_on
from validator.models.probing import connect
from validator.models.wire import Server
from validator.reading import read
from validator.repair import Budget, repair

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BROKEN = "Here is the program:\n\n```python\nimport math\n\n\nprint(aera(2))\n```\n"
MENDED = (
    "Corrected, thanks:\n\n```python\nfrom math import pi\n\nradius = 2\n"
    "print(pi * radius**2)\n```\nDone.\n"
)
SCRIPT = Script(
    {"broken": BROKEN, "mended": MENDED, "endless": "again and Again or AGAIN; "},
    "broken",
    (("undefined-name", "mended"), ("for ever", "endless")),
    frozenset({"endless"}),
)
ASK = (Message("user", "Write a program."),)
FOR_EVER = (Message("user", "Talk for ever."),)
READY_SECONDS = 60


@pytest.fixture(scope="module")
def gguf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("gguf")
    path = tmp_path_factory.mktemp("model") / "scripted.gguf"
    write(path, SCRIPT)
    return path


def serving(command: list[str], ready: str) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [*command, "--host", "127.0.0.1", "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(READY_SECONDS * 10):
            assert process.poll() is None, "the server ended by itself"
            try:
                if httpx.get(url + ready).status_code == 200:
                    break
            except httpx.HTTPError:
                pass
            time.sleep(0.1)
        yield url
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def llama_server(gguf: Path) -> Iterator[str]:
    path = os.environ.get("VALIDATOR_LLAMA_SERVER")
    if not path:
        pytest.skip("VALIDATOR_LLAMA_SERVER names no server")
    # As many options as a build without a graphics card needs.
    yield from serving([path, "-m", str(gguf), "-c", "4096", "--device", "none"], "/health")


@pytest.fixture(scope="module")
def llama_cpp_python(gguf: Path) -> Iterator[str]:
    python = os.environ.get("VALIDATOR_LLAMA_CPP_PYTHON")
    if not python:
        pytest.skip("VALIDATOR_LLAMA_CPP_PYTHON names no Python")
    command = [python, "-m", "llama_cpp.server", "--model", str(gguf), "--n_ctx", "4096"]
    yield from serving(command, "/v1/models")


ROUTES = ("", "/completion", "/v1/completions", "/v1/messages")
every_route = pytest.mark.parametrize("route", ROUTES)


@pytest.mark.llama_server
@every_route
def test_llama_cpp_says_what_was_written(llama_server: str, route: str) -> None:
    said = connect(Server(llama_server + route)).model.complete(ASK)
    assert (said.text, said.stop) == (BROKEN, Stop.COMPLETE)
    assert said.usage.completion_tokens


@pytest.mark.llama_server
def test_llama_cpp_tells_its_context(llama_server: str) -> None:
    assert connect(Server(llama_server)).model.context_tokens == 4096


@pytest.mark.llama_server
@every_route
def test_llama_cpp_goes_on_at_the_very_character(llama_server: str, route: str) -> None:
    model = connect(Server(llama_server + route)).model
    text, stop, pieces = "", Stop.LIMIT, 0
    while stop is Stop.LIMIT and pieces < 20:
        said = (
            go_on(model, ASK, text, stop, max_tokens=4)
            if text
            else model.complete(ASK, max_tokens=4)
        )
        assert said.exact or not text
        text, stop, pieces = text + said.text, said.stop, pieces + 1
    assert (text, stop) == (BROKEN, Stop.COMPLETE)
    assert pieces >= 3


@pytest.mark.llama_server
@every_route
def test_llama_cpp_is_stopped_by_the_bound(llama_server: str, route: str) -> None:
    if route in ("/completion", "/v1/completions"):
        pytest.skip("without the chat's template, this model says its default")
    said = connect(Server(llama_server + route)).model.complete(FOR_EVER, max_tokens=50)
    assert said.stop is Stop.LIMIT
    assert said.text.startswith("again and Again or AGAIN; again and Again")


@pytest.mark.llama_server
def test_llama_cpp_says_which_endpoint_it_has(llama_server: str) -> None:
    from validator.errors import ModelUnavailable

    model = connect(Server(llama_server + "/api/chat", "tiny")).model
    with pytest.raises(ModelUnavailable, match=r"it has /v1/chat/completions \(OpenAI chat of"):
        model.complete(ASK)


def judge(reply: Reply) -> Report:
    """Stand in for validation: a program that asks for `aera` is wrong, any other is right."""
    submission: Submission = read(reply)
    texts: list[SourceFile] = [file for file in submission.files if "aera" in file.text]
    found = tuple(
        Finding(
            "RV206",
            "undefined-name",
            Severity.ERROR,
            "nothing defines `aera`",
            Location(file.path, 4),
        )
        for file in texts
    )
    return Report(submission, Verdict.FAILED if found else Verdict.PASSED, None, findings=found)


@pytest.mark.llama_server
@pytest.mark.parametrize("reply_tokens", [4096, 9])
def test_a_whole_repair_with_llama_cpp(llama_server: str, reply_tokens: int) -> None:
    budget = Budget(reply_tokens=reply_tokens)
    story = repair("Write a program.", model=llama_server, validate=judge, budget=budget)
    assert story.stopped_because == "passed"
    assert [round_.reply.parts[0].text for round_ in story.rounds] == [BROKEN, MENDED]
    assert all((len(each.pieces) > 1) == (reply_tokens == 9) for each in story.rounds)


@pytest.mark.llama_cpp_python
def test_llama_cpp_python_starts_over_in_a_chat_and_goes_on_in_a_completion(
    llama_cpp_python: str,
) -> None:
    chat = connect(Server(llama_cpp_python)).model
    begun = chat.complete(ASK, max_tokens=4)
    assert begun.stop is Stop.LIMIT
    assert not go_on(chat, ASK, begun.text, begun.stop, max_tokens=4).exact
    raw = connect(Server(llama_cpp_python + "/v1/completions")).model
    assert begun.text + go_on(raw, ASK, begun.text, begun.stop).text == BROKEN


@pytest.mark.llama_cpp_python
def test_llama_cpp_python_says_which_endpoint_it_has(llama_cpp_python: str) -> None:
    from validator.errors import ModelUnavailable

    model = connect(Server(llama_cpp_python + "/completion")).model
    with pytest.raises(ModelUnavailable, match=r"Not Found\. .* it has /v1/chat/completions"):
        model.complete(ASK)


@pytest.mark.llama_cpp_python
def test_llama_cpp_python_is_free_again_when_a_client_leaves(llama_cpp_python: str) -> None:
    server = Server(llama_cpp_python, total_seconds=0.2)
    connect(server).model.complete(FOR_EVER, max_tokens=3000)
    assert connect(Server(llama_cpp_python)).model.complete(ASK).text == BROKEN


def test_the_pieces_of_a_script_are_the_text_and_occur_once() -> None:
    everything = "\0".join(SCRIPT.replies.values())
    from scripted_gguf import pieces

    for text in SCRIPT.replies.values():
        cut = pieces(text, everything)
        assert "".join(cut) == text
        assert all(everything.count(piece) == 1 for piece in cut)
