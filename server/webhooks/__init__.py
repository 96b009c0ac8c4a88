"""What Stripe delivers: checked, kept before it is answered, handled afterwards, and told to whoever asked to hear."""
