-- Carts: lines and coupons of somebody who has not ordered yet.  Nothing is reserved and
-- no price is kept; what it would cost is asked of checkout_quote().

-- The cart, if it is still one; locked for a change.  A version other than null is the one
-- that the caller has seen.
CREATE FUNCTION cart_open(client bigint, cart text, seen bigint) RETURNS cart
LANGUAGE plpgsql AS $$
DECLARE
	c cart;
BEGIN
	SELECT x.* INTO c FROM cart x WHERE x.id = $2 AND x.client_id = $1 FOR UPDATE;
	PERFORM cart_is(c, $2);
	IF c.version <> $3 THEN
		PERFORM refuse('cart_is_current', format('the cart has version %s by now, not %s',
			c.version, $3), 'read it again');
	END IF;
	RETURN c;
END $$;

-- A cart that nobody may use any more says why.
CREATE FUNCTION cart_is(c cart, cart text) RETURNS void LANGUAGE plpgsql STABLE AS $$
BEGIN
	IF c.id IS NULL OR c.expires_at <= now() THEN
		PERFORM absent('cart_exists', format('there is no cart %s, or it expired', $2));
	ELSIF c.state = 'ordered' THEN
		PERFORM refuse('cart_is_open', format('this cart was ordered: order %s', c.order_id));
	ELSIF c.state = 'merged' THEN
		PERFORM refuse('cart_is_open', format('this cart is part of the cart %s now', c.into_id));
	END IF;
END $$;

