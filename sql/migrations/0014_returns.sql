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
