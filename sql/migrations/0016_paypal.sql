-- PayPal as a provider.

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
