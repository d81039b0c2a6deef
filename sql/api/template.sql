-- The texts of messages, by event, channel and locale; the newest version counts.

-- The template nearest to a locale: de-AT, else de, else en.
CREATE FUNCTION template_for(event text, channel text, locale text)
RETURNS SETOF template LANGUAGE sql STABLE AS $$
	SELECT t.* FROM template t
	WHERE t.event = $1 AND t.channel = $2
		AND t.locale IN ($3, split_part(replace($3, '_', '-'), '-', 1), 'en')
	ORDER BY (t.locale = $3) DESC, (t.locale <> 'en') DESC, t.version DESC
	LIMIT 1
$$;

-- The one that a message was begun with, else the nearest.
CREATE FUNCTION template_used(n notification, locale text)
RETURNS SETOF template LANGUAGE sql STABLE AS $$
	SELECT t.* FROM template t WHERE n.version IS NOT NULL
		AND (t.event, t.channel, t.locale, t.version) =
			(n.event, n.channel, n.locale, n.version)
	UNION ALL
	SELECT t.* FROM template_for(n.event, n.channel, $2) t WHERE n.version IS NULL
$$;

-- The templates in use, with their texts.
CREATE FUNCTION api.template_list() RETURNS SETOF template
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	RETURN QUERY SELECT DISTINCT ON (t.event, t.channel, t.locale) t.*
		FROM template t ORDER BY t.event, t.channel, t.locale, t.version DESC;
END $$;

-- Every version there was of one, newest first.
CREATE FUNCTION api.template_history(of_event text, of_channel text, of_locale text)
RETURNS TABLE (event text, channel text, locale text, version integer, subject text,
	body_text text, body_html text, created_at timestamptz, created_by text, used bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY SELECT t.event, t.channel, t.locale, t.version, t.subject, t.body_text,
		t.body_html, t.created_at, t.created_by, (SELECT count(*) FROM notification n
			WHERE (n.event, n.channel, n.locale, n.version) =
				(t.event, t.channel, t.locale, t.version))
	FROM template t WHERE (t.event, t.channel, t.locale) = ($1, $2, $3)
	ORDER BY t.version DESC;
END $$;

-- A new version of a template; the old ones stay, for what was sent with them.
CREATE FUNCTION api.template_set(event text, channel text, locale text, subject text,
	body_text text, body_html text) RETURNS SETOF template
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	was template;
	t template;
BEGIN
	-- One writer at a time takes the next version.
	PERFORM pg_advisory_xact_lock(hashtextextended(format('template:%s:%s:%s', $1, $2, $3), 0));
	SELECT * INTO was FROM template o
		WHERE o.event = $1 AND o.channel = $2 AND o.locale = $3
		ORDER BY o.version DESC LIMIT 1;
	INSERT INTO template AS n (event, channel, locale, version, subject, body_text,
		body_html, created_by)
	VALUES ($1, $2, $3, coalesce(was.version, 0) + 1, $4, $5, $6, actor())
	RETURNING * INTO t;
	PERFORM audit(format('template:%s/%s/%s', $1, $2, $3), 'set', to_jsonb(was),
		to_jsonb(t));
	RETURN NEXT t;
END $$;
