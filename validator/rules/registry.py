"""Every rule there is, in the order of its code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from validator.rules.attributes import UnknownAttribute
from validator.rules.definitions import UseBeforeDefinition
from validator.rules.distrust import DISTRUST_RULES
from validator.rules.driving import DRIVING_RULES
from validator.rules.guards import BrokenMainGuard, NeverCalled
from validator.rules.importable import MissingMainGuard
from validator.rules.names import UnboundLocal, UndefinedName
from validator.rules.needing import NEEDING_RULES
from validator.rules.placeholders import Placeholder
from validator.rules.reply import REPLY_RULES
from validator.rules.requirements import REQUIREMENT_RULES
from validator.rules.running import RUN_RULES
from validator.rules.suppressions import IdleSuppression
from validator.rules.syntax import SyntaxErrorRule
from validator.rules.trials import TRIAL_RULES
from validator.rules.undeclared import UndeclaredImport
from validator.rules.unseen import UNSEEN_RULES

if TYPE_CHECKING:
    from validator.rules.rule import Rule

_ROOMS: tuple[type[Rule], ...] = (
    *REPLY_RULES,
    IdleSuppression,
    SyntaxErrorRule,
    BrokenMainGuard,
    MissingMainGuard,
    UseBeforeDefinition,
    NeverCalled,
    UndefinedName,
    UnboundLocal,
    UnknownAttribute,
    Placeholder,
    UndeclaredImport,
    *REQUIREMENT_RULES,
    *DISTRUST_RULES,
    *RUN_RULES,
    *UNSEEN_RULES,
    *DRIVING_RULES,
    *NEEDING_RULES,
    *TRIAL_RULES,
)
RULES: tuple[type[Rule], ...] = tuple(sorted(_ROOMS, key=lambda rule: rule.code))
