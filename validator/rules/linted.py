"""What a linter foretells and no rule of ours says better: its own code, its own name."""

from __future__ import annotations

import ast
import builtins
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from validator.findings import Finding, Severity
from validator.rules.program import broken, trees
from validator.rules.rule import said_by

if TYPE_CHECKING:
    from collections.abc import Iterator

    from validator.facts import Diagnostic
    from validator.rules.rule import Evidence


@dataclass(frozen=True, slots=True)
class Linted:
    """A linter's rule that is passed through."""

    code: str
    name: str
    severity: Severity
    summary: str


def _all(severity: Severity, *rows: tuple[str, str, str]) -> tuple[Linted, ...]:
    return tuple(Linted(code, name, severity, summary) for code, name, summary in rows)


PASSED_THROUGH = (
    *_all(
        Severity.ERROR,
        ("F633", "invalid-print-syntax", "`print >>` is Python 2."),
        ("PLE0241", "duplicate-bases", "A class names a base twice."),
    ),
    *_all(
        Severity.WARNING,
        ("B002", "unary-prefix-increment-decrement", "`++n` does nothing."),
        ("B015", "useless-comparison", "A comparison without effect, often meant as `=`."),
        ("B016", "raise-literal", "Only exceptions can be raised."),
        ("B020", "loop-variable-overrides-iterator", "The loop replaces what it loops over."),
        ("B023", "function-uses-loop-variable", "The function sees the loop's last turn."),
        ("B030", "except-with-non-exception-classes", "`except` names no exception."),
        ("B032", "unintentional-type-annotation", "`x: 5` sets nothing."),
        ("B035", "static-key-dict-comprehension", "Every turn writes the same key."),
        ("F501", "percent-format-invalid-format", "The `%` format is none."),
        ("F502", "percent-format-expected-mapping", "The `%` format wants a mapping."),
        ("F503", "percent-format-expected-sequence", "The `%` format wants a sequence."),
        ("F505", "percent-format-missing-argument", "The `%` format lacks an argument."),
        ("F506", "percent-format-mixed-positional-and-named", "The `%` format mixes kinds."),
        ("F507", "percent-format-positional-count-mismatch", "Wrong number of `%` arguments."),
        ("F508", "percent-format-star-requires-sequence", "`*` in `%` wants a sequence."),
        ("F509", "percent-format-unsupported-format-character", "No such `%` character."),
        ("F521", "string-dot-format-invalid-format", "The `.format` string is none."),
        ("F524", "string-dot-format-missing-arguments", "`.format` lacks an argument."),
        ("F525", "string-dot-format-mixing-automatic", "`.format` mixes `{}` and `{0}`."),
        ("F631", "assert-tuple", "An assertion on a tuple always holds."),
        ("F634", "if-tuple", "A condition that is a tuple always holds."),
        ("F901", "raise-not-implemented", "`NotImplemented` is no exception."),
        ("PLE0100", "yield-in-init", "`__init__` is a generator."),
        ("PLE0101", "return-in-init", "`__init__` returns a value."),
        ("PLE0237", "non-slot-assignment", "An attribute is set that `__slots__` lacks."),
        ("PLE0302", "unexpected-special-method-signature", "A special method's parameters."),
        ("PLE0303", "invalid-length-return-type", "`__len__` returns no length."),
        ("PLE0304", "invalid-bool-return-type", "`__bool__` returns no bool."),
        ("PLE0305", "invalid-index-return-type", "`__index__` returns no int."),
        ("PLE0307", "invalid-str-return-type", "`__str__` returns no string."),
        ("PLE0308", "invalid-bytes-return-type", "`__bytes__` returns no bytes."),
        ("PLE0309", "invalid-hash-return-type", "`__hash__` returns no int."),
        ("PLE0643", "potential-index-error", "The index is past the end."),
        ("PLE0704", "misplaced-bare-raise", "A bare `raise` outside a handler."),
        ("PLE1205", "logging-too-many-args", "Too many arguments for a log message."),
        ("PLE1206", "logging-too-few-args", "Too few arguments for a log message."),
        ("PLE1300", "bad-string-format-character", "No such format character."),
        ("PLE1307", "bad-string-format-type", "The argument does not suit its format."),
        ("PLE1507", "invalid-envvar-value", "The name of a variable is no string."),
        ("PLW0133", "useless-exception-statement", "An exception is made and not raised."),
        ("PLW0245", "super-without-brackets", "`super` is not called."),
        ("PLW0711", "binary-op-exception", "`except A or B` catches only A."),
        ("PLW1501", "bad-open-mode", "No such mode for `open`."),
        ("reportCallIssue", "call-issue", "The arguments do not suit what is called."),
    ),
)
"""What the compiler refuses is a syntax error already. An error here fails the whole file; the rest
fails only where its line is run, or is merely odd."""

_NO_PARAMETER = re.compile(r'No parameter named "(\w+)"')
_BY_CODE = {each.code: each for each in PASSED_THROUGH}


def judge_linted(evidence: Evidence) -> Iterator[Finding]:
    """Return one finding for each thing a linter said that is passed through.

    Files that Python cannot read are left to `syntax-error`.
    """
    unreadable = {file.path for file in evidence.submission.files if broken(file)}
    for said in evidence.diagnostics or ():
        row = _BY_CODE.get(said.code)
        if row is not None and said.path not in unreadable and not _is_doubtful(said, evidence):
            yield Finding(
                code=row.code,
                name=row.name,
                severity=_weight(row, evidence),
                message=" ".join(said.message.split()),
                location=evidence.at(said.path, said.span.first, said.column),
                evidence=(said_by(said),),
            )


def _weight(row: Linted, evidence: Evidence) -> Severity:
    # With packages in view pyright judges calls by what strangers' stubs say of them, and those are
    # not always right; a call that fails becomes an error by the crash it ends in.
    packages = evidence.resolution is not None and bool(evidence.resolution.pins)
    return Severity.WARNING if packages and row.code == "reportCallIssue" else row.severity


def _is_doubtful(said: Diagnostic, evidence: Evidence) -> bool:
    if said.code != "reportCallIssue":
        return False
    # Overloads are where stubs and libraries disagree; a wrong count of arguments is a fact.
    if said.message.startswith("No overloads"):
        return True
    named = _NO_PARAMETER.match(said.message)
    return named is not None and _makes_a_strangers(named[1], said, evidence)


def _makes_a_strangers(keyword: str, said: Diagnostic, evidence: Evidence) -> bool:
    """Tell a call of a class whose base is imported, such as the models of SQLAlchemy.

    What such a base makes of the class's own attributes no stub tells.
    """
    module = next(
        (tree for file, tree in trees(evidence.submission) if file.path == said.path), None
    )
    if module is None:
        return False
    classes = {each.name: each for each in ast.walk(module) if isinstance(each, ast.ClassDef)}
    known = classes.keys() | dir(builtins)
    for node in ast.walk(module):
        match node:
            case ast.Call(func=ast.Name(id=name), keywords=keywords) if name in classes:
                here = any(
                    each.arg == keyword and each.lineno == said.span.first for each in keywords
                )
                bases = classes[name].bases
                if here and not all(isinstance(b, ast.Name) and b.id in known for b in bases):
                    return True
    return False
