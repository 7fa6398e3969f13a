"""The vendors' own Python clients against our fakes: the fakes speak as the clients expect."""

from __future__ import annotations

from typing import Any

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

TEXT = "Here it is:\n\n```python\nprint(7)\n```\n"
ASK = [{"role": "user", "content": "Seven, please."}]
SHAPED_LIKE_OPENAI = (FakeLlamaCpp, FakeLlamaCppPython, FakeVllm, FakeOpenAI)


@pytest.fixture(scope="module")
def openai() -> Any:
    return pytest.importorskip("openai")


@pytest.fixture(scope="module")
def ollama() -> Any:
    return pytest.importorskip("ollama")


@pytest.fixture(scope="module")
def anthropic() -> Any:
    return pytest.importorskip("anthropic")


@pytest.mark.parametrize("fake", SHAPED_LIKE_OPENAI)
@pytest.mark.parametrize(("bound", "reason"), [(100, "stop"), (3, "length")])
def test_openai_chat(openai: Any, fake: type[FakeModelServer], bound: int, reason: str) -> None:
    with fake(TEXT) as running:
        client = openai.OpenAI(base_url=f"{running.url}/v1", api_key="k", max_retries=0)
        name = client.models.list().data[0].id
        whole = client.chat.completions.create(model=name, messages=ASK, max_tokens=bound)
        chunks = list(
            client.chat.completions.create(
                model=name,
                messages=ASK,
                max_tokens=bound,
                stream=True,
                stream_options={"include_usage": True},
            )
        )
    assert whole.choices[0].message.content == TEXT[: bound * 4]
    assert whole.choices[0].finish_reason == reason
    said = [chunk.choices[0] for chunk in chunks if chunk.choices]
    assert "".join(each.delta.content or "" for each in said) == TEXT[: bound * 4]
    assert said[-1].finish_reason == reason
    assert chunks[-1].usage.completion_tokens == whole.usage.completion_tokens


@pytest.mark.parametrize("fake", SHAPED_LIKE_OPENAI)
def test_openai_completions(openai: Any, fake: type[FakeModelServer]) -> None:
    with fake(TEXT) as running:
        client = openai.OpenAI(base_url=f"{running.url}/v1", api_key="k", max_retries=0)
        stream = client.completions.create(model="m", prompt="Seven", max_tokens=3, stream=True)
        chunks = [chunk.choices[0] for chunk in stream]
    assert "".join(each.text for each in chunks) == TEXT[:12]
    assert chunks[-1].finish_reason == "length"


def test_openai_sees_what_is_refused(openai: Any) -> None:
    with FakeOpenAI(TEXT, Manners(key="k-1")) as running:
        client = openai.OpenAI(base_url=f"{running.url}/v1", api_key="other", max_retries=0)
        with pytest.raises(openai.AuthenticationError):
            client.models.list()
    with FakeOpenAI(TEXT, Manners(busy=1)) as running:
        client = openai.OpenAI(base_url=f"{running.url}/v1", api_key="k", max_retries=0)
        with pytest.raises(openai.RateLimitError):
            client.chat.completions.create(model="m", messages=ASK)
    with FakeOpenAI(TEXT, Manners(refuses_max_tokens=True)) as running:
        client = openai.OpenAI(base_url=f"{running.url}/v1", api_key="k", max_retries=0)
        with pytest.raises(openai.BadRequestError, match="max_completion_tokens"):
            client.chat.completions.create(model="m", messages=ASK, max_tokens=3)


def test_openai_survives_an_interrupted_stream_that_ends_in_done(openai: Any) -> None:
    with FakeLlamaCppPython(TEXT, Manners(null_reason=True)) as running:
        client = openai.OpenAI(base_url=f"{running.url}/v1", api_key="k", max_retries=0)
        stream = client.chat.completions.create(model="m", messages=ASK, stream=True)
        said = list(stream)
    assert said[-1].choices[0].finish_reason is None


@pytest.mark.parametrize(("bound", "reason"), [(100, "stop"), (3, "length")])
def test_ollama_chat(ollama: Any, bound: int, reason: str) -> None:
    with FakeOllama(TEXT) as running:
        client = ollama.Client(host=running.url)
        assert client.list().models[0].model == "fake:1b"
        options = {"num_predict": bound}
        lines = list(client.chat(model="fake:1b", messages=ASK, options=options, stream=True))
    assert "".join(line.message.content for line in lines) == TEXT[: bound * 4]
    assert (lines[-1].done, lines[-1].done_reason) == (True, reason)


def test_ollama_sees_the_errors(ollama: Any) -> None:
    with FakeOllama(TEXT) as running:
        client = ollama.Client(host=running.url)
        with pytest.raises(ollama.ResponseError, match="'llama9' not found"):
            client.chat(model="llama9", messages=ASK)
    with FakeOllama(TEXT, Manners(error_after=2)) as running:
        client = ollama.Client(host=running.url)
        with pytest.raises(ollama.ResponseError, match="terminated"):
            list(client.chat(model="fake:1b", messages=ASK, stream=True))


@pytest.mark.parametrize("fake", [FakeAnthropic, FakeLlamaCpp])
@pytest.mark.parametrize(("bound", "reason"), [(100, "end_turn"), (3, "max_tokens")])
def test_anthropic_messages(
    anthropic, fake: type[FakeModelServer], bound: int, reason: str
) -> None:
    with fake(TEXT) as running:
        client = anthropic.Anthropic(base_url=running.url, api_key="k", max_retries=0)
        with client.messages.stream(model="m", max_tokens=bound, messages=ASK) as stream:
            said = "".join(stream.text_stream)
            message = stream.get_final_message()
    assert said == message.content[0].text == TEXT[: bound * 4]
    assert message.stop_reason == reason
    assert message.usage.output_tokens == len(said) // 4 + (len(said) % 4 > 0)


def test_anthropic_sees_the_errors(anthropic: Any) -> None:
    prefilled = [*ASK, {"role": "assistant", "content": "Here"}]
    with FakeAnthropic(TEXT, Manners(refuses_prefill=True)) as running:
        client = anthropic.Anthropic(base_url=running.url, api_key="k", max_retries=0)
        with pytest.raises(anthropic.BadRequestError, match="prefill"):
            list(client.messages.create(model="m", max_tokens=9, messages=prefilled, stream=True))
    with FakeAnthropic(TEXT, Manners(error_after=1)) as running:
        client = anthropic.Anthropic(base_url=running.url, api_key="k", max_retries=0)
        with pytest.raises(anthropic.APIStatusError, match="Overloaded"):
            list(client.messages.create(model="m", max_tokens=9, messages=ASK, stream=True))
