"""Conversations in one text: messages as JSON, or a transcript, taken apart into the model's turns.

What is recognised is told by the content alone. JSON that holds no messages, and a text without
turns, is what it looks like: a reply.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from validator.facts import Part, Reply, Stop
from validator.reading.transcripts import turns_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_STOPS = {
    "stop": Stop.COMPLETE, "end_turn": Stop.COMPLETE, "stop_sequence": Stop.COMPLETE,
    "completed": Stop.COMPLETE, "eos": Stop.COMPLETE, "STOP": Stop.COMPLETE,
    "length": Stop.LIMIT, "limit": Stop.LIMIT, "max_tokens": Stop.LIMIT, "MAX_TOKENS": Stop.LIMIT,
    "max_output_tokens": Stop.LIMIT,
    "model_context_window_exceeded": Stop.CONTEXT, "context": Stop.CONTEXT,
}  # fmt: skip
"""What OpenAI, Anthropic, Ollama, llama.cpp and Gemini call the ways a turn ends."""
_MODEL = frozenset({"assistant", "model", "ai", "gpt", "bot", "chatgpt"})
_SAID = ("text", "output_text")
"""Content blocks that are words to the user; the others are thoughts and pictures."""
_OUTPUT = ("message", "function_call")
_SHOWN_TURN = "{} turn {}"


def conversations_in(text: str, name: str) -> tuple[Reply, ...] | None:
    """Return the replies of a conversation, or None where `text` is a reply and nothing more.

    Known are OpenAI's, Anthropic's, Gemini's and Ollama's messages (`{"messages": […]}`, a bare
    list, content as text or blocks), a chat as ChatGPT exports it, servers' responses with why they
    stopped, several choices as a reply each, streams one object a line, a list of conversations as
    a reply each, and transcripts (`User:`, `### Human:`, `<|im_start|>`, `[INST]`, `> `).
    A part holds one turn of the model, its origin the turn's number or, in a transcript, its line.
    The tuple is empty where it is a conversation in which no model says anything.
    """
    if text.lstrip().startswith(("{", "[{", "[ ", "[\n", "data:")):
        data = _loaded(text)
        return None if data is None else _from_json(data, name)
    turns = turns_of(text)
    if turns is None:
        return None
    parts = tuple(Part(turn.text, name, begins_at=turn.line) for turn in turns if turn.text.strip())
    return (Reply(parts, name),) if parts else ()


def _loaded(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return _loaded_lines(text)


def _loaded_lines(text: str) -> Any:
    """Return the objects of a stream, one a line; None where a line holds something else."""
    objects: list[Any] = []
    for line in text.splitlines():
        said = line.removeprefix("data:").strip()
        if not said or said == "[DONE]" or said.startswith("event:"):
            continue
        try:
            objects.append(json.loads(said))
        except (ValueError, RecursionError):
            return None
    return _unstreamed(objects) if all(isinstance(each, dict) for each in objects) else None


# ── messages ─────────────────────────────────────────────────────────────────────────────────────


def _from_json(data: Any, name: str) -> tuple[Reply, ...] | None:
    if isinstance(data, list) and len(data) > 0 and all(map(_listed, map(_object, data))):
        each = [
            _from_json(one, f"{name} conversation {number}") for number, one in enumerate(data, 1)
        ]
        return tuple(reply for replies in each for reply in replies or ())
    exchanged = _object(_object(data).get("response"))
    if exchanged:
        asked = _object(data.get("request"))
        data = {**exchanged, "messages": asked.get("messages", ())}
    messages = _messages(data)
    ends = _endings(data)
    if not messages and not ends:
        return None
    before = tuple(_parts(messages, name))
    turn = len(messages) + 1
    if not ends:
        return (Reply(before, name),) if before else ()
    replies: list[Reply] = []
    for number, (words, stop) in enumerate(ends, 1):
        choice = f" choice {number}" if len(ends) > 1 else ""
        origin = _SHOWN_TURN.format(name, turn) if before else name
        if words.strip():
            replies.append(Reply((*before, Part(words, origin + choice, stop)), name))
    return tuple(replies)


def _messages(data: Any) -> list[dict[str, Any]]:
    """Return what has a role or a sender among the messages of a conversation."""
    listed = data if isinstance(data, list) else _listed(_object(data))
    said = [each for each in listed if isinstance(each, dict) and _role(each)]
    # A list of other things with a message-like one among them is data.
    return said if len(said) == len(listed) else []


def _listed(data: dict[str, Any]) -> list[Any]:
    for key in ("messages", "conversations", "conversation", "contents", "input"):
        if isinstance(data.get(key), list):
            return list(data[key])
    return _exported(data)


def _exported(data: dict[str, Any]) -> list[Any]:
    """Return the messages of a chat exported from ChatGPT: a tree, and the leaf that is shown."""
    nodes = _object(data.get("mapping"))
    messages: list[Any] = []
    at, seen = data.get("current_node"), set[str]()
    while isinstance(at, str) and at in nodes and at not in seen:
        seen.add(at)
        node = _object(nodes[at])
        message = _object(node.get("message"))
        if message:
            messages.append({**message, "role": _object(message.get("author")).get("role")})
        at = node.get("parent")
    return messages[::-1]


def _parts(messages: list[dict[str, Any]], name: str) -> Iterator[Part]:
    for number, message in enumerate(messages, 1):
        words = _turn(message)
        if _role(message) in _MODEL and words.strip():
            yield Part(words, _SHOWN_TURN.format(name, number), _stop(message))


def _endings(data: Any) -> list[tuple[str, Stop]]:
    """Return the words of a server's response, once a choice, and why each ended."""
    response = _object(data)
    choices = response.get("choices", response.get("candidates"))
    if isinstance(choices, list):
        return [(_chosen(each), _stop(each)) for each in map(_object, choices)]
    if isinstance(response.get("output"), list):
        items = [_object(item) for item in response["output"]]
        said = [_output(item) for item in items if item.get("type") in _OUTPUT]
        return [("\n\n".join(said), _stop(response))] if said else []
    message = _object(response.get("message"))
    if _role(message) in _MODEL:
        return [(_turn(message), _stop(response))]
    for key, telling in _ANSWERS:
        if isinstance(response.get(key), str) and any(mark in response for mark in telling):
            return [(_words(response[key]), _stop(response))]
    if _role(response) in _MODEL and "content" in response:
        return [(_turn(response), _stop(response))]
    return []


