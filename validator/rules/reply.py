"""RV101 to RV109: the reply itself, and what had to be undone to get at its program."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from validator.facts import ReplyKind, Stop
from validator.findings import Severity
from validator.rules.guards import lost_guards
from validator.rules.rule import Evidence, Example, Rule, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from validator.facts import Recovery
    from validator.findings import Finding

_STITCHES = ("stitched", "reindented", "merged", "moved-end")
"""Kinds of recovery that join a program told in parts."""
_JOINED = {
    "stitched": "joined here",
    "reindented": "moved to fit here",
    "moved-end": "the end of the program, moved below the steps behind it",
    "merged": "what is left out here was filled in from an earlier block",
}
MAX_PLACES = 20
"""Pointed at in one finding."""


class NoCode(Rule):
    """The reply holds no program.

    ## What it does
    Reports a reply in which no Python was found, in a fence or out of it.

    ## Why it matters
    There is nothing to run. The model may have refused, asked back, or only talked.

    ## What to do
    Ask for the whole program in one fenced block.
    """

    code = "RV101"
    name = "no-code"
    example = Example(
        bad="Sure, I can help with that!\n",
        good='```python\nprint("hello")\n```\n',
    )

    def judge(self, evidence: Evidence) -> Iterator[Finding]:
        """Return one finding where there is nothing to start."""
        decision = evidence.submission.decision
        pieces = decision is not None and decision.kind is ReplyKind.SNIPPETS
        if evidence.submission.entry_point is None and not pieces:
            why = f": {decision.reason}" if decision is not None else ""
            yield self.find(
                f"the reply holds no Python program{why}",
                evidence.in_reply(None),
                hint="Write the whole program in one block fenced with ```python.",
            )


class TruncatedReply(Rule):
    """The reply, or a part of it, breaks off.

    ## What it does
    Reports each place where the text stops in the middle: an open fence, bracket, string or
    block, or a server that said it had reached its limit. It is a note where a later part of
    the conversation goes on from there.

    ## Why it matters
    What follows the break is missing, and the program with it.

    ## What to do
    Ask the model to go on, or raise its limit of tokens and ask again.
    """

    code = "RV102"
    name = "truncated-reply"
    example = Example(
        bad='```python\ndef greet():\n    print("hel',
        good='```python\ndef greet():\n    print("hello")\n```\n',
    )

    def judge(self, evidence: Evidence) -> Iterator[Finding]:
        """Return one finding for each break."""
        truncations = evidence.submission.truncations
        for each in truncations:
            after = ", and a later part goes on from there" if each.continued else ""
            yield self.find(
                f"the reply breaks off: {each.evidence}{after}",
                evidence.in_reply(each.span),
                severity=Severity.NOTE if each.continued else None,
                hint="" if each.continued else "Go on exactly where the reply breaks off.",
            )
        stop = evidence.submission.reply.stop
        if not truncations and stop in (Stop.LIMIT, Stop.CONTEXT, Stop.INTERRUPTED):
            yield self.find(
                f"the model was stopped before it was done ({stop.value})",
                evidence.in_reply(None),
                severity=Severity.WARNING,
                hint="Raise the limit of tokens, or ask the model to go on.",
            )


class RecoveryRule(Rule):
    """A rule that reports every recovery of one kind."""

    message: ClassVar[str]
    hint: ClassVar[str]

    def judge(self, evidence: Evidence) -> Iterator[Finding]:
        """Return one finding for each recovery of the kind."""
        for recovery in evidence.submission.recoveries:
            if self.takes(recovery):
                yield self.find(
                    self.message.format(before=quoted(recovery.before)),
                    evidence.in_reply(recovery.span),
                    hint=self.hint,
                )

    def takes(self, recovery: Recovery) -> bool:
        """Tell whether a recovery is this rule's to report."""
        return recovery.kind == self.name


