-- What a promotion would have cost over past orders, by the very function that a checkout
-- asks: its dates and its coupons are left aside, as if every basket had asked for it and
-- none had used it before.  Everything else holds: what it covers, minimums, who may have it,
-- how often, the budget, and that it is exclusive.  Shares come off what the orders paid.

CREATE FUNCTION api.promotion_simulate(promotion text, since timestamptz, until timestamptz)
RETURNS TABLE (currency text, orders bigint, given bigint, too_late bigint, discount amount,
	sales amount)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	p       promotion := promotion_named($1);
	batch   bigint[]; -- orders, oldest first, some thousand at a time
	cursor_at timestamptz := $2;
	cursor_id bigint := 0;
	got     record;
	seen    text[] := '{}'; -- by currency of each order looked at
	who     text[] := '{}';
	gift    bigint[] := '{}';
	worth   bigint[] := '{}';
	fate    boolean[];
BEGIN
	p.used := 0;
	p.spent := 0;
	LOOP
		SELECT array_agg(o.id ORDER BY o.created_at, o.id), max(o.created_at)
		INTO batch, cursor_at
		FROM (SELECT x.id, x.created_at FROM orders x
			WHERE (x.created_at, x.id) > (cursor_at, cursor_id) AND x.created_at < $3
			ORDER BY x.created_at, x.id LIMIT 5000) o;
		EXIT WHEN batch IS NULL;
		cursor_id := batch[cardinality(batch)];
		got := promotion_replay(p, batch);
		seen := seen || got.currencies;
		who := who || got.whos;
		gift := gift || got.gifts;
		worth := worth || got.totals;
	END LOOP;
	fate := promotion_ration(p, who, gift);
	RETURN QUERY SELECT u.currency, count(*), count(*) FILTER (WHERE u.given),
		count(*) FILTER (WHERE u.gift IS NOT NULL AND NOT u.given),
		ROW(coalesce(sum(u.gift) FILTER (WHERE u.given), 0)::bigint, u.currency)::amount,
		ROW(coalesce(sum(u.worth) FILTER (WHERE u.given), 0)::bigint, u.currency)::amount
	FROM unnest(seen, gift, worth, fate) AS u(currency, gift, worth, given)
	GROUP BY u.currency ORDER BY u.currency;
END $$;

-- What each of these orders would have got (null: nothing), and whose it is.
CREATE FUNCTION promotion_replay(p promotion, ids bigint[], OUT currencies text[],
	OUT whos text[], OUT totals bigint[], OUT gifts bigint[])
LANGUAGE plpgsql STABLE AS $$
DECLARE
	reasons   text[];
	shippings bigint[];
	offer     record;
	l         record;
BEGIN
	SELECT array_agg(o.currency::text ORDER BY u.i), array_agg(o.total ORDER BY u.i),
		array_agg(o.shipping ORDER BY u.i),
		checkout_who(array_agg(coalesce(o.customer_id, 0) ORDER BY u.i),
			array_agg(c.email ORDER BY u.i)),
		array_agg(CASE WHEN o.state IN ('expired', 'canceled') THEN 'not_sold'
			WHEN p.currency <> o.currency THEN 'other_currency'
			WHEN r.n > 0 AND p.stacking = 'exclusive' OR r.shut THEN 'not_combinable'
			WHEN p.first_order AND EXISTS (SELECT FROM orders b
				WHERE b.customer_id = o.customer_id
					AND (b.created_at, b.id) < (o.created_at, o.id)
					AND b.state NOT IN ('expired', 'canceled')) THEN 'not_first_order'
			END ORDER BY u.i)
	INTO currencies, totals, shippings, whos, reasons
	FROM unnest(ids) WITH ORDINALITY AS u(id, i) JOIN orders o ON o.id = u.id
	LEFT JOIN order_contact c ON c.order_id = o.id
	CROSS JOIN LATERAL (SELECT count(*) AS n, coalesce(bool_or(q.stacking = 'exclusive'), false)
			AS shut
		FROM redemption x JOIN promotion q ON q.id = x.promotion_id
		WHERE x.order_id = o.id AND x.promotion_id <> p.id) r;
	IF EXISTS (SELECT FROM promotion_scope s WHERE s.promotion_id = p.id
		AND s.kind = 'customer') THEN
		reasons := ARRAY(SELECT coalesce(u.reason, CASE WHEN NOT EXISTS (SELECT
				FROM promotion_scope s WHERE s.promotion_id = p.id AND s.kind = 'customer'
				AND 'c' || s.ref = u.who) THEN 'not_this_customer' END)
			FROM unnest(reasons, whos) WITH ORDINALITY AS u(reason, who, i) ORDER BY u.i);
	END IF;
	SELECT array_agg(u.i ORDER BY u.i, n.n) AS o, array_agg(n.variant_id ORDER BY u.i, n.n) AS v,
		array_agg(n.qty ORDER BY u.i, n.n) AS q, array_agg(n.unit_price ORDER BY u.i, n.n) AS p,
		array_agg(n.discount ORDER BY u.i, n.n) AS off INTO l
	FROM unnest(ids) WITH ORDINALITY AS u(id, i) JOIN order_line n ON n.order_id = u.id;
	offer := promotion_offer(p, reasons, currencies, shippings, l.o, l.v, l.q, l.p, l.off);
	gifts := ARRAY(SELECT CASE WHEN u.reason IS NULL THEN u.gift END
		FROM unnest(offer.gifts, offer.reasons) WITH ORDINALITY AS u(gift, reason, i)
		ORDER BY u.i);
END $$;

-- Who comes first, as at a checkout: while uses, money and the customer's own uses last.
CREATE FUNCTION promotion_ration(p promotion, whos text[], gifts bigint[]) RETURNS boolean[]
LANGUAGE plpgsql STABLE AS $$
DECLARE
	fate   boolean[] := array_fill(false, ARRAY[cardinality(gifts)]);
	number bigint[] := ARRAY(SELECT dense_rank() OVER (ORDER BY u.who)
		FROM unnest(whos) WITH ORDINALITY AS u(who, i) ORDER BY u.i); -- of each customer
	had    bigint[] := array_fill(0::bigint, ARRAY[cardinality(gifts)]);
BEGIN
	FOR i IN 1 .. cardinality(gifts) LOOP
		CONTINUE WHEN gifts[i] IS NULL OR p.used >= p.uses_max
			OR p.spent + gifts[i] > p.budget OR had[number[i]] >= p.uses_per_customer;
		fate[i] := true;
		p.used := p.used + 1;
		p.spent := p.spent + gifts[i];
		had[number[i]] := had[number[i]] + 1;
	END LOOP;
	RETURN fate;
END $$;
