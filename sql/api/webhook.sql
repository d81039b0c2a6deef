-- Webhooks: stored once, byte for byte, before the provider hears 200.  They are
-- hints: what happened is asked of the provider itself, see webhook_record.

-- Store an event and enqueue its job, or count one more delivery of it.  Bytes that
-- are no event (event_id null) are kept too, dead at once: nobody could act on them.
CREATE FUNCTION api.webhook_receive(provider text, account text, livemode boolean,
	event_id text, type text, object_id text, api_version text, body bytea)
RETURNS TABLE (id bigint, duplicate boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	readable boolean := $4 IS NOT NULL AND $5 IS NOT NULL AND $6 IS NOT NULL;
BEGIN
	INSERT INTO webhook_event AS w (provider, account, livemode, event_id, type,
		object_id, api_version, body, state, note, concluded_at)
	VALUES ($1, coalesce($2, ''), coalesce($3, false),
		coalesce($4, 'sha256:' || encode(sha256($8), 'hex')),
		coalesce($5, 'unreadable'), $6, $7, $8,
		CASE WHEN readable THEN 'received' ELSE 'dead' END,
		CASE WHEN NOT readable THEN 'not readable as an event' END,
		CASE WHEN NOT readable THEN now() END)
	ON CONFLICT ON CONSTRAINT webhook_event_once
		DO UPDATE SET deliveries = w.deliveries + 1
	RETURNING w.id, w.deliveries > 1 INTO id, duplicate;
	IF readable AND NOT duplicate THEN
		PERFORM job_put('webhook.' || $1, id);
	END IF;
	RETURN NEXT;
END $$;
