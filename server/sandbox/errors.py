"""Errors as Stripe words them. Everything that a handler refuses is a `StripeError`, raised where the rule stands.

Shape on the wire (https://docs.stripe.com/api/errors): `{"error": {type, message, code?, param?, decline_code?, ...}}`.
`doc_url` is there whenever a code is; `request_log_url` in nearly every error, but not for unrecognised URLs and
malformed versions (recorded answers of test mode, September 2026).
"""

from typing import Any, Final

_DOCS: Final = "https://stripe.com/docs/error-codes/"
_V2_CODES: Final = {401: "unauthenticated", 403: "forbidden", 409: "conflict", 429: "rate_limit", 500: "internal_error"}
_V1_TYPES: Final = frozenset({"api_error", "card_error", "invalid_request_error"})
_SUPPORT: Final = "Please see https://stripe.com/docs or we can help at https://support.stripe.com/."


class StripeError(Exception):
    """One refusal: HTTP status, Stripe's type and words, and whatever else the error object carries.

    `keeps_effects` is for a declined card: the answer is an error, yet the failed charge and the intent's new state
    stay. Every other error undoes what its request wrote.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        type: str = "invalid_request_error",  # noqa: A002 - Stripe's own name of the field
        code: str | None = None,
        param: str | None = None,
        extra: dict[str, Any] | None = None,
        keeps_effects: bool = False,
        logged: bool = True,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.type = type
        self.code = code
        self.param = param
        self.extra = extra or {}
        self.keeps_effects = keeps_effects
        self.logged = logged
        self.retry_after_s: int | None = None
        # The answer's headers: whether Stripe's libraries should try again, where they could not tell themselves.
        self.should_retry: bool | None = None
        self.why_limited: str | None = None

    def body(self, request_id: str) -> dict[str, Any]:
        """The error object of the answer."""
        error: dict[str, Any] = {}
        if self.code:
            error["code"] = self.code
            error["doc_url"] = _DOCS + self.code.replace("_", "-")
        error["message"] = self.message
        if self.param:
            error["param"] = self.param
        if self.logged:
            error["request_log_url"] = f"https://dashboard.stripe.com/test/logs/{request_id}"
        error.update(self.extra)
        error["type"] = self.type
        return {"error": error}

    def v2_body(self) -> dict[str, Any]:
        """The error object of an answer of v2: a code always, a type only where it is one of v2's own."""
        code = self.code or _V2_CODES.get(self.status, "invalid_request")
        error: dict[str, Any] = {"code": "not_found" if self.status == 404 else code, "message": self.message}
        if self.param:
            error["param"] = self.param
        if self.type not in _V1_TYPES:
            error["type"] = self.type
        return {"error": {**error, **self.extra}}


class OAuthError(StripeError):
    """A refusal of OAuth's, in the shape that RFC 6749 gives it: `{"error", "error_description"}`."""

    def __init__(self, error: str, description: str, *, status: int = 400, keeps_effects: bool = False) -> None:
        super().__init__(description, status=status, keeps_effects=keeps_effects)
        self.error = error

    def body(self, request_id: str) -> dict[str, Any]:
        """The whole answer."""
        del request_id
        return {"error": self.error, "error_description": self.message}


def missing(kind: str, identifier: str, param: str, *, status: int = 404) -> StripeError:
    """No object of that id: 404 for the path's own id, 400 where an id is only mentioned in a parameter."""
    return StripeError(f"No such {kind}: '{identifier}'", status=status, code="resource_missing", param=param)


def missing_parameter(param: str) -> StripeError:
    """A required parameter that was not sent."""
    return StripeError(f"Missing required param: {param}.", code="parameter_missing", param=param)


def unserved_parameter(param: str) -> StripeError:
    """Ours: Stripe knows this parameter, the sandbox does not act on it, and says so rather than ignore it."""
    return StripeError(f"The sandbox does not serve the parameter {param} yet.", param=param)


