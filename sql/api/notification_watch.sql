-- What nobody tells the moment it happens, because a checkout has no time for it: a look
-- at the shelves and the carts every now and then finds it.

CREATE FUNCTION variant_available(variant_id bigint) RETURNS bigint LANGUAGE sql STABLE AS $$
	SELECT coalesce(sum(s.on_hand - s.reserved), 0)::bigint FROM stock s
	JOIN warehouse w ON w.id = s.warehouse_id
	WHERE s.variant_id = $1 AND w.open
$$;

-- Tell this address once when the SKU is there again.
CREATE FUNCTION api.stock_subscribe(who text, wanted text, locale text)
RETURNS TABLE (id bigint, sku text, email text, available bigint, created_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	v variant := variant_named($2);
BEGIN
	IF lower($1) !~ '^[^@ ]+@[^@ ]+$' THEN
		PERFORM invalid('stock_subscription_email_is_folded', 'this is no mail address',
			'--email jane@example.com');
	END IF;
	INSERT INTO stock_subscription (variant_id, email, locale, gone)
	VALUES (v.id, lower($1), coalesce($3, 'en'), variant_available(v.id) <= 0)
	ON CONFLICT DO NOTHING;
	PERFORM preference_put($1, 'stock', 'email', true, 'subscription');
	RETURN QUERY SELECT s.id, v.sku, s.email, variant_available(v.id), s.created_at
	FROM stock_subscription s
	WHERE s.variant_id = v.id AND s.email = lower($1) AND s.ended_at IS NULL;
END $$;

-- Look at the shelves: who waited for what is back, and what runs low.
CREATE FUNCTION api.notification_stock(most bigint)
RETURNS TABLE (back bigint, low bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	back := stock_back($1);
	low := stock_runs_low($1);
	RETURN NEXT;
END $$;

-- A SKU that was seen gone and is there: each who waits is told once.
CREATE FUNCTION stock_back(most bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	told bigint := 0;
	s stock_subscription;
BEGIN
	UPDATE stock_subscription x SET gone = true
	WHERE x.ended_at IS NULL AND NOT x.gone AND variant_available(x.variant_id) <= 0;
	FOR s IN SELECT x.* FROM stock_subscription x
		WHERE x.ended_at IS NULL AND x.gone AND variant_available(x.variant_id) > 0
		ORDER BY x.id LIMIT $1 FOR UPDATE SKIP LOCKED
	LOOP
		UPDATE stock_subscription x SET told_at = now(), ended_at = now() WHERE x.id = s.id;
		PERFORM notify('back_in_stock', NULL, s.id);
		told := told + 1;
	END LOOP;
	RETURN told;
END $$;

-- Below what its places ask for together, and not before: one message for all of a look,
-- so that an import does not write a thousand.
CREATE FUNCTION stock_runs_low(most bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	batch bigint;
	found_low bigint;
BEGIN
	UPDATE stock_low l SET over_at = now()
	WHERE l.over_at IS NULL AND NOT EXISTS (SELECT FROM shelf_level(l.variant_id) v
		WHERE v.available < v.wanted);
	SELECT coalesce(max(l.batch), 0) + 1 INTO batch FROM stock_low l;
	INSERT INTO stock_low (batch, variant_id, available, wanted)
	SELECT batch, v.variant_id, v.available, v.wanted
	FROM shelf_level(NULL) v
	WHERE v.available < v.wanted AND NOT EXISTS (SELECT FROM stock_low l
		WHERE l.variant_id = v.variant_id AND l.over_at IS NULL)
	ORDER BY v.variant_id LIMIT $1 ON CONFLICT DO NOTHING;
	GET DIAGNOSTICS found_low = ROW_COUNT;
	IF found_low > 0 THEN
		PERFORM notify('low_stock', NULL, batch);
	END IF;
	RETURN found_low;
END $$;

-- What is there against what is asked for, of the variants that ask.
CREATE FUNCTION shelf_level(only_variant bigint)
RETURNS TABLE (variant_id bigint, available bigint, wanted bigint) LANGUAGE sql STABLE AS $$
	SELECT s.variant_id, sum(s.on_hand - s.reserved)::bigint, sum(s.reorder_point)::bigint
	FROM stock s WHERE $1 IS NULL OR s.variant_id = $1
	GROUP BY s.variant_id HAVING sum(s.reorder_point) > 0
$$;

-- Remind those who agreed to it of a cart that was nearly ordered and is left alone for
-- that long.  Each order is looked at once, when it is that old.
CREATE FUNCTION api.notification_carts(hours bigint) RETURNS TABLE (told bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	since timestamptz;
	until timestamptz := now() - $1 * interval '1 h';
	o record;
BEGIN
	told := 0;
	SELECT s.value::timestamptz INTO since FROM setting s
	WHERE s.name = 'cart_watermark' FOR UPDATE;
	IF $1 <= 0 OR since >= until THEN
		RETURN NEXT;
		RETURN;
	END IF;
	FOR o IN SELECT * FROM carts_left(greatest(since, until - interval '7 days'), until)
	LOOP
		INSERT INTO cart_told (client_id, cart, order_id)
		VALUES (o.client_id, o.cart, o.order_id) ON CONFLICT DO NOTHING;
		CONTINUE WHEN NOT FOUND;
		PERFORM notify('cart_abandoned', o.order_id, o.order_id);
		told := told + 1;
	END LOOP;
	UPDATE setting s SET value = until::text WHERE s.name = 'cart_watermark';
	RETURN NEXT;
END $$;

-- The last order of each cart placed in that time, if nobody paid and no other followed.
CREATE FUNCTION carts_left(since timestamptz, until timestamptz)
RETURNS TABLE (client_id bigint, cart text, order_id bigint) LANGUAGE sql STABLE AS $$
	WITH placed AS (
		SELECT DISTINCT ON (o.client_id, cart) o.client_id,
			substr(o.cart, strpos(o.cart, '/') + 1) AS cart, o.id, o.state, o.created_at
		FROM orders o WHERE o.created_at > $1 AND o.cart IS NOT NULL
		ORDER BY o.client_id, cart, o.created_at DESC, o.id DESC)
	SELECT p.client_id, p.cart, p.id FROM placed p
	JOIN order_contact c ON c.order_id = p.id
	WHERE p.created_at <= $2 AND p.state IN ('expired', 'canceled')
		AND NOT EXISTS (SELECT FROM payment m WHERE m.order_id = p.id AND m.captured > 0)
		AND preference_of(lower(c.email), 'marketing', 'email')
	ORDER BY p.id
$$;
