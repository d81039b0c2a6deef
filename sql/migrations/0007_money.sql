-- Payments, the calls to providers, refunds, webhooks, and the ledger.

-- One attempt to be paid.  The first attempt's id is the order's own.
CREATE TABLE payment (
	id             bigint PRIMARY KEY,
	order_id       bigint NOT NULL,
	provider       text NOT NULL DEFAULT 'stripe',
	provider_ref   text,           -- pi_...
	charge_ref     text,           -- ch_..., once captured
	method         text,           -- a saved method to confirm off session, pm_...
	client_secret  text,           -- for the storefront's own confirmation
	state          text NOT NULL DEFAULT 'new',
	live           boolean NOT NULL DEFAULT true,  -- may still become money
	applied        boolean NOT NULL DEFAULT false, -- its money paid the order
	currency       char(3) NOT NULL,
	amount         bigint NOT NULL,
	captured       bigint NOT NULL DEFAULT 0,
	fee_ref        text,           -- txn_..., once the provider told its fee
	declines       integer NOT NULL DEFAULT 0,
	last_decline   text,           -- which attempt was counted last
	last_error     text,
	next_action    jsonb,
	checks         integer NOT NULL DEFAULT 0, -- looks in a row that concluded nothing
	created_at     timestamptz NOT NULL DEFAULT now(),
	checked_at     timestamptz,    -- when the provider last told its state
	CONSTRAINT payment_state_is_known CHECK (state IN ('new', 'open', 'processing',
		'authorized', 'captured', 'canceled', 'abandoned')),
	CONSTRAINT payment_captured_within_amount CHECK (captured BETWEEN 0 AND amount),
	CONSTRAINT payment_live_is_not_final CHECK (NOT live OR state IN ('new', 'open',
		'processing', 'authorized'))
) WITH (fillfactor = 85);
CREATE UNIQUE INDEX payment_one_live_per_order ON payment (order_id) WHERE live;
CREATE UNIQUE INDEX payment_applied_once ON payment (order_id) WHERE applied;
CREATE UNIQUE INDEX payment_provider_ref_once ON payment (provider, provider_ref)
	WHERE provider_ref IS NOT NULL;
CREATE INDEX payment_order ON payment (order_id);

-- Every call to a provider: the intent, committed before the call, with its exact bytes.
CREATE TABLE provider_op (
	id             bigint GENERATED ALWAYS AS IDENTITY (START 1024 INCREMENT 1024) PRIMARY KEY,
	provider       text NOT NULL,
	kind           text NOT NULL, -- payment.create, payment.cancel, payment.confirm, refund.create
	order_id       bigint NOT NULL,
	payment_id     bigint NOT NULL,
	refund_id      bigint,
	idem_key       text NOT NULL,
	target         text,           -- the provider's object it acts on
	body           bytea,          -- resent byte for byte; null until it is first sent
	state          text NOT NULL DEFAULT 'new',
	attempts       integer NOT NULL DEFAULT 0,
	created_at     timestamptz NOT NULL DEFAULT now(),
	first_sent_at  timestamptz,
	last_sent_at   timestamptz,
	concluded_at   timestamptz,
	status         integer,  -- HTTP status of the answer that concluded it
	request_id     text,     -- the provider's own name of the call
	result         text,     -- error code or object id
	CONSTRAINT provider_op_key_used_once UNIQUE (provider, idem_key),
	CONSTRAINT provider_op_sent_as_stored CHECK (body IS NOT NULL OR first_sent_at IS NULL),
	CONSTRAINT provider_op_state_is_known CHECK (state IN ('new', 'sent', 'unknown',
		'done', 'refused', 'abandoned'))
);
CREATE INDEX provider_op_order ON provider_op (order_id);
CREATE INDEX provider_op_payment ON provider_op (payment_id);

CREATE TABLE refund (
	id           bigint GENERATED ALWAYS AS IDENTITY (START 1024 INCREMENT 1024) PRIMARY KEY,
	order_id     bigint NOT NULL,
	payment_id   bigint NOT NULL,
	key          text NOT NULL,   -- the caller's: asking twice refunds once
	provider_ref text,            -- re_...
	currency     char(3) NOT NULL,
	amount       bigint NOT NULL,
	reason       text NOT NULL,
	state        text NOT NULL DEFAULT 'requested',
	automatic    boolean NOT NULL DEFAULT false, -- the system's own: surplus, cancel
	shipped      boolean NOT NULL DEFAULT false, -- revenue was recognised before
	last_error   text,
	checks       integer NOT NULL DEFAULT 0, -- looks in a row that concluded nothing
	created_at   timestamptz NOT NULL DEFAULT now(),
	settled_at   timestamptz,
	CONSTRAINT refund_key_used_once UNIQUE (order_id, key),
	CONSTRAINT refund_amount_is_positive CHECK (amount > 0),
	CONSTRAINT refund_state_is_known CHECK (state IN ('requested', 'pending',
		'succeeded', 'failed', 'rejected', 'canceled'))
);
CREATE INDEX refund_payment ON refund (payment_id);
CREATE INDEX refund_order ON refund (order_id);
CREATE UNIQUE INDEX refund_provider_ref_once ON refund (provider_ref)
	WHERE provider_ref IS NOT NULL;

CREATE TABLE refund_line (
	refund_id bigint NOT NULL REFERENCES refund,
	n         smallint NOT NULL, -- the order line
	qty       bigint NOT NULL,   -- 0: money back without units
	amount    bigint NOT NULL,   -- the line's stored share
	PRIMARY KEY (refund_id, n),
	CONSTRAINT refund_line_is_not_negative CHECK (qty >= 0 AND amount >= 0)
);

