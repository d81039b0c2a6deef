-- PayPal whole: captures with their fees, refunds over several captures, authorizations
-- that are renewed, and its books.

-- What an order was taken in: {ref, amount, fee, fee_currency, settled}; fee_currency is
-- null while the fee is not known, settled the currency that the balance got it in.
-- honor_until: until then the money of an authorization is surely there.
ALTER TYPE payment_facts ADD ATTRIBUTE parts jsonb, ADD ATTRIBUTE honor_until timestamptz;
-- charge: the capture that it gives back; fee: what of the provider's came back with it.
ALTER TYPE refund_facts ADD ATTRIBUTE charge text, ADD ATTRIBUTE fee bigint,
	ADD ATTRIBUTE fee_currency text;

ALTER TABLE payment
	ADD honor_until timestamptz,
	ADD reauthorized boolean NOT NULL DEFAULT false; -- asked once, whatever the answer was

-- A refund goes to one capture; one that no capture has enough for is divided, and its
-- further parts are refunds of their own, which can fail alone.
ALTER TABLE refund
	ADD capture_ref text,
	ADD part_of bigint REFERENCES refund;
CREATE INDEX refund_part_of ON refund (part_of) WHERE part_of IS NOT NULL;
CREATE INDEX payment_part_ref ON payment_part (ref);
ALTER TYPE refund_view ADD ATTRIBUTE part_of bigint;
UPDATE refund r SET capture_ref = k.target FROM provider_op k
WHERE k.refund_id = r.id AND k.kind = 'refund.create' AND k.provider = 'paypal';

-- A balance may be of a moment before it was asked.
ALTER TYPE balance_facts ADD ATTRIBUTE at timestamptz;

-- An hour after Stripe's, for PayPal writes down what moved up to three hours later.
INSERT INTO job_schedule (name, kind, every, next_at)
VALUES ('reconcile.paypal', 'reconcile.paypal', '1 day',
	date_trunc('day', now()) + interval '1 day 4 hours');
