"""Stripe's signatures over deliveries, checked and made by Stripe's own library."""

from collections.abc import Iterable


def signed_by(body: str, header: str, secrets: Iterable[str]) -> str | None:
    """The one of these secrets that signed the body, or None. The moment in the header is the caller's to judge.

    `header` is the value of `Stripe-Signature` in ASCII; it may carry several `v1`, as while a secret is replaced.
    """
    import stripe

    for secret in secrets:
        try:
            # No tolerance: the library lets the future in, so both bounds stand where the moment is read.
            stripe.WebhookSignature.verify_header(body, header, secret, tolerance=None)
        except stripe.SignatureVerificationError:
            continue
        return secret
    return None


def signed(body: str, secret: str, at: int) -> str:
    """The header's value for this body, signed at that second since 1970."""
    import stripe

    return str(stripe.WebhookSignature.generate_signature_header(body, secret, at))
