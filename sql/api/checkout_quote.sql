-- What baskets cost: prices, promotions, shipping and tax of many at once, to the cent.
--
-- Baskets are parallel arrays as in checkout.sql: one element a basket, their lines in
-- three more (line_order names the basket by its place, from 1, ascending), the codes they
-- bring in two more.  Nothing is locked and nothing is written: the same question has the
-- same answer until a price or a promotion changes.
--
--	prices, discounts, taxes   of each line; rules, messages: why it cannot be bought
--	discounts_of, shippings, taxes_of, included_of, totals   of each basket; taxes_of come
--	           on top of the prices, included_of are in them
--	whos       as whom each basket counts for "once per customer"
--	uses       which promotions each basket gets, and what each took off
--	verdicts   which it does not get, and why not
--	chosen     what each basket's choice of a shipping method comes to; null: none chosen
CREATE FUNCTION checkout_quote(currencies text[], customers bigint[], emails text[],
	countries text[], regions text[], postcodes text[], choices text[],
	coupon_order bigint[], coupon_code text[], line_order bigint[], line_sku text[],
	line_qty bigint[], OUT variants bigint[], OUT titles text[], OUT prices bigint[],
	OUT discounts bigint[], OUT taxes bigint[], OUT rules text[], OUT messages text[],
	OUT discounts_of bigint[], OUT shippings bigint[], OUT taxes_of bigint[],
	OUT included_of bigint[], OUT totals bigint[], OUT whos text[],
	OUT uses promotion_use[], OUT verdicts promotion_verdict[],
	OUT chosen shipping_choice[])
LANGUAGE plpgsql STABLE AS $$
DECLARE
	given record;
	sold  bigint[]; -- prices, nothing for what cannot be bought
BEGIN
	SELECT c.variants, c.prices, c.titles, c.rules, c.messages
	INTO variants, prices, titles, rules, messages
	FROM checkout_price(currencies, customers, line_order, line_sku, line_qty) c;
	sold := ARRAY(SELECT CASE WHEN u.rule IS NULL THEN u.price ELSE 0 END
		FROM unnest(prices, rules) WITH ORDINALITY AS u(price, rule, i) ORDER BY u.i);
	SELECT c.prices, c.chosen INTO shippings, chosen
	FROM checkout_shipping(currencies, countries, regions, postcodes, choices, line_order,
		variants, line_qty, sold) c;
	whos := checkout_who(customers, emails);
	given := promotions_apply(currencies, whos, shippings, coupon_order, coupon_code,
		line_order, variants, line_qty, sold);
	discounts := given.offs;
	uses := given.uses;
	verdicts := given.verdicts;
	shippings := ARRAY(SELECT s - w FROM unnest(shippings, given.waived)
		WITH ORDINALITY AS u(s, w, i) ORDER BY i);
	SELECT t.taxes, t.included_of INTO taxes, included_of
	FROM checkout_tax(countries, regions, postcodes, shippings, line_order, variants,
		ARRAY(SELECT q * s - d FROM unnest(line_qty, sold, discounts)
			WITH ORDINALITY AS u(q, s, d, i) ORDER BY i)) t;
	SELECT array_agg(coalesce(d.off, 0) ORDER BY i), array_agg(coalesce(d.tax, 0) ORDER BY i),
		array_agg(coalesce(d.net + d.tax, 0) + shippings[i] ORDER BY i)
	INTO discounts_of, taxes_of, totals
	FROM generate_subscripts(currencies, 1) i
	LEFT JOIN (SELECT u.o, sum(u.off)::bigint AS off, sum(u.tax)::bigint AS tax,
			sum(u.q * u.p - u.off)::bigint AS net
		FROM unnest(line_order, line_qty, sold, discounts, taxes)
			AS u(o, q, p, off, tax) GROUP BY u.o) d ON d.o = i;
END $$;

-- The taxes of each line that come on top of its price, and of each basket those that are
-- in its prices.  What shipping is taxed with goes on the lines, so that theirs add up to
-- the order's.  Without a country there is no tax.
CREATE FUNCTION checkout_tax(countries text[], regions text[], postcodes text[],
	shippings bigint[], line_order bigint[], line_variant bigint[], nets bigint[],
	OUT taxes bigint[], OUT included_of bigint[])
