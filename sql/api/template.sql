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
