"""The script for bash, from version 4 on: compgen alone, without the bash-completion package."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from validator.completion.words import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from validator.completion.words import Value, Verb

_SCRIPT = """\
# Completion of validate for bash; made by: validate completion bash

_validate() {{
    local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} verb=""
    # bash parts --flag=value at the sign.
    if [[ $word == '=' ]]; then
        word=
    elif [[ $before == '=' ]]; then
        before=${{COMP_WORDS[COMP_CWORD-2]}}
    fi
    if ((COMP_CWORD > 1)); then
        case ${{COMP_WORDS[1]}} in
            {verbs}) verb=${{COMP_WORDS[1]}} ;;
        esac
    fi
    COMPREPLY=()
    case "$verb $before" in
{values}
    esac
    case $verb in
{words}
    esac
}}

_validate_words() {{
    local IFS=$' \\t\\n'
    COMPREPLY+=($(compgen -W "$1" -- "$word"))
}}

_validate_paths() {{
    local line
    compopt -o filenames 2>/dev/null
    while IFS= read -r line; do
        COMPREPLY+=("$line")
    done < <(compgen "$1" -- "$word")
}}

complete -F _validate validate
"""


def script(first: Verb, verbs: Sequence[Verb]) -> str:
    """Return the script."""
    everything = (first, *verbs)
    names = tuple(verb.name for verb in verbs)
    return _SCRIPT.format(
        verbs="|".join(names),
        values="\n".join(line for verb in everything for line in _values(verb)),
        words="\n".join(_words(verb, names) for verb in everything),
    )


def _values(verb: Verb) -> Iterator[str]:
    """Return a line for each flag that a word follows: it alone is completed, and nothing else."""
    for flag in verb.flags:
        if flag.value.kind is not Kind.NOTHING:
            cases = "|".join(shlex.quote(f"{verb.name} {name}") for name in flag.names)
            yield f"        {cases}) {_complete(flag.value)}return ;;"


def _words(verb: Verb, names: tuple[str, ...]) -> str:
    flags = " ".join(name for flag in verb.flags for name in flag.names)
    at_first = "" if verb.name else f"((COMP_CWORD > 1)) || _validate_words '{' '.join(names)}'; "
    words = f"{at_first}{_complete(verb.words)}".rstrip("; ") or ":"
    return (
        f"        {shlex.quote(verb.name)})\n"
        f"            if [[ $word == -* ]]; then _validate_words '{flags}'; else {words}; fi ;;"
    )


def _complete(value: Value) -> str:
    """Return the command that completes it, with a semicolon behind; empty where there is none."""
    match value.kind:
        case Kind.CHOICE:
            return f"_validate_words '{' '.join(value.choices)}'; "
        case Kind.FILE:
            return "_validate_paths -f; "
        case Kind.FOLDER:
            return "_validate_paths -d; "
        case _:
            return ""