LANGUAGE plpgsql STABLE AS $$
DECLARE
	lines integer := cardinality(line_order);
	asked bigint[] := line_order
		|| ARRAY(SELECT i::bigint FROM generate_subscripts(countries, 1) i ORDER BY i);
	added bigint[]; -- of the lines, and behind them of the shippings
	bases bigint[];
BEGIN
	taxes := array_fill(0::bigint, ARRAY[lines]);
	included_of := array_fill(0::bigint, ARRAY[cardinality(countries)]);
	IF NOT EXISTS (SELECT FROM tax_rate) THEN
		RETURN;
	END IF;
	SELECT array_agg(d.added ORDER BY d.n), array_agg(d.included ORDER BY d.n DESC)
	INTO added, included_of
	FROM (SELECT t.n, t.added, sum(t.tax - t.added) OVER (PARTITION BY asked[t.n])::bigint
			AS included
		FROM tax_of(asked, ARRAY(SELECT v.tax_class FROM unnest(line_variant)
				WITH ORDINALITY AS u(id, i) LEFT JOIN variant v ON v.id = u.id ORDER BY u.i)
				|| array_fill('shipping'::text, ARRAY[cardinality(countries)]),
			ARRAY(SELECT countries[o] FROM unnest(asked) WITH ORDINALITY u(o, i) ORDER BY i),
			ARRAY(SELECT regions[o] FROM unnest(asked) WITH ORDINALITY u(o, i) ORDER BY i),
			ARRAY(SELECT postcodes[o] FROM unnest(asked) WITH ORDINALITY u(o, i) ORDER BY i),
			nets || shippings, now()) t) d;
	-- Each shipping stands behind the lines, in the order of the baskets.
	included_of := ARRAY(SELECT included_of[cardinality(countries) + 1 - i]
		FROM generate_subscripts(countries, 1) i ORDER BY i);
	bases := ARRAY(SELECT u.net + 1 FROM unnest(nets) WITH ORDINALITY AS u(net, i) ORDER BY i);
	taxes := ARRAY(SELECT a + b FROM unnest(added[:lines], promotion_split(added[lines + 1:],
		ARRAY(SELECT coalesce(sum(u.base), 0)::bigint FROM generate_subscripts(countries, 1) i
			LEFT JOIN unnest(line_order, bases) AS u(o, base) ON u.o = i GROUP BY i ORDER BY i),
		line_order, bases)) WITH ORDINALITY AS u(a, b, i) ORDER BY i);
END $$;

-- As whom a basket counts for "once per customer": the customer who signed in or whose
-- address it is, or a guest, of whom only the digest of the address is kept; null when
-- nobody said yet.
CREATE FUNCTION checkout_who(customers bigint[], emails text[]) RETURNS text[]
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN ARRAY(SELECT coalesce('c' || nullif(u.customer, 0), 'c' || k.id,
			'g' || encode(sha256(convert_to(lower(u.email), 'UTF8')), 'hex'))
		FROM unnest(customers, emails) WITH ORDINALITY AS u(customer, email, i)
		LEFT JOIN customer k ON k.email = lower(u.email) ORDER BY u.i);
END $$;

-- Try every promotion that is live or asked for, the lowest priority number first, and at
-- the same number the older one.  Each takes its part of what those before it left.  An
-- exclusive one is given only alone: not after another, and none after it.
CREATE FUNCTION promotions_apply(currencies text[], whos text[],
	shippings bigint[], coupon_order bigint[], coupon_code text[], line_order bigint[],
	line_variant bigint[], line_qty bigint[], line_price bigint[], OUT offs bigint[],
	OUT waived bigint[], OUT uses promotion_use[], OUT verdicts promotion_verdict[])
LANGUAGE plpgsql STABLE AS $$
DECLARE
	shut    boolean[] := array_fill(false, ARRAY[cardinality(currencies)]);
	started boolean[] := shut;
	asks    record; -- one promotion: by which coupon each basket asks for it, why it fails
	offer   record;
	p       promotion;
