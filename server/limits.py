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
UPLOAD_BYTES = 5 * 1024 * 1024  # the largest file that any purpose takes here
PAGE_SIZE = 100  # Stripe's largest page
TABLE_ROWS_MOST = 20_000  # of `call --csv --all`, kept in memory until they are printed

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
PROPOSALS_LISTED_MOST = 100
SEND_TIMEOUT_S = 100.0  # the door's own retries end well before; then the answer is unknown
SENDING_LEASE_S = 150  # longer than SEND_TIMEOUT_S: until then nobody else touches a write that is being sent
RESEND_MARGIN_S = 60 * 60  # stop resending this long before Stripe may forget the key: clocks differ
DELETE_SETTLED_S = 10 * 60  # no request is still on its way by then; a DELETE that shows no effect had none
REPLAN_TIMEOUT_S = 60.0  # planning again before sending reads only
LOOK_AGAIN_S = 30.0  # how often the desk looks for writes without an end; each waits twice as long after every try
LOOK_AGAIN_MOST_S = 60 * 60.0
CHANGES_POLL_S = 1.0  # another process may decide on a proposal; somebody who listens learns of it this soon
PIN_FREE_TRIES = 5  # wrong PINs before each further one has to wait
PIN_PAUSE_S = 60.0  # after that; doubled with each further wrong one
PIN_PAUSE_MOST_S = 60 * 60.0
PIN_CHARACTERS = (4, 128)
POLICY_BYTES = 256_000
EVENTS_KEPT_S = 29 * 24 * 60 * 60  # Stripe lists events for 30 days
CLOCK_SKEW_S = 5 * 60  # a clock that ran back further than this makes an age worthless
RECONCILE_TRIES = 3  # at once, while the caller waits; later ones belong to recover()
RECONCILE_PAUSE_S = 0.5
RECOVER_MOST = 100  # rows that one recovery looks at
TRACE_MOST = 1_000  # objects read while looking for the trace of a write
TRACE_SKEW_S = 24 * 60 * 60  # our clock may be wrong; a trace that is overlooked would be a lie in the journal
LOOK_S = 5.0  # who looks at a write without an end waits this long while it is reconciled

# The store (server/store)
STORE_BUSY_S = 5.0  # how long SQLite waits for another process's write
STORE_READERS = 4  # threads that read at once
STORE_LOCK_S = 30.0  # how long a task waits for its turn within this process
STORE_OPEN_TRIES = 20  # two first starts at once: the switch to WAL does not wait by itself

# The index of customers: server/directory
DIRECTORY_FRESH_S = 5.0  # changes of the last seconds may be missing from a match, never from an answer
DIRECTORY_FILL_S = 1.5  # what one question spends on filling: some hundred customers a second at Stripe
DIRECTORY_EVENTS_KEPT_S = 29 * 24 * 60 * 60  # Stripe lists events for 30 days; older, and all is read again
DIRECTORY_EVENT_PAGES_MOST = 200  # with more changes than that, reading all again is as quick
DIRECTORY_SHOWN_MOST = 100

# The approval page: server/approval
APPROVAL_FORM_BYTES = 8_192
APPROVAL_FORM_FIELDS = 12
APPROVAL_SIGNED_IN_S = 15 * 60  # then the list asks for the PIN again; approving asks for it each time
APPROVAL_SIGNED_IN_MOST = 1_000

# The protocol: server/mcp
REQUEST_BODY_BYTES = 1_000_000
ELICITATION_TIMEOUT_S = 5 * 60.0  # a person in the chat; after it the proposal waits on, and the call answers
PAGE_WAIT_S = 25.0  # after the page was opened; below the minute that common clients give a call
SUBSCRIPTIONS_MOST = 1_000  # of one server, in the handshake era; the SDK bounds the other
HTTP_BESIDE_BODY_BYTES = 65_536  # of a request: its head, trailers and the framing of chunks
HTTP_SHUTDOWN_S = 3  # open event streams must not keep a stopped server alive
LAST_ANSWERS_S = 10.0  # what was asked before a client hung up on stdio is answered, if it takes no longer
COMPLETIONS_MOST = 10

# Pictures and papers: server/charts, server/reports
CHART_TIMEOUT_S = 20.0  # the first one starts the engine, which takes about a second where nothing else is busy
REPORT_READ_TIMEOUT_S = 600.0  # twenty thousand objects at the rate that Stripe allows, and as many again
REPORT_TIMEOUT_S = 60.0  # setting the pages of a month

# What was said before, in server/conversations.py
CONVERSATION_TTL_S = 30 * 60  # whoever comes back later says anew whom they mean
CONVERSATIONS_MOST = 1_000
CONVERSATIONS_OF_ONE_MOST = 100  # a principal cannot push out everybody else's

# The inbox of events: server/mirror/inbox.py
EVENT_BATCH_S = 120.0  # handling a batch; its refetches wait for Stripe
EVENT_BATCHES_MOST = 10_000  # of one call of handle_pending; the next goes on
EVENT_PAUSE_S = 2.0  # after the first failure; doubled with each further one
EVENT_PAUSE_MOST_S = 60 * 60.0
EVENT_TRIES = 10  # half an hour; then somebody has to look
EVENT_TRIES_IN_TROUBLE = 80  # where Stripe is away: about three days, as long as Stripe itself would try
EVENT_TROUBLES_MOST = 3  # in a row; then it is not the events