_ANSWERS = (
    ("response", ("done",)),
    ("completion", ("stop_reason", "prompt")),
    ("content", ("tokens_predicted", "stop_type")),
)
"""Where Ollama, Anthropic's first interface and llama.cpp put their words, and what tells them."""


def _chosen(choice: dict[str, Any]) -> str:
    message = _object(choice.get("message", choice.get("content")))
    return _turn(message) or _words(choice.get("text"))


def _unstreamed(objects: list[dict[str, Any]]) -> Any:
    """Return one response for the pieces of a stream: Ollama's, or messages one a line."""
    pieces = [_object(each.get("message")) for each in objects]
    if all(pieces) and objects:
        words = "".join(_words(piece.get("content")) for piece in pieces)
        return {**objects[-1], "message": {**pieces[0], "content": words}}
    if objects and all(isinstance(each.get("response"), str) for each in objects):
        return {**objects[-1], "response": "".join(each["response"] for each in objects)}
    changes = [_object(next(iter(each.get("choices") or ()), None)) for each in objects]
    if any(changes) and all("delta" in change or not change for change in changes):
        words = "".join(_words(_object(change.get("delta")).get("content")) for change in changes)
        named = (change.get("finish_reason") for change in reversed(changes))
        return {"choices": [{"text": words, "finish_reason": next(filter(None, named), None)}]}
    return objects


# ── fields ───────────────────────────────────────────────────────────────────────────────────────


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _role(message: dict[str, Any]) -> str:
    role = message.get("role", message.get("from"))
    return role.lower() if isinstance(role, str) else ""


def _turn(message: dict[str, Any]) -> str:
    """Return the words of a message, and the calls of tools it makes, each on a line as JSON."""
    words = _words(message.get("content", message.get("value", message.get("parts"))))
    calls = message.get("tool_calls")
    lines = [json.dumps(call) for call in calls] if isinstance(calls, list) else []
    return "\n".join([words, *lines]) if lines else words


def _output(item: dict[str, Any]) -> str:
    return json.dumps(item) if item["type"] == "function_call" else _words(item.get("content"))


def _words(content: Any) -> str:
    """Return the words of a message: its text, or the text of its blocks, fit to be encoded.

    A block that calls a tool may hold the program: it stays, as JSON on a line of its own.
    """
    if isinstance(content, dict):
        content = content.get("parts")
    if isinstance(content, list):
        blocks = [{"text": each} if isinstance(each, str) else _object(each) for each in content]
        said = [
            f"\n{json.dumps(each)}\n" if each.get("type") == "tool_use" else each.get("text")
            for each in blocks
            if each.get("type", "text") in (*_SAID, "tool_use")
        ]
        content = "".join(each for each in said if isinstance(each, str))
    # JSON can hold half of a surrogate pair, which no encoding of text can.
    return content.encode("utf-8", "replace").decode() if isinstance(content, str) else ""


_NAMING = (
    "finish_reason", "finishReason", "stop_reason", "done_reason", "stop_type", "status"
)  # fmt: skip


def _stop(message: dict[str, Any]) -> Stop:
    if message.get("stopped_limit") is True:  # llama.cpp before it named its ways to stop
        return Stop.LIMIT
    details = _object(message.get("incomplete_details"))
    named = (
        details.get("reason"),
        *(message.get(key) for key in _NAMING),
    )
    known = (_STOPS.get(each) for each in named if isinstance(each, str))
    return next((stop for stop in known if stop is not None), Stop.UNKNOWN)
