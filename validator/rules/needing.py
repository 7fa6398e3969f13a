"""RV414 to RV416, RV418, RV419: what a program needs that nothing here can stand for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from validator.findings import Severity
from validator.rules import lacking
from validator.rules.crash import crash_line
from validator.rules.rule import Evidence, Example, Rule
from validator.rules.running import innermost, last_words, stood

if TYPE_CHECKING:
    from collections.abc import Iterator

    from validator.findings import Finding


class _Needs(Rule):
    """What those that need something have in common; not a rule of its own."""

    severity = Severity.NOTE
    need: ClassVar[lacking.Need]
    message: ClassVar[str]

    def judge(self, evidence: Evidence) -> Iterator[Finding]:
        """Return one finding where the want of that was the end of the run."""
        if lacking.need(evidence) is self.need:
            yield self.told(evidence)

    def told(self, evidence: Evidence) -> Finding:
        """Return the finding, at the line the run ended in."""
        run = evidence.run
        assert run is not None
        if run.traceback is not None:
            words: tuple[str, ...] = (crash_line(run.traceback),)
            return self.find(self.message, innermost(evidence, run.traceback), evidence=words)
        return self.find(self.message, stood(evidence, run), evidence=last_words(run))


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
    need = lacking.Need.SECRET
    message = "the program needs a key or an environment variable, and there is none here"
    example = Example(
        bad='import os\n\nprint(os.environ["API_KEY"])\n', good='print("no key needed")\n'
    )


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
    need = lacking.Need.DEVICE
    message = "the program needs a device, and there is none here"
    example = Example(
        bad='print(open("/dev/video0", "rb").read(1))\n', good='print("no device needed")\n'
    )


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
    need = lacking.Need.SERVICE
    message = "the program needs a server beside it, and none runs here"
    example = Example(
        bad='import socket\n\nsocket.create_connection(("localhost", 5432))\n',
        good='print("no server needed")\n',
    )


class NeedsProgram(_Needs):
    """The program starts another program, and that is not installed here.

    ## What it does
    Recognises browsers and their drivers, `ffmpeg`, `tesseract`, `dot` and other programs that a
    run ended, or came to nothing, for want of. A name that only a shell could take apart
    (`subprocess.run("ls -l")`) is the program's own fault, and so is a file of its own.

    ## Why it matters
    It is not the program's fault: packages are installed for it, other programs are not. The
    verdict is inconclusive.

    ## What to do
    Run it where the other program is, or use a package that does the same.
    """

    code = "RV418"
    name = "needs-program"
    need = lacking.Need.PROGRAM
    message = "the program starts another program, and it is not installed here"
    example = Example(
        bad='import subprocess\n\nsubprocess.run(["ffmpeg", "-version"])\n',
        good='print("nothing else is started")\n',
    )


class NeedsSystem(_Needs):
    """The program is made for another system.

    ## What it does
    Recognises modules and functions that only Windows or macOS has, or a host that runs programs of
    its own (Google Colab, MicroPython, Maya), and programs that say themselves that they are on the
    wrong system.

    ## Why it matters
    Nothing was seen of what it does where it belongs. The verdict is inconclusive.

    ## What to do
    Run it there, or use what every system has.
    """

    code = "RV419"
    name = "needs-system"
    need = lacking.Need.SYSTEM
    message = "the program is made for another operating system than Linux"
    example = Example(bad="import winsound\n\nwinsound.Beep(440, 500)\n", good='print("\\a")\n')

    def told(self, evidence: Evidence) -> Finding:
        """Return the finding, which names the host where it is one."""
        finding, host = super().told(evidence), lacking.host(evidence)
        return (
            replace(finding, message=f"the program is made to run in {host}") if host else finding
        )


NEEDING_RULES: tuple[type[Rule], ...] = (
    NeedsSecret,
    NeedsDevice,
    NeedsService,
    NeedsProgram,
    NeedsSystem,
)
