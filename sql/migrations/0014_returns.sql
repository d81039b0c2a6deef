-- Refunds that wait for approval, the split of each, and goods that come back.

-- A refund is born proposed and asked for when somebody may.  asked_by is the login role,
-- because it decides who else may approve.
ALTER TABLE refund DROP COLUMN shipped,
	ADD recognised bigint NOT NULL DEFAULT 0, -- of the amount, what had been revenue
	ADD asked_by text NOT NULL DEFAULT session_user,
	ADD approved_by text,
	ADD retry_of bigint,
	ADD reference text, -- of a transfer that no provider of ours made
	ALTER state SET DEFAULT 'proposed',
	DROP CONSTRAINT refund_state_is_known,
	ADD CONSTRAINT refund_state_is_known CHECK (state IN ('proposed', 'requested', 'pending',
		'requires_action', 'succeeded', 'failed', 'rejected', 'canceled')),
	ADD CONSTRAINT refund_recognised_within_amount CHECK (recognised <= amount);

-- n = 0 is the shipping; tax is what of amount is tax.
ALTER TABLE refund_line ADD tax bigint NOT NULL DEFAULT 0,
	ADD CONSTRAINT refund_line_tax_within_amount CHECK (tax BETWEEN 0 AND amount);

INSERT INTO state_edge VALUES
	('refund', 'proposed',        'approve',         'requested',       'keep'),
	('refund', 'proposed',        'decline',         'canceled',        'keep'),
	('refund', 'requested',       'pending',         'pending',         'keep'),
	('refund', 'requested',       'requires_action', 'requires_action', 'keep'),
	('refund', 'requested',       'succeeded',       'succeeded',       'keep'),
	('refund', 'requested',       'failed',          'failed',          'keep'),
	('refund', 'requested',       'canceled',        'canceled',        'keep'),
	('refund', 'requested',       'reject',          'rejected',        'keep'),
	('refund', 'requested',       'settle',          'succeeded',       'keep'),
	('refund', 'pending',         'requires_action', 'requires_action', 'keep'),
	('refund', 'pending',         'succeeded',       'succeeded',       'keep'),
	('refund', 'pending',         'failed',          'failed',          'keep'),
	('refund', 'pending',         'canceled',        'canceled',        'keep'),
	('refund', 'requires_action', 'pending',         'pending',         'keep'),
	('refund', 'requires_action', 'succeeded',       'succeeded',       'keep'),
	('refund', 'requires_action', 'failed',          'failed',          'keep'),
	('refund', 'requires_action', 'canceled',        'canceled',        'keep'),
	('refund', 'succeeded',       'failed',          'failed',          'keep');

-- How much each group of operators may give back without a second pair of eyes, in major
-- units: 5 is 5.00 EUR and 5 JPY.  Currency '' is every currency without a row of its own.
CREATE TABLE refund_limit (
	role     text NOT NULL,
	currency text NOT NULL DEFAULT '',
	major    bigint NOT NULL,
	PRIMARY KEY (role, currency),
	CONSTRAINT refund_limit_is_not_negative CHECK (major >= 0),
	CONSTRAINT refund_limit_role_is_known CHECK (role IN ('op_support', 'op_warehouse',
		'op_finance', 'op_admin'))
);
INSERT INTO refund_limit (role, major) VALUES ('op_support', 5), ('op_finance', 1000),
	('op_admin', 1000);

DROP TYPE refund_view;
CREATE TYPE refund_view AS (
	id           bigint,
	order_id     bigint,
	payment_id   bigint,
	provider_ref text,
	state        text,
	amount       amount,
	reason       text,
	automatic    boolean,
	asked_by     text,
	approved_by  text,
	reference    text,
	last_error   text,
	lines        jsonb, -- the split, to the cent
	postings     jsonb, -- what it did to the books
	created_at   timestamptz,
	settled_at   timestamptz,
	replayed     boolean
);

-- A line of an order, or (n = 0) its shipping, as refunds see it.  net is without tax,
-- gross before the discount.
CREATE TYPE refund_part AS (
	n          smallint,
	sku        text,
	qty        bigint,
	gone       bigint, -- units that left, or never will
	free       bigint, -- units that wait, not packed yet
	gross      bigint,
	net        bigint,
	tax        bigint,
	units_back bigint, -- given back by live refunds
	net_back   bigint,
	tax_back   bigint
);

-- Goods that a customer sends back: announced, allowed, received, looked at, closed.
CREATE TABLE return_request (
	id           bigint GENERATED ALWAYS AS IDENTITY (START 1024 INCREMENT 1024)
		PRIMARY KEY,
	order_id     bigint NOT NULL,
	key          text NOT NULL, -- the caller's: asking twice opens one
	state        text NOT NULL DEFAULT 'requested',
	reason       text NOT NULL,
	warehouse_id bigint,        -- where it was received
	refund_id    bigint,        -- what it was closed with
	created_at   timestamptz NOT NULL DEFAULT now(),
	received_at  timestamptz,
	closed_at    timestamptz,
	CONSTRAINT return_key_used_once UNIQUE (order_id, key),
	CONSTRAINT return_state_is_known CHECK (state IN ('requested', 'approved', 'received',
		'inspected', 'closed', 'rejected', 'canceled')),
	CONSTRAINT return_received_somewhere CHECK (received_at IS NULL
		OR warehouse_id IS NOT NULL)
);
CREATE INDEX return_newest ON return_request (created_at, id);

CREATE TABLE return_line (
	return_id bigint NOT NULL REFERENCES return_request,
	n         smallint NOT NULL, -- the order line
	qty       bigint NOT NULL,   -- announced
	received  bigint NOT NULL DEFAULT 0,
	restocked bigint NOT NULL DEFAULT 0,
	scrapped  bigint NOT NULL DEFAULT 0,
	grade     text,
	PRIMARY KEY (return_id, n),
	CONSTRAINT return_line_qty_is_positive CHECK (qty > 0),
	CONSTRAINT return_line_within_received CHECK (restocked >= 0 AND scrapped >= 0
		AND restocked + scrapped <= received AND received <= qty)
);

INSERT INTO state_edge VALUES
	('return', 'requested', 'approve', 'approved',  'keep'),
	('return', 'requested', 'reject',  'rejected',  'keep'),
	('return', 'requested', 'cancel',  'canceled',  'keep'),
	('return', 'approved',  'receive', 'received',  'keep'),
	('return', 'approved',  'cancel',  'canceled',  'keep'),
	('return', 'received',  'inspect', 'inspected', 'keep'),
	('return', 'inspected', 'close',   'closed',    'keep');

-- A return as it is shown.
CREATE TYPE return_view AS (
	id          bigint,
	order_id    bigint,
	state       text,
	units       bigint,
	received    bigint,
	accepted    bigint, -- looked at: restocked or scrapped
	reason      text,
	warehouse   text,
	lines       jsonb,
	refund_id   bigint,
	created_at  timestamptz,
	received_at timestamptz,
	closed_at   timestamptz,
	replayed    boolean
);