BEGIN
	offs := array_fill(0::bigint, ARRAY[cardinality(line_order)]);
	waived := array_fill(0::bigint, ARRAY[cardinality(currencies)]);
	uses := '{}';
	verdicts := coupon_strangers(coupon_order, coupon_code);
	FOR p IN SELECT q.* FROM promotion q WHERE (q.automatic AND q.enabled
			AND q.starts_at <= now() AND q.ends_at > now())
		OR q.id IN (SELECT c.promotion_id FROM coupon c
			WHERE c.code = ANY (SELECT upper(u) FROM unnest(coupon_code) u))
		ORDER BY q.priority, q.id LOOP
		asks := promotion_asks(p, currencies, whos, coupon_order, coupon_code,
			shut, started);
		IF array_position(asks.reasons, NULL) IS NULL THEN
			verdicts := verdicts || promotion_verdicts(p, asks.coupons, asks.reasons);
			CONTINUE;
		END IF;
		offer := promotion_offer(p, asks.reasons, currencies, shippings, line_order,
			line_variant, line_qty, line_price, offs);
		SELECT ARRAY(SELECT a + b FROM unnest(offs, offer.offs)
				WITH ORDINALITY AS u(a, b, i) ORDER BY i),
			ARRAY(SELECT a + b FROM unnest(waived, offer.waived)
				WITH ORDINALITY AS u(a, b, i) ORDER BY i),
			ARRAY(SELECT a OR r IS NULL FROM unnest(started, offer.reasons)
				WITH ORDINALITY AS u(a, r, i) ORDER BY i),
			ARRAY(SELECT a OR (r IS NULL AND p.stacking = 'exclusive')
				FROM unnest(shut, offer.reasons) WITH ORDINALITY AS u(a, r, i) ORDER BY i),
			uses || ARRAY(SELECT ROW(i, p.id, asks.coupons[i], whos[i], offer.gifts[i])
					::promotion_use
				FROM generate_subscripts(currencies, 1) i WHERE offer.reasons[i] IS NULL),
			verdicts || promotion_verdicts(p, asks.coupons, offer.reasons)
		INTO offs, waived, started, shut, uses, verdicts;
		shippings := ARRAY(SELECT s - g FROM unnest(shippings, offer.waived)
			WITH ORDINALITY AS u(s, g, i) ORDER BY i);
	END LOOP;
END $$;

-- The codes that name no coupon.
CREATE FUNCTION coupon_strangers(coupon_order bigint[], coupon_code text[])
RETURNS promotion_verdict[] LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN ARRAY(SELECT ROW(u.o, NULL, u.code, 'unknown',
			format('there is no coupon %s', u.code))::promotion_verdict
		FROM unnest($1, $2) WITH ORDINALITY AS u(o, code, i)
		WHERE NOT EXISTS (SELECT FROM coupon c WHERE c.code = upper(u.code)) ORDER BY u.i);
END $$;

-- By which coupon each basket asks for the promotion, and what keeps it from it whatever
-- is in the basket: its dates, its limits, who asks, what was given before.
CREATE FUNCTION promotion_asks(p promotion, currencies text[], whos text[],
	 coupon_order bigint[], coupon_code text[], shut boolean[],
	started boolean[], OUT coupons bigint[], OUT reasons text[])
LANGUAGE plpgsql STABLE AS $$
DECLARE
	chosen boolean := EXISTS (SELECT FROM promotion_scope s
		WHERE s.promotion_id = p.id AND s.kind = 'customer');
BEGIN
	SELECT array_agg(c.id ORDER BY i), array_agg(CASE
			WHEN c.id IS NULL AND NOT p.automatic THEN 'not_asked'
			WHEN NOT p.enabled OR NOT coalesce(c.enabled, true) THEN 'disabled'
			WHEN p.starts_at > now() THEN 'not_yet'
			WHEN least(p.ends_at, c.ends_at) <= now() THEN 'expired'
			WHEN p.used >= p.uses_max OR c.used >= c.uses_max THEN 'used_up'
			WHEN p.spent >= p.budget THEN 'budget_spent'
			WHEN p.currency <> currencies[i]::bpchar THEN 'other_currency'
			WHEN chosen AND NOT EXISTS (SELECT FROM promotion_scope s
				WHERE s.promotion_id = p.id AND s.kind = 'customer'
				AND 'c' || s.ref = whos[i]) THEN 'not_this_customer'
			WHEN p.first_order AND (promotion_used_by(p.id, whos[i]) > 0
				OR EXISTS (SELECT FROM orders o WHERE o.state NOT IN ('expired', 'canceled')
					AND o.customer_id = CASE WHEN whos[i] LIKE 'c%'
						THEN substr(whos[i], 2)::bigint END)) THEN 'not_first_order'
			WHEN p.uses_per_customer IS NOT NULL
				AND promotion_used_by(p.id, whos[i]) >= p.uses_per_customer
				THEN 'used_by_customer'
			WHEN shut[i] OR (started[i] AND p.stacking = 'exclusive') THEN 'not_combinable'
			END ORDER BY i)
	INTO coupons, reasons
	FROM generate_subscripts(currencies, 1) i
	LEFT JOIN LATERAL (SELECT k.* FROM coupon k JOIN unnest(coupon_order, coupon_code)
			AS u(o, code) ON k.code = upper(u.code)
		WHERE u.o = i AND k.promotion_id = p.id ORDER BY k.id LIMIT 1) c ON true;
