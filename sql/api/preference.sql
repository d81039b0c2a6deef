-- What people wish to be told, where, and when not.

-- Whether somebody may be told of a topic on a channel.  Who said nothing gets what an
-- order makes necessary, and what they asked for by name; no advertising, and no short
-- messages, which cost and disturb.
CREATE FUNCTION preference_of(email text, topic text, channel text) RETURNS boolean
LANGUAGE sql STABLE AS $$
	SELECT coalesce((SELECT p.allowed FROM preference p
			WHERE (p.email, p.topic, p.channel) = ($1, $2, $3)),
		CASE $2 WHEN 'marketing' THEN false ELSE $3 <> 'sms' END)
$$;

-- When the quiet hours end in which `at` lies; NULL: it lies in none.
CREATE FUNCTION quiet_until(email text, at timestamptz) RETURNS timestamptz
LANGUAGE sql STABLE AS $$
	SELECT (l.at::date + CASE WHEN l.at::time < q.ends THEN 0 ELSE 1 END + q.ends)
		AT TIME ZONE q.tz
	FROM (SELECT * FROM quiet_hours h WHERE h.email IN (coalesce($1, ''), '')
		ORDER BY h.email = '' LIMIT 1) q, LATERAL (SELECT $2 AT TIME ZONE q.tz AS at) l
	WHERE CASE WHEN q.begins <= q.ends
		THEN l.at::time >= q.begins AND l.at::time < q.ends
		ELSE l.at::time >= q.begins OR l.at::time < q.ends END
$$;

