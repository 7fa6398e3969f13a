"""Every dialect over a real connection, against fakes with the manners of the real servers."""

from __future__ import annotations

import ssl
import subprocess
from typing import TYPE_CHECKING

import pytest
from fake_model_servers import (
    FakeAnthropic,
    FakeLlamaCpp,
    FakeLlamaCppPython,
    FakeModelServer,
    FakeOllama,
    FakeOpenAI,
    FakeVllm,
    Manners,
)

from validator.errors import ModelUnavailable
from validator.facts import Stop
from validator.models import Completion, Message, Usage
from validator.models.continuing import go_on, takes_up
from validator.models.probing import Connected, connect
from validator.models.wire import Server

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TEXT = "Here it is:\n\n```python\nfor number in range(3):\n    print(number)\n```\n"
ASK = (Message("user", "Count to two."),)
Fake = type[FakeModelServer]
EVERY: tuple[tuple[Fake, str], ...] = (
    (FakeLlamaCpp, ""),
    (FakeLlamaCpp, "/completion"),
    (FakeLlamaCpp, "/v1/completions"),
    (FakeLlamaCpp, "/v1/messages"),
    (FakeLlamaCppPython, ""),
    (FakeLlamaCppPython, "/v1/completions"),
    (FakeVllm, ""),
    (FakeOpenAI, ""),
    (FakeOllama, ""),
    (FakeAnthropic, ""),
)
every_dialect = pytest.mark.parametrize(("fake", "route"), EVERY)


def reached(fake: FakeModelServer, route: str = "", **settings: object) -> Connected:
    waits: Callable[[float], None] = lambda seconds: None  # noqa: E731
    server = Server(fake.url + route, **{"pause": waits, **settings})  # type: ignore[arg-type]
    return connect(server)


# ── what a server is ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("fake", "route", "words"),
    [
        (FakeLlamaCpp, "", "fake.gguf at URL (OpenAI chat of llama.cpp, 8192 tokens of context)"),
        (
            FakeLlamaCpp,
            "/v1",
            "fake.gguf at URL (OpenAI chat of llama.cpp, 8192 tokens of context)",
        ),
        (
            FakeLlamaCpp,
            "/completion",
            "fake.gguf at URL (llama.cpp completion of llama.cpp, 8192 tokens of context)",
        ),
        (FakeLlamaCppPython, "", "fake.gguf at URL (OpenAI chat)"),
        (FakeVllm, "", "fake/vllm at URL (OpenAI chat of vLLM, 8192 tokens of context)"),
        (FakeOllama, "", "fake:1b at URL (Ollama chat of Ollama)"),
        (FakeAnthropic, "", "claude-fake at URL (Anthropic messages of Anthropic)"),
        (FakeOpenAI, "/v1/chat/completions", "gpt-fake at URL (OpenAI chat)"),
    ],
)
def test_an_address_is_enough(fake: Fake, route: str, words: str) -> None:
    with fake() as running:
        assert reached(running, route).words.replace(running.url, "URL") == words


def test_a_named_model_is_asked_for_by_its_name() -> None:
    with FakeOpenAI() as running:
        reached(running, name="gpt-other").model.complete(ASK)
        assert running.generations()[0].body["model"] == "gpt-other"


def test_the_users_own_context_stands_for_what_the_server_says() -> None:
    with FakeOllama() as running:
        found = connect(Server(running.url), 2048)
        found.model.complete(ASK)
        assert found.model.context_tokens == 2048
        assert running.generations()[0].body["options"]["num_ctx"] == 2048


def test_a_server_of_something_else_is_said_to_be_none() -> None:
    class FakeShop(FakeModelServer):
        def answer(self, exchange: object) -> None:
            exchange.json(200, {"welcome": "to the shop"})  # type: ignore[attr-defined]

    with (
        FakeShop() as running,
        pytest.raises(ModelUnavailable, match="speaks no dialect") as raised,
    ):
        reached(running)
    assert "/v1/chat/completions" in raised.value.remedy