END $$;

-- How often somebody used a promotion, in orders that still count.
CREATE FUNCTION promotion_used_by(promotion_id bigint, who text) RETURNS bigint
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT count(*) FROM redemption r
		WHERE r.promotion_id = $1 AND r.who = $2 AND r.state = 'used');
END $$;

-- Which of these variants a promotion is about.
CREATE FUNCTION promotion_covers(promotion_id bigint, role text, variants bigint[])
RETURNS bigint[] LANGUAGE plpgsql STABLE AS $$
DECLARE
	kinds text[] := ARRAY(SELECT DISTINCT x.kind FROM promotion_scope x
		WHERE x.promotion_id = $1 AND x.role = $2 AND x.kind <> 'customer');
BEGIN
	IF kinds = '{}' THEN
		RETURN variants;
	END IF;
	RETURN ARRAY(SELECT v.id FROM variant v JOIN product r ON r.id = v.product_id
		WHERE v.id = ANY ($3)
			AND ('sku' <> ALL (kinds) OR EXISTS (SELECT FROM promotion_scope s
				WHERE s.promotion_id = $1 AND s.role = $2 AND s.kind = 'sku' AND s.ref = v.id))
			AND ('brand' <> ALL (kinds) OR EXISTS (SELECT FROM promotion_scope s
				WHERE s.promotion_id = $1 AND s.role = $2 AND s.kind = 'brand'
					AND s.ref = r.brand_id))
			AND ('category' <> ALL (kinds) OR EXISTS (SELECT FROM promotion_scope s
				JOIN category top ON top.id = s.ref JOIN category c ON c.id = r.category_id
				WHERE s.promotion_id = $1 AND s.role = $2 AND s.kind = 'category'
					AND (c.path = top.path OR starts_with(c.path, top.path || '/')))));
END $$;

-- What one promotion gives to each basket that nothing kept from it so far: its lines'
-- shares, the shipping it waives, both together (gifts), and why a basket gets nothing.
-- An amount and a percentage are taken once of the basket and split over its lines in
-- proportion, by largest remainder and at a tie to the first, so that the shares add up.
CREATE FUNCTION promotion_offer(p promotion, INOUT reasons text[], currencies text[],
	shippings bigint[], line_order bigint[], line_variant bigint[], line_qty bigint[],
	line_price bigint[], line_off bigint[], OUT offs bigint[], OUT waived bigint[],
	OUT gifts bigint[])
LANGUAGE plpgsql STABLE AS $$
DECLARE
	gets  bigint[] := promotion_covers(p.id, 'get', line_variant);
	buys  bigint[] := promotion_covers(p.id, 'buy', line_variant);
	apart boolean := EXISTS (SELECT FROM promotion_scope s
		WHERE s.promotion_id = p.id AND s.role = 'get');
	bases bigint[]; -- by line: what may be taken off
	sums  bigint[]; -- by basket: the same
