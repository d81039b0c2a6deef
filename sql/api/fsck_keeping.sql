-- What fsck proves of messages, reports, the audit and what must not be kept.

-- Whether digits in a text, grouped by blanks or dashes or not, are a card's: 15 to 19 of
-- them, from a range that is issued, and the check digit fits (ISO/IEC 7812-1, Luhn).
CREATE FUNCTION has_card_number(words text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT EXISTS (SELECT FROM regexp_matches($1, '[0-9](?:[ -]?[0-9]){14,18}', 'g') AS m,
		replace(replace(m[1], ' ', ''), '-', '') AS d
		WHERE d ~ '^(3[47]|4|5[1-5]|2[2-7]|6)' AND (SELECT sum(CASE
				WHEN (length(d) - i) % 2 = 0 THEN n WHEN n > 4 THEN 2 * n - 9 ELSE 2 * n END)
			FROM generate_series(1, length(d)) AS i, CAST(substr(d, i, 1) AS int) AS n) % 10 = 0)
$$;

CREATE FUNCTION fsck_keeping(scope bigint[]) RETURNS TABLE (code text, object text, detail text)
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN QUERY SELECT 'N1', 'order:' || coalesce(p.order_id, n.order_id),
			CASE WHEN n.order_id IS NULL THEN 'paid, never confirmed'
			ELSE 'confirmed, never paid' END
		FROM (SELECT order_id FROM payment WHERE applied AND in_scope($1, order_id)) p
		FULL JOIN (SELECT order_id FROM notification WHERE event = 'order_confirmed'
			AND channel = 'email'
			AND in_scope($1, order_id)) n
			ON n.order_id = p.order_id
		WHERE p.order_id IS NULL OR n.order_id IS NULL;
	RETURN QUERY SELECT DISTINCT 'N2', 'order:' || n.order_id, 'told of shipped and order_canceled'
		FROM notification n WHERE n.event = 'order_canceled' AND in_scope($1, n.order_id)
			AND EXISTS (SELECT FROM notification s WHERE s.event = 'shipped'
				AND s.order_id = n.order_id AND in_scope($1, s.order_id));
	RETURN QUERY SELECT 'N3', 'order:' || n.order_id, count(*) || ' of ' || n.event
			|| ' by ' || n.channel
		FROM notification n WHERE in_scope($1, n.order_id)
		GROUP BY n.order_id, n.event, n.channel, n.subject_id, n.endpoint_id HAVING count(*) > 1;
	-- An endpoint was made, or switched on, by a transaction that others did not wait for.
	RETURN QUERY SELECT 'N5', 'notification:' || n.id, n.event || ' was never told to endpoint '
			|| e.id
		FROM webhook_endpoint e JOIN notification n ON n.event = ANY (e.events)
		WHERE n.channel = 'email' AND in_scope($1, n.order_id) AND e.disabled_at IS NULL
			AND n.created_at > e.heard_since + interval '1 minute'
			AND NOT EXISTS (SELECT FROM notification w WHERE w.event = n.event
				AND w.channel = 'webhook' AND w.subject_id = n.subject_id
				AND w.endpoint_id = e.id);
	RETURN QUERY SELECT 'N6', 'notification:' || n.id, 'sent, but endpoint ' || n.endpoint_id
			|| ' never took it'
		FROM webhook_out o JOIN notification n ON n.id = o.notification_id
		WHERE n.state = 'sent' AND in_scope($1, n.order_id)
			AND NOT EXISTS (SELECT FROM webhook_delivery d
				WHERE d.notification_id = n.id AND d.status BETWEEN 200 AND 299);
	RETURN QUERY SELECT 'R1', 'rollup:' || concat_ws(':', d.rollup, d.period,
			nullif(d.item, ''), d.currency), d.stored || '; the ledger says '
			|| d.recomputed
		FROM rollup_differences(NULL, false) d WHERE $1 IS NULL;
	RETURN QUERY SELECT 'A2', 'refund:' || r.id, 'no audit row'
		FROM refund r WHERE NOT r.automatic AND in_scope($1, r.order_id)
			AND NOT EXISTS (SELECT FROM audit_log a
			WHERE a.object IN ('refund:' || r.id, 'order:' || r.order_id));
	RETURN QUERY SELECT 'A3', 'function:' || p.oid::regprocedure,
			'search_path not pinned, or PUBLIC may call it'
		FROM pg_proc p JOIN pg_namespace s ON s.oid = p.pronamespace
		WHERE $1 IS NULL AND s.nspname = 'api' AND p.prosecdef
			AND (NOT coalesce(array_to_string(p.proconfig, ',') LIKE '%search_path=%', false)
			OR has_function_privilege('public', p.oid, 'EXECUTE'));
	RETURN QUERY SELECT 'A4', x.object, 'digits that are a card''s'
		FROM (SELECT 'order:' || c.order_id, concat_ws(' ', c.name, c.email, c.address::text)
				FROM order_contact c WHERE in_scope($1, c.order_id)
			UNION ALL SELECT 'refund:' || r.id, r.reason FROM refund r
				WHERE in_scope($1, r.order_id)
			UNION ALL SELECT 'customer:' || c.id, c.name FROM customer c WHERE $1 IS NULL
			UNION ALL SELECT 'audit:' || a.id, a.reason FROM audit_log a WHERE $1 IS NULL)
			AS x (object, words)
		WHERE x.words ~ '[0-9]([ -]?[0-9]){14}' AND has_card_number(x.words);
	IF $1 IS NULL THEN
		RETURN QUERY SELECT 'A5', CASE WHEN f.id IS NULL THEN 'seal:' || f.seal
				ELSE 'audit:' || f.id END, f.problem || ': ' || f.detail
			FROM audit_faults(NULL) f;
	END IF;
END $$;
