"""A mirror of what one Stripe account holds, kept by its events."""
