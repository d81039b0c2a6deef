-- Webhooks: stored once, byte for byte, before the provider hears 200.  They are
-- hints: what happened is asked of the provider itself, see webhook_record.

-- Store an event and enqueue its job, or count one more delivery of it.  Bytes that
-- are no event (event_id null) are kept too, dead at once: nobody could act on them.
-- pulled: nobody sent it, we found it in the provider's list.
CREATE FUNCTION api.webhook_receive(provider text, account text, livemode boolean,
	event_id text, type text, object_id text, api_version text, body bytea,
	headers jsonb DEFAULT NULL, pulled boolean DEFAULT false)
RETURNS TABLE (id bigint, duplicate boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	readable boolean := $4 IS NOT NULL AND $5 IS NOT NULL;
BEGIN
	INSERT INTO webhook_event AS w (provider, account, livemode, event_id, type,
		object_id, api_version, body, state, note, concluded_at, headers, pulled, deliveries)
	VALUES ($1, coalesce($2, ''), coalesce($3, false),
		coalesce($4, 'sha256:' || encode(sha256($8), 'hex')),
		coalesce($5, 'unreadable'), $6, $7, $8,
		CASE WHEN readable THEN 'received' ELSE 'dead' END,
		CASE WHEN NOT readable THEN 'not readable as an event' END,
		CASE WHEN NOT readable THEN now() END, $9, $10, CASE WHEN $10 THEN 0 ELSE 1 END)
	ON CONFLICT ON CONSTRAINT webhook_event_once
		DO UPDATE SET deliveries = w.deliveries + CASE WHEN $10 THEN 0 ELSE 1 END,
			headers = coalesce(w.headers, excluded.headers)
	RETURNING w.id, w.xmax <> 0 INTO id, duplicate;
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
		PERFORM webhook_absent($1);
	END IF;
END $$;

CREATE FUNCTION webhook_absent(webhook_id bigint) RETURNS void LANGUAGE sql AS $$
	SELECT absent('webhook_exists', format('there is no webhook %s', $1),
		'shopctl webhook list')
$$;

-- Conclude an event.  ignored: not ours to act on.  dead: nobody can act on it.  done:
-- the provider answered with the object (facts) - `what` says of which kind - or, absent,
-- with nothing.  Any other verdict: it did not answer, so ask again.
CREATE FUNCTION api.webhook_record(webhook_id bigint, verdict text, note text, what text,
	facts jsonb)
RETURNS TABLE (state text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	w webhook_event;
	subject bigint;
	event text := $2;
	why text := $3;
BEGIN
	SELECT * INTO w FROM webhook_event e WHERE e.id = $1;
	IF NOT state_may('webhook', w.state, 'processed') THEN
		RETURN QUERY SELECT w.state;
		RETURN;
	END IF;
	IF $2 IN ('done', 'absent') THEN
		subject := webhook_apply(w.provider, $4, $5);
		event := CASE WHEN subject IS NULL THEN 'parked' ELSE 'processed' END;
	ELSIF $2 NOT IN ('ignored', 'dead', 'processed') THEN
		event := CASE WHEN w.attempts < 60 THEN 'again' ELSE 'dead' END;
	END IF;
	IF event = 'parked' THEN
		SELECT * INTO event, why FROM webhook_park(w, $4, $5);
	ELSIF event = 'again' THEN
		PERFORM job_put('webhook.' || w.provider, w.id,
			op_again(w.attempts, '1 hour', w.id << 10));
	ELSIF event = 'dead' THEN
		PERFORM incident_open('webhook_dead', NULL, NULL,
			jsonb_build_object('webhook', w.id, 'event', w.event_id, 'note', $3));
	END IF;
	PERFORM webhook_move(w, event, subject, coalesce($3, why));
	RETURN QUERY SELECT e.state FROM webhook_event e WHERE e.id = w.id;
END $$;

-- Take an edge of the machine.  An event of an order is part of what happened to it.
CREATE FUNCTION webhook_move(w webhook_event, event text, of_order bigint, note text)
RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	e state_edge;
BEGIN
	IF $3 IS NOT NULL THEN
		e := state_move('webhook', w.id, $3, w.state, $2, jsonb_build_object('type', w.type,
			'event', w.event_id));
	ELSE
		SELECT * INTO e FROM state_edge g
		WHERE g.machine = 'webhook' AND g.from_state = w.state AND g.event = $2;
		IF NOT FOUND THEN
			PERFORM refuse('state_follows_its_graph', format(
				'webhook %s is %s: no %s from there', w.id, w.state, $2));
		END IF;
	END IF;
	UPDATE webhook_event x SET state = e.to_state, order_id = coalesce($3, x.order_id),
		attempts = CASE WHEN $2 = 'replay' THEN 0 ELSE x.attempts + 1 END,
		replays = x.replays + CASE WHEN $2 = 'replay' THEN 1 ELSE 0 END, note = $4,
		concluded_at = CASE WHEN e.to_state <> 'received' THEN now() END
	WHERE x.id = w.id;
END $$;

-- Apply what the provider said of an object; the order it was about, or null.
CREATE FUNCTION webhook_apply(provider text, what text, facts jsonb) RETURNS bigint
LANGUAGE plpgsql AS $$
BEGIN
	RETURN CASE $2 WHEN 'refund' THEN webhook_refund($1, $3)
		WHEN 'dispute' THEN webhook_dispute($1, $3)
		ELSE webhook_payment($1, $3) END;
END $$;

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

CREATE FUNCTION webhook_dispute(provider text, facts jsonb) RETURNS bigint
LANGUAGE sql AS $$
	SELECT (SELECT d.order_id FROM dispute d WHERE d.id = x.id)
	FROM (SELECT dispute_apply($1, jsonb_populate_record(NULL::dispute_facts, $2)) AS id
		OFFSET 0) AS x
$$;

-- A refund that is ours, or that somebody made at the provider of a payment of ours.
CREATE FUNCTION webhook_refund(provider text, facts jsonb) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
	f refund_facts := jsonb_populate_record(NULL::refund_facts, $2);
	subject bigint := refund_match($1, f);
	p payment;
BEGIN
	IF subject IS NOT NULL THEN
		PERFORM refund_apply(subject, f);
		UPDATE provider_op k SET state = 'done', concluded_at = now(), result = f.ref
		WHERE k.refund_id = subject AND k.state IN ('new', 'sent', 'unknown')
			AND (SELECT r.state <> 'requested' FROM refund r WHERE r.id = subject);
		RETURN (SELECT r.order_id FROM refund r WHERE r.id = subject);
	END IF;
	SELECT * INTO p FROM payment x WHERE x.provider = $1 AND x.provider_ref = f.payment_ref;
	IF p.id IS NULL OR f.ref IS NULL THEN
		RETURN NULL;
	ELSIF p.state <> 'captured' THEN
		-- it must have been: ask, then look again
		PERFORM job_put('payment.sync', p.id, NULL, NULL, p.id || ':now');
		RETURN NULL;
	END IF;
	PERFORM refund_adopt(p.id, f);
	RETURN p.order_id;
END $$;

-- Somebody gave money back in the provider's own pages.  That is a fact, so it becomes a
-- refund of ours, disputed or not; when it is more than we know to be there, a person
-- looks at it.
CREATE FUNCTION refund_adopt(payment_id bigint, f refund_facts) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	p payment := refund_lock_payment($1);
	made bigint;
BEGIN
	IF f.status IN ('failed', 'canceled')
		OR EXISTS (SELECT FROM refund r WHERE r.provider_ref = f.ref) THEN
		RETURN; -- nothing left that did not come back
	ELSIF f.currency <> p.currency OR f.amount > refund_left(p)
		OR f.status NOT IN ('pending', 'requires_action', 'succeeded') THEN
		PERFORM incident_open('refund_unknown', p.order_id, p.id, jsonb_build_object('ref',
			f.ref, 'status', f.status, 'amount', f.amount, 'currency', f.currency));
		RETURN;
	END IF;
	INSERT INTO refund AS r (order_id, payment_id, key, currency, amount, reason, capture_ref)
	VALUES (p.order_id, p.id, 'provider:' || f.ref, p.currency, f.amount,
		'made at the provider', f.charge)
	RETURNING r.id INTO made;
	INSERT INTO refund_line (refund_id, n, qty, amount, tax)
	SELECT made, x.n, x.qty, x.amount, x.tax
	FROM refund_by_amount(p.order_id, f.amount) AS x WHERE p.applied;
	PERFORM audit('order:' || p.order_id, 'refund.adopt', NULL, jsonb_build_object(
		'refund', made, 'amount', f.amount, 'currency', p.currency, 'ref', f.ref));
	PERFORM refund_enter(made);
	PERFORM refund_apply(made, f);
	PERFORM refund_schedule(made, NULL);
END $$;

-- Nothing of ours belongs to it: look again in a minute, then less often, and after a day
-- tell a person of money that has no order.  What moved no money is none of ours.
CREATE FUNCTION webhook_park(w webhook_event, what text, facts jsonb, OUT event text,
	OUT why text)
LANGUAGE plpgsql AS $$
DECLARE
	last timestamptz := w.received_at + interval '24 hours';
	money boolean := CASE $2 WHEN 'payment' THEN ($3->>'captured')::bigint > 0
		ELSE $3->>'status' NOT IN ('failed', 'canceled') END;
BEGIN
	IF now() < last THEN
		event := 'parked';
		why := 'no order of ours belongs to it yet';
		PERFORM job_put('webhook.' || w.provider, w.id, least(last,
			now() + interval '1 minute' * 5 ^ least(w.attempts, 6)));
	ELSIF $3 IS NULL THEN
		event := 'dead';
		why := 'the provider has no such object';
		PERFORM incident_open('webhook_dead', NULL, NULL, jsonb_build_object('webhook', w.id,
			'event', w.event_id, 'object', w.object_id, 'note', why));
	ELSIF money THEN
		event := 'dead';
		why := 'no order of ours belongs to it';
		PERFORM incident_open(CASE $2 WHEN 'payment' THEN 'orphan_payment'
			WHEN 'refund' THEN 'orphan_refund' ELSE 'orphan_dispute' END, NULL, NULL, jsonb_build_object('provider',
			w.provider, 'ref', $3->>'ref', 'amount', coalesce($3->'captured', $3->'amount'),
			'currency', $3->>'currency', 'command', 'shopctl payment orphans'));
	ELSE
		event := 'ignored';
		why := 'no order of ours belongs to it, and no money moved';
	END IF;
END $$;
