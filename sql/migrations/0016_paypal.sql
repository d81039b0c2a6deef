-- PayPal as a provider.

-- The captures that a payment was taken in, where the provider gives money back by
-- capture and not by payment.
CREATE TABLE payment_part (
	payment_id bigint NOT NULL,
	ref        text NOT NULL,
	amount     bigint NOT NULL,
	PRIMARY KEY (payment_id, ref),
	CONSTRAINT payment_part_is_positive CHECK (amount > 0)
);

-- The certificates that webhooks are signed with.  The door may ask for one that is not
-- here, by an address on the provider's own host; a worker fetches and judges it.
CREATE TABLE webhook_certificate (
	id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	provider    text NOT NULL,
	url         text NOT NULL,
	state       text NOT NULL DEFAULT 'wanted',
	pem         text,
	valid_from  timestamptz,
	valid_until timestamptz,
	wanted_at   timestamptz NOT NULL DEFAULT now(),
	judged_at   timestamptz,
	note        text,             -- why it was refused
	CONSTRAINT webhook_certificate_once UNIQUE (provider, url),
	CONSTRAINT webhook_certificate_state_is_known CHECK (state IN ('wanted', 'good',
		'refused')),
	CONSTRAINT webhook_certificate_is_bounded CHECK (length(url) <= 200
		AND length(pem) <= 65536),
	CONSTRAINT webhook_certificate_good_is_complete CHECK (state <> 'good'
		OR pem IS NOT NULL AND valid_from IS NOT NULL AND valid_until IS NOT NULL)
);
