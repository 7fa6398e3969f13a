"""The replies a command line names, and the programs in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from validator.errors import UsageError

if TYPE_CHECKING:
    import argparse

    from validator.facts import Reply, Submission


def opened(options: argparse.Namespace) -> tuple[Reply, ...]:
    """Return the replies the user named."""
    from validator.opening import open_replies

    replies = open_replies(tuple(options.replies), parts=options.parts)
    if options.block and len(replies) > 1:
        raise UsageError("--block is about one reply; these are several")
    return replies


def programs(options: argparse.Namespace, reply: Reply) -> tuple[Submission, ...]:
    """Return the program of a reply as it is found, or as `--block` or `--alternatives` say."""
    from validator.reading import read, read_alternatives

    return (
        read_alternatives(reply) if options.alternatives else (read(reply, blocks=options.block),)
    )