-- Everything that holds for an address, and where it comes from.
CREATE FUNCTION api.preference_show(email text)
RETURNS TABLE (topic text, channel text, allowed boolean, origin text,
	changed_at timestamptz, changed_by text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY SELECT t, c, preference_of(lower($1), t, c),
		CASE WHEN p.email IS NULL THEN 'default' ELSE 'chosen' END, p.changed_at,
		p.changed_by
	FROM unnest('{transactional,stock,marketing}'::text[]) WITH ORDINALITY AS a (t, i)
	CROSS JOIN unnest('{email,sms,inbox}'::text[]) WITH ORDINALITY AS b (c, j)
	LEFT JOIN preference p ON (p.email, p.topic, p.channel) = (lower($1), t, c)
	ORDER BY i, j;
END $$;

CREATE FUNCTION preference_put(email text, topic text, channel text, allowed boolean,
	by text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	IF $2 = 'transactional' AND $3 = 'email' AND NOT $4 THEN
		PERFORM refuse('transactional_mail_stays_on', 'what an order makes necessary is '
			'always told by mail: the law wants it', 'suppress an address that is wrong: '
			'shopctl suppression add');
	END IF;
	INSERT INTO preference AS p (email, topic, channel, allowed, changed_by)
	VALUES (lower($1), $2, $3, $4, $5)
	ON CONFLICT ON CONSTRAINT preference_pkey DO UPDATE
	SET allowed = excluded.allowed, changed_at = now(), changed_by = excluded.changed_by
	WHERE p.allowed <> excluded.allowed;
	IF FOUND THEN
		PERFORM audit('preference:' || lower($1), 'set', NULL,
			jsonb_build_object('topic', $2, 'channel', $3, 'allowed', $4, 'by', $5));
	END IF;
END $$;

CREATE FUNCTION api.preference_set(who text, about text, on_channel text, wanted boolean)
RETURNS TABLE (topic text, channel text, allowed boolean, origin text,
	changed_at timestamptz, changed_by text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	PERFORM preference_put($1, $2, $3, $4, actor());
	RETURN QUERY SELECT * FROM api.preference_show($1);
END $$;

-- When an address is not to be disturbed; '' is the shop's own rule.  Nothing asks.
CREATE FUNCTION api.quiet_hours(address text, zone text, since text, until text)
RETURNS TABLE (email text, tz text, begins text, ends text, quiet_until timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	who text := lower(coalesce($1, ''));
	was quiet_hours;
	q quiet_hours;
BEGIN
	SELECT * INTO was FROM quiet_hours h WHERE h.email IN (who, '')
		ORDER BY h.email = '' LIMIT 1;
	IF coalesce($2, $3, $4) IS NOT NULL THEN
		PERFORM quiet_hours_sane($2, ARRAY[$3, $4]);
		INSERT INTO quiet_hours AS h VALUES (who, coalesce($2, was.tz),
			coalesce($3::time, was.begins), coalesce($4::time, was.ends))
		ON CONFLICT ON CONSTRAINT quiet_hours_pkey DO UPDATE
		SET tz = excluded.tz, begins = excluded.begins, ends = excluded.ends
		RETURNING * INTO q;
		PERFORM audit('quiet_hours:' || who, 'set', to_jsonb(was), to_jsonb(q));
	END IF;
	RETURN QUERY SELECT h.email, h.tz, to_char(h.begins, 'HH24:MI'),
		to_char(h.ends, 'HH24:MI'), quiet_until(nullif(who, ''), now())
	FROM quiet_hours h WHERE h.email IN (who, '') ORDER BY h.email = '' LIMIT 1;
END $$;

CREATE FUNCTION quiet_hours_sane(tz text, hours text[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	hour text;
BEGIN
	IF $1 IS NOT NULL AND NOT EXISTS (SELECT FROM pg_timezone_names z WHERE z.name = $1) THEN
		PERFORM invalid('time_zone_is_known', format('%s is no time zone', $1),
			'write it like Europe/Berlin');
	END IF;
	FOREACH hour IN ARRAY $2 LOOP
		IF hour !~ '^([01][0-9]|2[0-3]):[0-5][0-9]$' THEN
			PERFORM invalid('quiet_hour_is_a_time', format('%s is no time of the day', hour),
				'write it like 21:00');
		END IF;
	END LOOP;
END $$;

-- What stands in a link of a mail: the mail itself, so that the link says nothing of its
-- reader to who sees it.  Nobody can make one without the secret.
CREATE FUNCTION unsubscribe_sign(id text) RETURNS text
LANGUAGE sql STABLE AS $$
	SELECT left(encode(sha256(convert_to(s.value, 'UTF8') || sha256(convert_to(
		s.value || ':' || $1, 'UTF8'))), 'hex'), 32)
	FROM setting s WHERE s.name = 'unsubscribe_secret'
$$;

CREATE FUNCTION unsubscribe_token(id bigint) RETURNS text
LANGUAGE sql STABLE AS $$ SELECT $1 || '.' || unsubscribe_sign($1::text) $$;

-- Leave the topic of the mail that the token names; one that is not ours is refused.
CREATE FUNCTION api.unsubscribe(token text) RETURNS TABLE (topic text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	n notification;
	who text;
BEGIN
	IF $1 ~ '^[0-9]{1,18}[.][0-9a-f]{32}$'
		AND unsubscribe_sign(split_part($1, '.', 1)) = split_part($1, '.', 2)
	THEN
		SELECT * INTO n FROM notification x WHERE x.id = split_part($1, '.', 1)::bigint;
	END IF;
	SELECT e.topic INTO topic FROM notice_event e
	WHERE e.event = n.event AND e.topic IN ('marketing', 'stock');
	IF NOT FOUND THEN
		PERFORM absent('unsubscribe_token_is_ours', 'this is no link of ours');
	END IF;
	SELECT r.email INTO who FROM notice_reader(n.event, n.order_id, n.subject_id) r;
	IF FOUND THEN -- else erased: nobody is written to
		PERFORM preference_put(who, topic, c, false, 'unsubscribe')
		FROM unnest('{email,sms}'::text[]) c;
		UPDATE stock_subscription s SET ended_at = now()
		WHERE topic = 'stock' AND s.email = who AND s.ended_at IS NULL;
	END IF;
	RETURN NEXT;
END $$;
