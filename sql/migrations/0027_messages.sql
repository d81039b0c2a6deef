-- The widening of messages: what stands in for a provider of payments has a breaker too, and
-- what becomes of a short message after it was taken is told by who took it.

INSERT INTO breaker (provider) VALUES ('mail'), ('sms');
INSERT INTO breaker (provider) SELECT 'webhook:' || id FROM webhook_endpoint;

ALTER TYPE notice
	ADD ATTRIBUTE attempts integer,
	ADD ATTRIBUTE copy integer;

-- A carrier says later whether a short message arrived.
ALTER TABLE notification DROP CONSTRAINT notification_state_is_known,
	ADD CONSTRAINT notification_state_is_known CHECK (state IN ('queued', 'sent',
		'delivered', 'failed', 'suppressed'));
CREATE INDEX notification_sms_ref ON notification (ref) WHERE channel = 'sms';

-- Answers that were heard: who wrote and what else is not kept.
CREATE TABLE sms_heard (
	sid  text PRIMARY KEY, -- the provider's name for it
	word text NOT NULL,
	at   timestamptz NOT NULL DEFAULT now(),
	CONSTRAINT sms_word_is_known CHECK (word IN ('stop', 'start', 'help', 'none'))
);
CREATE INDEX sms_heard_at ON sms_heard (at);

-- Since when an endpoint hears everything: fsck asks for what happened from then on.
ALTER TABLE webhook_endpoint ADD COLUMN heard_since timestamptz NOT NULL DEFAULT now();
