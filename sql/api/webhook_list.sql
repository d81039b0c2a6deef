-- Webhooks for the operator: what came, what it would do again, and what never came.

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

-- Which webhook an operator means: by our number, or by the provider's name of it.
CREATE FUNCTION webhook_named(name text) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
DECLARE
	id bigint;
BEGIN
	SELECT w.id INTO id FROM webhook_event w WHERE w.event_id = $1 OR w.id =
		CASE WHEN $1 ~ '^[0-9]{1,18}$' THEN $1::bigint END
	ORDER BY w.event_id = $1 DESC, w.id DESC LIMIT 1;
	IF id IS NULL THEN
		PERFORM absent('webhook_exists', format('there is no webhook %s', $1),
			'shopctl webhook list');
	END IF;
	RETURN id;
END $$;

CREATE FUNCTION api.webhook_get(webhook text)
RETURNS TABLE (id bigint, provider text, account text, livemode boolean, event_id text,
	type text, object_id text, api_version text, state text, note text,
	deliveries bigint, attempts bigint, replays bigint, pulled boolean, order_id bigint,
	received_at timestamptz, concluded_at timestamptz, headers jsonb, bytes bigint,
	sha256 text, body text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
	SELECT w.id, w.provider, w.account, w.livemode, w.event_id, w.type, w.object_id,
		w.api_version, w.state, w.note, w.deliveries::bigint, w.attempts::bigint,
		w.replays::bigint, w.pulled, w.order_id, w.received_at, w.concluded_at, w.headers,
		coalesce(length(w.body), w.body_bytes)::bigint,
		encode(coalesce(sha256(w.body), w.body_sha256), 'hex'),
		CASE WHEN w.type = 'unreadable' THEN encode(w.body, 'escape')
			ELSE convert_from(w.body, 'UTF8') END
	FROM webhook_event w WHERE w.id = webhook_named($1);
END $$;

-- The bytes as they came, in hex: some of them are no text.
CREATE FUNCTION api.webhook_body(webhook text) RETURNS TABLE (hex text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	RETURN QUERY SELECT encode(w.body, 'hex') FROM webhook_event w
		WHERE CASE WHEN w.id = webhook_named($1) THEN webhook_kept(w) END;
END $$;

-- What it said is still here; otherwise a refusal.
CREATE FUNCTION webhook_kept(w webhook_event) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
	IF w.body IS NULL THEN
		PERFORM refuse('webhook_body_is_kept',
			format('what webhook %s said was forgotten, as it is with age', w.id),
			'ask the provider for the event, or see what came of it: shopctl webhook show '
			|| w.id);
	END IF;
	RETURN true;
END $$;

-- The events that a replay is about: one, or all that concluded since then.
CREATE FUNCTION api.webhook_chosen(webhook text, since timestamptz)
RETURNS TABLE (id bigint, provider text, livemode boolean, event_id text, type text,
	object_id text, state text, body text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY SELECT w.id, w.provider, w.livemode, w.event_id, w.type, w.object_id,
		w.state, convert_from(w.body, 'UTF8') FROM webhook_event w
	WHERE w.type <> 'unreadable' AND CASE
		WHEN $1 IS NULL THEN w.received_at >= $2 AND w.body IS NOT NULL
			AND state_may('webhook', w.state, 'replay')
		WHEN w.id = webhook_named($1) THEN webhook_kept(w) END
	ORDER BY w.id;
END $$;

-- Look into an event again, by the job that looks into all of them.
CREATE FUNCTION api.webhook_replay(webhook_id bigint, reason text)
RETURNS TABLE (id bigint, event_id text, type text, before text, state text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	w webhook_event;
BEGIN
	SELECT * INTO w FROM webhook_event e WHERE e.id = $1;
	IF NOT FOUND THEN
		PERFORM webhook_absent($1);
	ELSIF w.type = 'unreadable' THEN
		PERFORM refuse('webhook_is_readable', format('webhook %s is no event', $1),
			format('shopctl webhook show %s --body', $1));
	END IF;
	PERFORM webhook_kept(w);
	IF state_may('webhook', w.state, 'replay') THEN
		PERFORM webhook_move(w, 'replay', w.order_id, 'replayed: ' || coalesce($2, ''));
		PERFORM job_put('webhook.' || w.provider, w.id);
		PERFORM audit('webhook:' || w.id, 'webhook.replay', jsonb_build_object('state',
			w.state), jsonb_build_object('event', w.event_id));
	END IF;
	RETURN QUERY SELECT e.id, e.event_id, e.type, w.state, e.state FROM webhook_event e
		WHERE e.id = $1;
END $$;

-- What there is of an order that an event could change, one line a fact.
CREATE FUNCTION webhook_picture(order_id bigint) RETURNS TABLE (object text, value text)
LANGUAGE sql STABLE AS $$
	SELECT 'order ' || o.id, o.state FROM orders o WHERE o.id = $1
	UNION ALL SELECT 'payment ' || p.id, concat_ws(' ', p.state, money_text(p.captured,
		p.currency), p.provider_ref, CASE WHEN p.applied THEN 'applied' END)
	FROM payment p WHERE p.order_id = $1
	UNION ALL SELECT 'refund ' || coalesce(r.provider_ref, r.key), concat_ws(' ', r.state,
		money_text(r.amount, r.currency)) FROM refund r WHERE r.order_id = $1
	UNION ALL SELECT 'dispute ' || d.provider_ref, concat_ws(' ', d.state,
		money_text(d.amount, d.currency)) FROM dispute d WHERE d.order_id = $1
	UNION ALL SELECT 'ledger ' || e.key, e.kind FROM ledger_entry e WHERE e.order_id = $1
	UNION ALL SELECT 'mail ' || n.event || ' ' || n.subject_id, n.state
	FROM notification n WHERE n.order_id = $1
	UNION ALL SELECT 'incident ' || i.kind, count(*)::text FROM incident i
	WHERE i.order_id = $1 GROUP BY i.kind
$$;

-- What applying would change, without changing it.
CREATE FUNCTION api.webhook_preview(webhook_id bigint, what text, facts jsonb)
RETURNS TABLE (event_id text, order_id bigint, object text, before text, after text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	w webhook_event;
	subject bigint;
	then_is jsonb;
BEGIN
	SELECT * INTO w FROM webhook_event e WHERE e.id = $1;
	BEGIN
		subject := webhook_apply(w.provider, $2, $3);
		SELECT jsonb_object_agg(x.object, x.value) INTO then_is FROM webhook_picture(subject) x;
		RAISE EXCEPTION USING ERRCODE = 'SH000', MESSAGE = 'only looked';
	EXCEPTION WHEN SQLSTATE 'SH000' THEN
		NULL; -- taken back, but for what we saw
	END;
	RETURN QUERY SELECT w.event_id, subject, object, b.value, a.value
	FROM (SELECT * FROM webhook_picture(subject)) b
	FULL JOIN jsonb_each_text(coalesce(then_is, '{}')) AS a (object, value) USING (object)
	WHERE b.value IS DISTINCT FROM a.value ORDER BY object;
END $$;

-- Which of the events that the provider names we never got, as places in the list.
CREATE FUNCTION api.webhook_missing(provider text, livemode boolean, events text[])
RETURNS TABLE (n bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	RETURN QUERY SELECT x.place FROM unnest($3) WITH ORDINALITY AS x (event, place)
	WHERE x.event IS NOT NULL AND NOT EXISTS (SELECT FROM webhook_event w
		WHERE w.provider = $1 AND w.event_id = x.event AND w.livemode = $2)
	ORDER BY x.place;
END $$;

-- A pull that did not come to the end of the provider's list goes on in another job.
CREATE FUNCTION api.webhook_pull_on(payload jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	PERFORM job_put('webhook.gaps', NULL, NULL, $1);
END $$;