class UnclosedFence(RecoveryRule):
    """A fence is opened and never closed.

    ## What it does
    Reports a fence that runs to the end of the reply or of its part, or into prose. Where the
    reply is cut there, `truncated-reply` says so instead.

    ## Why it matters
    By the rules of Markdown everything after it is code. Where the code ends had to be found out
    from its content.

    ## What to do
    Close each fence on a line of its own.
    """

    code = "RV103"
    name = "unclosed-fence"
    severity = Severity.WARNING
    message = "the fence opened here is never closed"
    hint = "Close each fence with ``` on a line of its own."
    example = Example(
        bad='```python\nprint("hello")\n\nRun it with `python hello.py`.\n',
        good='```python\nprint("hello")\n```\n\nRun it with `python hello.py`.\n',
    )

    def judge(self, evidence: Evidence) -> Iterator[Finding]:
        """Leave out the fences that are open because the reply was cut."""
        cut = {each.span.last for each in evidence.submission.truncations}
        if not cut:
            yield from super().judge(evidence)


class ProseInBlock(RecoveryRule):
    """A block of code holds prose.

    ## What it does
    Reports text in a Python block that is a sentence and no code; it was left out of the program.

    ## Why it matters
    Copied as it stands, the block is a syntax error.

    ## What to do
    Keep explanations out of the fence, or write them as comments.
    """

    code = "RV104"
    name = "prose-in-block"
    severity = Severity.WARNING
    message = "prose stands in a block of code: {before}"
    hint = "Keep explanations outside the fence."
    example = Example(
        bad='```python\nThis prints a greeting.\n```\n\nprint("hello")\n',
        good='This prints a greeting.\n\n```python\nprint("hello")\n```\n',
    )


class CodeOutsideBlock(RecoveryRule):
    """Code stands in the text, outside any block.

    ## What it does
    Reports lines of the program that were found in prose, with or without their line breaks.

    ## Why it matters
    Markdown eats what looks like markup, and indentation goes; whoever copies the blocks alone
    misses a part of the program.

    ## What to do
    Put all code into fenced blocks.
    """

    code = "RV105"
    name = "code-outside-block"
    severity = Severity.WARNING
    message = "code stands outside any block: {before}"
    hint = "Put all of the code into one fenced block."
    example = Example(
        bad='```python\ndef main():\n    print("hello")\n```\n\nmain()\n',
        good='```python\ndef main():\n    print("hello")\n\n\nmain()\n```\n',
    )


class MangledMarkup(RecoveryRule):
    """The code was damaged on its way through a formatter.

    ## What it does
    Reports HTML entities, curly quotes, lost underscores, prompts, gutters and the like that were
    turned back into what they stand for.

    ## Why it matters
    As it stands the code does not run, or does something else.

    ## What to do
    Write plain text in a fenced block.
    """

    code = "RV106"
    name = "mangled-markup"
    severity = Severity.WARNING
    message = "the code was mangled by a formatter: {before}"
    hint = "Write plain characters: straight quotes, no entities, no prompts."
    example = Example(
        bad="```python\nprint(&quot;hello&quot;)\n```\n",
        good='```python\nprint("hello")\n```\n',
    )

    def judge(self, evidence: Evidence) -> Iterator[Finding]:
        """Leave out the main guards that `broken-main-guard` speaks of."""
        guards = lost_guards(evidence.submission)
        submission = evidence.submission
        kept = tuple(each for each in submission.recoveries if each not in guards)
        rest = replace(submission, recoveries=kept) if guards else submission
        yield from super().judge(replace(evidence, submission=rest))

    def takes(self, recovery: Recovery) -> bool:
        """Take whatever damage has no rule of its own as well: none is silent."""
        return recovery.kind not in _NAMED


