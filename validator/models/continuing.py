"""A reply that was cut, taken up where it broke off: by its own server, or by asking in words."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from validator.facts import Stop, split_lines
from validator.models import MAX_TOKENS, Message, Prefills

if TYPE_CHECKING:
    from validator.models import Completion, Model

LAST_LINES_SHOWN = 3
TAIL_LINES = 60
"""What is shown of a reply that filled the context: enough to go on from."""
_BEGAN_ANEW_CHARACTERS = 40

GO_ON = """\
Your reply was cut off. Go on exactly after its last lines, which were:

{last}

Write only what comes after them: no greeting, no repetition, no new beginning.
"""


def go_on(
    model: Model,
    messages: tuple[Message, ...],
    so_far: str,
    stop: Stop,
    *,
    max_tokens: int = MAX_TOKENS,
) -> Completion:
    """Return what the model writes after `so_far`, the beginning of its answer to `messages`.

    `exact` in what is returned says that the two make one text as they stand; otherwise the join is
    for a reader to find.

    Raises:
        ModelUnavailable: when not one word came.
    """
    # What filled the context once would fill it again.
    if stop is not Stop.CONTEXT and isinstance(model, Prefills):
        said = model.prefill(messages, so_far, max_tokens=max_tokens)
        if said is not None:
            return said
    return model.complete(asking_in_words(messages, so_far, stop), max_tokens=max_tokens)


def asking_in_words(messages: tuple[Message, ...], so_far: str, stop: Stop) -> tuple[Message, ...]:
    """Return the conversation that asks for the rest of a reply, where no server can be told to.

    Of a reply that filled the context, only its end is shown.
    """
    lines = split_lines(so_far)
    shown = "\n".join(lines[-TAIL_LINES:]) if stop is Stop.CONTEXT else so_far
    last = "\n".join([line for line in lines if line.strip()][-LAST_LINES_SHOWN:])
    return (
        *messages,
        Message("assistant", shown),
        Message("user", GO_ON.format(last=last)),
    )


def without_echo(
    said: Completion, given: str, unsent: str = "", *, exact: bool = True
) -> Completion:
    """Return `said` without the text it was given to go on from, where it repeats it.

    `unsent` is white space the text ended with and the server was not shown. A model that began
    anew instead of going on is told by its first words, and never called exact.
    """
    if given and said.text.startswith(given):
        text = said.text[len(given) :]
        return replace(said, text=text.removeprefix(unsent), exact=exact)
    head = given[:_BEGAN_ANEW_CHARACTERS]
    anew = bool(head.strip()) and said.text.lstrip().startswith(head.strip())
    return replace(said, text=said.text.removeprefix(unsent), exact=exact and not anew)


def takes_up(model: Model) -> bool:
    """Tell whether the model's server can be made to go on with a turn, without asking in words."""
    return bool(getattr(model, "continues", isinstance(model, Prefills)))
