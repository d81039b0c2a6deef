-- Money, closed: what a provider says it holds, movements without a noun of ours, and
-- orders on hold before their money was taken.

-- What a provider said it holds of us, when, and what our books said of that moment.
CREATE TABLE provider_balance (
	provider  text NOT NULL,
	currency  char(3) NOT NULL,
	run_id    bigint NOT NULL,
	at        timestamptz NOT NULL DEFAULT now(), -- when it was asked
	available bigint NOT NULL,
	pending   bigint NOT NULL,
	verdict   text NOT NULL DEFAULT 'asked',
	mirror    bigint, -- of its transactions, those that had moved it by then
	ledger    bigint, -- of these, what psp:clearing knows
	waiting   bigint, -- on psp:clearing, of which it says nothing yet
	PRIMARY KEY (provider, currency, run_id),
	CONSTRAINT provider_balance_verdict_is_known CHECK (verdict IN ('asked', 'agrees',
		'moving', 'unread', 'differs'))
);
CREATE INDEX provider_balance_run ON provider_balance (run_id);

CREATE TYPE balance_facts AS (
	currency  text,
	available bigint,
	pending   bigint
);

-- Whether a transaction had moved the balance when that was asked: surely, when it was
-- here before.  null: from before there were balances.
ALTER TABLE provider_txn ADD seen_at timestamptz;

-- Whose sweep it is: only one that began after the balance was asked has all of it.
ALTER TABLE reconcile_list ADD begun_run bigint, ADD begun_at timestamptz;

-- Accounts for what moves a balance and is no payment.  by_hand: a person may post there;
-- all others belong to a noun, whose states say what must lie on them.
ALTER TABLE ledger_account ADD by_hand boolean NOT NULL DEFAULT false;
INSERT INTO ledger_account (code, kind, normal_side, words, by_hand) VALUES
	('psp:reserve', 'asset', 'debit', 'what the provider holds back against losses', true),
	('adjustments:psp', 'expense', 'debit', 'corrections that the provider made and explained', true),
	('suspense', 'liability', 'credit', 'money whose owner is not known yet', true);
UPDATE ledger_account SET by_hand = true WHERE code IN ('bank', 'fees:psp', 'fees:dispute');

-- An order whose money is promised and that must not leave, nor its money be taken.
ALTER TABLE orders DROP CONSTRAINT order_state_is_known,
	ADD CONSTRAINT order_state_is_known CHECK (state IN ('pending', 'expiring', 'canceling',
		'authorized', 'held', 'paid', 'on_hold', 'shipped', 'delivered', 'canceled',
		'expired'));
INSERT INTO state_edge VALUES
	('order', 'authorized', 'hold',     'held',       'keep'),
	('order', 'held',       'hold',     'held',       'keep'), -- by a person too
	('order', 'on_hold',    'hold',     'on_hold',    'keep'),
	('order', 'held',       'unhold',   'authorized', 'keep'),
	('order', 'held',       'captured', 'on_hold',    'keep'), -- by the provider's own hand
	('order', 'held',       'cancel',   'canceling',  'keep'),
	('order', 'held',       'lapsed',   'canceled',   'release'),
	('order', 'held',       'ship',     'shipped',    'keep'), -- nothing is left to hold
	('order', 'on_hold',    'ship',     'shipped',    'keep');