-- A webhook as it came, byte for byte (jsonb would refuse some of them).
CREATE TABLE webhook_event (
	id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	provider     text NOT NULL,
	account      text NOT NULL DEFAULT '',
	livemode     boolean NOT NULL,
	event_id     text NOT NULL,
	type         text NOT NULL,
	object_id    text,
	api_version  text,
	body         bytea NOT NULL,
	state        text NOT NULL DEFAULT 'received',
	deliveries   integer NOT NULL DEFAULT 1,
	attempts     integer NOT NULL DEFAULT 0, -- asked the provider, no usable answer
	order_id     bigint,  -- once it is known whom it is about
	received_at  timestamptz NOT NULL DEFAULT now(),
	concluded_at timestamptz,
	note         text,
	CONSTRAINT webhook_event_once UNIQUE (provider, account, livemode, event_id),
	CONSTRAINT webhook_event_state_is_known CHECK (state IN ('received', 'processed',
		'ignored', 'parked', 'dead'))
);

CREATE INDEX webhook_event_order ON webhook_event (order_id) WHERE order_id IS NOT NULL;

-- What a person must look at: money without a home, a provider object that should not be.
CREATE TABLE incident (
	id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	at         timestamptz NOT NULL DEFAULT now(),
	kind       text NOT NULL,
	order_id   bigint,
	payment_id bigint,
	detail     jsonb NOT NULL DEFAULT '{}',
	closed_at  timestamptz,
	CONSTRAINT incident_kind_is_not_empty CHECK (kind <> '')
);
CREATE INDEX incident_open ON incident (order_id) WHERE closed_at IS NULL;

-- The ledger: debit positive, credit negative, every entry sums to zero per currency.
-- Append-only: corrections are new entries.  Only post() inserts.
CREATE TABLE ledger_account (
	code        text PRIMARY KEY,
	kind        text NOT NULL,
	normal_side text NOT NULL,
	CONSTRAINT ledger_account_kind_is_known CHECK (kind IN ('asset', 'liability',
		'income', 'expense', 'equity')),
	CONSTRAINT ledger_account_side_is_known CHECK (normal_side IN ('debit', 'credit'))
);
INSERT INTO ledger_account VALUES
	('psp:clearing', 'asset', 'debit'),
	('customer:deposits', 'liability', 'credit'),
	('refund:payable', 'liability', 'credit'),
	('sales', 'income', 'credit'),
	('shipping', 'income', 'credit'),
	('discounts', 'income', 'debit'),
	('returns', 'income', 'debit'),
	('tax:payable', 'liability', 'credit'),
	('fees:psp', 'expense', 'debit'),
	('fees:dispute', 'expense', 'debit'),
	('dispute:receivable', 'asset', 'debit'),
	('loss:dispute', 'expense', 'debit'),
	('bank', 'asset', 'debit'),
	('in_transit', 'asset', 'debit');

CREATE TABLE ledger_entry (
	id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	key          text NOT NULL,
	kind         text NOT NULL,
	order_id     bigint,
	payment_id   bigint,
	refund_id    bigint,
	effective_at timestamptz NOT NULL DEFAULT now(),
	posted_at    timestamptz NOT NULL DEFAULT now(),
	actor        text NOT NULL,
	reverses     bigint REFERENCES ledger_entry,
	xid          xid8 NOT NULL DEFAULT pg_current_xact_id(), -- the rollups' watermark
	CONSTRAINT ledger_entry_posted_once UNIQUE (key),
	CONSTRAINT ledger_entry_reversed_once UNIQUE (reverses)
);
CREATE INDEX ledger_entry_order ON ledger_entry (order_id);
CREATE INDEX ledger_entry_xid ON ledger_entry (xid, id);

CREATE TABLE ledger_line (
	entry_id bigint NOT NULL REFERENCES ledger_entry,
	n        smallint NOT NULL,
	account  text NOT NULL REFERENCES ledger_account,
	currency char(3) NOT NULL,
	amount   bigint NOT NULL,
	PRIMARY KEY (entry_id, n),
	CONSTRAINT ledger_line_is_not_zero CHECK (amount <> 0)
);

-- What a provider says of a payment or a refund, in our words and not in its own.
CREATE TYPE payment_facts AS (
	ref           text,
	status        text, -- open, processing, authorized, captured, canceled; else unknown
	currency      text,
	amount        bigint,
	captured      bigint,
	charge        text,
	fee           bigint,
	fee_currency  text,
	fee_ref       text,
	client_secret text,
	next_action   jsonb,
	error         text,
	decline       text,   -- names the declined attempt, so that it is counted once
	payment_id    bigint, -- from the metadata that we gave the object
	op_key        text
);
CREATE TYPE refund_facts AS (
	ref         text,
	payment_ref text,
	status      text, -- pending, succeeded, failed, canceled; else unknown
	currency    text,
	amount      bigint,
	error       text,
	refund_id   bigint,
	op_key      text
);

-- What to ask a provider next: payment.create, payment.cancel, payment.get, payment.find,
-- refund.create, refund.get, refund.find, or none.
CREATE TYPE payment_action AS (
	action     text,
	op_id      bigint,
	key        text,
	provider   text,
	payment_id bigint,
	order_id   bigint,
	refund_id  bigint,
	ref        text,        -- the provider's object
	amount     amount,
	method     text,
	customer   text,
	since      timestamptz  -- a lookup need not look further back
);

-- A refund as it is shown.
CREATE TYPE refund_view AS (
	id           bigint,
	order_id     bigint,
	payment_id   bigint,
	provider_ref text,
	state        text,
	amount       amount,
	reason       text,
	automatic    boolean,
	last_error   text,
	lines        jsonb,
	created_at   timestamptz,
	settled_at   timestamptz,
	replayed     boolean
);
