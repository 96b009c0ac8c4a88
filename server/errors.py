"""Every error that paydesk shows, drawn once.

    PaydeskError                    skills/errors.py
    |-- SkillError                  what a skill finds wrong with what it was asked
    |   |-- NotFound                nothing fits what was named
    |   `-- Ambiguous               several things fit; choices are given
    |-- ArgumentError               unknown, missing or wrongly typed arguments
    |-- UnknownSkill                no such skill, or not in this desk's toolsets
    |-- NotAllowed                  read-only desk, foreign proposal, forbidden by policy
    |-- SettingsError               configuration that cannot be used
    |-- GateError                   a proposal that is not in a state for what was asked
    |-- WebhookRefused              a delivery that is not taken in; nothing was stored
    |-- NotSent                     what was to be sent could not be made ready; nothing left
    |-- StoreError                  the database cannot be read or written; nothing was sent
    `-- StripeProblem               what Stripe answered, with its code, param and request id
        |-- StripeRefused           400, 402, 404, 409: the request was understood and refused
        |   `-- StripeNotFound      404 on a read; also a NotFound
        |-- StripeKeyRefused        401, 403: the key is wrong or may not do this
        |-- StripeBusy              429 until the budget of waiting was used up
        `-- StripeUnreachable       no answer, or a 5xx after the last retry: what happened is not known

Each has a stable `code`, a message for a person, and a next step. None ever holds a key, a secret or a customer's data.
"""

from paydesk.skills.errors import Ambiguous, ArgumentError, NotFound, PaydeskError, SkillError

__all__ = [
    "Ambiguous",
    "ArgumentError",
    "GateError",
    "NotAllowed",
    "NotFound",
    "NotSent",
    "PaydeskError",
    "SettingsError",
    "SkillError",
    "StoreError",
    "StripeBusy",
    "StripeKeyRefused",
    "StripeNotFound",
    "StripeProblem",
    "StripeRefused",
    "StripeUnreachable",
    "UnknownSkill",
    "WebhookRefused",
]


class UnknownSkill(PaydeskError):
    """No skill of that name is offered here; `choices` are the nearest names."""

    code = "unknown_skill"


class NotAllowed(PaydeskError):
    """This caller may not do this here."""

    code = "not_allowed"


class SettingsError(PaydeskError):
    """A setting that cannot be used; `field` is the variable's name, its value is never shown."""

    code = "bad_setting"


class GateError(PaydeskError):
    """A proposal that is unknown, spent, expired or altered."""

    code = "gate_refused"


class WebhookRefused(PaydeskError):
    """A delivery that is not taken in: nothing was stored. `http_status` is what the sender is answered with."""

    code = "webhook_refused"

    def __init__(
        self, message: str, *, code: str, http_status: int = 400, field: str | None = None, next_step: str | None = None
    ) -> None:
        super().__init__(message, code=code, field=field, next_step=next_step)
        self.http_status = http_status


class NotSent(PaydeskError):
    """What was approved could not be made ready for sending, so nothing left, this time."""

    code = "not_sent"


class StoreError(PaydeskError):
    """The desk's database cannot be used; nothing was sent to Stripe."""

    code = "store_failed"


class StripeProblem(PaydeskError):
    """What Stripe said: its code, param, decline code, request id and documentation link, never the request itself."""

    code = "stripe_error"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        field: str | None = None,
        next_step: str | None = None,
        http_status: int | None = None,
        stripe_code: str | None = None,
        decline_code: str | None = None,
        request_id: str | None = None,
        doc_url: str | None = None,
    ) -> None:
        super().__init__(message, code=code, field=field, next_step=next_step)
        self.http_status = http_status
        self.stripe_code = stripe_code
        self.decline_code = decline_code
        self.request_id = request_id
        self.doc_url = doc_url

    def as_dict(self) -> dict[str, object]:
        """As for every error, with Stripe's own members where it gave them."""
        stripe = {
            "http_status": self.http_status,
            "stripe_code": self.stripe_code,
            "decline_code": self.decline_code,
            "request_id": self.request_id,
            "doc_url": self.doc_url,
        }
        return super().as_dict() | {key: value for key, value in stripe.items() if value is not None}


class StripeRefused(StripeProblem):
    """Stripe understood the request and refused it: nothing happened."""

    code = "stripe_refused"


class StripeNotFound(StripeRefused, NotFound):
    """Stripe has nothing of that id in this account."""

    code = "not_found"


class StripeKeyRefused(StripeProblem):
    """The key is wrong, expired, or lacks a permission: nothing happened."""

    code = "stripe_key_refused"


class StripeBusy(StripeProblem):
    """Stripe's rate limit held for longer than a call may wait: nothing happened."""

    code = "stripe_busy"


class StripeUnreachable(StripeProblem):
    """No usable answer: for a write, whether it happened is not known until it is reconciled."""

    code = "stripe_unreachable"
