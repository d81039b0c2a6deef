-- The widening of messages: what stands in for a provider of payments has a breaker too, and
-- what becomes of a short message after it was taken is told by who took it.

INSERT INTO breaker (provider) VALUES ('mail'), ('sms');
INSERT INTO breaker (provider) SELECT 'webhook:' || id FROM webhook_endpoint;

ALTER TYPE notice
	ADD ATTRIBUTE attempts integer,
	ADD ATTRIBUTE copy integer;