class SplitProgram(Rule):
    """One program is spread over several blocks or parts.

    ## What it does
    Reports that blocks, or the parts of a conversation, were joined to one program, and where a
    continuation had to be moved to fit.

    ## Why it matters
    Nobody can run it as it stands; the joining was decided from the content.

    ## What to do
    Write each file in one block, from its first line to its last.
    """

    code = "RV107"
    name = "split-program"
    severity = Severity.NOTE
    example = Example(
        bad='```python\nname = "you"\n```\nThen:\n```python\nprint("hello", name)\n```\n',
        good='```python\nname = "you"\nprint("hello", name)\n```\n',
    )

    def judge(self, evidence: Evidence) -> Iterator[Finding]:
        """Return one finding that points at every piece."""
        kinds = (self.name, *_STITCHES)
        pieces = [each for each in evidence.submission.recoveries if each.kind in kinds]
        if not pieces:
            return
        places = {each.span.first: each for each in reversed(pieces)}
        first, *others = sorted(places)
        yield self.find(
            "the program is told in pieces",
            evidence.in_reply(places[first].span),
            related=tuple(
                (evidence.in_reply(places[line].span), _JOINED.get(places[line].kind, "and here"))
                for line in others[:MAX_PLACES]
            ),
            hint="Write each file whole, in one block.",
        )


class ElidedCode(RecoveryRule):
    """A part of the program is left out with a comment in its place.

    ## What it does
    Reports comments such as `# ... rest of the code unchanged` that stand where code belongs. What
    an earlier version in the reply or the conversation says was filled in, and is not reported. A
    change to the program that cannot be filled in so is not made, and an error. What is left out
    is a warning where the program ran well without: the comment may be all there is to it. Where
    it is all of a function's body, a run that ends well proves nothing.

    ## Why it matters
    The program is not whole and does not run as it stands.

    ## What to do
    Write the file out in full.
    """

    code = "RV108"
    name = "elided-code"
    message = "code is left out here: {before}"
    hint = "Write the whole file; leave nothing out."
    example = Example(
        bad="```python\nimport sys\n# ... rest of the code unchanged\n```\n",
        good="```python\nimport sys\n\nprint(sys.argv)\n```\n",
    )

    def judge(self, evidence: Evidence) -> Iterator[Finding]:
        """Weigh each by what the run showed without the code."""
        run = evidence.run
        ran_well = run is not None and run.completed and run.exit_code == 0
        for finding in super().judge(evidence):
            stands_for_body = _is_all_of_a_body(evidence, finding)
            severity = Severity.WARNING if ran_well and not stands_for_body else Severity.ERROR
            yield replace(finding, severity=severity)


def _is_all_of_a_body(evidence: Evidence, finding: Finding) -> bool:
    """Tell a comment right under a header, with nothing else in the suite that does anything."""
    file, line = evidence.submission.file(finding.location.path), finding.location.line
    if file is None or line is None:
        return True
    lines = file.text.split("\n")
    before = next((each for each in reversed(lines[: line - 1]) if each.strip()), "")
    behind = next((each.strip() for each in lines[line:] if each.strip()), "")
    return before.rstrip().endswith(":") and behind in ("pass", "...", "return", "return None")


class UnsafePath(RecoveryRule):
    """The reply names a file that may not be written.

    ## What it does
    Reports absolute paths, `..`, device names and the like; the file was given another name.

    ## Why it matters
    A reply is untrusted text: it must not decide where on a disk something is written.

    ## What to do
    Name files relative to the program's own folder.
    """

    code = "RV109"
    name = "unsafe-path"
    severity = Severity.WARNING
    message = "the file name {before} is not safe to write"
    hint = "Name the file relative to the program's folder, such as `game/board.py`."
    example = Example(
        bad='`../../etc/cron.py`:\n```python\nprint("hello")\n```\n',
        good='`hello.py`:\n```python\nprint("hello")\n```\n',
    )


REPLY_RULES: tuple[type[Rule], ...] = (
    NoCode,
    TruncatedReply,
    UnclosedFence,
    ProseInBlock,
    CodeOutsideBlock,
    MangledMarkup,
    SplitProgram,
    ElidedCode,
    UnsafePath,
)
_AROUND = {
    "thought",
    "echoed-template",
    "special-token",
    "markup-tag",
    "patched",
    "tool-call",
    "notebook",
}
"""Recoveries that take off what stands around the code, or do what the reply says: no fault of it.
The report's `mended` line names them."""
_NAMED = {rule.name for rule in REPLY_RULES if rule is not MangledMarkup} | {*_STITCHES, *_AROUND}
