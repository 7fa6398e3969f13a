"""Working programs, each broken in a way that a code names: what a repair is measured by.

A breakage is a text in a working reply and what stands in its place once it is broken. `named` is
what a message must say for its reader to know the fault: a model that is told less cannot mend it.
"""

from __future__ import annotations

from dataclasses import dataclass

SCORES = """\
Here is the program:

```python
import json
import sys

LIMIT = 3


def load(text):
    rows = json.loads(text)
    return [(row["name"], row["points"]) for row in rows]


def best(scores, limit=LIMIT):
    ranked = sorted(scores, key=lambda pair: pair[1], reverse=True)
    return ranked[:limit]


def main():
    text = '[{"name": "Ada", "points": 7}, {"name": "Bo", "points": 9}]'
    for name, points in best(load(text)):
        print(f"{name}: {points}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
```
"""

BANK = """\
A small bank:

```python
import random
from datetime import date

balance = 100
history = []


class Account:
    def __init__(self, owner):
        self.owner = owner
        self.opened = date(2024, 2, 29)

    def describe(self):
        return f"{self.owner}, since {self.opened.isoformat()}"


def deposit(amount):
    global balance
    balance += amount
    history.append(("deposit", amount))


def withdraw(amount):
    global balance
    if amount > balance:
        raise ValueError("not enough money")
    balance -= amount
    history.append(("withdraw", amount))


def main():
    random.seed(7)
    account = Account("Cleo")
    deposit(random.randint(10, 20))
    withdraw(5)
    print(account.describe(), balance > 100, len(history))


if __name__ == "__main__":
    main()
```
"""


@dataclass(frozen=True, slots=True)
class Breakage:
    """One way to break a working reply."""

    code: str
    whole: str
    before: str
    after: str
    named: tuple[str, ...]
    """All of these must stand in a message that names the line and the fault."""

    @property
    def reply(self) -> str:
        """The broken reply."""
        assert self.whole.count(self.before) == 1, self.before
        return self.whole.replace(self.before, self.after)


MAIN = 'if __name__ == "__main__":\n    main()\n'
EXIT = 'if __name__ == "__main__":\n    sys.exit(main())\n'

BREAKAGES = (
    Breakage("RV101", SCORES, SCORES, "I would use a sorted list for that.\n", ("RV101",)),
    Breakage("RV101", BANK, BANK, "A bank needs accounts. Which language?\n", ("RV101",)),
    Breakage(
        "RV102",
        SCORES,
        SCORES[SCORES.index("    return ranked") :],
        "    return ranked[:(",
        ("RV102",),
    ),
    Breakage(
        "RV102", BANK, BANK[BANK.index("    if amount > b") :], "    if amount > (", ("RV102",)
    ),
    Breakage(
        "RV108",
        SCORES,
        '    rows = json.loads(text)\n    return [(row["name"], row["points"]) for row in rows]\n',
        "    # ... rest of the function unchanged ...\n",
        ("RV108",),
    ),
    Breakage(
        "RV108",
        BANK,
        "    random.seed(7)\n",
        "    ...  # the code from before goes here\n    random.seed(seven)\n",
        ("seven",),
    ),
    Breakage("RV201", SCORES, "def load(text):", "def load(text)", ("RV201", "def load(text)")),
    Breakage("RV201", BANK, 'account = Account("Cleo")', 'account = Account("Cleo"', ("RV201",)),
    Breakage("RV202", SCORES, 'if __name__ == "__main__"', "if name == 'main'", ("RV202",)),
    Breakage("RV202", BANK, 'if __name__ == "__main__"', 'if __name__ == "main"', ("RV202",)),
    Breakage("RV204", SCORES, "LIMIT = 3\n", "LIMIT = 3\nprint(best([]))\n", ("RV204", "best")),
    Breakage("RV204", BANK, "history = []\n", "history = []\nprint(Account)\n", ("RV204",)),
    Breakage("RV205", SCORES, EXIT, "", ("RV205",)),
    Breakage("RV205", BANK, MAIN, "", ("RV205",)),
    Breakage("RV206", SCORES, "import json\n", "", ("RV206", "json")),
    Breakage("RV206", BANK, "    deposit(random", "    desposit(random", ("RV206", "desposit")),
    Breakage("RV206", SCORES, "import sys\n", "", ("RV206", "sys")),
    Breakage("RV206", BANK, "from datetime import date\n", "", ("RV206", "date")),
    Breakage(
        "RV207",
        BANK,
        "def deposit(amount):\n    global balance\n",
        "def deposit(amount):\n",
        ("RV207", "balance"),
    ),
    Breakage(
        "RV207",
        BANK,
        "def withdraw(amount):\n    global balance\n",
        "def withdraw(amount):\n",
        ("RV207", "balance"),
    ),
    Breakage("RV208", BANK, "random.randint", "random.randinteger", ("RV208", "randinteger")),
    Breakage("RV208", SCORES, "json.loads", "json.load_string", ("RV208", "load_string")),
    Breakage("RV401", SCORES, '"points": 9}', '"score": 9}', ("KeyError", "points")),
    Breakage(
        "RV401", BANK, "    withdraw(5)\n", "    withdraw(500)\n", ("ValueError", "not enough")
    ),
    Breakage("RV406", SCORES, "    return 0\n", "    return 3\n", ("RV406",)),
    Breakage("RV406", BANK, "    withdraw(5)\n", "    raise SystemExit(2)\n", ("RV406",)),
)

