-- Programs of others that hear what happens here: who they are, what they were sent.

-- What is shown of one; its secret is not.
CREATE FUNCTION webhook_endpoint_row(e webhook_endpoint)
RETURNS TABLE (id bigint, url text, events text[], state text, created_at timestamptz,
	created_by text, failing_since timestamptz, disabled_at timestamptz,
	disabled_why text, sent bigint, waiting bigint, failed bigint)
LANGUAGE sql STABLE AS $$
	SELECT e.id, e.url, e.events, CASE WHEN e.disabled_at IS NOT NULL THEN 'disabled'
			WHEN e.failing_since IS NOT NULL THEN 'failing' ELSE 'active' END,
		e.created_at, e.created_by, e.failing_since, e.disabled_at, e.disabled_why,
		count(*) FILTER (WHERE n.state = 'sent'), count(*) FILTER (WHERE n.state = 'queued'),
		count(*) FILTER (WHERE n.state = 'failed')
	FROM notification n WHERE n.channel = 'webhook' AND n.endpoint_id = e.id
$$;

CREATE FUNCTION webhook_events_known(events text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	unknown text := (SELECT min(x) FROM unnest($1) x
		WHERE NOT EXISTS (SELECT FROM notice_event n WHERE n.event = x));
BEGIN
	IF unknown IS NOT NULL THEN
		PERFORM invalid('notification_event_is_known', format('there is no event %s', unknown),
			(SELECT 'the events are ' || string_agg(n.event, ', ' ORDER BY n.event)
			FROM notice_event n));
	END IF;
END $$;

CREATE FUNCTION api.webhook_endpoint_create(new_url text, heard text[], new_secret text)
RETURNS TABLE (id bigint, url text, events text[], state text, created_at timestamptz,
	created_by text, failing_since timestamptz, disabled_at timestamptz,
	disabled_why text, sent bigint, waiting bigint, failed bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	e webhook_endpoint;
BEGIN
	PERFORM webhook_events_known($2);
	INSERT INTO webhook_endpoint AS w (url, events, secret, created_by)
	VALUES ($1, $2, $3, actor()) RETURNING w.* INTO e;
	INSERT INTO breaker (provider) VALUES (webhook_breaker(e.id)) ON CONFLICT DO NOTHING;
	PERFORM audit('webhook_endpoint:' || e.id, 'create', NULL, webhook_endpoint_public(e));
	RETURN QUERY SELECT * FROM webhook_endpoint_row(e);
END $$;

CREATE FUNCTION webhook_endpoint_public(e webhook_endpoint) RETURNS jsonb
LANGUAGE sql STABLE AS $$ SELECT to_jsonb(e) - 'secret' - 'old_secret' $$;

CREATE FUNCTION webhook_endpoint_locked(endpoint bigint) RETURNS webhook_endpoint
LANGUAGE plpgsql AS $$
DECLARE
	e webhook_endpoint;
BEGIN
	SELECT * INTO e FROM webhook_endpoint w WHERE w.id = $1 FOR UPDATE;
	IF NOT FOUND THEN
		PERFORM absent('webhook_endpoint_exists', format('there is no webhook endpoint %s', $1),
			'shopctl webhook-endpoint list');
	END IF;
	RETURN e;
END $$;

CREATE FUNCTION api.webhook_endpoint_list(endpoint bigint)
RETURNS TABLE (id bigint, url text, events text[], state text, created_at timestamptz,
	created_by text, failing_since timestamptz, disabled_at timestamptz,
	disabled_why text, sent bigint, waiting bigint, failed bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY SELECT r.* FROM webhook_endpoint e, webhook_endpoint_row(e) r
	WHERE $1 IS NULL OR e.id = $1 ORDER BY e.id;
	IF NOT FOUND AND $1 IS NOT NULL THEN
		PERFORM absent('webhook_endpoint_exists', format('there is no webhook endpoint %s', $1),
			'shopctl webhook-endpoint list');
	END IF;
END $$;

-- Another secret from now on; for a day both sign, so that the other side can change.
CREATE FUNCTION api.webhook_endpoint_rotate(endpoint bigint, secret text)
RETURNS TABLE (old_until timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	e webhook_endpoint := webhook_endpoint_locked($1);
BEGIN
	UPDATE webhook_endpoint w SET old_secret = w.secret, secret = $2,
		old_until = now() + interval '1 day'
	WHERE w.id = e.id RETURNING w.* INTO e;
	PERFORM audit('webhook_endpoint:' || e.id, 'rotate', NULL, webhook_endpoint_public(e));
	RETURN QUERY SELECT e.old_until;
END $$;

-- Other events from now on; what is on its way arrives.
CREATE FUNCTION api.webhook_endpoint_hear(endpoint bigint, heard text[])
RETURNS TABLE (id bigint, url text, events text[], state text, created_at timestamptz,
	created_by text, failing_since timestamptz, disabled_at timestamptz,
	disabled_why text, sent bigint, waiting bigint, failed bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	was webhook_endpoint := webhook_endpoint_locked($1);
	e webhook_endpoint;
BEGIN
	PERFORM webhook_events_known($2);
	UPDATE webhook_endpoint w SET events = $2, heard_since = now()
	WHERE w.id = was.id RETURNING w.* INTO e;
	PERFORM audit('webhook_endpoint:' || e.id, 'hear', webhook_endpoint_public(was),
		webhook_endpoint_public(e));
	RETURN QUERY SELECT * FROM webhook_endpoint_row(e);
END $$;

-- Nothing more is sent there, or again what happens from now on.
CREATE FUNCTION api.webhook_endpoint_switch(endpoint bigint, on_ boolean)
RETURNS TABLE (id bigint, url text, events text[], state text, created_at timestamptz,
	created_by text, failing_since timestamptz, disabled_at timestamptz,
	disabled_why text, sent bigint, waiting bigint, failed bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	was webhook_endpoint := webhook_endpoint_locked($1);
	e webhook_endpoint;
BEGIN
	UPDATE webhook_endpoint w SET failing_since = NULL,
		disabled_at = CASE WHEN NOT $2 THEN coalesce(w.disabled_at, now()) END,
		disabled_why = CASE WHEN NOT $2 THEN coalesce(w.disabled_why, 'by ' || actor()) END,
		heard_since = CASE WHEN $2 AND w.disabled_at IS NOT NULL THEN now()
			ELSE w.heard_since END
	WHERE w.id = was.id RETURNING w.* INTO e;
	PERFORM audit('webhook_endpoint:' || e.id, CASE WHEN $2 THEN 'enable' ELSE 'disable' END,
		webhook_endpoint_public(was), webhook_endpoint_public(e));
	IF $2 THEN
		PERFORM incident_close(i.id, 'enabled again', actor()) FROM incident i
		WHERE i.kind = 'webhook_endpoint_disabled' AND i.closed_at IS NULL
			AND i.key = e.id::text;
	END IF;
	RETURN QUERY SELECT * FROM webhook_endpoint_row(e);
END $$;

-- The bytes of an event: what happened to which order, in our numbers and without a name
-- or an address; who may know more asks for the order.
CREATE FUNCTION webhook_out_body(n notification) RETURNS text LANGUAGE sql STABLE AS $$
	SELECT jsonb_build_object('id', format('evt_%s_%s', n.event, n.subject_id),
		'object', 'event', 'type', n.event,
		'created', extract(epoch FROM n.created_at)::bigint,
		'data', jsonb_strip_nulls(jsonb_build_object(
			'order', (SELECT jsonb_build_object('id', o.id::text, 'state', o.state,
					'currency', o.currency, 'total', o.total, 'key', o.key,
					'lines', (SELECT jsonb_agg(jsonb_build_object('sku', l.sku,
						'qty', l.qty, 'unit_price', l.unit_price) ORDER BY l.n)
						FROM order_line l WHERE l.order_id = o.id))
				FROM orders o WHERE o.id = n.order_id),
			'payment', (SELECT jsonb_build_object('id', p.id::text, 'state', p.state,
					'amount', p.amount)
				FROM payment p WHERE n.event LIKE 'payment%' AND p.id = n.subject_id),
			'refund', (SELECT jsonb_build_object('id', r.id::text, 'state', r.state,
					'amount', r.amount, 'currency', r.currency)
				FROM refund r WHERE n.event LIKE 'refund%' AND r.id = n.subject_id),
			'shipment', (SELECT jsonb_build_object('id', s.id::text, 'state', s.state,
					'carrier', s.carrier, 'tracking', s.tracking)
				FROM shipment s WHERE n.event IN ('shipped', 'delivered')
					AND s.id = n.subject_id),
			'stock', (SELECT jsonb_agg(jsonb_build_object('sku', f.sku[i], 'title', f.title[i],
					'available', f.qty[i]::bigint))
				FROM shelf_lines(n.event, n.subject_id) f,
					generate_subscripts(f.sku, 1) i))))::text
$$;

-- Each endpoint has a breaker of its own: that of one says nothing about the others.
CREATE FUNCTION webhook_breaker(endpoint bigint) RETURNS text
LANGUAGE sql IMMUTABLE AS $$ SELECT 'webhook:' || $1 $$;

-- All that sending takes, and the mark in the log that it may have happened; while the
-- endpoint's breaker lets nothing through there is no mark, and go is false.
CREATE FUNCTION api.webhook_out_begin(id bigint, probe_s bigint)
RETURNS TABLE (state text, delivery bigint, event_id text, url text, secret text,
	old_secret text, body text, breaker text, go boolean, probe boolean, again boolean,
	wait_s double precision, failures bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	n notification;
	e webhook_endpoint;
BEGIN
	SELECT * INTO n FROM notification x WHERE x.id = $1 FOR UPDATE;
	IF NOT FOUND OR n.channel <> 'webhook' THEN
		PERFORM notification_absent($1);
	END IF;
	SELECT * INTO e FROM webhook_endpoint w WHERE w.id = n.endpoint_id;
	IF n.state = 'queued' AND e.disabled_at IS NOT NULL THEN
		UPDATE notification x SET state = 'failed', last_error = 'the endpoint is disabled'
		WHERE x.id = n.id RETURNING * INTO n;
	END IF;
	state := n.state;
	breaker := webhook_breaker(e.id);
	again := n.attempts > 0;
	go := n.state = 'queued';
	IF go THEN
		SELECT b.go, b.probe, b.wait_s, b.failures INTO go, probe, wait_s, failures
		FROM api.breaker_ask(webhook_breaker(e.id), $2) b;
	END IF;
	IF NOT go THEN
		RETURN NEXT;
		RETURN;
	END IF;
	INSERT INTO webhook_out VALUES (n.id, webhook_out_body(n)) ON CONFLICT DO NOTHING;
	UPDATE notification x SET intent_at = coalesce(x.intent_at, now()) WHERE x.id = n.id;
	INSERT INTO webhook_delivery AS d (notification_id, endpoint_id) VALUES (n.id, e.id)
	RETURNING d.id INTO delivery;
	event_id := format('evt_%s_%s', n.event, n.subject_id);
	url := e.url;
	secret := e.secret;
	old_secret := CASE WHEN e.old_until > now() THEN e.old_secret END;
	SELECT o.body INTO body FROM webhook_out o WHERE o.notification_id = n.id;
	RETURN NEXT;
END $$;

-- What the other side said; 0 when it said nothing.  Who fails for days, or says that it
-- is gone, is not asked any more.
CREATE FUNCTION api.webhook_out_record(delivery bigint, status bigint, took_ms bigint,
	error text) RETURNS TABLE (state text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	d webhook_delivery;
	good boolean := $2 BETWEEN 200 AND 299;
BEGIN
	UPDATE webhook_delivery x SET status = $2, took_ms = $3, error = nullif($4, '')
	WHERE x.id = $1 RETURNING * INTO d;
	UPDATE notification n SET state = CASE WHEN good THEN 'sent' ELSE n.state END,
		attempts = n.attempts + 1, last_error = d.error,
		sent_at = CASE WHEN good THEN now() END, ref = d.id::text
	WHERE n.id = d.notification_id AND n.state = 'queued';
	UPDATE webhook_endpoint e SET failing_since = CASE WHEN good THEN NULL
		ELSE coalesce(e.failing_since, now()) END
	WHERE e.id = d.endpoint_id AND (NOT good) <> (e.failing_since IS NOT NULL);
	IF NOT good THEN
		PERFORM webhook_endpoint_give_up(d);
	END IF;
	RETURN QUERY SELECT CASE WHEN n.state = 'queued' AND e.disabled_at IS NOT NULL
		THEN 'failed' ELSE n.state END
	FROM notification n, webhook_endpoint e
	WHERE n.id = d.notification_id AND e.id = d.endpoint_id;
END $$;

CREATE FUNCTION webhook_endpoint_give_up(d webhook_delivery) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	e webhook_endpoint;
BEGIN
	UPDATE webhook_endpoint w SET disabled_at = now(), disabled_why = CASE d.status
		WHEN 410 THEN 'it said that it is gone (410)' ELSE 'it failed for three days' END
	WHERE w.id = d.endpoint_id AND w.disabled_at IS NULL
		AND (d.status = 410 OR w.failing_since < now() - interval '3 days')
	RETURNING w.* INTO e;
	IF e.id IS NULL THEN
		RETURN;
	END IF;
	PERFORM incident_open('webhook_endpoint_disabled', NULL, NULL, jsonb_build_object(
		'object', e.id, 'why', e.disabled_why, 'last', d.error), e.id::text);
	PERFORM audit('webhook_endpoint:' || e.id, 'disable', NULL, webhook_endpoint_public(e));
	UPDATE notification n SET state = 'failed', last_error = 'the endpoint is disabled'
	WHERE n.channel = 'webhook' AND n.endpoint_id = e.id AND n.state = 'queued';
END $$;

-- The log, newest first.
CREATE FUNCTION api.webhook_endpoint_deliveries(endpoint bigint, notification bigint,
	since timestamptz, most bigint)
RETURNS TABLE (id bigint, at timestamptz, endpoint_id bigint, notification_id bigint,
	event text, subject_id bigint, status bigint, took_ms bigint, error text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY SELECT d.id, d.at, d.endpoint_id, d.notification_id, n.event, n.subject_id,
		d.status::bigint, d.took_ms::bigint, d.error
	FROM webhook_delivery d JOIN notification n ON n.id = d.notification_id
	WHERE ($1 IS NULL OR d.endpoint_id = $1) AND ($2 IS NULL OR d.notification_id = $2)
		AND ($3 IS NULL OR d.at >= $3)
	ORDER BY d.id DESC LIMIT $4;
END $$;

-- Send what failed there and what happened while it was disabled, or everything of a time,
-- as the same events.
CREATE FUNCTION api.webhook_endpoint_replay(endpoint bigint, event text, since timestamptz,
	all_ boolean)
RETURNS SETOF notification
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	e webhook_endpoint := webhook_endpoint_locked($1);
	n notification;
BEGIN
	IF e.disabled_at IS NOT NULL THEN
		PERFORM refuse('webhook_endpoint_is_enabled', format('endpoint %s is disabled: %s',
			e.id, e.disabled_why), 'shopctl webhook-endpoint enable ' || e.id);
	END IF;
	INSERT INTO notification (event, channel, order_id, subject_id, endpoint_id, state,
		message_id, created_at)
	SELECT m.event, 'webhook', m.order_id, m.subject_id, e.id, 'failed', m.message_id,
		m.created_at
	FROM notification m WHERE m.channel = 'email' AND m.event = ANY (e.events)
		AND m.created_at >= greatest(e.created_at, $3) AND ($2 IS NULL OR m.event = $2)
	ON CONFLICT ON CONSTRAINT notification_sent_once DO NOTHING;
	FOR n IN UPDATE notification x SET state = 'queued', sent_at = NULL
		WHERE x.channel = 'webhook' AND x.endpoint_id = e.id
			AND ($4 AND x.state = 'sent' OR x.state = 'failed')
			AND ($2 IS NULL OR x.event = $2) AND ($3 IS NULL OR x.created_at >= $3)
		RETURNING *
	LOOP
		PERFORM job_put('webhook_out.send', n.id, NULL, NULL, n.id::text);
		RETURN NEXT n;
	END LOOP;
	PERFORM audit('webhook_endpoint:' || e.id, 'replay', NULL, jsonb_build_object(
		'event', $2, 'since', $3, 'all', $4));
END $$;