-- As a storefront shows it, at the prices of this moment.
CREATE FUNCTION cart_view(id text) RETURNS jsonb LANGUAGE sql STABLE AS $$
	SELECT jsonb_build_object('id', c.id, 'version', c.version, 'currency', c.currency,
		'customer_id', c.customer_id::text, 'coupons', c.coupons, 'expires_at',
		to_char(c.expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
		'lines', l.lines, 'subtotal', jsonb_build_object('amount', l.total,
			'currency', c.currency))
	FROM cart c, LATERAL (SELECT coalesce(jsonb_agg(jsonb_build_object('sku', n.sku,
			'title', coalesce(v.title, ''), 'qty', n.qty, 'unit_price',
			CASE WHEN p.amount IS NOT NULL THEN jsonb_build_object('amount', p.amount,
				'currency', c.currency) END,
			'available', coalesce(v.sellable AND variant_available(v.id) >= n.qty, false))
			ORDER BY n.added_at, n.sku), '[]') AS lines,
			coalesce(sum(n.qty * p.amount), 0)::bigint AS total
		FROM cart_line n LEFT JOIN variant v ON v.sku = n.sku
			LEFT JOIN LATERAL price_now(v.id, c.currency) p ON v.sellable
		WHERE n.cart_id = c.id) l
	WHERE c.id = $1
$$;

-- It changed: another version, and it lives on for as long again.
CREATE FUNCTION cart_touch(id text, days bigint) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
	UPDATE cart c SET version = c.version + 1, updated_at = now(),
		expires_at = now() + $2 * interval '1 day' WHERE c.id = $1;
	RETURN cart_view($1);
END $$;

-- Lines are added to what is there, up to the bound, or set; none of it is taken out.
CREATE FUNCTION cart_put(c cart, skus text[], qtys bigint[], adds boolean) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	wrong text;
BEGIN
	SELECT s INTO wrong FROM unnest(skus) s
	WHERE NOT EXISTS (SELECT FROM variant v WHERE v.sku = s AND v.sellable) LIMIT 1;
	IF wrong IS NOT NULL THEN
		PERFORM refuse('sku_is_sellable', format('%s is not for sale', wrong));
	END IF;
	DELETE FROM cart_line l USING unnest(skus, qtys) AS u (sku, qty)
	WHERE l.cart_id = c.id AND l.sku = u.sku AND u.qty = 0 AND NOT adds;
	INSERT INTO cart_line AS l (cart_id, sku, qty)
	SELECT c.id, u.sku, least(sum(u.qty), 1000000) FROM unnest(skus, qtys) AS u (sku, qty)
	WHERE u.qty > 0 GROUP BY u.sku
	ON CONFLICT (cart_id, sku) DO UPDATE
		SET qty = CASE WHEN adds THEN least(l.qty + excluded.qty, 1000000)
			ELSE excluded.qty END;
	IF (SELECT count(*) FROM cart_line l WHERE l.cart_id = c.id) > 100 THEN
		PERFORM refuse('cart_has_few_lines', 'a cart has 100 lines at most');
	END IF;
END $$;

CREATE FUNCTION api.cart_create(client bigint, named text, currency text, customer bigint,
	skus text[], qtys bigint[], days bigint) RETURNS TABLE (cart jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	c cart;
BEGIN
	IF NOT EXISTS (SELECT FROM currency x WHERE x.code = $3::bpchar) THEN
		PERFORM invalid('currency_is_known', format('%s is no currency', $3));
	END IF;
	INSERT INTO cart (id, client_id, currency, expires_at)
	VALUES ($2, $1, $3, now() + $7 * interval '1 day') RETURNING * INTO c;
	PERFORM cart_put(c, $5, $6, true);
	IF $4 <> 0 THEN
		RETURN QUERY SELECT m.* FROM api.cart_merge($1, $2, NULL, $4, $7) m;
		RETURN;
	END IF;
	RETURN QUERY SELECT cart_view($2);
END $$;

CREATE FUNCTION api.cart_get(client bigint, named text) RETURNS TABLE (cart jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	c cart;
BEGIN
	SELECT x.* INTO c FROM cart x WHERE x.id = $2 AND x.client_id = $1;
	PERFORM cart_is(c, $2);
	RETURN QUERY SELECT cart_view($2);
END $$;

-- Add to a line, or set it; nothing of it takes it out.
CREATE FUNCTION api.cart_line(client bigint, named text, seen bigint, sku text, qty bigint,
	adds boolean, days bigint) RETURNS TABLE (cart jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	c cart := cart_open($1, $2, $3);
BEGIN
	IF NOT adds AND NOT EXISTS (SELECT FROM cart_line l
		WHERE l.cart_id = c.id AND l.sku = $4) THEN
		PERFORM absent('cart_line_exists', format('%s is not in the cart', $4));
	ELSIF $5 = 0 THEN
		DELETE FROM cart_line l WHERE l.cart_id = c.id AND l.sku = $4;
	ELSE
		PERFORM cart_put(c, ARRAY[$4], ARRAY[$5], adds);
	END IF;
	RETURN QUERY SELECT cart_touch(c.id, $7);
END $$;

-- Put a coupon into it, or take it out; whether it is good, a quote says.
CREATE FUNCTION api.cart_coupon(client bigint, named text, seen bigint, code text,
	gone boolean, days bigint) RETURNS TABLE (cart jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	c cart := cart_open($1, $2, $3);
BEGIN
	IF gone AND upper($4) <> ALL (c.coupons) THEN
		PERFORM absent('cart_coupon_exists', format('%s is not in the cart', $4));
	END IF;
	UPDATE cart x SET coupons = array_remove(x.coupons, upper($4))
		|| CASE WHEN gone THEN '{}' ELSE ARRAY[upper($4)] END WHERE x.id = c.id;
	RETURN QUERY SELECT cart_touch(c.id, $6);
END $$;

-- Somebody signed in: the cart becomes theirs, or its lines and coupons go into the one
-- they have.
CREATE FUNCTION api.cart_merge(client bigint, named text, seen bigint, customer bigint,
	days bigint) RETURNS TABLE (cart jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	c cart;
	theirs cart;
BEGIN
	IF NOT EXISTS (SELECT FROM customer k WHERE k.id = $4) THEN
		PERFORM absent('customer_exists', format('there is no customer %s', $4));
	END IF;
	-- One merge of a customer after the other, whichever carts they bring.
	PERFORM FROM customer k WHERE k.id = $4 FOR NO KEY UPDATE;
	c := cart_open($1, $2, $3);
	SELECT x.* INTO theirs FROM cart x WHERE x.client_id = $1 AND x.customer_id = $4
		AND x.currency = c.currency AND x.state = 'open' FOR UPDATE;
	IF theirs.id IS NOT NULL AND theirs.expires_at <= now() THEN
		DELETE FROM cart x WHERE x.id = theirs.id;
		theirs := NULL;
	END IF;
	IF theirs.id = c.id THEN
		RETURN QUERY SELECT cart_view(c.id);
		RETURN;
	ELSIF c.customer_id IS NOT NULL THEN
		PERFORM refuse('cart_is_of_one_customer', 'this cart is another customer''s');
	ELSIF theirs.id IS NULL THEN
		UPDATE cart x SET customer_id = $4 WHERE x.id = c.id;
		RETURN QUERY SELECT cart_touch(c.id, $5);
		RETURN;
	END IF;
	PERFORM cart_put(theirs, array_agg(l.sku), array_agg(l.qty), true)
	FROM cart_line l JOIN variant v ON v.sku = l.sku AND v.sellable
	WHERE l.cart_id = c.id HAVING count(*) > 0;
	UPDATE cart x SET coupons = ARRAY(SELECT DISTINCT u FROM unnest(x.coupons || c.coupons) u
		ORDER BY 1 LIMIT 10) WHERE x.id = theirs.id;
	UPDATE cart x SET state = 'merged', into_id = theirs.id, updated_at = now()
	WHERE x.id = c.id;
	RETURN QUERY SELECT cart_touch(theirs.id, $5);
END $$;

-- How its lines could be sent there, the cheapest first.
CREATE FUNCTION cart_methods(currency text, country text, region text, postcode text,
	variants bigint[], qtys bigint[], prices bigint[]) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
	load record;
BEGIN
	load := shipping_loads(1, array_fill(1::bigint, ARRAY[cardinality(variants)]), variants,
		qtys, prices);
	RETURN (SELECT coalesce(jsonb_agg(jsonb_build_object('method', r.method, 'name', r.name,
			'price', r.price) ORDER BY r.price, r.method), '[]')
		FROM shipping_rates_of(ARRAY[$2], ARRAY[$3], ARRAY[$4], ARRAY[$1], load.weights,
			load.goods, now()) r WHERE load.units[1] > 0);
END $$;

-- What the cart would cost there, to the cent: as a checkout of it would say.
CREATE FUNCTION api.cart_quote(client bigint, named text, country text, region text,
	postcode text, method text) RETURNS TABLE (quote jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	c cart;
	q record;
	skus text[];
	qtys bigint[];
BEGIN
	SELECT x.* INTO c FROM cart x WHERE x.id = $2 AND x.client_id = $1;
	PERFORM cart_is(c, $2);
	SELECT array_agg(l.sku ORDER BY l.added_at, l.sku), array_agg(l.qty ORDER BY l.added_at, l.sku)
	INTO skus, qtys FROM cart_line l WHERE l.cart_id = c.id;
	IF skus IS NULL THEN
		PERFORM refuse('order_has_lines', 'the cart is empty');
	END IF;
	q := checkout_quote(ARRAY[c.currency::text], ARRAY[c.customer_id], ARRAY[NULL::text],
		ARRAY[$3], ARRAY[$4], ARRAY[$5], ARRAY[$6], array_fill(1::bigint,
			ARRAY[cardinality(c.coupons)]), c.coupons, array_fill(1::bigint,
			ARRAY[cardinality(skus)]), skus, qtys);
	IF (q.chosen[1]).refusal IS NOT NULL THEN
		PERFORM refuse('shipping_method_is_offered', (q.chosen[1]).refusal);
	END IF;
	RETURN QUERY SELECT jsonb_build_object('cart', jsonb_build_object('id', c.id,
			'version', c.version), 'currency', c.currency, 'lines', (SELECT
			jsonb_agg(jsonb_build_object('sku', skus[i], 'qty', qtys[i],
				'unit_price', q.prices[i], 'discount', q.discounts[i], 'tax', q.taxes[i],
				'rule', q.rules[i], 'message', q.messages[i]) ORDER BY i)
			FROM generate_subscripts(skus, 1) i),
		'discount', q.discounts_of[1], 'shipping', coalesce(q.shippings[1], 0),
		'shipping_methods', cart_methods(c.currency, $3, $4, $5, q.variants, qtys, q.prices),
		'tax', q.taxes_of[1], 'included_tax', coalesce(q.included_of[1], 0),
		'total', jsonb_build_object('amount', q.totals[1], 'currency', c.currency),
		'refused_coupons', (SELECT coalesce(jsonb_agg(jsonb_build_object('code', v.code,
			'reason', v.reason, 'message', v.message)), '[]')
			FROM unnest(q.verdicts) v WHERE v.code IS NOT NULL));
END $$;

-- Checkouts of carts that we keep: each must be open, and of the version and the lines that
-- it has now.  Behind the locks of stock; carts are locked by their names.
CREATE FUNCTION cart_check(clients bigint[], carts text[], line_order bigint[],
	line_sku text[], line_qty bigint[], INOUT rules text[], INOUT messages text[])
LANGUAGE plpgsql AS $$
DECLARE
	c record;
BEGIN
	PERFORM FROM cart x WHERE x.id IN (SELECT split_part(k, '/', 2) FROM unnest(carts) k)
	ORDER BY x.id FOR UPDATE;
	FOR c IN SELECT k.i, x.id, x.state, x.order_id, x.version, k.cart,
			x.expires_at <= now() AS expired, (SELECT jsonb_object_agg(l.sku, l.qty)
				FROM cart_line l WHERE l.cart_id = x.id) AS has,
			(SELECT jsonb_object_agg(s.sku, s.qty) FROM (SELECT u.sku, sum(u.qty) AS qty
				FROM unnest(line_order, line_sku, line_qty) AS u (o, sku, qty)
				WHERE u.o = k.i GROUP BY u.sku) s) AS wanted
		FROM unnest(clients, carts) WITH ORDINALITY AS k (client, cart, i)
		LEFT JOIN cart x ON x.id = split_part(k.cart, '/', 2) AND x.client_id = k.client
		WHERE k.cart LIKE '%/ct\_%' AND rules[k.i] IS NULL
	LOOP
		rules[c.i] := CASE WHEN c.id IS NULL OR c.expired THEN 'cart_exists'
			WHEN c.state <> 'open' THEN 'cart_is_open'
			WHEN split_part(c.cart, '/', 1) <> c.version::text
				OR c.has IS DISTINCT FROM c.wanted THEN 'cart_is_current' END;
		messages[c.i] := CASE rules[c.i]
			WHEN 'cart_exists' THEN 'there is no such cart, or it expired'
			WHEN 'cart_is_open' THEN 'this cart was ordered' || coalesce(': order '
				|| c.order_id, ' or merged')
			WHEN 'cart_is_current' THEN format('the cart has version %s and other lines by now',
				c.version) END;
	END LOOP;
END $$;

-- These carts are orders now.
CREATE FUNCTION cart_ordered(picked bigint[], ids bigint[], carts text[]) RETURNS void
LANGUAGE sql AS $$
	UPDATE cart x SET state = 'ordered', order_id = ids[i], updated_at = now()
	FROM unnest(picked) i WHERE x.id = split_part(carts[i], '/', 2) AND carts[i] LIKE '%/ct\_%'
$$;

CREATE FUNCTION api.cart_purge(most bigint) RETURNS TABLE (done bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	DELETE FROM cart c WHERE c.id = ANY (ARRAY(SELECT x.id FROM cart x
		WHERE x.expires_at <= now() ORDER BY x.expires_at LIMIT $1 FOR UPDATE SKIP LOCKED));
	GET DIAGNOSTICS done = ROW_COUNT;
	RETURN NEXT;
END $$;

-- What other systems said of the shelves is known again for a day.
CREATE FUNCTION api.inventory_purge(most bigint) RETURNS TABLE (done bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	DELETE FROM inventory_key k WHERE k.ctid = ANY (ARRAY(SELECT x.ctid FROM inventory_key x
		WHERE x.at <= now() - interval '1 day' ORDER BY x.at LIMIT $1 FOR UPDATE SKIP LOCKED));
	GET DIAGNOSTICS done = ROW_COUNT;
	RETURN NEXT;
END $$;
