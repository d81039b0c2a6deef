-- Disputes, and what webhooks need beyond storing.

INSERT INTO queue (name) VALUES ('dispute');

-- A cardholder's bank took, or asks about taking, money back.  Driven by the provider.
CREATE TABLE dispute (
	id              bigint GENERATED ALWAYS AS IDENTITY (START 1024 INCREMENT 1024) PRIMARY KEY,
	provider        text NOT NULL,
	provider_ref    text NOT NULL,  -- dp_...
	order_id        bigint NOT NULL,
	payment_id      bigint NOT NULL,
	state           text NOT NULL,
	reason          text NOT NULL DEFAULT '', -- in the provider's words
	currency        char(3) NOT NULL,
	amount          bigint NOT NULL,          -- what is disputed; the money has rows of its own
	refundable      boolean NOT NULL DEFAULT false, -- an inquiry that a refund settles
	lost            bigint NOT NULL DEFAULT 0, -- written off to loss:dispute
	evidence        jsonb NOT NULL DEFAULT '{}', -- what we answer
	submit          boolean NOT NULL DEFAULT false, -- and that this is all of it
	submissions     bigint NOT NULL DEFAULT 0, -- as the provider counts them
	evidence_due_by timestamptz,
	reminded_at     timestamptz,
	checks          integer NOT NULL DEFAULT 0, -- looks in a row that concluded nothing
	opened_at       timestamptz NOT NULL DEFAULT now(),
	closed_at       timestamptz,
	CONSTRAINT dispute_provider_ref_once UNIQUE (provider, provider_ref),
	CONSTRAINT dispute_amount_is_positive CHECK (amount > 0),
	CONSTRAINT dispute_state_is_known CHECK (state IN ('warning_needs_response',
		'warning_under_review', 'warning_closed', 'needs_response', 'under_review', 'won',
		'lost', 'prevented')),
	CONSTRAINT dispute_closed_has_a_time CHECK ((closed_at IS NOT NULL)
		= (state IN ('warning_closed', 'won', 'lost', 'prevented')))
);
CREATE INDEX dispute_payment ON dispute (payment_id);
CREATE INDEX dispute_order ON dispute (order_id);

-- The provider's balance transactions of a dispute: whatever event told of one, it is
-- booked once.  amount is negative when the money left, fee positive when it was taken.
CREATE TABLE dispute_money (
	provider   text NOT NULL,
	txn        text NOT NULL,
	dispute_id bigint NOT NULL REFERENCES dispute,
	currency   char(3) NOT NULL,
	amount     bigint NOT NULL,
	fee        bigint NOT NULL,
	at         timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (provider, txn)
);
CREATE INDEX dispute_money_dispute ON dispute_money (dispute_id);

-- An event of this machine is the state that the provider tells.  An inquiry may become
-- a dispute, a dispute never an inquiry; won, lost and prevented are for good.
INSERT INTO state_edge SELECT 'dispute', f.state, t.state, t.state
FROM (VALUES ('warning_needs_response', 1), ('warning_under_review', 2), ('warning_closed', 3),
		('needs_response', 4), ('under_review', 5)) AS f (state, rank),
	(VALUES ('warning_under_review', 2), ('warning_closed', 3), ('needs_response', 4),
		('under_review', 5), ('won', 6), ('lost', 6), ('prevented', 6)) AS t (state, rank)
WHERE f.rank < t.rank;

-- What a provider says of a dispute, in our words; txns are objects of txn, currency,
-- amount and fee.
CREATE TYPE dispute_facts AS (
	ref             text,
	payment_ref     text,
	charge          text,
	status          text, -- a state of ours; else unknown
	reason          text,
	currency        text,
	amount          bigint,
	refundable      boolean,
	submissions     bigint,
	evidence_due_by timestamptz,
	txns            jsonb
);

-- A dispute as it is shown.
CREATE TYPE dispute_view AS (
	id              bigint,
	order_id        bigint,
	payment_id      bigint,
	provider        text,
	provider_ref    text,
	state           text,
	reason          text,
	amount          amount,
	lost            amount,
	refundable      boolean,
	evidence        jsonb,
	submissions     bigint,
	evidence_due_by timestamptz,
	money           jsonb,
	opened_at       timestamptz,
	closed_at       timestamptz
);

-- A call about a dispute names it, and is none of its payment's.
ALTER TABLE provider_op ADD dispute_id bigint;
CREATE INDEX provider_op_dispute ON provider_op (dispute_id) WHERE dispute_id IS NOT NULL;

-- A webhook's life.  replay is an operator's wish to look into it again.
INSERT INTO state_edge VALUES
	('webhook', 'received',  'processed', 'processed'),
	('webhook', 'received',  'ignored',   'ignored'),
	('webhook', 'received',  'parked',    'parked'),
	('webhook', 'received',  'dead',      'dead'),
	('webhook', 'received',  'again',     'received'),
	('webhook', 'parked',    'processed', 'processed'),
	('webhook', 'parked',    'ignored',   'ignored'),
	('webhook', 'parked',    'parked',    'parked'),
	('webhook', 'parked',    'dead',      'dead'),
	('webhook', 'parked',    'again',     'received'),
	('webhook', 'processed', 'replay',    'received'),
	('webhook', 'ignored',   'replay',    'received'),
	('webhook', 'parked',    'replay',    'received'),
	('webhook', 'dead',      'replay',    'received');

-- The headers by which one judges where an event came from, and whether nobody sent it
-- but we found it in the provider's list.
ALTER TABLE webhook_event ADD headers jsonb, ADD pulled boolean NOT NULL DEFAULT false,
	ADD replays integer NOT NULL DEFAULT 0;
CREATE INDEX webhook_event_state ON webhook_event (state, received_at)
	WHERE state IN ('received', 'parked', 'dead');

-- What was lost on its way is found without an operator: all events of the last hours,
-- but the newest that may still be on their way, and what the provider knows as
-- undelivered for days.
INSERT INTO job_schedule (name, kind, every, payload) VALUES ('webhook.gaps', 'webhook.gaps',
	'1 hour', '{"provider": "stripe", "hours": 2, "settle_s": 300, "undelivered_hours": 72}');
