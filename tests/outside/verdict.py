"""What a check may say of an app: pass, fail, unstable or not tested, with what was seen and how to see it again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from tests.outside.pace import Pace
from tests.outside.running import Running
from tests.outside.target import Request, Target

Outcome = Literal["pass", "fail", "unstable", "not tested"]
ATTEMPTS = 3
"""How often a check that failed is tried in all."""


class Failed(Exception):
    """The app did not do what the check asks for."""


class NotTested(Exception):
    """The check could not look: no green control, a fault that did not take, no such request in this app."""


@dataclass
class Attempt:
    """One look at an app, which writes down what it sees."""

    target: Target
    evidence: list[str] = field(default_factory=list)

    def saw(self, line: str) -> None:
        """Keep a line of evidence."""
        self.evidence.append(line)

    def control(self, holds: object, what: str) -> None:
        """What must be so before anything is broken.

        Raises:
            NotTested: it is not so, and the app cannot be blamed for what follows.
        """
        self.saw(f"control: {what}: {'yes' if holds else 'no'}")
        if not holds:
            raise NotTested(f"the control is red: {what}")

    def served(self, app: Running, request: Request) -> None:
        """That a request is answered as it should be, before anything is broken.

        Raises:
            NotTested: it is not.
        """
        good = app.answers(request)
        wanted = " or ".join(map(str, request.statuses))
        self.control(good, f"{request.method} {request.path} is answered with {wanted} ({app.seen or 'nothing'})")

    def took(self, holds: object, what: str) -> None:
        """Whether the fault that was made is there.

        Raises:
            NotTested: it did not take.
        """
        self.saw(f"fault: {what}: {'yes' if holds else 'no'}")
        if not holds:
            raise NotTested(f"the fault did not take: {what}")

    def expect(self, holds: object, what: str) -> None:
        """What the check is about.

        Raises:
            Failed: it is not so.
        """
        self.saw(f"expected: {what}: {'yes' if holds else 'no'}")
        if not holds:
            raise Failed(what)


Check = Callable[[Attempt], None]


@dataclass(frozen=True)
class Verdict:
    """What is said of one check."""

    check: str
    outcome: Outcome
    because: str
    """The reason; empty where it passed."""
    evidence: tuple[str, ...]
    """What the last attempt that decided it saw, in order."""
    again: str
    """The command that looks once more."""


def judge(check: Check, target: Target, again: str = "", attempts: int = ATTEMPTS) -> Verdict:
    """Look once, and where that fails again, until it failed each time or is known to be unstable.

    A failure counts only where a trivial server beside the app answered in time all the while.
    """
    name = check.__name__.replace("_", " ")
    failures: list[Failed] = []
    tried = 0
    attempt = Attempt(target)
    for _ in range(attempts):
        attempt, tried = Attempt(target), tried + 1
        with Pace() as pace:
            try:
                check(attempt)
            except NotTested as reason:
                return Verdict(name, "not tested", str(reason), tuple(attempt.evidence), again)
            except Failed as failure:
                failures.append(failure)
            else:
                if not failures:
                    return Verdict(name, "pass", "", tuple(attempt.evidence), again)
                break
        if pace.too_slow:
            return Verdict(name, "not tested", pace.reason, tuple(attempt.evidence), again)
    if len(failures) == tried:
        return Verdict(name, "fail", str(failures[-1]), tuple(attempt.evidence), again)
    rate = f"{len(failures)} of {tried} attempts: {failures[-1]}"
    return Verdict(name, "unstable", rate, tuple(attempt.evidence), again)
