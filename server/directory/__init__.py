"""Who is meant, without asking Stripe each time: an index of an account's customers, kept beside the journal."""
