-- A breaker per provider, for mail, for short messages, and for each endpoint of webhooks
-- out (webhook:ID): who calls one that does not answer waits for nothing, and burns
-- the tries of jobs.  Closed: calls go.  Open: none goes until probe_at.  Then one does,
-- half-open, and what becomes of it decides.

-- Whether a call may go now, or how many seconds later to ask again.  The one that finds
-- the time of a probe come takes it; if it is lost, another does a while later.
CREATE FUNCTION api.breaker_ask(provider text, probe_s bigint)
RETURNS TABLE (go boolean, probe boolean, wait_s double precision, failures bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	b breaker;
BEGIN
	SELECT * INTO b FROM breaker x WHERE x.provider = $1;
	probe := false;
	IF b.probe_at <= now() AND b.state <> 'closed' THEN
		UPDATE breaker x SET state = 'half_open', probe_at = now() + $2 * interval '1 s'
		WHERE x.provider = $1 AND x.state <> 'closed' AND x.probe_at <= now();
		probe := FOUND;
		SELECT * INTO b FROM breaker x WHERE x.provider = $1;
	END IF;
	go := probe OR coalesce(b.state, 'closed') = 'closed';
	wait_s := CASE WHEN go THEN 0 ELSE least(300, greatest(0.5,
		extract(epoch FROM least(b.probe_at, now() + interval '1 h') - now()))) END;
	failures := coalesce(b.failures, 0);
	RETURN NEXT;
END $$;

-- What calls came to: so many failures in a row, or (0) an answer, or (-1) that the probe
-- was not needed.  most failures in a row open it; it is tried again after pause_s, and
-- after twice that each time the probe fails, up to a minute.
CREATE FUNCTION api.breaker_note(provider text, failed bigint, error text, most bigint,
	pause_s bigint) RETURNS TABLE (state text, changed boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	b breaker;
	was text;
BEGIN
	INSERT INTO breaker (provider) VALUES ($1) ON CONFLICT DO NOTHING;
	SELECT * INTO b FROM breaker x WHERE x.provider = $1 FOR NO KEY UPDATE;
	was := b.state;
	IF $2 < 0 THEN
		UPDATE breaker x SET state = 'open', probe_at = now()
		WHERE x.provider = $1 AND x.state = 'half_open';
	ELSIF $2 = 0 AND (was = 'half_open' OR was = 'open' AND b.reason IS NULL
			OR b.failures > 0) THEN
		PERFORM breaker_close($1, was, 'it answers again');
	ELSIF $2 > 0 AND (was = 'half_open' OR was = 'closed' AND b.failures + $2 >= $4) THEN
		PERFORM breaker_open(b, $2, $3, $5);
	ELSIF $2 > 0 AND was = 'closed' THEN
		UPDATE breaker x SET failures = x.failures + $2, error = $3 WHERE x.provider = $1;
	END IF;
	SELECT x.state INTO state FROM breaker x WHERE x.provider = $1;
	changed := state <> was;
	RETURN NEXT;
END $$;

-- A person hears of it once, however often the probe fails; of somebody else's endpoint
-- when it has failed for days and is disabled.
CREATE FUNCTION breaker_open(b breaker, failed bigint, error text, pause_s bigint)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	lost int := CASE b.state WHEN 'half_open' THEN b.probes + 1 ELSE 0 END;
BEGIN
	UPDATE breaker x SET state = 'open', failures = x.failures + $2, error = $3,
		probes = lost,
		since = CASE b.state WHEN 'closed' THEN now() ELSE x.since END,
		probe_at = now() + least(60, $4 * 2 ^ least(lost, 10)) * interval '1 s'
	WHERE x.provider = b.provider;
	IF b.provider NOT LIKE 'webhook:%' THEN
		PERFORM incident_open('provider_away', NULL, NULL,
			jsonb_build_object('provider', b.provider, 'error', $3), b.provider);
	END IF;
END $$;

CREATE FUNCTION breaker_close(provider text, was text, note text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	UPDATE breaker x SET state = 'closed', failures = 0, probes = 0, probe_at = NULL,
		reason = NULL, since = CASE $2 WHEN 'closed' THEN x.since ELSE now() END,
		error = CASE $2 WHEN 'closed' THEN x.error END
	WHERE x.provider = $1;
	IF $2 <> 'closed' THEN
		PERFORM incident_close(i.id, $3, 'breaker') FROM incident i
		WHERE i.kind = 'provider_away' AND i.key = $1 AND i.closed_at IS NULL;
	END IF;
END $$;

-- Jobs that wait for this breaker, or did: what they say why.
CREATE FUNCTION breaker_jobs(provider text) RETURNS SETOF bigint LANGUAGE sql STABLE AS $$
	SELECT j.id FROM job_later j
	WHERE j.rule = 'breaker_is_closed' AND j.message LIKE $1 || ' %'
$$;

CREATE FUNCTION api.breaker_list(of_provider text)
RETURNS TABLE (provider text, state text, since timestamptz, failures bigint,
	probe_at timestamptz, waiting bigint, reason text, error text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY SELECT b.provider, b.state, b.since, b.failures::bigint,
		CASE WHEN isfinite(b.probe_at) THEN b.probe_at END,
		(SELECT count(*) FROM breaker_jobs(b.provider)), b.reason, b.error
	FROM breaker b WHERE $1 IS NULL OR b.provider = $1 ORDER BY b.provider;
	IF $1 IS NOT NULL AND NOT FOUND THEN
		PERFORM absent('breaker_exists', format('there is no breaker for "%s"', $1),
			'shopctl breaker list');
	END IF;
END $$;

-- Ask this provider nothing for so many seconds, or (null) until it is reset.
CREATE FUNCTION api.breaker_trip(provider text, for_s bigint, reason text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	b breaker;
BEGIN
	PERFORM api.breaker_list($1);
	SELECT * INTO b FROM breaker x WHERE x.provider = $1 FOR NO KEY UPDATE;
	UPDATE breaker x SET state = 'open', probes = 0, reason = $3,
		since = CASE b.state WHEN 'closed' THEN now() ELSE x.since END,
		probe_at = coalesce(now() + $2 * interval '1 s', 'infinity')
	WHERE x.provider = $1;
	PERFORM audit('breaker/' || $1, 'trip', jsonb_build_object('state', b.state),
		jsonb_build_object('state', 'open', 'for_s', $2));
END $$;

-- Ask it again, and what waited for that goes at once.
CREATE FUNCTION api.breaker_reset(provider text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	b breaker;
BEGIN
	PERFORM api.breaker_list($1);
	SELECT * INTO b FROM breaker x WHERE x.provider = $1 FOR NO KEY UPDATE;
	PERFORM breaker_close($1, b.state, 'the breaker was reset');
	UPDATE job_later j SET run_at = now() WHERE j.id IN (SELECT breaker_jobs($1));
	PERFORM audit('breaker/' || $1, 'reset', jsonb_build_object('state', b.state,
		'failures', b.failures), jsonb_build_object('state', 'closed'));
END $$;
