"""The policy as it stands in its file right now. It is read again whenever the file changes, mistakes included."""

from collections.abc import Callable, Collection
from datetime import datetime
from pathlib import Path

from paydesk.server.gate.policy import Cap, Demand, Subject
from paydesk.server.gate.policy_file import PolicyMistake, read_policy
from paydesk.server.gate.policy_rules import Rules
from paydesk.server.limits import POLICY_BYTES

_Stamp = tuple[int, int, int]


class PolicyFile:
    """A policy in a file. Without the file the rules that hold by default; `needed` makes a missing one a mistake."""

    def __init__(self, path: Path, *, writing_skills: Callable[[], Collection[str]], needed: bool = False) -> None:
        self.path = path
        self._writing_skills = writing_skills
        self._needed = needed
        self._read: tuple[_Stamp | None, Rules] | None = None

    def rules(self) -> Rules:
        """The rules as they are now. Raises PolicyMistake."""
        stamp = self._stamp()
        if self._read is not None and self._read[0] == stamp:
            return self._read[1]
        rules = Rules() if stamp is None else self._rules()
        self._read = (stamp, rules)
        return rules

    def demand(self, subject: Subject, now: datetime) -> Demand:
        """What has to happen before this write may be sent. Raises NotAllowed, PolicyMistake."""
        return self.rules().demand(subject, now)

    def caps(self, subject: Subject, now: datetime) -> tuple[Cap, ...]:
        """The caps that this write counts towards. Raises PolicyMistake."""
        return self.rules().caps(subject, now)

    def _stamp(self) -> _Stamp | None:
        """What changes with the file; None where there is none."""
        try:
            found = self.path.stat()
        except FileNotFoundError:
            if self._needed:
                raise self._unreadable("there is no such file") from None
            return None
        except OSError:
            raise self._unreadable("it cannot be read") from None
        if found.st_size > POLICY_BYTES:
            raise self._unreadable("it is too large to be a policy")
        return (found.st_mtime_ns, found.st_size, found.st_ino)

    def _rules(self) -> Rules:
        try:
            text = self.path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            raise self._unreadable("it cannot be read as text") from None
        return read_policy(text, file=str(self.path), skills=self._writing_skills())

    def _unreadable(self, why: str) -> PolicyMistake:
        return PolicyMistake(
            f"The policy cannot be used, so nothing is written: {self.path}, {why}.",
            field="PAYDESK_POLICY",
            next_step="Mend it, then run `paydesk policy check`.",
        )