BEGIN
	IF NOT apart THEN
		gets := buys;
	END IF;
	SELECT b.reasons, b.bases INTO reasons, bases
	FROM promotion_bases(p, apart, buys, gets, reasons, line_order, line_variant, line_qty,
		line_price, line_off) b;
	SELECT array_agg(coalesce(d.base, 0) ORDER BY i) INTO sums
	FROM generate_subscripts(currencies, 1) i
	LEFT JOIN (SELECT u.o, sum(u.base)::bigint AS base
		FROM unnest(line_order, bases) AS u(o, base) GROUP BY u.o) d ON d.o = i;
	SELECT array_agg(CASE WHEN reasons[i] IS NULL AND p.kind = 'free_shipping'
			THEN shippings[i] ELSE 0 END ORDER BY i),
		array_agg(CASE WHEN reasons[i] IS NOT NULL THEN 0
			WHEN p.kind = 'free_shipping' THEN shippings[i]
			WHEN p.kind = 'amount' THEN least(p.amount, sums[i])
			ELSE promotion_percent(sums[i], p.percent_bp, currencies[i]) END ORDER BY i)
	INTO waived, gifts FROM generate_subscripts(currencies, 1) i;
	reasons := ARRAY(SELECT coalesce(reasons[i], CASE
			WHEN gifts[i] = 0 THEN CASE WHEN p.kind = 'free_shipping' THEN 'no_shipping'
				ELSE 'nothing_covered' END
			WHEN p.spent + gifts[i] > p.budget THEN 'budget_spent' END)
		FROM generate_subscripts(currencies, 1) i ORDER BY i);
	gifts := ARRAY(SELECT CASE WHEN reasons[i] IS NULL THEN gifts[i] ELSE 0 END
		FROM generate_subscripts(currencies, 1) i ORDER BY i);
	waived := ARRAY(SELECT CASE WHEN reasons[i] IS NULL THEN waived[i] ELSE 0 END
		FROM generate_subscripts(currencies, 1) i ORDER BY i);
	offs := promotion_split(ARRAY(SELECT g - w FROM unnest(gifts, waived)
		WITH ORDINALITY AS u(g, w, i) ORDER BY i), sums, line_order, bases);
END $$;

-- A part of a sum, half a unit up; in steps that can be charged, where the last of three
-- decimals must be 0.
CREATE FUNCTION promotion_percent(minor bigint, bp bigint, currency text) RETURNS bigint
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT least($1, (round($1::numeric * $2 / 10000 / s.step) * s.step)::bigint)
		FROM (SELECT CASE WHEN EXISTS (SELECT FROM currency c
		WHERE c.code = $3 AND c.exponent = 3) THEN 10 ELSE 1 END AS step) s);
END $$;

-- Split each basket's gift over its lines in proportion to their bases.
CREATE FUNCTION promotion_split(gifts bigint[], sums bigint[], line_order bigint[],
	bases bigint[]) RETURNS bigint[]
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
	RETURN (SELECT array_agg((s.share + (s.rank <= s.missing)::int)::bigint ORDER BY s.i)
	FROM (SELECT t.i, t.share, t.gift - sum(t.share) OVER (PARTITION BY t.o) AS missing,
			row_number() OVER (PARTITION BY t.o ORDER BY t.rest DESC, t.i) AS rank
		FROM (SELECT u.i, u.o, CASE WHEN sums[u.o] = 0 THEN 0 ELSE gifts[u.o] END AS gift,
				coalesce(div(gifts[u.o]::numeric * u.base, nullif(sums[u.o], 0)), 0) AS share,
				coalesce(gifts[u.o]::numeric * u.base % nullif(sums[u.o], 0), 0) AS rest
			FROM unnest(line_order, bases) WITH ORDINALITY AS u(o, base, i)) t) s);
END $$;

-- What of each line a promotion may take off, and the baskets that do not have enough of
-- what it wants.  Of "buy two, get one" the cheapest units are the ones to get.
CREATE FUNCTION promotion_bases(p promotion, apart boolean, buys bigint[], gets bigint[],
	INOUT reasons text[], line_order bigint[], line_variant bigint[], line_qty bigint[],
	line_price bigint[], line_off bigint[], OUT bases bigint[])
LANGUAGE plpgsql STABLE AS $$
DECLARE
	free bigint[]; -- by basket: units to get
