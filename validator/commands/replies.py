"""The replies a command line names, and the programs in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from validator.errors import UsageError

if TYPE_CHECKING:
    import argparse

    from validator.facts import Reply, Submission
    from validator.opening import Opened


def opened(options: argparse.Namespace) -> Opened:
    """Return the replies the user named, in files, folders and patterns, or as parts of one.

    Raises:
        UsageError: one of them cannot be read as a reply.
    """
    from collections import Counter

    from validator.opening import Opened, Target, find_targets, open_many, open_replies

    if options.parts:
        if _wanted(options) is not None:
            raise UsageError("--changed-since is about files; --parts makes one reply of them")
        names = tuple(target.name for target in find_targets(options.replies))
        replies = open_replies(names, parts=True)
        found = Opened((Target(names[0]),), (), 1, Counter(), {names[0]: replies})
    else:
        found = open_many(options.replies, only=_wanted(options))
    if options.block and found.replies > 1:
        raise UsageError("--block is about one reply; these are several")
    return found


def _wanted(options: argparse.Namespace) -> frozenset[str] | None:
    """Return the files that `--changed-since` leaves; None where it was not given."""
    revision = getattr(options, "changed_since", None)
    if revision is None:
        return None
    from validator.changes import changed_since

    return changed_since(revision)


def programs(options: argparse.Namespace, reply: Reply) -> tuple[Submission, ...]:
    """Return the program of a reply as it is found, or as `--block` or `--alternatives` say.

    With `--docs` there are as many as the page has, which may be none.
    """
    from validator.reading import read, read_alternatives, read_documentation

    if getattr(options, "docs", False):
        from validator.commands.project import packages_beside

        return read_documentation(reply, own=packages_beside(reply.origin))
    return (
        read_alternatives(reply) if options.alternatives else (read(reply, blocks=options.block),)
    )