# What Stripe delivers: server/webhooks
WEBHOOK_BODY_BYTES = 1_000_000  # Stripe's largest are some hundred kilobytes
WEBHOOK_BODY_S = 10.0  # for the body to arrive
WEBHOOK_HEADER_CHARACTERS = 4_096
WEBHOOK_SIGNATURES_MOST = 16  # Stripe sends one for each secret that is in force
WEBHOOK_TOLERANCE_S = 300  # older than that is a replay, by Stripe's own default
WEBHOOK_FUTURE_S = 300  # Stripe's library has no bound here: a clock that is wrong by more
WEBHOOKS_AT_ONCE = 1_000  # bodies being read
WEBHOOK_QUEUE = 2_000  # deliveries that wait to be written; beyond that Stripe is asked to come again
WEBHOOK_GROUP = 500  # written in one transaction
WEBHOOK_KEPT_S = 15.0  # until a delivery is on the disk; Stripe gives up at 20 s
WEBHOOK_RETRY_AFTER_S = 5
WEBHOOK_SECRETS_READ_S = 1.0  # another process may register an endpoint: look again this often at most
WEBHOOK_ACCOUNTS_MOST = 500  # connected accounts whose inboxes are open at once
WEBHOOK_STRANGER_S = 60.0  # an account that is not connected is not asked about again sooner

# The mirror: server/mirror
MIRROR_SKEW_S = 300  # how far our clock and Stripe's may differ; within it only asking Stripe tells which is newer
MIRROR_FETCHES = 8  # objects that are asked for at once while events are handled
MIRROR_TAKE_IN_TRIES = 5  # when another process was quicker, the batch is looked at anew
MIRROR_SYNC_AT_ONCE = 12  # pages on their way at once; the door's rate limit decides on the speed
MIRROR_STRETCHES = 16  # while fewer stretches of time are left, those that hold enough are halved
MIRROR_FILL_S = 4.0  # what one question spends on filling
MIRROR_FRESH_S = 5.0
MIRROR_EVENTS_KEPT_S = 29 * 24 * 60 * 60  # Stripe lists events for 30 days; a longer gap, and all is read again
MIRROR_EVENTS_SETTLE_S = 60  # events younger than this are listed again: one before them may still turn up
MIRROR_EVENT_PAGES_MOST = 5_000
MIRROR_LEDGER_MARGIN_S = 10 * 60  # balance transactions are listed again from this long before the last listing
MIRROR_LOST_ONES_SINGLY = 3  # more balance transactions than that are found in the list rather than one by one
MIRROR_PAYLOADS_KEPT_S = 30 * 24 * 60 * 60
MIRROR_PREDICTED_S = 60 * 60  # what was foreseen for a moment is no change where Stripe tells otherwise this soon after
MIRROR_VERIFY_SAMPLE = 100
EVENTS_CATCH_UP_S = 5 * 60.0  # holes are looked for this often, and at the start
EVENTS_CATCH_UP_WATCHED_S = 60.0  # while somebody listens: without an endpoint this is how they hear at all
EVENTS_CATCH_UP_SANDBOX_S = 2.0  # likewise, where asking costs nothing
FEED_OPEN_S = 10.0  # a delivery waits for a desk that starts; Stripe gives up at 20 s
EVENTS_FILL_S = 2.0  # how long a mirror is read in the background before deliveries have their turn again
WARM_AFTER_S = 1.0  # after the first sentence's answer has gone out the parser's patterns are prepared
WARM_PAUSE_S = 0.003  # between one pattern and the next, for requests that come meanwhile
WARM_MOST_S = 60.0  # far more than that takes; what is left then is compiled when it is needed
HEALTH_S = 2.0  # a load balancer is not kept waiting for a slow disk
EVENTS_AGAIN_S = 30.0  # after a failure that is not the events'
SUBSCRIBER_QUEUE = 1_000  # events that one subscriber in this process may lag behind before it misses some
FOLLOW_MOST = 500  # events told of at once
FOLLOW_IDLE_S = 60.0  # while nobody listens, only the number of the newest is kept up

# Figures from the mirror: server/analytics
ANALYTICS_THREADS = 2  # of DuckDB
ANALYTICS_MEMORY_MB = 400  # of DuckDB; more than that spills to the disk
ANALYTICS_QUERY_S = 60.0
ANALYTICS_COPY_S = 100.0  # a first copy of everything, within one call
ANALYTICS_TOLD_EVERY_S = 3.0  # a copy that takes longer says how far it is
ANALYTICS_LOCK_S = 2.0  # how long one waits for another process's copying; then the older copy will do
ANALYTICS_NEWER_MOST = 20_000  # rows beside the copy; with more, a new copy is made
FIGURES_FILL_S = 2.0  # what a question that Stripe itself can answer spends on filling the mirror
FIGURES_FILL_LONG_S = 20.0  # what one spends that only the mirror can answer
FIGURES_FRESH_S = 10.0  # a mirror that heard from Stripe longer ago is brought up to date before it answers