PAINTED = """\
Install what it needs:

```text
# requirements.txt
colorama==0.4.6
tabulate==0.9.0
```

```python
# main.py
from colorama import Fore, Style
from tabulate import tabulate


def main():
    table = tabulate([["Ada", 7], ["Bo", 9]], headers=["who", "points"])
    print(Fore.GREEN + table + Style.RESET_ALL)


if __name__ == "__main__":
    main()
```
"""

PACKAGED = (
    Breakage(
        "RV302",
        PAINTED,
        "tabulate==0.9.0\n",
        "tabulate==0.9.0\nreply-validator-no-such\n",
        ("RV302",),
    ),
    Breakage(
        "RV302", PAINTED, "colorama==0.4.6\n", "colorama==0.4.6\nno-such-colours-xyz\n", ("RV302",)
    ),
    Breakage("RV303", PAINTED, "colorama==0.4.6", "colorama==9.9.9", ("RV303",)),
    Breakage("RV303", PAINTED, "tabulate==0.9.0", "tabulate==77", ("RV303",)),
    Breakage("RV309", PAINTED, "tabulate==0.9.0\n", "tabulate==0.9.0\nsklearn\n", ("sklearn",)),
    Breakage("RV309", PAINTED, "tabulate==0.9.0\n", "tabulate==0.9.0\ncv2\n", ("cv2",)),
    Breakage(
        "RV306", PAINTED, "tabulate==0.9.0\n", "tabulate==0.9.0\ntabulate==0.8.10\n", ("RV306",)
    ),
    Breakage("RV306", PAINTED, "colorama==0.4.6\n", "colorama==0.4.6\ncolorama<0.4\n", ("RV306",)),
    Breakage(
        "RV310",
        PAINTED,
        "tabulate==0.9.0\n",
        "tabulate==0.9.0\n--index-url http://x.example\n",
        ("RV310",),
    ),
    Breakage("RV310", PAINTED, "colorama==0.4.6\n", "git+https://x.example/colorama\n", ("RV310",)),
    Breakage(
        "RV304", PAINTED, "tabulate==0.9.0\n", "tabulate==0.9.0\nmarkupsafe==1.1.1\n", ("RV304",)
    ),
    Breakage(
        "RV304", PAINTED, "colorama==0.4.6\n", "colorama==0.4.6\nregex==2020.1.8\n", ("RV304",)
    ),
    Breakage(
        "RV305", PAINTED, "tabulate==0.9.0\n", "tabulate==0.9.0\naudioop-lts==0.2.1\n", ("RV305",)
    ),
    Breakage("RV305", PAINTED, "colorama==0.4.6\n", "colorama==0.4.6\nipython==99\n", ("ipython",)),
)
