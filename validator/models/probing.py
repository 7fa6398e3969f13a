"""Which dialect a server speaks, found out by asking it what it is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import httpx

from validator.errors import ModelUnavailable
from validator.models import anthropic, llama_cpp, ollama, openai_chat, openai_completions
from validator.models.refusing import KEY_STATUSES, Refused, shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from validator.models.wire import Server

Client = (
    openai_chat.OpenAIChat
    | openai_completions.OpenAICompletions
    | llama_cpp.LlamaCpp
    | ollama.Ollama
    | anthropic.Anthropic
)
"""A model behind one of the dialects known here."""

_ROUTES = (
    ("/chat/completions", "OpenAI chat"),
    ("/completions", "OpenAI completions"),
    ("/completion", "llama.cpp completion"),
    ("/api/chat", "Ollama chat"),
    ("/messages", "Anthropic messages"),
)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What a server was found to be, and where it is asked."""

    dialect: str
    """`OpenAI chat`, `OpenAI completions`, `llama.cpp completion`, `Ollama chat` or so on."""
    path: str
    program: str = ""
    """What the server is, where it can be told: `llama.cpp`, `vLLM`."""
    models: tuple[str, ...] = ()
    """Names of the models it has, the first of which it is asked for unless one is named."""
    context_tokens: int | None = None
    """The size of the model's context, where it tells."""

    @property
    def words(self) -> str:
        """The dialect and the program, as a person would say them."""
        return self.dialect + (f" of {self.program}" if self.program else "")


@dataclass(frozen=True, slots=True)
class Connected:
    """A model ready to be asked, and what it was found to be."""

    model: Client
    endpoint: Endpoint
    server: Server

    @property
    def words(self) -> str:
        """One line that says who is asked, and how."""
        name = self.server.name or "the model"
        size = self.endpoint.context_tokens
        context = f", {size} tokens of context" if size else ""
        return f"{name} at {shown(self.server.url)} ({self.endpoint.words}{context})"


def connect(server: Server, context_tokens: int | None = None) -> Connected:
    """Find out how the server at `server.url` is spoken to.

    An address that ends in a route is taken at its word; any other is probed. `context_tokens`,
    where given, stands for what the server says.

    Raises:
        ModelUnavailable: when no server answers there, or none that speaks any dialect known here.
    """
    root, named = _named(server)
    found = _quietly(root) if named else endpoint_of(root)
    if found is not None:
        root = replace(root, has=f"{found.path} ({found.words})", models=found.models)
    endpoint = _chosen(named, found)
    if endpoint is None:
        raise ModelUnavailable(
            f"the server at {shown(root.url)} speaks no dialect known here: it has neither "
            "/v1/models, /props nor /api/version",
            remedy="name the whole endpoint, such as http://localhost:8000/v1/chat/completions",
        )
    endpoint = replace(endpoint, context_tokens=context_tokens or endpoint.context_tokens)
    if not root.name and endpoint.models:
        root = replace(root, name=endpoint.models[0])
    return Connected(_CLIENTS[endpoint.dialect](root, endpoint), endpoint, root)


def _named(server: Server) -> tuple[Server, Endpoint | None]:
    """Return the server's root, and the endpoint its address names, if it names one."""
    for route, dialect in _ROUTES:
        if server.url.endswith(route):
            below = server.url[: -len(route)]
            root = below.removesuffix("/v1")
            return replace(server, url=root), Endpoint(dialect, below[len(root) :] + route)
    return replace(server, url=server.url.removesuffix("/v1")), None


def _chosen(named: Endpoint | None, found: Endpoint | None) -> Endpoint | None:
    """Return the endpoint the address names, with what the server tells of itself."""
    if named is None or found is None:
        return named or found
    return replace(found, dialect=named.dialect, path=named.path)


def _quietly(server: Server) -> Endpoint | None:
    try:
        return endpoint_of(server)
    except ModelUnavailable:
        return None


def endpoint_of(server: Server) -> Endpoint | None:
    """Return what answers at the server's root, or None where nothing known does.

    Raises:
        ModelUnavailable: when no server answers, or it wants a key.
    """
    if server.url.endswith("//api.anthropic.com"):
        return Endpoint("Anthropic messages", anthropic.PATH, "Anthropic")
    wants_key: Refused | None = None
    for ask in (_llama_cpp, _ollama, _openai):
        try:
            found = ask(server)
        except Refused as refusal:
            if refusal.status not in KEY_STATUSES:
                raise
            wants_key = refusal  # it may be another route's key
            continue
        if found is not None:
            return found
    if wants_key is not None:
        raise wants_key
    return None


def _llama_cpp(server: Server) -> Endpoint | None:
    said = server.question("GET", "/props")
    defaults = said.get("default_generation_settings") if isinstance(said, dict) else None
    if not isinstance(defaults, dict):
        return None
    return Endpoint(
        "OpenAI chat",
        openai_chat.PATH,
        "llama.cpp",
        _names(server.question("GET", "/v1/models")),
        _whole(defaults.get("n_ctx")),
    )


def _ollama(server: Server) -> Endpoint | None:
    said = server.question("GET", "/api/version")
    if not (isinstance(said, dict) and isinstance(said.get("version"), str)):
        return None
    tags = server.question("GET", "/api/tags")
    return Endpoint("Ollama chat", ollama.PATH, "Ollama", _names(tags, "models", "name"))


def _openai(server: Server) -> Endpoint | None:
    version = "/v1"
    said = server.question("GET", "/v1/models")
    if said is None and httpx.URL(server.url).path not in ("", "/"):
        version, said = "", server.question("GET", "/models")
    listed = said.get("data") if isinstance(said, dict) else None
    if not isinstance(listed, list):
        return None
    first = listed[0] if listed and isinstance(listed[0], dict) else {}
    if first.get("type") == "model" and "object" not in first:
        return Endpoint("Anthropic messages", anthropic.PATH, "Anthropic", _names(said))
    vllm = first.get("owned_by") == "vllm"
    return Endpoint(
        "OpenAI chat",
        version + "/chat/completions",
        "vLLM" if vllm else "",
        _names(said),
        _whole(first.get("max_model_len")),
    )


def _names(said: Any, field: str = "data", key: str = "id") -> tuple[str, ...]:
    listed = said.get(field) if isinstance(said, dict) else None
    entries = (
        [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
    )
    return tuple(each[key] for each in entries if isinstance(each.get(key), str))


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and value > 0 else None


_CONTINUES = {"llama.cpp": "trailing", "vLLM": "flagged"}


def _chat(server: Server, endpoint: Endpoint) -> openai_chat.OpenAIChat:
    return openai_chat.OpenAIChat(
        server,
        endpoint.path,
        endpoint.context_tokens,
        _CONTINUES.get(endpoint.program, ""),  # type: ignore[arg-type]  # its own three words
    )


_CLIENTS: dict[str, Callable[[Server, Endpoint], Client]] = {
    "OpenAI chat": _chat,
    "OpenAI completions": lambda server, found: openai_completions.OpenAICompletions(
        server, found.path, found.context_tokens
    ),
    "llama.cpp completion": lambda server, found: llama_cpp.LlamaCpp(
        server, found.path, found.context_tokens
    ),
    "Ollama chat": lambda server, found: ollama.Ollama(server, found.path, found.context_tokens),
    "Anthropic messages": lambda server, found: anthropic.Anthropic(
        server, found.path, found.context_tokens
    ),
}
