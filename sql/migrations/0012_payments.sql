-- Payments whole: manual capture, voids, more attempts, money without a home.

-- An order whose money is promised, not taken: its stock is as good as sold.
ALTER TABLE orders DROP CONSTRAINT order_state_is_known,
	ADD CONSTRAINT order_state_is_known CHECK (state IN ('pending', 'expiring', 'canceling',
		'authorized', 'paid', 'on_hold', 'shipped', 'delivered', 'canceled', 'expired'));

INSERT INTO state_edge VALUES
	('order', 'pending',    'authorized', 'authorized', 'commit'),
	('order', 'expiring',   'authorized', 'authorized', 'commit'),
	('order', 'authorized', 'captured',   'paid',       'keep'),
	('order', 'authorized', 'cancel',     'canceling',  'keep'),
	('order', 'authorized', 'lapsed',     'canceled',   'release');

-- What a provider says is an event; what is no edge is a late word and changes nothing.
-- Captured is for good, even after it was canceled: the money is there.
INSERT INTO state_edge VALUES
	('payment', 'new',        'open',       'open'),
	('payment', 'new',        'processing', 'processing'),
	('payment', 'new',        'authorized', 'authorized'),
	('payment', 'new',        'captured',   'captured'),
	('payment', 'new',        'canceled',   'canceled'),
	('payment', 'new',        'abandon',    'abandoned'),
	('payment', 'open',       'processing', 'processing'),
	('payment', 'open',       'authorized', 'authorized'),
	('payment', 'open',       'captured',   'captured'),
	('payment', 'open',       'canceled',   'canceled'),
	('payment', 'processing', 'open',       'open'), -- the debit failed
	('payment', 'processing', 'authorized', 'authorized'),
	('payment', 'processing', 'captured',   'captured'),
	('payment', 'processing', 'canceled',   'canceled'),
	('payment', 'authorized', 'part',       'authorized'), -- some of it was captured
	('payment', 'authorized', 'captured',   'captured'),
	('payment', 'authorized', 'canceled',   'canceled'),
	('payment', 'canceled',   'captured',   'captured'),
	('payment', 'abandoned',  'open',       'open'), -- it exists after all
	('payment', 'abandoned',  'processing', 'processing'),
	('payment', 'abandoned',  'authorized', 'authorized'),
	('payment', 'abandoned',  'captured',   'captured'),
	('payment', 'abandoned',  'canceled',   'canceled');

ALTER TABLE payment
	ADD capture text,            -- automatic, manual; null: nobody chose, so automatic
	ADD late text,               -- what late money does: reserve (null too), refund
	ADD surplus text,            -- money that is too much: refund (null too), propose
	ADD capture_before timestamptz, -- until then the authorization holds
	ADD approved boolean NOT NULL DEFAULT false, -- the customer agreed: capture it
	ADD superseded boolean NOT NULL DEFAULT false, -- another attempt waits for its end
	ADD CONSTRAINT payment_capture_is_known CHECK (capture IN ('automatic', 'manual')),
	ADD CONSTRAINT payment_late_is_known CHECK (late IN ('reserve', 'refund')),
	ADD CONSTRAINT payment_surplus_is_known CHECK (surplus IN ('refund', 'propose'));
CREATE INDEX payment_unmatched ON payment (id) WHERE captured > 0 AND NOT applied;

-- A capture: how much of the authorization, and whether the rest is let go.
ALTER TABLE provider_op
	ADD minor bigint,
	ADD upto bigint,   -- captured altogether once it is done
	ADD final boolean;

ALTER TYPE payment_facts ADD ATTRIBUTE capture_before timestamptz;
ALTER TYPE payment_action ADD ATTRIBUTE capture text, ADD ATTRIBUTE final boolean;
