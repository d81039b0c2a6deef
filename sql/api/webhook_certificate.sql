-- Certificates of webhooks.  Nothing that is not verified is believed or even stored:
-- a webhook whose certificate is not here is answered 503, and the provider, who repeats
-- it for days, brings it again.  All that a stranger can leave is an address on the
-- provider's own host, and of those there are never more than a few.

-- The certificate, when it is here and valid now; pem null: not yet, or never.
CREATE FUNCTION api.webhook_certificate_find(provider text, url text)
RETURNS TABLE (state text, pem text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	c webhook_certificate;
BEGIN
	SELECT * INTO c FROM webhook_certificate w WHERE w.provider = $1 AND w.url = $2;
	IF c.state = 'good' AND now() BETWEEN c.valid_from AND c.valid_until THEN
		RETURN QUERY SELECT 'good', c.pem;
		RETURN;
	ELSIF c.id IS NULL OR c.state <> 'wanted' AND c.judged_at < now() - interval '1 hour' THEN
		PERFORM webhook_certificate_want($1, $2);
	END IF;
	RETURN QUERY SELECT coalesce(CASE c.state WHEN 'good' THEN 'refused' ELSE c.state END,
		'wanted'), NULL::text;
END $$;

-- Have one fetched, or fetched again an hour after it was refused.  Twenty may wait or
-- be refused at a time; those refused an hour ago make room.
CREATE FUNCTION webhook_certificate_want(provider text, url text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	id bigint;
BEGIN
	DELETE FROM webhook_certificate c WHERE c.state = 'refused'
		AND c.judged_at < now() - interval '1 hour' AND NOT (c.provider = $1 AND c.url = $2);
	IF (SELECT count(*) FROM webhook_certificate c WHERE c.state <> 'good') >= 20 THEN
		RETURN;
	END IF;
	INSERT INTO webhook_certificate AS c (provider, url) VALUES ($1, $2)
	ON CONFLICT ON CONSTRAINT webhook_certificate_once DO UPDATE
		SET state = 'wanted', wanted_at = now(), note = NULL
		WHERE c.state <> 'wanted'
	RETURNING c.id INTO id;
	IF id IS NOT NULL THEN
		PERFORM job_put('webhook.certificate', id);
	END IF;
END $$;

CREATE FUNCTION api.webhook_certificate_load(certificate_id bigint)
RETURNS TABLE (id bigint, provider text, url text, state text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY SELECT c.id, c.provider, c.url, c.state FROM webhook_certificate c
	WHERE c.id = $1;
	IF NOT FOUND THEN
		PERFORM absent('webhook_certificate_exists',
			format('there is no certificate %s', $1));
	END IF;
END $$;

-- What the worker found: pem null is a refusal.
CREATE FUNCTION api.webhook_certificate_record(certificate_id bigint, pem text,
	valid_from timestamptz, valid_until timestamptz, note text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	UPDATE webhook_certificate c SET
		state = CASE WHEN $2 IS NULL THEN 'refused' ELSE 'good' END,
		pem = $2, valid_from = $3, valid_until = $4, note = $5, judged_at = now()
	WHERE c.id = $1 AND c.state = 'wanted';
END $$;