def unrecognised_url(method: str, path: str) -> StripeError:
    """No operation of that method and path; a trailing slash gets Stripe's hint."""
    hint = ""
    if path.endswith("/"):
        hint = (
            "If you are trying to list objects, remove the trailing slash. If you are trying to retrieve an object, "
            "make sure you passed a valid (non-empty) identifier in your code. "
        )
    return StripeError(f"Unrecognized request URL ({method}: {path}). {hint}{_SUPPORT}", status=404, logged=False)


def malformed_version(version: str) -> StripeError:
    """A `Stripe-Version` that is no version."""
    return StripeError(f"Invalid Stripe API version: {version}", logged=False)


def no_key() -> StripeError:
    """No key was sent: 401."""
    return StripeError(
        "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer "
        "auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication for "
        "details, or we can help at https://support.stripe.com/.",
        status=401,
        logged=False,
    )


def bad_key(key: str) -> StripeError:
    """The key is named as Stripe does it: its kind and its last four characters, the rest starred out."""
    kind = key[:8] if key[:8] in {"sk_test_", "rk_test_", "sk_live_", "rk_live_"} else key[:3]
    hidden = max(len(key) - len(kind) - 4, 0)
    tail = key[-4:] if hidden else "*" * (len(key) - len(kind))
    return StripeError(f"Invalid API Key provided: {kind}{'*' * hidden}{tail}", status=401, logged=False)


def publishable_key() -> StripeError:
    """A key for browsers, which may not do this: 403."""
    return StripeError(
        "This API call cannot be made with a publishable API key. Please use a secret API key. You can find a list of "
        "your API keys at https://dashboard.stripe.com/account/apikeys.",
        status=403,
        code="secret_key_required",
    )


def no_such_account(account: str) -> StripeError:
    """A `Stripe-Account` that the key cannot act for: 403."""
    return StripeError(
        f"The provided key does not have access to account '{account}' (or that account does not exist). "
        "Application access may have been revoked.",
        status=403,
        code="account_invalid",
    )


def key_reused(key: str, path: str, first_path: str) -> StripeError:
    """An idempotency key came back with another request (https://docs.stripe.com/api/idempotent_requests)."""
    same = "with the same parameters they were first used with"
    if path != first_path:
        same = f"for the same endpoint they were first used for ('{path}' vs '{first_path}')"
    return StripeError(
        f"Keys for idempotent requests can only be used {same}. "
        f"Try using a key other than '{key}' if you meant to execute a different request.",
        type="idempotency_error",
    )


def key_in_flight(key: str) -> StripeError:
    """The first request with this idempotency key still runs: 409."""
    error = StripeError(
        f"There is currently another in-progress request using this Idempotent Key ({key}). "
        "Please wait until that request has finished and try again.",
        status=409,
        type="idempotency_error",
        code="idempotency_key_in_use",
    )
    error.should_retry = True
    return error


def conflict() -> StripeError:
    """The request met another one that was changing the same things: 409."""
    error = StripeError(
        "This request conflicts with another one that is being processed. Please try again.",
        status=409,
        type="api_error",
    )
    error.should_retry = True
    return error


def too_many_requests() -> StripeError:
    """The rate limit: 429."""
    error = StripeError(
        "Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits.",
        status=429,
        code="rate_limit",
    )
    error.why_limited = "global-rate"
    return error


def locked() -> StripeError:
    """Another process holds the file longer than we wait: 429."""
    error = StripeError(
        "This object cannot be accessed right now because another API request or Stripe process is currently accessing "
        "it. If you see this error intermittently, retry the request.",
        status=429,
        code="lock_timeout",
    )
    error.should_retry = True
    return error


def damaged(file: str) -> StripeError:
    """Ours: the sandbox's own file cannot be read any more: 500, with the way to start afresh."""
    return StripeError(
        f"The sandbox's file {file} is damaged. Stop the sandbox and delete the file to start afresh, or name another.",
        status=500,
        type="api_error",
    )


def server_error() -> StripeError:
    """Something broke on our side: 500."""
    return StripeError(
        "Sorry! There was an error while talking to one of our backends. Support has been notified.",
        status=500,
        type="api_error",
    )
