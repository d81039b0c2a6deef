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
	readable boolean := $4 IS NOT NULL AND $5 IS NOT NULL;
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

-- An event to act on: its bytes say what to ask the provider about.
CREATE FUNCTION api.webhook_load(webhook_id bigint)
RETURNS TABLE (id bigint, provider text, livemode boolean, event_id text, type text,
	object_id text, state text, body text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY SELECT w.id, w.provider, w.livemode, w.event_id, w.type, w.object_id,
		w.state, convert_from(w.body, 'UTF8') FROM webhook_event w WHERE w.id = $1;
	IF NOT FOUND THEN
		PERFORM absent('webhook_exists', format('there is no webhook %s', $1),
			'shopctl webhook list');
	END IF;
END $$;

-- Conclude an event.  ignored: not ours to act on.  dead: nobody can act on it.  done:
-- the provider answered with the object (facts) - `what` says payment or refund - or
-- with nothing.  Any other verdict: it did not answer, so ask again.
CREATE FUNCTION api.webhook_record(webhook_id bigint, verdict text, note text, what text,
	facts jsonb)
RETURNS TABLE (state text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	w webhook_event;
	subject bigint;
	conclusion text := $2;
BEGIN
	SELECT * INTO w FROM webhook_event e WHERE e.id = $1;
	IF w.state NOT IN ('received', 'parked') THEN
		RETURN QUERY SELECT w.state;
		RETURN;
	END IF;
	IF $2 IN ('done', 'absent') THEN
		subject := CASE $4 WHEN 'refund' THEN webhook_refund(w.provider, $5)
			ELSE webhook_payment(w.provider, $5) END;
		conclusion := CASE WHEN subject IS NULL THEN 'parked' ELSE 'processed' END;
	ELSIF $2 NOT IN ('ignored', 'dead') THEN
		conclusion := CASE WHEN w.attempts < 60 THEN 'received' ELSE 'dead' END;
	END IF;
	IF conclusion = 'parked' THEN
		conclusion := webhook_park(w, $5);
	ELSIF conclusion = 'received' THEN
		PERFORM job_put('webhook.' || w.provider, w.id,
			op_again(w.attempts, '1 hour', w.id << 10));
	ELSIF conclusion = 'dead' THEN
		PERFORM incident_open('webhook_dead', NULL, NULL,
			jsonb_build_object('webhook', w.id, 'event', w.event_id, 'note', $3));
	END IF;
	UPDATE webhook_event e SET state = conclusion, attempts = e.attempts + 1,
		order_id = subject, note = coalesce($3, CASE conclusion WHEN 'parked'
			THEN 'no order of ours belongs to it yet' END),
		concluded_at = CASE WHEN conclusion <> 'received' THEN now() END
	WHERE e.id = w.id;
	RETURN QUERY SELECT conclusion;
END $$;

-- Apply what the provider said of a payment; the order it was about.
CREATE FUNCTION webhook_payment(provider text, facts jsonb) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
	f payment_facts := jsonb_populate_record(NULL::payment_facts, $2);
	subject bigint;
BEGIN
	IF f.ref IS NOT NULL THEN
		subject := payment_match($1, f);
	END IF;
	IF subject IS NULL THEN
		RETURN NULL;
	END IF;
	PERFORM payment_apply(subject, f);
	PERFORM payment_schedule(subject);
	RETURN (SELECT p.order_id FROM payment p WHERE p.id = subject);
END $$;

-- The same of a refund.
CREATE FUNCTION webhook_refund(provider text, facts jsonb) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
	f refund_facts := jsonb_populate_record(NULL::refund_facts, $2);
	subject bigint := refund_match($1, f);
BEGIN
	IF subject IS NOT NULL THEN
		PERFORM refund_apply(subject, f);
		UPDATE provider_op k SET state = 'done', concluded_at = now(), result = f.ref
		WHERE k.refund_id = subject AND k.state IN ('new', 'sent', 'unknown')
			AND (SELECT r.state <> 'requested' FROM refund r WHERE r.id = subject);
	END IF;
	RETURN (SELECT r.order_id FROM refund r WHERE r.id = subject);
END $$;

-- Nothing of ours belongs to it: look again in a minute and in a day, then tell a person.
CREATE FUNCTION webhook_park(w webhook_event, facts jsonb) RETURNS text
LANGUAGE plpgsql AS $$
BEGIN
	IF now() >= w.received_at + interval '24 hours' THEN
		PERFORM incident_open('webhook_without_order', NULL, NULL, jsonb_build_object(
			'webhook', w.id, 'event', w.event_id, 'object', w.object_id,
			'captured', $2->'captured', 'currency', $2->'currency'));
		RETURN 'dead';
	END IF;
	PERFORM job_put('webhook.' || w.provider, w.id, CASE w.state
		WHEN 'received' THEN now() + interval '1 minute'
		ELSE w.received_at + interval '24 hours' END);
	RETURN 'parked';
END $$;

-- Webhooks for the operator.
CREATE FUNCTION api.webhook_list(only_state text, only_type text, since timestamptz,
	max_rows bigint)
RETURNS TABLE (id bigint, event_id text, type text, object_id text, state text,
	deliveries bigint, order_id bigint, received_at timestamptz,
	concluded_at timestamptz, note text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
	SELECT w.id, w.event_id, w.type, w.object_id, w.state, w.deliveries::bigint,
		w.order_id, w.received_at, w.concluded_at, w.note
	FROM webhook_event w
	WHERE ($1 IS NULL OR w.state = $1) AND ($2 IS NULL OR w.type = $2)
		AND ($3 IS NULL OR w.received_at >= $3)
	ORDER BY w.id DESC LIMIT coalesce($4, 50);
END $$;

CREATE FUNCTION api.webhook_get(webhook_id bigint)
RETURNS TABLE (id bigint, provider text, account text, livemode boolean, event_id text,
	type text, object_id text, api_version text, state text, note text,
	deliveries bigint, attempts bigint, order_id bigint, received_at timestamptz,
	concluded_at timestamptz, bytes bigint, sha256 text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
	SELECT w.id, w.provider, w.account, w.livemode, w.event_id, w.type, w.object_id,
		w.api_version, w.state, w.note, w.deliveries::bigint, w.attempts::bigint,
		w.order_id, w.received_at, w.concluded_at, length(w.body)::bigint,
		encode(sha256(w.body), 'hex')
	FROM webhook_event w WHERE w.id = $1;
	IF NOT FOUND THEN
		PERFORM absent('webhook_exists', format('there is no webhook %s', $1),
			'shopctl webhook list');
	END IF;
END $$;
