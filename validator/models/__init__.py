"""Model servers: one thin client a wire dialect, all returning text and why it stopped."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from validator.facts import Stop

__all__ = ["Completion", "Message", "Model", "Usage"]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: Literal["system", "user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the server counted them; None where it did not say."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Completion:
    """What a model wrote in one go, and why it stopped."""

    text: str
    stop: Stop
    detail: str = ""
    """The server's own word for the stop, or what broke off: `length`, `the stream was silent`."""
    usage: Usage = field(default_factory=Usage)


class Model(Protocol):
    """Whatever can be asked."""

    def complete(self, messages: tuple[Message, ...]) -> Completion:
        """Return the model's next turn; a reply that was cut is a `Completion` all the same.

        Raises:
            ModelUnavailable: when there is no reply at all.
        """
