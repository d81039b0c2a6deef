-- What a storefront shows to a customer of ours.

-- The address of a customer, by number or by the address itself.
CREATE FUNCTION customer_email(who text) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
	email text;
BEGIN
	SELECT c.email INTO email FROM customer c
	WHERE CASE WHEN $1 ~ '^[0-9]{1,18}$' THEN c.id = $1::bigint
		ELSE c.email = lower($1) END;
	IF NOT FOUND THEN
		PERFORM absent('customer_exists', format('there is no customer %s', $1),
			'give the number or the address of an account');
	END IF;
	RETURN email;
END $$;

-- Newest first; before 0 is from the newest on.
CREATE FUNCTION api.inbox_list(customer text, unread boolean, before bigint, most bigint)
RETURNS SETOF inbox
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	who text := customer_email($1);
BEGIN
	RETURN QUERY SELECT * FROM inbox i WHERE i.email = who
		AND (NOT $2 OR i.read_at IS NULL)
		AND (coalesce($3, 0) = 0 OR i.notification_id < $3)
	ORDER BY i.notification_id DESC LIMIT $4;
END $$;

-- The customer has seen everything up to this one.
CREATE FUNCTION api.inbox_read(customer text, up_to bigint) RETURNS TABLE (read bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	who text := customer_email($1);
BEGIN
	UPDATE inbox i SET read_at = now()
	WHERE i.email = who AND i.notification_id <= $2 AND i.read_at IS NULL;
	GET DIAGNOSTICS read = ROW_COUNT;
	RETURN NEXT;
END $$;
