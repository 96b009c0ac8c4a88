"""Every limit of the desk, named, with its unit and its reason."""

# The door to Stripe: server/stripe_api
STRIPE_TIMEOUT_S = 30.0
STRIPE_CONNECT_TIMEOUT_S = 5.0
STRIPE_NETWORK_RETRIES = 2  # the library repeats 409, 5xx and dropped lines under the same key
RATE_LIMITED_TRIES = 4  # our own: the library never repeats a plain 429
RATE_LIMITED_BUDGET_S = 20.0
RETRY_AFTER_MOST_S = 10.0
READS_PER_S = 20.0  # Stripe allows 25 in test mode, 100 live; the desk stays below
READS_PER_S_LIVE = 80.0
PAGE_SIZE = 100  # Stripe's largest page

# One call, in server/call.py
CALL_TIMEOUT_S = 120.0
SENTENCE_CHARACTERS = 2_000
ARGUMENT_BYTES = 64_000

# The gate: server/gate
PROPOSAL_TTL_S = 15 * 60
OUT_OF_BAND_TTL_S = 24 * 60 * 60  # a person who is not in the chat gets a day
REPEAT_WINDOW_S = 10 * 60  # the same write by the same principal within this is answered, not repeated
IDEMPOTENCY_KEPT_S = 24 * 60 * 60  # Stripe may forget a key after this
PROPOSALS_WAITING_MOST = 100  # a principal cannot bury a person in questions

# The protocol: server/mcp
REQUEST_BODY_BYTES = 1_000_000
