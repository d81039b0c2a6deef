-- What the provider of short messages tells: what readers answered, and what arrived.

-- Who says STOP is sent nothing more, until START.  Only what a message from the number
-- itself can settle is lifted by it: what a person suppressed stays.  Each answer counts
-- once, so that a START that is delivered again does not undo a STOP that came after it.
CREATE FUNCTION api.sms_heard(sid text, sender text, word text)
RETURNS TABLE (result text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	number text := phone_number($2);
	was suppression;
	s suppression;
BEGIN
	result := 'heard';
	INSERT INTO sms_heard (sid, word) VALUES ($1, $3) ON CONFLICT DO NOTHING;
	IF NOT FOUND THEN
		result := 'duplicate';
	ELSIF $3 = 'stop' AND number IS NOT NULL THEN
		INSERT INTO suppression AS x (channel, address, why, by)
		VALUES ('sms', number, 'stop', 'sms:' || $1)
		ON CONFLICT ON CONSTRAINT suppression_pkey DO UPDATE
		SET why = CASE x.why WHEN 'bounce' THEN 'stop' ELSE x.why END
		RETURNING * INTO s;
		PERFORM audit('suppression:sms', 'stop', NULL, to_jsonb(s));
		result := 'stopped';
	ELSIF $3 = 'start' THEN
		DELETE FROM suppression x WHERE x.channel = 'sms' AND x.address = number
			AND x.why IN ('stop', 'bounce') RETURNING * INTO was;
		IF FOUND THEN
			PERFORM audit('suppression:sms', 'start', to_jsonb(was), NULL);
			result := 'started';
		END IF;
	END IF;
	RETURN NEXT;
END $$;

-- How far a message has come: a word that comes late, or twice, moves nothing back.
CREATE FUNCTION sms_rank(state text) RETURNS int LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE $1 WHEN 'queued' THEN 0 WHEN 'sent' THEN 1 ELSE 2 END
$$;

-- What became of a message.  The provider may be faster than our own record of its answer,
-- so the message names itself; without that its reference finds it.  What was sent again
-- since is another copy, of which an older one says nothing.
CREATE FUNCTION api.sms_told(notification_id bigint, copy bigint, sid text, state text,
	error text, suppress text) RETURNS TABLE (result text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	n notification;
BEGIN
	IF $1 > 0 THEN
		SELECT * INTO n FROM notification x WHERE x.id = $1 AND x.channel = 'sms'
			AND x.copy = $2 AND coalesce(x.ref, $3) = $3 FOR UPDATE;
	ELSE
		SELECT * INTO n FROM notification x WHERE x.ref = $3 AND x.channel = 'sms'
		FOR UPDATE;
	END IF;
	IF n.id IS NULL THEN
		result := 'unknown';
	ELSIF sms_rank(n.state) >= sms_rank($4) THEN
		result := 'stale';
	ELSE
		UPDATE notification x SET state = $4, ref = $3, last_error = nullif($5, ''),
			intent_at = coalesce(x.intent_at, now()),
			sent_at = CASE WHEN $4 = 'failed' THEN x.sent_at
				ELSE coalesce(x.sent_at, now()) END
		WHERE x.id = n.id;
		IF $6 IS NOT NULL THEN
			PERFORM suppress_of(n, $6, $5);
		END IF;
		result := 'moved';
	END IF;
	RETURN NEXT;
END $$;
