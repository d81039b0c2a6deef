-- Messages to customers: one a subject, event and channel, whatever is retried.

CREATE TABLE template (
	event   text NOT NULL,  -- order_confirmed, payment_failed, refund_sent
	channel text NOT NULL DEFAULT 'email',
	locale  text NOT NULL DEFAULT 'en',
	version integer NOT NULL DEFAULT 1,
	subject text NOT NULL,
	body_text text NOT NULL,
	body_html text NOT NULL,
	PRIMARY KEY (event, channel, locale, version),
	CONSTRAINT template_event_is_known CHECK (event IN ('order_confirmed',
		'payment_failed', 'refund_sent')),
	CONSTRAINT template_channel_is_known CHECK (channel IN ('email'))
);

CREATE TABLE notification (
	id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	event      text NOT NULL,
	channel    text NOT NULL DEFAULT 'email',
	order_id   bigint NOT NULL,
	subject_id bigint NOT NULL, -- the order, payment or refund it is about
	state      text NOT NULL DEFAULT 'queued',
	message_id text NOT NULL,   -- the same whatever is retried
	copy       integer NOT NULL DEFAULT 1, -- an operator's resend is a new message
	attempts   integer NOT NULL DEFAULT 0,
	created_at timestamptz NOT NULL DEFAULT now(),
	sent_at    timestamptz,
	last_error text,
	CONSTRAINT notification_sent_once UNIQUE (event, channel, subject_id),
	CONSTRAINT notification_event_is_known CHECK (event IN ('order_confirmed',
		'payment_failed', 'refund_sent')),
	CONSTRAINT notification_state_is_known CHECK (state IN ('queued', 'sent', 'failed',
		'suppressed'))
);
CREATE INDEX notification_order ON notification (order_id);
