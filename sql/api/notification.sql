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

-- Tell the customer, once: asking again for the same event and subject does nothing.
CREATE FUNCTION notify(event text, order_id bigint, subject_id bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	id bigint;
BEGIN
	INSERT INTO notification AS n (event, order_id, subject_id, message_id)
	VALUES (notify.event, notify.order_id, notify.subject_id,
		message_id(notify.event, notify.subject_id, 1))
	ON CONFLICT ON CONSTRAINT notification_sent_once DO NOTHING
	RETURNING n.id INTO id;
	IF FOUND THEN
		PERFORM job_trace_of(notify.order_id);
		PERFORM job_put('notification.send', id);
	END IF;
END $$;

-- What the message is about, with everything its template may name.
CREATE FUNCTION notice_of(n notification, wanted_locale text) RETURNS SETOF notice
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN QUERY SELECT n.id, n.event, n.channel, n.state, n.message_id,
		n.created_at, o.id, c.email, c.name, t.locale, o.created_at,
		ROW(o.subtotal, o.currency)::amount, ROW(o.discount, o.currency)::amount,
		ROW(o.shipping, o.currency)::amount, ROW(o.tax, o.currency)::amount,
		ROW(o.total, o.currency)::amount,
		l.sku, l.title, l.qty, l.price, l.total, p.last_error,
		CASE WHEN r.id IS NOT NULL THEN ROW(r.amount, r.currency)::amount END,
		t.subject, t.body_text, t.body_html, s.carrier, s.tracking
	FROM orders o
	LEFT JOIN order_contact c ON c.order_id = o.id
	LEFT JOIN payment p ON n.event = 'payment_failed' AND p.id = n.subject_id
	LEFT JOIN refund r ON n.event = 'refund_sent' AND r.id = n.subject_id
	LEFT JOIN shipment s ON n.event IN ('shipped', 'delivered') AND s.id = n.subject_id
	-- What was split over warehouses is one line to the customer.
	CROSS JOIN LATERAL (SELECT array_agg(m.sku ORDER BY m.n) AS sku,
			array_agg(m.title ORDER BY m.n) AS title,
			array_agg(m.qty::text ORDER BY m.n) AS qty,
			array_agg(m.unit_price::text ORDER BY m.n) AS price,
			array_agg((m.qty * m.unit_price)::text ORDER BY m.n) AS total
		FROM (SELECT min(i.n) AS n, i.sku, i.title, i.unit_price,
				sum(coalesce(x.qty, i.qty))::bigint AS qty
			FROM order_line i
			LEFT JOIN shipment_line x ON x.shipment_id = s.id AND x.n = i.n
			WHERE i.order_id = o.id AND (s.id IS NULL OR x.n IS NOT NULL)
			GROUP BY i.sku, i.title, i.unit_price) m) l
	LEFT JOIN LATERAL template_for(n.event, n.channel,
		coalesce(wanted_locale, c.locale, 'en')) t ON true
	WHERE o.id = n.order_id;
	IF NOT FOUND THEN
		PERFORM absent('order_exists', format('there is no order %s', n.order_id),
			'shopctl report latest-orders');
	END IF;
END $$;

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

-- The message as it would be now, although nobody asked for it to be sent.
CREATE FUNCTION api.notification_preview(event text, order_id bigint, locale text)
RETURNS SETOF notice
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	n notification;
BEGIN
	n.id := 0;
	n.event := notification_preview.event;
	n.channel := 'email';
	n.state := 'queued';
	n.order_id := notification_preview.order_id;
	n.created_at := now();
	n.subject_id := CASE n.event
		WHEN 'payment_failed' THEN (SELECT max(p.id) FROM payment p
			WHERE p.order_id = n.order_id)
		WHEN 'refund_sent' THEN (SELECT max(r.id) FROM refund r
			WHERE r.order_id = n.order_id)
		WHEN 'shipped' THEN (SELECT max(s.id) FROM shipment s
			WHERE s.order_id = n.order_id AND s.state <> 'canceled')
		WHEN 'delivered' THEN (SELECT max(s.id) FROM shipment s
			WHERE s.order_id = n.order_id AND s.state <> 'canceled')
		ELSE n.order_id END;
	n.message_id := message_id(n.event, coalesce(n.subject_id, 0), 1);
	RETURN QUERY SELECT * FROM notice_of(n, notification_preview.locale);
END $$;

-- What became of an attempt: sent, failed, suppressed, or queued to be tried again.
-- Sent is final: a late report of a slower attempt changes nothing.
CREATE FUNCTION api.notification_record(id bigint, state text, error text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	UPDATE notification n SET state = notification_record.state,
		attempts = n.attempts + 1, last_error = nullif(error, ''),
		sent_at = CASE WHEN notification_record.state = 'sent' THEN now() END
	WHERE n.id = notification_record.id AND n.state <> 'sent';
END $$;

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
		WHERE d.kind = 'notification.send' AND d.subject = was.id)
	THEN
		PERFORM refuse('notification_is_queued',
			format('notification %s is still being sent', was.id),
			format('shopctl notification show %s', was.id));
	END IF;
	UPDATE notification u SET state = 'queued', sent_at = NULL,
		copy = u.copy + (was.state = 'sent')::int,
		message_id = message_id(u.event, u.subject_id,
			u.copy + (was.state = 'sent')::int)
	WHERE u.id = was.id RETURNING * INTO n;
	PERFORM job_put('notification.send', n.id, NULL, NULL, n.id::text);
	PERFORM audit('notification:' || n.id, 'resend', to_jsonb(was), to_jsonb(n));
	RETURN NEXT n;
END $$;

-- Notifications, newest first; a NULL asks for any.
CREATE FUNCTION api.notification_list(event text, state text, order_id bigint,
	since timestamptz, most bigint) RETURNS SETOF notification
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	RETURN QUERY SELECT * FROM notification n
		WHERE (notification_list.event IS NULL OR n.event = notification_list.event)
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