def test_a_server_that_wants_a_key_says_so_while_it_is_probed() -> None:
    with FakeOpenAI(manners=Manners(key="k-1")) as running:
        with pytest.raises(ModelUnavailable, match="answered 401") as raised:
            reached(running)
        assert "--api-key-env" in raised.value.remedy
        assert reached(running, api_key="k-1").model.complete(ASK).text == "Hello, you."


def test_a_wrong_endpoint_names_the_one_the_server_has() -> None:
    # The evening's own failure: llama-cpp-python has no /completion.
    with FakeLlamaCppPython() as running:
        model = reached(running, "/completion").model
        with pytest.raises(ModelUnavailable) as raised:
            model.complete(ASK)
    assert str(raised.value) == (
        f"the model server answered 404 at {running.url}/completion: Not Found. The server has no "
        "such endpoint; it has /v1/chat/completions (OpenAI chat)"
    )
    assert raised.value.remedy.endswith(f"--model {running.url}")


def test_a_model_that_ollama_has_not_got_is_answered_with_those_it_has() -> None:
    with FakeOllama() as running, pytest.raises(ModelUnavailable) as raised:
        reached(running, name="llama9").model.complete(ASK)
    assert "model 'llama9' not found; it has fake:1b" in str(raised.value)


# ── a reply ──────────────────────────────────────────────────────────────────────────────────────


