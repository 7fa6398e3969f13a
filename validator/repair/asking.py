"""One turn of the model: asked for, taken up where it was cut, and kept in the parts it came in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from validator.errors import ModelUnavailable
from validator.facts import Part, Reply, ReplyKind, Stop
from validator.models.continuing import go_on, takes_up
from validator.reading import read
from validator.repair.rounds import Piece, tokens_in

if TYPE_CHECKING:
    from validator.models import Completion, Message, Model
    from validator.repair.rounds import Budget, How

CONTINUATIONS = 8
"""Of one reply; a model that is cut this often is not coming to an end."""
CIRCLE_CHARACTERS = 160
"""Of the end of a continuation; two stretches of a program are rarely so long alike."""
LEAST_TOKENS = 256
"""A bound below this brings no program; where so little is left, the server may say so itself."""
_CUT = (Stop.LIMIT, Stop.INTERRUPTED, Stop.CONTEXT)

Record = Callable[["How", Callable[[], "Completion"]], Piece]
"""Makes one request, or brings back the one that was made before the loop was interrupted."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What a model was asked, and what has come of it so far."""

    messages: tuple[Message, ...]
    parts: tuple[Part, ...] = ()
    pieces: tuple[Piece, ...] = ()
    failure: ModelUnavailable | None = None
    """Why there is no more of it, where the model went away in the middle."""


def holds_code(reply: Reply) -> bool:
    """Tell a reply from a prompt: a reply has a program in it, or pieces of one."""
    found = read(reply)
    pieces = found.decision is not None and found.decision.kind is ReplyKind.SNIPPETS
    return bool(found.files) or pieces


def asked(model: Model, turn: Turn, budget: Budget, origin: str, record: Record) -> Turn:
    """Ask for the next turn, and for the rest of it where it was cut.

    A reply that reached its limit is asked for again with twice the limit where its server cannot
    take it up, and its context has the room; otherwise it is continued.

    Raises:
        ModelUnavailable: when there is no reply at all.
    """
    limit = bound(model, turn, budget)
    piece = record("asked", lambda: model.complete(turn.messages, max_tokens=limit))
    turn = replace(turn, pieces=(*turn.pieces, piece))
    if room_for_more(model, turn, limit, budget):
        again = record("asked again", lambda: model.complete(turn.messages, max_tokens=2 * limit))
        turn = replace(turn, pieces=(*turn.pieces, again))
        piece = again
    turn = replace(turn, parts=(Part(piece.completion.text, origin, piece.completion.stop),))
    if not is_cut(turn.parts):
        return turn
    return continued(model, turn, budget, origin, record)


def continued(model: Model, turn: Turn, budget: Budget, origin: str, record: Record) -> Turn:
    """Ask for the rest of a reply that was cut until it has an end, `CONTINUATIONS` times at most.

    What is known to go on at the very character becomes one text with what it continues; what was
    asked for in words becomes a part of its own, for reading to find the join. A model that goes
    away leaves what came before.
    """
    for number in range(1, CONTINUATIONS + 1):
        if (number > 1 and not is_cut(turn.parts)) or _spent(turn, budget):
            break
        begun = turn if takes_up(model) else _at_a_line_end(turn)
        so_far, stop = _text(begun.parts), begun.parts[-1].stop
        limit = bound(model, begun, budget, so_far)
        rest = partial(go_on, model, begun.messages, so_far, stop, max_tokens=limit)
        try:
            piece = record("continued", rest)
        except ModelUnavailable as failure:
            return replace(turn, failure=failure)
        if not piece.completion.text.strip() or goes_in_circles(so_far, piece.completion.text):
            return replace(turn, pieces=(*turn.pieces, piece))
        turn = Turn(
            turn.messages,
            joined(begun.parts, piece.completion, f"{origin}, continued {number}"),
            (*turn.pieces, piece),
        )
    return turn


def goes_in_circles(so_far: str, text: str) -> bool:
    """Tell a model that only says again what it has said: its end would not come either."""
    end = text.rstrip()[-CIRCLE_CHARACTERS:]
    return len(end) == CIRCLE_CHARACTERS and end in so_far


def is_cut(parts: tuple[Part, ...]) -> bool:
    """Tell a reply that breaks off: by what its server said or, where nobody said, by its text."""
    stop = parts[-1].stop
    if stop is not Stop.UNKNOWN:
        return stop in _CUT
    reply = Reply(parts)
    submission = read(reply)
    begins = reply.first_lines[-1]
    return bool(submission.files) and any(
        not each.continued and each.span.last >= begins for each in submission.truncations
    )


def may_be_cut(parts: tuple[Part, ...]) -> bool:
    """Tell a reply that ends inside a fence, of whose end nobody said anything.

    Some models forget the last fence of a whole program, so this alone is no reason to go on.
    """
    if parts[-1].stop is not Stop.UNKNOWN:
        return False
    submission = read(Reply(parts))
    return bool(submission.files and submission.blocks) and not submission.blocks[-1].closed


def joined(parts: tuple[Part, ...], said: Completion, origin: str) -> tuple[Part, ...]:
    """Return `parts` with what was said after them."""
    if not said.exact:
        return (*parts, Part(said.text, origin, said.stop))
    *before, last = parts
    return (*before, replace(last, text=last.text + said.text, stop=said.stop))


def _text(parts: tuple[Part, ...]) -> str:
    """Return all parts as one text; each but the first begins a line."""
    *before, last = (part.text for part in parts)
    return "".join(text if text.endswith("\n") else text + "\n" for text in before) + last


def _at_a_line_end(turn: Turn) -> Turn:
    """Drop the half line a server's limit left: a model asked in words begins with whole ones."""
    *before, last = turn.parts
    whole, end, _ = last.text.rpartition("\n")
    if last.stop not in _CUT or not whole.strip():
        return turn
    return replace(turn, parts=(*before, replace(last, text=whole + end)))


# ── bounds ───────────────────────────────────────────────────────────────────────────────────────


def context_of(model: Model) -> int | None:
    """Return the size of the model's context in tokens, where it is known."""
    known = getattr(model, "context_tokens", None)
    return known if isinstance(known, int) else None


def bound(model: Model, turn: Turn, budget: Budget, so_far: str = "") -> int:
    """Return how many tokens the next request may bring."""
    left = budget.tokens - sum(piece.tokens for piece in turn.pieces)
    context = context_of(model)
    if context is not None:
        # vLLM refuses a bound that would not fit behind its prompt.
        left = min(left, context - _prompt_tokens(turn) - tokens_in(so_far))
    return min(budget.reply_tokens, max(left, LEAST_TOKENS))


def room_for_more(model: Model, turn: Turn, limit: int, budget: Budget) -> bool:
    """Tell whether a reply cut at `limit` may be asked for again with twice as much.

    Only where the server cannot take it up (that loses nothing), and where the context is known to
    hold it.
    """
    said = turn.pieces[-1].completion
    context = context_of(model)
    if said.stop is not Stop.LIMIT or context is None or takes_up(model):
        return False
    left = budget.tokens - sum(piece.tokens for piece in turn.pieces)
    prompt = said.usage.prompt_tokens or _prompt_tokens(turn)
    return 2 * limit <= min(left, context - prompt)


def _prompt_tokens(turn: Turn) -> int:
    return sum(tokens_in(each.text) for each in turn.messages)


def _spent(turn: Turn, budget: Budget) -> bool:
    return sum(piece.tokens for piece in turn.pieces) >= budget.tokens
