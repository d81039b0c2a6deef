-- Messages to customers: asked for in the transaction that makes them true, sent by a job.

-- Message-ID is made once, from what the message is about, so that a mail which had
-- to be sent again is the same mail to every program that receives it.
CREATE FUNCTION message_id(event text, subject_id bigint, copy integer) RETURNS text
LANGUAGE sql STABLE AS $$
	SELECT format('<%s.%s.%s@%s>', copy, event, subject_id, coalesce(
		(SELECT value FROM setting WHERE name = 'message_id_host'), 'localhost'))
$$;

-- The host in every new Message-ID; NULL asks, another sets it.
CREATE FUNCTION api.notification_host(new_host text) RETURNS TABLE (host text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	IF new_host !~ '^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$' THEN
		PERFORM invalid('message_id_host_is_a_host',
			format('%s is not the name of a host', new_host),
			'shopctl notification host shop.example.com');
	END IF;
	SELECT s.value INTO host FROM setting s WHERE s.name = 'message_id_host';
	IF new_host <> coalesce(host, '') THEN
		INSERT INTO setting VALUES ('message_id_host', new_host)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value;
		PERFORM audit('setting:message_id_host', 'set', to_jsonb(host),
			to_jsonb(new_host));
	END IF;
	host := coalesce(new_host, host, 'localhost');
	RETURN NEXT;
END $$;

-- Tell it, once, on every channel that this event and its reader have: asking again for
-- the same event and subject does nothing.
CREATE FUNCTION notify(event text, order_id bigint, subject_id bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	e notice_event;
	told record;
BEGIN
	SELECT * INTO e FROM notice_event x WHERE x.event = $1;
	FOR told IN
		INSERT INTO notification AS n (event, channel, order_id, subject_id, endpoint_id,
			message_id)
		SELECT $1, c.channel, $2, $3, c.endpoint_id, message_id($1, $3, 1)
		FROM notice_channels(e, $2, $3) c
		ON CONFLICT ON CONSTRAINT notification_sent_once DO NOTHING
		RETURNING n.id, n.channel
	LOOP
		PERFORM job_trace_of($2);
		PERFORM job_put(notification_job(told.channel), told.id,
			CASE WHEN told.channel <> 'webhook' THEN now() + e.delay END);
	END LOOP;
END $$;

CREATE FUNCTION notification_job(channel text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE $1 WHEN 'webhook' THEN 'webhook_out.send' ELSE 'notification.send' END
$$;

-- Mail always; a short message to who asked for it, the inbox of who has one, and the
-- programs that listen.
CREATE FUNCTION notice_channels(e notice_event, order_id bigint, subject_id bigint)
RETURNS TABLE (channel text, endpoint_id bigint) LANGUAGE sql STABLE AS $$
	SELECT 'email', 0::bigint
	UNION ALL
	SELECT p.channel, 0 FROM (VALUES ('sms'), ('inbox')) AS p (channel),
		notice_reader(e.event, $2, $3) r
	WHERE e.audience = 'customer' AND preference_of(r.email, e.topic, p.channel)
		AND CASE p.channel WHEN 'sms' THEN r.phone <> ''
			ELSE EXISTS (SELECT FROM customer c WHERE c.email = r.email) END
		AND EXISTS (SELECT FROM template t
			WHERE t.event = e.event AND t.channel = p.channel)
	UNION ALL
	SELECT 'webhook', w.id FROM webhook_endpoint w
	WHERE e.event = ANY (w.events) AND w.disabled_at IS NULL
$$;

-- Who reads it: the contact of the order, or who asked for it.  No row: nobody.
CREATE FUNCTION notice_reader(event text, order_id bigint, subject_id bigint)
RETURNS TABLE (email text, name text, phone text, locale text) LANGUAGE sql STABLE AS $$
	SELECT lower(c.email), c.name, c.phone, c.locale
	FROM order_contact c WHERE c.order_id = $2
	UNION ALL
	SELECT s.email, c.name, c.phone, coalesce(c.locale, s.locale)
	FROM stock_subscription s LEFT JOIN customer c ON c.email = s.email
	WHERE $1 = 'back_in_stock' AND s.id = $3
$$;

-- Why a message must not go, or no longer; NULL when it may.
CREATE FUNCTION notice_hold(n notification, e notice_event, email text, phone text)
RETURNS text LANGUAGE sql STABLE AS $$
	SELECT CASE
	WHEN e.audience = 'operators' THEN NULL
	WHEN n.channel = 'email' AND $3 IS NULL THEN 'the order has no address to write to'
	WHEN n.channel = 'sms' AND phone_number($4) IS NULL THEN 'there is no number to write to'
	WHEN NOT preference_of($3, e.topic, n.channel)
		THEN format('not wanted: %s by %s', e.topic, n.channel)
	WHEN n.event = 'payment_action_needed' AND NOT EXISTS (SELECT FROM payment p
			WHERE p.id = n.subject_id AND p.state = 'open' AND p.next_action IS NOT NULL)
		THEN 'the payment went on by itself'
	WHEN n.event = 'back_in_stock' AND NOT EXISTS (SELECT FROM stock_subscription s
			WHERE s.id = n.subject_id AND variant_available(s.variant_id) > 0)
		THEN 'it is gone again'
	ELSE (SELECT format('suppressed: %s', s.why) FROM suppression s
		WHERE s.channel = n.channel AND s.address = CASE n.channel WHEN 'sms'
			THEN phone_number($4) ELSE $3 END)
	END
$$;

-- The number as providers want it (E.164); NULL when it is none.
CREATE FUNCTION phone_number(phone text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT d FROM regexp_replace(regexp_replace($1, '^00', '+'), '[ ()./-]', '', 'g') AS d
	WHERE d ~ '^[+][1-9][0-9]{6,14}$'
$$;

-- The order's lines as its reader thinks of them: what was split over warehouses is one.
-- Of a shipment only what is in the parcel.
CREATE FUNCTION notice_lines(order_id bigint, shipment_id bigint)
RETURNS TABLE (sku text[], title text[], qty text[], price text[], total text[])
LANGUAGE sql STABLE AS $$
	SELECT array_agg(m.sku ORDER BY m.n), array_agg(m.title ORDER BY m.n),
		array_agg(m.qty::text ORDER BY m.n), array_agg(m.unit_price::text ORDER BY m.n),
		array_agg((m.qty * m.unit_price)::text ORDER BY m.n)
	FROM (SELECT min(i.n) AS n, i.sku, i.title, i.unit_price,
			sum(coalesce(x.qty, i.qty))::bigint AS qty
		FROM order_line i
		LEFT JOIN shipment_line x ON x.shipment_id = $2 AND x.n = i.n
		WHERE i.order_id = $1 AND ($2 IS NULL OR x.n IS NOT NULL)
		GROUP BY i.sku, i.title, i.unit_price) m
$$;

-- The same of what is on the shelf: the SKU that is back, or those that run low.
CREATE FUNCTION shelf_lines(event text, subject_id bigint)
RETURNS TABLE (sku text[], title text[], qty text[], wanted text[]) LANGUAGE sql STABLE AS $$
	SELECT array_agg(x.sku ORDER BY x.sku), array_agg(x.title ORDER BY x.sku),
		array_agg(x.qty::text ORDER BY x.sku), array_agg(x.wanted::text ORDER BY x.sku)
	FROM (SELECT v.sku, v.title, l.available AS qty, l.wanted
		FROM stock_low l JOIN variant v ON v.id = l.variant_id
		WHERE $1 = 'low_stock' AND l.batch = $2
		UNION ALL SELECT v.sku, v.title, variant_available(v.id), 0
		FROM stock_subscription s JOIN variant v ON v.id = s.variant_id
		WHERE $1 = 'back_in_stock' AND s.id = $2) x
$$;

-- What the message is about, with everything its template may name.  What was begun with
-- one version of a template goes on with it.
CREATE FUNCTION notice_of(n notification, wanted_locale text) RETURNS SETOF notice
LANGUAGE plpgsql STABLE AS $$
DECLARE
	e notice_event;
BEGIN
	SELECT * INTO e FROM notice_event x WHERE x.event = n.event;
	IF n.order_id IS NOT NULL AND NOT EXISTS (SELECT FROM orders o WHERE o.id = n.order_id)
	THEN
		PERFORM absent('order_exists', format('there is no order %s', n.order_id),
			'shopctl report latest-orders');
	END IF;
	RETURN QUERY SELECT n.id, n.event, n.channel, n.state, n.message_id,
		n.created_at, o.id, c.email, c.name, t.locale, o.created_at,
		amount_of(o.subtotal, o.currency), amount_of(o.discount, o.currency),
		amount_of(o.shipping, o.currency), amount_of(o.tax, o.currency),
		amount_of(o.total, o.currency),
		coalesce(l.sku, f.sku), coalesce(l.title, f.title), coalesce(l.qty, f.qty),
		l.price, l.total, p.last_error, amount_of(r.amount, r.currency),
		t.subject, t.body_text, t.body_html, s.carrier, s.tracking,
		e.audience, phone_number(c.phone), t.version,
		CASE WHEN e.topic IN ('marketing', 'stock')
			THEN unsubscribe_token(n.id) END,
		f.wanted, n.intent_at, notice_hold(n, e, c.email, c.phone),
		CASE WHEN e.topic = 'marketing' OR n.channel = 'sms' THEN quiet_until(c.email, now())
			END, n.attempts, n.copy
	FROM (SELECT 1) AS one (row)
	LEFT JOIN orders o ON o.id = n.order_id
	LEFT JOIN notice_reader(n.event, n.order_id, n.subject_id) c ON true
	LEFT JOIN payment p ON n.event = 'payment_failed' AND p.id = n.subject_id
	LEFT JOIN refund r ON n.event LIKE 'refund%' AND r.id = n.subject_id
	LEFT JOIN shipment s ON n.event IN ('shipped', 'delivered') AND s.id = n.subject_id
	LEFT JOIN LATERAL notice_lines(o.id, s.id) l ON o.id IS NOT NULL
	LEFT JOIN LATERAL shelf_lines(n.event, n.subject_id) f ON o.id IS NULL
	LEFT JOIN LATERAL template_used(n, coalesce(wanted_locale, c.locale, 'en')) t ON true;
END $$;

CREATE FUNCTION amount_of(minor bigint, currency text) RETURNS amount
LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN $1 IS NOT NULL THEN ROW($1, $2)::amount END
$$;

-- All that sending it takes, in one call.
CREATE FUNCTION api.notification_load(id bigint) RETURNS SETOF notice
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	RETURN QUERY SELECT m.* FROM notification n, LATERAL notice_of(n, NULL) m
		WHERE n.id = notification_load.id;
	IF NOT FOUND THEN
		PERFORM notification_absent(id);
	END IF;
END $$;

-- The newest thing of an order that an event is about; NULL: there is none yet.
CREATE FUNCTION notice_subject(event text, order_id bigint) RETURNS bigint
LANGUAGE sql STABLE AS $$
	SELECT CASE
	WHEN $1 IN ('payment_failed', 'payment_late', 'payment_action_needed') THEN
		(SELECT max(p.id) FROM payment p WHERE p.order_id = $2)
	WHEN $1 IN ('refund_sent', 'refund_failed') THEN
		(SELECT max(r.id) FROM refund r WHERE r.order_id = $2)
	WHEN $1 IN ('shipped', 'delivered') THEN (SELECT max(s.id) FROM shipment s
		WHERE s.order_id = $2 AND s.state <> 'canceled')
	WHEN $1 NOT IN ('back_in_stock', 'low_stock') THEN $2 END
$$;

-- The message as it would be now, although nobody asked for it to be sent.
CREATE FUNCTION api.notification_preview(event text, order_id bigint, locale text,
	channel text) RETURNS SETOF notice
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	n notification;
BEGIN
	n.id := 0;
	n.event := $1;
	n.channel := $4;
	n.state := 'queued';
	n.attempts := 0;
	n.copy := 1;
	n.order_id := $2;
	n.created_at := now();
	n.subject_id := notice_subject($1, $2);
	n.message_id := message_id(n.event, coalesce(n.subject_id, 0), 1);
	RETURN QUERY SELECT * FROM notice_of(n, $3);
END $$;

-- Tell it by an operator's hand, where the event itself did not.
CREATE FUNCTION api.notification_tell(event text, order_id bigint)
RETURNS SETOF notification
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	about bigint := notice_subject($1, $2);
	last bigint := (SELECT coalesce(max(n.id), 0) FROM notification n);
BEGIN
	IF NOT EXISTS (SELECT FROM orders o WHERE o.id = $2) THEN
		PERFORM absent('order_exists', format('there is no order %s', $2),
			'shopctl report latest-orders');
	ELSIF about IS NULL THEN
		PERFORM refuse('notification_has_a_subject', format(
			'order %s has nothing that %s could be about', $2, $1),
			'shopctl order why ' || $2);
	ELSIF EXISTS (SELECT FROM notification n WHERE n.event = $1 AND n.channel = 'email'
			AND n.subject_id = about)
	THEN
		PERFORM refuse('notification_sent_once', format(
			'%s of order %s was told already', $1, $2),
			'shopctl notification list --order ' || $2 || '; then notification resend');
	END IF;
	PERFORM notify($1, $2, about);
	-- Who tells it by hand has waited already.
	UPDATE job_later j SET run_at = now()
	FROM notification n
	WHERE n.id > last AND n.event = $1 AND n.subject_id = about
		AND j.kind = notification_job(n.channel) AND j.subject = n.id;
	PERFORM audit('order:' || $2, 'notify', NULL, to_jsonb($1));
	RETURN QUERY SELECT * FROM notification n WHERE n.order_id = $2 AND n.event = $1
		AND n.subject_id = about AND n.id > last ORDER BY n.id;
END $$;

-- The intent, before the effect: from now on it may have left.  No: somebody was faster.
CREATE FUNCTION api.notification_begin(id bigint, locale text, version bigint)
RETURNS TABLE (go boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	UPDATE notification n SET intent_at = coalesce(n.intent_at, now()), locale = $2,
		version = $3
	WHERE n.id = $1 AND n.state = 'queued';
	go := FOUND;
	RETURN NEXT;
END $$;

-- Not at this hour: it comes again when they end.
CREATE FUNCTION api.notification_wait(id bigint, until timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	PERFORM job_put('notification.send', n.id, $2, NULL, 'wait ' || n.id)
	FROM notification n WHERE n.id = $1 AND n.state = 'queued';
END $$;

-- What became of an attempt: sent, failed, suppressed, or queued to be tried again.
-- Sent is final: a late report of a slower attempt changes nothing, and neither does one
-- that is slower than the carrier's own word (which has set ref).  What may have left
-- (unknown) keeps the time since when.  An address that is wrong for good is remembered.
CREATE FUNCTION api.notification_record(id bigint, state text, error text, ref text,
	unknown boolean, suppress text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	n notification;
BEGIN
	UPDATE notification u SET state = $2, attempts = u.attempts + 1,
		last_error = nullif($3, ''), ref = coalesce($4, u.ref),
		intent_at = CASE WHEN $5 OR $2 = 'sent' THEN u.intent_at END,
		sent_at = CASE WHEN $2 = 'sent' THEN now() END
	WHERE u.id = $1 AND u.state NOT IN ('sent', 'delivered')
		AND (u.state = 'queued' OR u.ref IS NULL) RETURNING * INTO n;
	IF n.id IS NOT NULL AND $6 IS NOT NULL THEN
		PERFORM suppress_of(n, $6, $3);
	END IF;
END $$;

-- The short text for an inbox is what it shows: kept, and with that sent.
CREATE FUNCTION api.inbox_put(id bigint, subject text, body text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	INSERT INTO inbox (notification_id, email, event, order_id, subject, body)
	SELECT n.id, r.email, n.event, n.order_id, $2, $3
	FROM notification n, notice_reader(n.event, n.order_id, n.subject_id) r
	WHERE n.id = $1 AND n.state = 'queued'
	ON CONFLICT ON CONSTRAINT inbox_pkey DO UPDATE
	SET subject = excluded.subject, body = excluded.body;
	PERFORM api.notification_record($1, 'sent', NULL, NULL, false, NULL);
END $$;

-- Whether it was taken: then the next one is another message, whatever became of it.
CREATE FUNCTION notification_left(n notification) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
	SELECT n.state IN ('sent', 'delivered') OR n.channel = 'sms' AND n.ref IS NOT NULL
$$;

-- Send it again by an operator's hand.  What has left already leaves once more as a
-- message of its own; what never left keeps its Message-ID.
CREATE FUNCTION api.notification_resend(id bigint) RETURNS SETOF notification
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	was notification;
	n notification;
BEGIN
	SELECT * INTO was FROM notification w WHERE w.id = notification_resend.id FOR UPDATE;
	IF NOT FOUND THEN
		PERFORM notification_absent(id);
	END IF;
	IF was.state = 'queued' AND NOT EXISTS (SELECT FROM job_dead d
		WHERE d.kind = notification_job(was.channel) AND d.subject = was.id)
	THEN
		PERFORM refuse('notification_is_queued',
			format('notification %s is still being sent', was.id),
			format('shopctl notification show %s', was.id));
	END IF;
	UPDATE notification u SET state = 'queued', sent_at = NULL, version = NULL,
		intent_at = CASE WHEN NOT notification_left(was) THEN u.intent_at END,
		ref = CASE WHEN u.channel = 'webhook' THEN u.ref END,
		copy = u.copy + notification_left(was)::int,
		message_id = message_id(u.event, u.subject_id,
			u.copy + notification_left(was)::int)
	WHERE u.id = was.id RETURNING * INTO n;
	PERFORM job_put(notification_job(n.channel), n.id, NULL, NULL, n.id::text);
	PERFORM audit('notification:' || n.id, 'resend', to_jsonb(was), to_jsonb(n));
	RETURN NEXT n;
END $$;

-- Notifications, newest first; a NULL asks for any.
CREATE FUNCTION api.notification_list(event text, channel text, state text,
	order_id bigint, since timestamptz, most bigint) RETURNS SETOF notification
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	RETURN QUERY SELECT * FROM notification n
		WHERE (notification_list.event IS NULL OR n.event = notification_list.event)
		AND (notification_list.channel IS NULL OR n.channel = notification_list.channel)
		AND (notification_list.state IS NULL OR n.state = notification_list.state)
		AND (notification_list.order_id IS NULL
			OR n.order_id = notification_list.order_id)
		AND (since IS NULL OR n.created_at >= since)
		ORDER BY n.id DESC LIMIT most;
END $$;

CREATE FUNCTION api.notification_show(id bigint) RETURNS SETOF notification
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	RETURN QUERY SELECT * FROM notification n WHERE n.id = notification_show.id;
	IF NOT FOUND THEN
		PERFORM notification_absent(id);
	END IF;
END $$;

CREATE FUNCTION notification_absent(id bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM absent('notification_exists', format('there is no notification %s', id),
		'shopctl notification list');
END $$;
