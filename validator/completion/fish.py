"""The script for fish, from version 3 on: a rule for each flag."""

from __future__ import annotations

from typing import TYPE_CHECKING

from validator.completion.words import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from validator.completion.words import Flag, Value, Verb

_SCRIPT = """\
# Completion of validate for fish; made by: validate completion fish

function __validate_verb --description 'Succeed where this is the verb of the command line'
    set -l typed (commandline -opc)
    set -l verb ''
    if set -q typed[2]; and contains -- $typed[2] {verbs}
        set verb $typed[2]
    end
    test "$verb" = "$argv[1]"
end

function __validate_at_first
    test (count (commandline -opc)) -eq 1
end

complete -c validate -e
complete -c validate -f
{rules}
"""


def script(first: Verb, verbs: Sequence[Verb]) -> str:
    """Return the script."""
    rules = [
        f"complete -c validate -n __validate_at_first -a {verb.name} -d {_quoted(verb.help)}"
        for verb in verbs
    ]
    for verb in (first, *verbs):
        rules.extend(_rules(verb))
    return _SCRIPT.format(verbs=" ".join(verb.name for verb in verbs), rules="\n".join(rules))


def _rules(verb: Verb) -> Iterator[str]:
    here = f"complete -c validate -n {_quoted(f'__validate_verb {_quoted(verb.name)}')}"
    for flag in verb.flags:
        yield f"{here} {_named(flag)}{_taking(flag.value)} -d {_quoted(flag.help)}"
    words = _words(verb.words)
    if words:
        yield f"{here} {words}"


def _named(flag: Flag) -> str:
    return " ".join(
        f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in flag.names
    )


def _taking(value: Value) -> str:
    match value.kind:
        case Kind.NOTHING:
            return ""
        case Kind.FILE:
            return " -r -F"
        case _:
            return f" -x {_words(value)}".rstrip()


def _words(value: Value) -> str:
    match value.kind:
        case Kind.CHOICE:
            return f"-a {_quoted(' '.join(value.choices))}"
        case Kind.FILE:
            return "-F"
        case Kind.FOLDER:
            return "-a '(__fish_complete_directories)'"
        case _:
            return ""


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