BEGIN
	SELECT array_agg(coalesce(reasons[i], CASE
			WHEN coalesce(d.buy, 0) = 0 OR coalesce(d.get, 0) = 0 THEN 'nothing_covered'
			WHEN d.buy < p.min_qty THEN 'below_minimum_quantity'
			WHEN d.worth < p.min_total THEN 'below_minimum_total'
			WHEN p.kind = 'buy_x_get_y' AND d.groups = 0 THEN 'below_minimum_quantity' END)
			ORDER BY i), array_agg(coalesce(d.groups * p.get_qty, 0) ORDER BY i)
	INTO reasons, free
	FROM generate_subscripts(reasons, 1) i
	LEFT JOIN (SELECT s.*, CASE WHEN p.kind <> 'buy_x_get_y' THEN 0
			WHEN apart THEN s.buy / p.buy_qty ELSE s.buy / (p.buy_qty + p.get_qty) END
			AS groups
		FROM (SELECT u.o, coalesce(sum(u.q) FILTER (WHERE u.v = ANY (buys) AND NOT
					(apart AND u.v = ANY (gets))), 0)::bigint AS buy,
				coalesce(sum(u.q) FILTER (WHERE u.v = ANY (gets)), 0)::bigint AS get,
				coalesce(sum(u.q * u.price) FILTER (WHERE u.v = ANY (buys)), 0)::bigint
					AS worth
			FROM unnest(line_order, line_variant, line_qty, line_price)
				AS u(o, v, q, price) WHERE u.price > 0 GROUP BY u.o) s) d ON d.o = i;
	SELECT array_agg(CASE WHEN NOT f.covered OR reasons[f.o] IS NOT NULL THEN 0
			WHEN p.kind = 'buy_x_get_y' THEN least(f.net,
				least(f.q, greatest(0, free[f.o] - f.before)) * f.price)
			ELSE f.net END::bigint ORDER BY f.i)
	INTO bases
	FROM (SELECT u.i, u.o, u.q, u.price, u.q * u.price - u.off AS net, k.covered,
			coalesce(sum(u.q) FILTER (WHERE k.covered) OVER (PARTITION BY u.o
				ORDER BY u.price, u.i ROWS UNBOUNDED PRECEDING EXCLUDE CURRENT ROW), 0)
				AS before
		FROM unnest(line_order, line_variant, line_qty, line_price, line_off)
			WITH ORDINALITY AS u(o, v, q, price, off, i)
		CROSS JOIN LATERAL (SELECT coalesce(u.v = ANY (gets), false) AS covered) k) f;
END $$;

-- Why not, in words; baskets that did not ask for it are not told.
CREATE FUNCTION promotion_verdicts(p promotion, coupons bigint[], reasons text[])
RETURNS promotion_verdict[] LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN ARRAY(SELECT ROW(i, p.name, c.code, reasons[i],
			coalesce(c.code, p.name) || ' ' || CASE reasons[i]
				WHEN 'below_minimum_total' THEN 'needs '
					|| money_text(p.min_total, p.currency::text) || ' of what it covers'
				WHEN 'below_minimum_quantity' THEN format('needs %s pieces of what it covers',
					greatest(p.min_qty, CASE WHEN p.kind = 'buy_x_get_y'
						THEN p.buy_qty + p.get_qty ELSE 0 END))
				WHEN 'other_currency' THEN 'is for baskets in ' || p.currency
				ELSE w.words END)::promotion_verdict
		FROM generate_subscripts(reasons, 1) i
		JOIN promotion_reasons() w ON w.reason = reasons[i]
		LEFT JOIN coupon c ON c.id = coupons[i]
		WHERE reasons[i] <> 'not_asked' ORDER BY i);
END $$;

-- Why a promotion is not given, what is said of it, and the rule by which a checkout that
-- asked for it with a coupon is refused.
CREATE FUNCTION promotion_reasons() RETURNS TABLE (reason text, rule text, words text)
LANGUAGE sql IMMUTABLE AS $$ VALUES
	('unknown', 'coupon_unknown', 'is no coupon'),
	('disabled', 'coupon_expired', 'is not valid any more'),
	('expired', 'coupon_expired', 'is not valid any more'),
	('not_yet', 'coupon_not_yet_valid', 'is not valid yet'),
	('used_up', 'coupon_used_up', 'has been used as often as it may be'),
	('budget_spent', 'coupon_used_up', 'has given all that it had to give'),
	('used_by_customer', 'coupon_used_by_customer', 'was used by this customer before'),
	('not_this_customer', 'coupon_not_for_this_customer', 'is for other customers'),
	('not_first_order', 'coupon_not_for_this_customer', 'is for a first order'),
	('other_currency', 'coupon_not_for_this_basket', 'is for another currency'),
	('nothing_covered', 'coupon_not_for_this_basket', 'covers nothing in the basket'),
	('no_shipping', 'coupon_not_for_this_basket', 'finds no shipping to pay for'),
	('below_minimum_quantity', 'coupon_not_for_this_basket', 'needs more pieces'),
	('below_minimum_total', 'coupon_not_for_this_basket', 'needs a larger basket'),
	('not_combinable', 'coupon_not_combinable', 'cannot be combined with another promotion')
$$;
