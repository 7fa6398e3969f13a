"""RV414, RV415 and RV416: what a program needs that nothing in the sandbox can stand for."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from validator.findings import Severity
from validator.rules import lacking
from validator.rules.crash import crash_line
from validator.rules.rule import Evidence, Example, Rule
from validator.rules.running import innermost, last_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from validator.findings import Finding


class _Needs(Rule):
    """What the three that need something have in common; not a rule of its own."""

    severity = Severity.NOTE
    message: ClassVar[str]

    def told(self, evidence: Evidence) -> Finding:
        """Return the finding, at the line the run ended in."""
        run = evidence.run
        assert run is not None
        if run.traceback is not None:
            words: tuple[str, ...] = (crash_line(run.traceback),)
            return self.find(self.message, innermost(evidence, run.traceback), evidence=words)
        place = evidence.at(evidence.submission.entry_point, None)
        return self.find(self.message, place, evidence=last_words(run))


class NeedsSecret(_Needs):
    """The program needs a key or another secret, and there is none here.

    ## What it does
    Recognises API keys, tokens and environment variables that a run ended for want of.

    ## Why it matters
    It is not the program's fault: no secret is ever given to it. The verdict is inconclusive.

    ## What to do
    Run it where the secret is.
    """

    code = "RV414"
    name = "needs-secret"
    message = "the program needs a key or an environment variable, and there is none here"
    example = Example(
        bad='import os\n\nprint(os.environ["API_KEY"])\n', good='print("no key needed")\n'
    )

    def judge(self, evidence: Evidence) -> Iterator[Finding]:
        """Return one finding where the want of a secret ended the run."""
        if lacking.needs_secret(evidence):
            yield self.told(evidence)


class NeedsDevice(_Needs):
    """The program needs a device, and there is none here.

    ## What it does
    Recognises cameras, microphones, loudspeakers, GPUs and serial ports that a run ended for want
    of.

    ## Why it matters
    It is not the program's fault: the sandbox has none. The verdict is inconclusive.

    ## What to do
    Run it where the device is.
    """

    code = "RV415"
    name = "needs-device"
    message = "the program needs a device, and there is none here"
    example = Example(
        bad='print(open("/dev/video0", "rb").read(1))\n', good='print("no device needed")\n'
    )

    def judge(self, evidence: Evidence) -> Iterator[Finding]:
        """Return one finding where the want of a device ended the run."""
        if lacking.needs_device(evidence) and not lacking.needs_secret(evidence):
            yield self.told(evidence)


class NeedsService(_Needs):
    """The program needs a server on its own machine, and none runs here.

    ## What it does
    Recognises databases, caches, brokers and other servers that a run ended for want of.

    ## Why it matters
    It is not the program's fault: nothing else runs in the jail. The verdict is inconclusive.

    ## What to do
    Run it where the server is, or use a database that needs none, such as `sqlite3`.
    """

    code = "RV416"
    name = "needs-service"
    message = "the program needs a server beside it, and none runs here"
    example = Example(
        bad='import socket\n\nsocket.create_connection(("localhost", 5432))\n',
        good='print("no server needed")\n',
    )

    def judge(self, evidence: Evidence) -> Iterator[Finding]:
        """Return one finding where the want of a service ended the run."""
        if lacking.needs_service(evidence) and not lacking.needs_secret(evidence):
            yield self.told(evidence)


NEEDING_RULES: tuple[type[Rule], ...] = (NeedsSecret, NeedsDevice, NeedsService)
