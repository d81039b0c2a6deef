-- What providers say of money: balance transactions, payouts, and incidents with an owner.

-- Some things that move belong to no order: a payout, an incident about money without one.
ALTER TABLE order_event ALTER order_id DROP NOT NULL;

INSERT INTO state_edge VALUES
	('payout',   'pending',    'in_transit', 'in_transit', 'keep'),
	('payout',   'pending',    'paid',       'paid',       'keep'),
	('payout',   'pending',    'failed',     'failed',     'keep'),
	('payout',   'pending',    'canceled',   'canceled',   'keep'),
	('payout',   'in_transit', 'paid',       'paid',       'keep'),
	('payout',   'in_transit', 'failed',     'failed',     'keep'),
	('payout',   'in_transit', 'canceled',   'canceled',   'keep'),
	('payout',   'paid',       'failed',     'failed',     'keep'), -- the bank sent it back
	('incident', 'open',       'own',        'owned',      'keep'),
	('incident', 'owned',      'own',        'owned',      'keep'), -- to somebody else
	('incident', 'open',       'close',      'closed',     'keep'),
	('incident', 'owned',      'close',      'closed',     'keep');

-- key: what else, besides kind, order and payment, makes it another incident.
ALTER TABLE incident
	ADD key       text NOT NULL DEFAULT '',
	ADD state     text NOT NULL DEFAULT 'open',
	ADD owner     text,
	ADD note      text,
	ADD closed_by text,
	ADD CONSTRAINT incident_state_is_known CHECK (state IN ('open', 'owned', 'closed')),
	ADD CONSTRAINT incident_owned_by_somebody CHECK (state <> 'owned' OR owner IS NOT NULL),
	ADD CONSTRAINT incident_closed_at_a_time CHECK ((state = 'closed') = (closed_at IS NOT NULL));
CREATE UNIQUE INDEX incident_open_once ON incident
	(kind, coalesce(order_id, 0), coalesce(payment_id, 0), key) WHERE closed_at IS NULL;
CREATE INDEX incident_waiting ON incident (at) WHERE closed_at IS NULL;
CREATE INDEX incident_kind ON incident (kind, key);

-- What is on its way to a provider, or got lost there; one screen shows how much.
CREATE INDEX provider_op_undecided ON provider_op (last_sent_at)
	WHERE state IN ('sent', 'unknown');

-- The mirror of the provider's balance: each transaction that moved it, as it was told.
-- Its two entries are what the ledger says of it: the money, and the fee.
CREATE TABLE provider_txn (
	provider           text NOT NULL,
	txn_id             text NOT NULL,
	type               text NOT NULL, -- the provider's word
	reporting_category text NOT NULL, -- charge, refund, dispute, payout, fee, ...
	source_ref         text,          -- ch_, re_, dp_, po_
	payment_ref        text,          -- the payment that the source belongs to
	order_hint         bigint,        -- the order that the source's metadata name
	currency           char(3) NOT NULL,
	amount             bigint NOT NULL,
	fee                bigint NOT NULL,
	net                bigint NOT NULL,
	created            timestamptz NOT NULL,
	available_on       timestamptz,
	payout_ref         text,          -- the payout that it left with
	entry_id           bigint,
	fee_entry_id       bigint,
	asks               integer NOT NULL DEFAULT 0, -- looks at its object
	asked_run          bigint,        -- the last run that looked
	PRIMARY KEY (provider, txn_id),
	CONSTRAINT provider_txn_net_adds_up CHECK (net = amount - fee)
);
CREATE INDEX provider_txn_created ON provider_txn (provider, created);
CREATE INDEX provider_txn_payment ON provider_txn (payment_ref);
CREATE INDEX provider_txn_source ON provider_txn (source_ref);
CREATE INDEX provider_txn_payout ON provider_txn (payout_ref) WHERE payout_ref IS NOT NULL;
CREATE INDEX provider_txn_entry ON provider_txn (entry_id);
CREATE INDEX provider_txn_fee_entry ON provider_txn (fee_entry_id);
CREATE INDEX provider_txn_loose ON provider_txn (provider, created)
	WHERE entry_id IS NULL AND fee_entry_id IS NULL;

-- Money on its way from the provider to the bank.
CREATE TABLE payout (
	id           bigint PRIMARY KEY,
	provider     text NOT NULL,
	provider_ref text NOT NULL, -- po_...
	state        text NOT NULL DEFAULT 'pending',
	currency     char(3) NOT NULL,
	amount       bigint NOT NULL, -- negative: the provider collects
	automatic    boolean NOT NULL,
	itemised     boolean NOT NULL DEFAULT false, -- its transactions can be asked for
	created      timestamptz NOT NULL,
	arrival      timestamptz,
	error        text,
	members_cursor text,
	members_at   timestamptz, -- when all its transactions were known
	CONSTRAINT payout_known_once UNIQUE (provider, provider_ref),
	CONSTRAINT payout_state_is_known CHECK (state IN ('pending', 'in_transit', 'paid',
		'failed', 'canceled'))
);
CREATE INDEX payout_created ON payout (provider, created);

-- How far each of the provider's lists was read.  Lists are newest first: a sweep reads
-- from its newest back to from_at, and only when it got there does read_to move.
CREATE TABLE reconcile_list (
	provider  text NOT NULL,
	action    text NOT NULL, -- payout.list, txn.list
	read_to   timestamptz,   -- all that was created before is here
	from_at   timestamptz,
	newest    timestamptz,   -- of the sweep under way
	cursor    text,          -- and how far it is
	done_run  bigint,        -- the last run whose sweep arrived
	PRIMARY KEY (provider, action)
);

CREATE TABLE reconcile_run (
	id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	provider    text NOT NULL,
	source      text NOT NULL, -- api, or the file's name
	since       timestamptz,   -- what is compared; null: everything
	file_from   timestamptz,   -- what a file was of
	file_to     timestamptz,
	actor       text NOT NULL,
	begun_at    timestamptz NOT NULL DEFAULT now(),
	ended_at    timestamptz,
	differences bigint
);
CREATE UNIQUE INDEX reconcile_run_one_at_a_time ON reconcile_run (provider)
	WHERE ended_at IS NULL;
CREATE INDEX reconcile_run_last ON reconcile_run (provider, id);

CREATE TYPE txn_facts AS (
	ref                text,
	type               text,
	reporting_category text,
	source_ref         text,
	payment_ref        text,
	order_hint         bigint,
	currency           text,
	amount             bigint,
	fee                bigint,
	net                bigint,
	created            timestamptz,
	available_on       timestamptz,
	payout_ref         text
);
CREATE TYPE payout_facts AS (
	ref       text,
	status    text, -- pending, in_transit, paid, failed, canceled; else unknown
	currency  text,
	amount    bigint,
	automatic boolean,
	itemised  boolean,
	created   timestamptz,
	arrival   timestamptz,
	error     text
);

-- One thing that the provider and we do not agree on.
CREATE TYPE difference AS (
	kind       text,
	object     text, -- what it is about: a transaction, an entry, a payout
	order_id   bigint,
	payment_id bigint,
	ours       amount,
	theirs     amount,
	detail     text,
	at         timestamptz
);

INSERT INTO queue (name) VALUES ('reconcile');
-- At three in the night: the provider's day is closed, and nobody waits for it.
INSERT INTO job_schedule (name, kind, every, next_at)
VALUES ('reconcile.stripe', 'reconcile.stripe', '1 day',
	date_trunc('day', now()) + interval '1 day 3 hours');