@every_dialect
def test_a_whole_reply(fake: Fake, route: str) -> None:
    with fake(TEXT) as running:
        said = reached(running, route).model.complete(ASK)
    assert (said.text, said.stop) == (TEXT, Stop.COMPLETE)
    assert said.usage.completion_tokens == -(-len(TEXT) // 4)
    assert said.usage.prompt_tokens == 9


@every_dialect
def test_a_bound_is_always_sent_and_a_cut_reply_says_so(fake: Fake, route: str) -> None:
    with fake(TEXT) as running:
        said = reached(running, route).model.complete(ASK, max_tokens=5)
    assert (said.text, said.stop) == (TEXT[:20], Stop.LIMIT)


@every_dialect
def test_a_cut_reply_is_taken_up_to_its_last_character(fake: Fake, route: str) -> None:
    with fake(TEXT) as running:
        model = reached(running, route).model
        begun = model.complete(ASK, max_tokens=5)
        rest = go_on(model, ASK, begun.text, begun.stop)
    if rest.exact:
        assert begun.text + rest.text == TEXT
    elif takes_up(model):
        assert fake is FakeOllama, "whose models differ in it"
        assert begun.text + rest.text == TEXT
    else:
        asked = running.generations()[-1].body["messages"]
        assert [each["role"] for each in asked] == ["user", "assistant", "user"]
        assert "Go on exactly after its last lines" in asked[-1]["content"]


def test_only_servers_that_go_on_at_the_character_are_said_to_be_exact() -> None:
    exact = set()
    for fake, route in EVERY:
        with fake(TEXT) as running:
            model = reached(running, route).model
            if go_on(model, ASK, TEXT[:20], Stop.LIMIT).exact:
                exact.add((fake, route))
    assert exact == {
        (FakeLlamaCpp, ""),
        (FakeLlamaCpp, "/completion"),
        (FakeLlamaCpp, "/v1/completions"),
        (FakeLlamaCpp, "/v1/messages"),
        (FakeLlamaCppPython, "/v1/completions"),
        (FakeVllm, ""),
        (FakeAnthropic, ""),
    }


def test_where_a_prefill_is_refused_the_rest_is_asked_for_in_words() -> None:
    with FakeAnthropic(TEXT, Manners(refuses_prefill=True)) as running:
        model = reached(running).model
        rest = go_on(model, ASK, TEXT[:20], Stop.LIMIT)
    assert not rest.exact
    assert running.generations()[-1].body["messages"][-1]["role"] == "user"


def test_white_space_at_the_cut_is_neither_lost_nor_doubled() -> None:
    with FakeAnthropic(TEXT) as running:
        model = reached(running).model
        cut = TEXT.index("    print") + 2  # inside the indentation
        assert TEXT[:cut] + go_on(model, ASK, TEXT[:cut], Stop.LIMIT).text == TEXT


def test_a_full_context_is_gone_on_from_its_end_alone() -> None:
    long = "".join(f"line_{number} = {number}\n" for number in range(500))
    with FakeLlamaCpp("rest = 1\n") as running:
        rest = go_on(reached(running).model, ASK, long, Stop.CONTEXT)
    shown = running.generations()[-1].body["messages"]
    assert shown[-1]["role"] == "user"
    assert "line_499 = 499" in shown[-2]["content"]
    assert "line_100 = 100" not in shown[-2]["content"]
    assert not rest.exact


def test_a_new_name_for_the_bound_is_tried_where_the_old_one_is_refused() -> None:
    with FakeOpenAI(TEXT, Manners(refuses_max_tokens=True)) as running:
        said = reached(running).model.complete(ASK, max_tokens=5)
    assert said.stop is Stop.LIMIT
    assert [
        sorted(set(each.body) & {"max_tokens", "max_completion_tokens"})
        for each in running.generations()
    ] == [["max_tokens"], ["max_completion_tokens"]]


# ── what goes wrong ──────────────────────────────────────────────────────────────────────────────

STREAMS = (FakeLlamaCpp, FakeLlamaCppPython, FakeOllama, FakeAnthropic)


@pytest.mark.parametrize("fake", STREAMS)
def test_a_server_that_is_loading_is_waited_for(fake: Fake) -> None:
    waited: list[float] = []
    with fake(manners=Manners(loading=3)) as running:
        said = reached(running, pause=waited.append).model.complete(ASK)
    assert said.text == "Hello, you."
    assert waited == [1.0, 2.0, 4.0]


def test_a_server_that_never_has_its_model_is_given_up() -> None:
    waited: list[float] = []
    with (
        FakeLlamaCpp(manners=Manners(loading=1000)) as running,
        pytest.raises(ModelUnavailable, match=r"503 .*Loading model") as raised,
    ):
        reached(running, pause=waited.append)
    assert sum(waited) <= 180
    assert "loading" in raised.value.remedy


def test_a_busy_server_is_left_alone_for_as_long_as_it_asks() -> None:
    waited: list[float] = []
    with FakeOpenAI(manners=Manners(busy=1, retry_after="7")) as running:
        assert reached(running, pause=waited.append).model.complete(ASK).text == "Hello, you."
    assert waited == [7.0]


def test_a_server_that_is_busy_for_an_hour_is_not_waited_for() -> None:
    waited: list[float] = []
    with FakeOpenAI(manners=Manners(busy=9, retry_after="3600")) as running:
        model = reached(running, pause=waited.append).model
        with pytest.raises(ModelUnavailable) as raised:
            model.complete(ASK)
    assert waited == []
    assert raised.value.remedy == "try again in 3600 s"


def test_a_reply_that_has_begun_is_never_asked_for_again() -> None:
    with FakeLlamaCpp(TEXT, Manners(broken_after=3)) as running:
        said = reached(running).model.complete(ASK)
    assert (said.stop, said.text) == (Stop.INTERRUPTED, TEXT[:8])
    assert len(running.generations()) == 1


@pytest.mark.parametrize(
    ("fake", "manners", "expected"),
    [
        (
            FakeLlamaCppPython,
            Manners(null_reason=True),
            Completion(
                TEXT, Stop.INTERRUPTED, "the stream ended without a reason to stop", Usage(9, 18)
            ),
        ),
        (
            FakeLlamaCppPython,
            Manners(no_done=True),
            Completion(TEXT, Stop.COMPLETE, "stop", Usage(9, 18)),
        ),
        (
            FakeLlamaCppPython,
            Manners(pings=True),
            Completion(TEXT, Stop.COMPLETE, "stop", Usage(9, 18)),
        ),
        (
            FakeOllama,
            Manners(null_reason=True),
            Completion(
                TEXT, Stop.INTERRUPTED, "the stream ended without a reason to stop", Usage(9, 18)
            ),
        ),
        (
            FakeOllama,
            Manners(error_after=2),
            Completion(
                TEXT[:8], Stop.ERROR, "the server said: llama runner process has terminated"
            ),
        ),
        (
            FakeLlamaCpp,
            Manners(error_after=2),
            Completion(TEXT[:8], Stop.ERROR, "the server said: out of memory"),
        ),
        (
            FakeAnthropic,
            Manners(error_after=2),
            Completion(TEXT[:8], Stop.ERROR, "the server said: Overloaded", Usage(9, 1)),
        ),
        (
            FakeLlamaCpp,
            Manners(drip_seconds=0.01),
            Completion(TEXT, Stop.COMPLETE, "stop", Usage(9, 18)),
        ),
    ],
)
def test_a_stream_with_manners_of_its_own(
    fake: Fake, manners: Manners, expected: Completion
) -> None:
    with fake(TEXT, manners) as running:
        assert reached(running).model.complete(ASK) == expected


def test_an_empty_body_after_200_is_no_reply() -> None:
    with FakeLlamaCppPython(manners=Manners(empty_body=True)) as running:
        model = reached(running).model
        with pytest.raises(ModelUnavailable, match="empty stream") as raised:
            model.complete(ASK)
    assert "--n_ctx" in raised.value.remedy


@pytest.mark.parametrize("fake", STREAMS)
def test_a_server_that_falls_silent_is_left_and_notices(fake: Fake) -> None:
    with fake(TEXT, Manners(silent_after=6)) as running:
        said = reached(running, idle_seconds=0.3).model.complete(ASK)
        assert running.left.wait(timeout=10), "the server would go on generating"
    assert (said.stop, said.detail) == (Stop.INTERRUPTED, "the server was silent for 0.3 s")
    assert TEXT.startswith(said.text)


def test_a_reply_that_takes_too_long_in_all_is_left_though_words_keep_coming() -> None:
    with FakeLlamaCpp("word " * 2000, Manners(drip_seconds=0.02)) as running:
        said = reached(running, total_seconds=0.3).model.complete(ASK)
        assert running.left.wait(timeout=10)
    assert (said.stop, said.detail) == (Stop.INTERRUPTED, "the reply took longer than 0.3 s")
    assert said.text.startswith("word word")


def test_no_connection_is_used_twice() -> None:
    # llama.cpp was seen to close a reused one without an answer.
    with FakeLlamaCpp(TEXT) as running:
        model = reached(running).model
        model.complete(ASK)
        model.complete(ASK)
    connections = [each.connection for each in running.asked]
    assert len(set(connections)) == len(connections)


def test_a_proxy_of_the_environment_is_not_asked_for_this_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.delenv("NO_PROXY", raising=False)
    with FakeLlamaCpp(TEXT) as running:
        assert reached(running).model.complete(ASK).text == TEXT


# ── TLS ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for loopback that nobody but its file vouches for; its key beside it."""
    folder = tmp_path_factory.mktemp("tls")
    made = subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
            "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
            "-keyout", str(folder / "key.pem"), "-out", str(folder / "certificate.pem"),
        ],
        capture_output=True,
        check=False,
    )  # fmt: skip
    if made.returncode:
        pytest.skip("openssl cannot make a certificate here")
    return folder / "certificate.pem"


def over_tls(certificate: Path) -> FakeLlamaCpp:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.with_name("key.pem"))
    return FakeLlamaCpp(TEXT, tls=context)


def test_a_private_authority_is_trusted_where_it_is_named(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with over_tls(certificate) as running:
        assert reached(running).model.complete(ASK).text == TEXT


def test_an_authority_nobody_named_is_said_to_be_the_reason(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    with (
        over_tls(certificate) as running,
        pytest.raises(ModelUnavailable, match="certificate is not trusted") as raised,
    ):
        reached(running)
    assert "SSL_CERT_FILE" in raised.value.remedy
