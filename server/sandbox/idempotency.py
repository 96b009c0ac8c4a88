"""Idempotency keys: the first answer to a key is kept for a day and given again, errors and 500s included.

Rules (https://docs.stripe.com/api/idempotent_requests): kept per account, for POST only; the same key with other
parameters is an error; while the first request runs, a second one is refused with 409; an answer that came before the
operation began (bad parameters, bad key, too many requests) is not kept.
"""

import hashlib
from dataclasses import dataclass
from typing import Final

from paydesk.server.sandbox.errors import StripeError, key_reused
from paydesk.server.sandbox.storage import Store

KEPT_S: Final = 24 * 3600
MAX_KEY_LENGTH: Final = 255


@dataclass(frozen=True, slots=True)
class Kept:
    """A saved answer and the id of the request that it was given to."""

    request_id: str
    status: int
    body: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A request that carries a key: what a second one with the same key must have in common with it."""

    account: str
    key: str
    path: str
    fingerprint: str


def claim_of(account: str, key: str, path: str, form_text: str, body: bytes = b"") -> Claim:
    """The claim of a request; StripeError for a key longer than Stripe takes."""
    if len(key) > MAX_KEY_LENGTH:
        raise StripeError(f"Idempotency keys may be at most {MAX_KEY_LENGTH} characters; got {len(key)}.")
    # The boundary of a multipart body is made up anew for each try.
    boundary = body.partition(b"\r\n")[0]
    sent = form_text.encode("utf-8", "surrogateescape")
    sent += body.replace(boundary, b"") if boundary.startswith(b"--") else body
    return Claim(account, key, path, hashlib.sha256(sent).hexdigest())


def recall(store: Store, claim: Claim, now: int) -> Kept | None:
    """The kept answer of a key, or None; StripeError where the key was used for something else."""
    row = store.execute(
        "SELECT created, path, fingerprint, request, status, body FROM answers WHERE account = ? AND key = ?",
        (claim.account, claim.key),
    ).fetchone()
    if row is None or row[0] <= now - KEPT_S:
        return None
    _, path, fingerprint, request_id, status, body = row
    if (path, fingerprint) != (claim.path, claim.fingerprint):
        raise key_reused(claim.key, claim.path, path)
    return Kept(request_id, status, body)


def keep(store: Store, claim: Claim, now: int, kept: Kept) -> None:
    """Keep an answer in the same transaction as its effect, and let those go that are a day old."""
    store.execute("DELETE FROM answers WHERE created <= ?", (now - KEPT_S,))
    store.execute(
        "INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (claim.account, claim.key, now, claim.path, claim.fingerprint, kept.request_id, kept.status, kept.body),
    )
