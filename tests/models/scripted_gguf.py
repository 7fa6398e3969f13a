"""A model file of less than a megabyte whose weights say chosen replies, for real servers to load.

Every piece of a reply is a token of its own. Attention does nothing, so the hidden state is the
embedding of the last token, and the output row of each piece is the embedding of the one before:
the next token is certain at any temperature. The chat template in the file chooses the reply by
what the last user message holds. Every piece occurs once in all replies, so that a reply that was
cut is read back into the same tokens and is really gone on with.

Needs `gguf` and `numpy`, which no other test does.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

EMBEDDING, HEADS, FEED_FORWARD = 256, 4, 32
BYTES = 256
PIECE = 6
END = 2
FIRST_BYTE = 3
CERTAIN = 20.0
"""Times the root of the embedding's length: a gap of some 300 between logits."""


@dataclass(frozen=True)
class Script:
    """What the model says."""

    replies: dict[str, str]
    default: str
    rules: tuple[tuple[str, str], ...] = ()
    """A text looked for in the last user message, and the reply it brings; the first that fits."""
    endless: frozenset[str] = frozenset()
    """Replies that begin again at their end."""


def pieces(text: str, everything: str) -> list[str]:
    """Cut `text` into pieces each of which occurs once in `everything`."""
    cut: list[str] = []
    at = 0
    while at < len(text):
        length = PIECE
        while everything.count(text[at : at + length]) > 1 and at + length < len(text):
            length += 1
        piece = text[at : at + length]
        if everything.count(piece) > 1:  # a tail seen before: it goes with what is before it
            piece = cut.pop() + piece
            at -= len(piece) - len(text[at:])
        cut.append(piece)
        at += len(piece)
    return cut


def write(path: Path, script: Script) -> None:
    """Write the model file."""
    import gguf
    import numpy as np

    tokens: list[bytes] = [b"<unk>", b"<s>", b"</s>", *(b"<0x%02X>" % n for n in range(BYTES))]
    kinds = [gguf.TokenType.UNKNOWN, *[gguf.TokenType.CONTROL] * 2, *[gguf.TokenType.BYTE] * BYTES]
    follows: list[tuple[int, int]] = []
    everything = "\0".join(script.replies.values())
    for name, text in script.replies.items():
        tokens.append(_tag(name).encode())
        kinds.append(gguf.TokenType.CONTROL)
        first = len(tokens)
        for piece in pieces(text, everything):
            follows.append((len(tokens) - 1, len(tokens)))
            tokens.append(piece.encode())
            kinds.append(gguf.TokenType.USER_DEFINED)
        follows.append((len(tokens) - 1, first if name in script.endless else END))
        if name == script.default:
            follows.append((FIRST_BYTE, first))  # a prompt without a template says the default
    random = np.random.default_rng(1)
    embedding = random.standard_normal((len(tokens), EMBEDDING)).astype(np.float32)
    embedding /= np.linalg.norm(embedding, axis=1, keepdims=True)
    embedding[FIRST_BYTE : FIRST_BYTE + BYTES] = embedding[FIRST_BYTE]
    output = np.zeros_like(embedding)
    for before, after in follows:
        output[after] += embedding[before] * CERTAIN
    writer = gguf.GGUFWriter(str(path), "llama")
    _describe(writer, gguf, len(tokens))
    writer.add_token_list(tokens)
    writer.add_token_scores([0.0] * len(tokens))
    writer.add_token_types(kinds)
    writer.add_chat_template(_template(script))
    for name, tensor in _weights(np, embedding, output).items():
        writer.add_tensor(name, tensor)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _tag(name: str) -> str:
    return f"<|say:{name}|>"


def _describe(writer: Any, gguf: Any, vocabulary: int) -> None:
    writer.add_name("scripted")
    writer.add_context_length(8192)
    writer.add_embedding_length(EMBEDDING)
    writer.add_block_count(1)
    writer.add_feed_forward_length(FEED_FORWARD)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(EMBEDDING // HEADS)
    writer.add_vocab_size(vocabulary)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    writer.add_tokenizer_model("llama")
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(END)
    writer.add_unk_token_id(0)
    writer.add_add_bos_token(True)
    writer.add_add_eos_token(False)
    writer.add_add_space_prefix(False)


def _weights(np: Any, embedding: Any, output: Any) -> dict[str, Any]:
    square = np.zeros((EMBEDDING, EMBEDDING), np.float16)
    attention = {f"blk.0.attn_{each}.weight": square for each in ("q", "k", "v", "output")}
    wide = np.zeros((FEED_FORWARD, EMBEDDING), np.float16)
    ones = {name: np.ones(EMBEDDING, np.float32) for name in ("attn_norm", "ffn_norm")}
    return {
        "token_embd.weight": embedding.astype(np.float16),
        "output.weight": output.astype(np.float16),
        "output_norm.weight": np.ones(EMBEDDING, np.float32),
        **{f"blk.0.{name}.weight": value for name, value in ones.items()},
        **attention,
        "blk.0.ffn_gate.weight": wide,
        "blk.0.ffn_up.weight": wide,
        "blk.0.ffn_down.weight": wide.T.copy(),
    }


def _template(script: Script) -> str:
    """Return a Jinja template that takes up a last turn of the model's, or begins one that fits."""
    begun = f"{{{{ {json.dumps(_tag(script.default))} }}}}"
    for looked_for, name in reversed(script.rules):
        begun = (
            f"{{% if {json.dumps(looked_for)} in last %}}{{{{ {json.dumps(_tag(name))} }}}}"
            f"{{% else %}}{begun}{{% endif %}}"
        )
    return (
        "{% set asked = messages | selectattr('role', 'equalto', 'user') | list %}"
        "{% set last = (asked | last)['content'] %}"
        "{% for m in messages %}{% if m['role'] == 'assistant' %}{{ m['content'] }}"
        "{% if not loop.last %}{{ '</s>' }}{% endif %}"
        "{% else %}{{ '[' + m['role'] + ']' + m['content'] + '\n' }}{% endif %}{% endfor %}"
        "{% if add_generation_prompt %}" + begun + "{% endif %}"
    )
