"""The script for zsh, for its own `_arguments`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from validator.completion.words import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from validator.completion.words import Flag, Value, Verb

_SCRIPT = """\
#compdef validate
# Completion of validate for zsh; made by: validate completion zsh

_validate() {{
    local -a verbs=(
{verbs}
    )
    local verb=
    if (( CURRENT > 2 && $verbs[(I)${{words[2]}}:*] )); then
        verb=$words[2]
        words=("$words[1]" "${{(@)words[3,-1]}}")
        (( CURRENT -= 1 ))
    fi
    case $verb in
{cases}
    esac
}}

_validate_first() {{
    (( CURRENT > 2 )) || _describe -t verbs verb verbs
    _files
}}

if [[ $funcstack[1] == _validate ]]; then
    _validate "$@"
else
    compdef _validate validate
fi
"""


def script(first: Verb, verbs: Sequence[Verb]) -> str:
    """Return the script."""
    return _SCRIPT.format(
        verbs="\n".join(f"        {_quoted(f'{verb.name}:{verb.help}')}" for verb in verbs),
        cases="\n".join(map(_case, (first, *verbs))),
    )


def _case(verb: Verb) -> str:
    specs = [spec for flag in verb.flags for spec in _specs(flag)]
    if not verb.name:
        specs.append("*:reply:_validate_first")
    elif verb.words.kind is not Kind.NOTHING:
        specs.append(f"*:word:{_action(verb.words)}")
    lines = " \\\n".join(f"                {_quoted(spec)}" for spec in specs)
    return f"        {_quoted(verb.name)})\n            _arguments \\\n{lines} ;;"


def _specs(flag: Flag) -> list[str]:
    said = re.sub(r"([\[\]:\\])", r"\\\1", flag.help)
    if flag.value.kind is Kind.NOTHING:
        return [f"{name}[{said}]" for name in flag.names]
    # With the sign both ways of writing a value are known: behind it, or as the next word.
    return [
        f"*{name}{'=' if name.startswith('--') else ''}[{said}]:value:{_action(flag.value)}"
        for name in flag.names
    ]


def _action(value: Value) -> str:
    match value.kind:
        case Kind.CHOICE:
            return f"({' '.join(value.choices)})"
        case Kind.FILE:
            return "_files"
        case Kind.FOLDER:
            return "_files -/"
        case _:
            return " "


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
