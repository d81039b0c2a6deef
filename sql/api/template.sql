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

-- The templates in use, with their texts.
CREATE FUNCTION api.template_list() RETURNS SETOF template
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	RETURN QUERY SELECT DISTINCT ON (t.event, t.channel, t.locale) t.*
		FROM template t ORDER BY t.event, t.channel, t.locale, t.version DESC;
END $$;

-- A new version of a template; the old ones stay, for what was sent with them.
CREATE FUNCTION api.template_set(event text, locale text, subject text, body_text text,
	body_html text) RETURNS SETOF template
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	was template;
	t template;
BEGIN
	-- One writer at a time takes the next version.
	PERFORM pg_advisory_xact_lock(hashtextextended('template:' || $1 || ':' || $2, 0));
	SELECT * INTO was FROM template o
		WHERE o.event = $1 AND o.channel = 'email' AND o.locale = $2
		ORDER BY o.version DESC LIMIT 1;
	INSERT INTO template AS n (event, locale, version, subject, body_text, body_html)
	VALUES ($1, $2, coalesce(was.version, 0) + 1, $3, $4, $5)
	RETURNING * INTO t;
	PERFORM audit(format('template:%s/%s', $1, $2), 'set', to_jsonb(was), to_jsonb(t));
	RETURN NEXT t;
END $$;
