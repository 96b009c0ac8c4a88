"""The root of every error that paydesk shows to a caller; `server/errors.py` draws the whole tree."""

from collections.abc import Sequence


class PaydeskError(Exception):
    """An error a caller can act on: what failed, which field, what to do next.

    `code` is stable and machine-readable; `message` is one sentence for a person. `field` names the offending
    argument, `next_step` says what would be right, `choices` offers candidates (never secrets).
    """

    code = "paydesk_error"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        field: str | None = None,
        next_step: str | None = None,
        choices: Sequence[str] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code
        self.field = field
        self.next_step = next_step
        self.choices = tuple(choices)

    def as_dict(self) -> dict[str, object]:
        """The error as a JSON object without empty members: `{code, message, field?, next_step?, choices?}`."""
        full: dict[str, object] = {
            "code": self.code,
            "message": self.message,
            "field": self.field,
            "next_step": self.next_step,
            "choices": list(self.choices),
        }
        return {key: value for key, value in full.items() if value}

    def as_text(self) -> str:
        """The error in words, for a reader who has no JSON: message, choices, next step."""
        # Stripe's own messages often end without a stop, and the next sentence must not run into them.
        parts = [self.message if self.message.endswith((".", "?", "!")) else f"{self.message}."]
        if self.choices:
            parts.append("Choices: " + "; ".join(self.choices) + ".")
        if self.next_step:
            parts.append(self.next_step)
        return " ".join(parts)


class ArgumentError(PaydeskError):
    """Arguments that do not fit what a skill takes; `field` is the first offender, values are never echoed."""

    code = "invalid_arguments"


class SkillError(PaydeskError):
    """What a skill finds wrong with what it was asked: it names the field and what would be right."""

    code = "cannot_do"


class NotFound(SkillError):
    """Nothing at Stripe fits what was named."""

    code = "not_found"


class Ambiguous(SkillError):
    """Several things fit equally well; `choices` lists them and the caller has to say which."""

    code = "ambiguous"
