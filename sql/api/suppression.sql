-- Addresses and numbers that nothing is sent to any more.

CREATE FUNCTION suppression_put(channel text, address text, why text, by text, note text)
RETURNS void LANGUAGE sql AS $$
	INSERT INTO suppression (channel, address, why, by, note)
	VALUES ($1, lower($2), $3, $4, $5) ON CONFLICT DO NOTHING
$$;

-- A provider said that the reader of this message is not there, or wants no more.
CREATE FUNCTION suppress_of(n notification, why text, note text) RETURNS void
LANGUAGE sql AS $$
	SELECT suppression_put(n.channel, CASE n.channel WHEN 'sms' THEN phone_number(r.phone)
		ELSE r.email END, $2, 'notification:' || n.id, $3)
	FROM notice_reader(n.event, n.order_id, n.subject_id) r
	WHERE CASE n.channel WHEN 'sms' THEN phone_number(r.phone) ELSE r.email END <> ''
$$;

-- What is compared with: mail addresses in lower case, numbers as providers want them.
CREATE FUNCTION suppression_address(channel text, address text) RETURNS text
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	it text := CASE $1 WHEN 'sms' THEN phone_number($2) ELSE lower($2) END;
BEGIN
	IF it IS NULL OR $1 = 'email' AND it !~ '^[^@ ]+@[^@ ]+$' THEN
		PERFORM invalid('suppression_address_is_valid', format(
			'this is nothing that a message by %s could go to', $1),
			'an address with @, or a number like +4930123456');
	END IF;
	RETURN it;
END $$;

CREATE FUNCTION api.suppression_add(channel text, address text, why text)
RETURNS SETOF suppression
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	it text := suppression_address($1, $2);
BEGIN
	PERFORM suppression_put($1, it, $3, actor(), NULL);
	PERFORM audit('suppression:' || $1, 'add', NULL, to_jsonb(s)) FROM suppression s
	WHERE s.channel = $1 AND s.address = it;
	RETURN QUERY SELECT * FROM suppression s WHERE s.channel = $1 AND s.address = it;
END $$;

CREATE FUNCTION api.suppression_remove(channel text, address text)
RETURNS SETOF suppression
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	it text := suppression_address($1, $2);
	was suppression;
BEGIN
	DELETE FROM suppression s WHERE s.channel = $1 AND s.address = it RETURNING * INTO was;
	IF NOT FOUND THEN
		PERFORM absent('suppression_exists', format('%s is not suppressed', $2),
			'shopctl suppression list');
	END IF;
	PERFORM audit('suppression:' || $1, 'remove', to_jsonb(was), NULL);
	RETURN NEXT was;
END $$;

CREATE FUNCTION api.suppression_list(channel text, why text, most bigint)
RETURNS SETOF suppression
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	RETURN QUERY SELECT * FROM suppression s
	WHERE ($1 IS NULL OR s.channel = $1) AND ($2 IS NULL OR s.why = $2)
	ORDER BY s.at DESC, s.address LIMIT $3;
END $$;
