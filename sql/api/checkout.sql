-- Checkout: many requests in one call and one transaction.
--
-- A batch is parallel arrays, one element an order; its lines are three more,
-- line_order naming the order by its place (from 1), in ascending order.  Both
-- paths take their locks in one order - stock by key, then the idempotency keys
-- by (client, key) - so two batches never wait for each other in a circle.

-- What an order has besides its lines and its row: contact, payment, jobs.
-- Nothing here can make another transaction wait.
CREATE FUNCTION checkout_attach(picked bigint[], ids bigint[], totals bigint[],
	currencies text[], emails text[], names text[], phones text[], locales text[],
	addresses text[], methods text[], traces text[], expires timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	placed bigint[];
	traced text[];
BEGIN
	INSERT INTO order_contact (order_id, email, name, phone, locale, address)
	SELECT ids[i], emails[i], names[i], phones[i], locales[i], addresses[i]::jsonb
	FROM unnest(picked) i;
	INSERT INTO payment (id, order_id, provider, capture, method, currency, amount)
	SELECT ids[i], ids[i], coalesce((checkout_means(methods[i]))[1], 'stripe'),
		nullif((checkout_means(methods[i]))[2], ''), CASE WHEN strpos(methods[i], ':') > 0
			THEN nullif((checkout_means(methods[i]))[3], '') ELSE methods[i] END,
		currencies[i], totals[i]
	FROM unnest(picked) i;
	SELECT array_agg(ids[i]), array_agg(traces[i]) INTO placed, traced
	FROM unnest(picked) i;
	PERFORM job_put_many('payment.submit', placed, NULL, traced);
	PERFORM job_put_many('reservation.expire', placed, expires, traced);
END $$;

-- How an order is to be paid: null for Stripe and one of its saved methods, or none;
-- any other is PROVIDER/CAPTURE:METHOD.
CREATE FUNCTION checkout_means(method text) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN strpos($1, ':') > 0
		THEN regexp_match($1, '^([^/:]*)/?([^:]*):(.*)$') END
$$;

-- What no call of the provider could ask for is refused before anybody orders it: Stripe
-- takes three-decimal currencies in steps of ten.
CREATE FUNCTION checkout_payable(currency text, total bigint, provider text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	IF checkout_odd($1, $2, $3) THEN
		PERFORM refuse('order_total_can_be_charged', checkout_odd_text($1, $2));
	END IF;
END $$;

CREATE FUNCTION checkout_odd(currency text, total bigint, provider text) RETURNS boolean
LANGUAGE sql STABLE AS $$
	SELECT $2 % 10 <> 0 AND coalesce($3, 'stripe') = 'stripe' AND EXISTS (SELECT
		FROM currency c WHERE c.code = $1 AND c.exponent = 3)
$$;

CREATE FUNCTION checkout_odd_text(currency text, total bigint) RETURNS text
LANGUAGE sql STABLE AS $$
	SELECT format('%s cannot be charged: the last decimal of %s must be 0',
		money_text($2, $1), $1)
$$;

-- The order rows.  A key used before ends the batch here: order_key_used_once.
CREATE FUNCTION checkout_open(picked bigint[], ids bigint[], clients bigint[],
	keys text[], fingerprints bytea[], carts text[], customers bigint[],
	currencies text[], totals bigint[], discounts bigint[], shippings bigint[],
	taxes bigint[], methods text[], traces text[], expires timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO orders (id, client_id, key, fingerprint, cart, customer_id, currency,
		subtotal, discount, shipping, tax, total, trace, expires_at)
	SELECT ids[i], clients[i], keys[i], fingerprints[i], carts[i], nullif(customers[i], 0),
		currencies[i], totals[i] + coalesce(discounts[i] - shippings[i] - taxes[i], 0),
		coalesce(discounts[i], 0), coalesce(shippings[i], 0), coalesce(taxes[i], 0),
		totals[i], traces[i], CASE WHEN methods[i] LIKE 'manual%:%'
			THEN now() + split_part(methods[i], ':', 2)::integer * interval '1 day'
			ELSE expires END
	FROM unnest(picked) i ORDER BY clients[i], keys[i] COLLATE "C";
END $$;

-- Hold stock: demand is summed per place and taken in key order.
CREATE FUNCTION checkout_hold(variants bigint[], warehouses bigint[],
	slices smallint[], qtys bigint[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	held bigint;
BEGIN
	WITH taken AS (
		UPDATE stock s SET reserved = s.reserved + d.qty
		FROM (SELECT u.v, u.w, u.s, sum(u.q)::bigint AS qty
			FROM unnest(variants, warehouses, slices, qtys) AS u(v, w, s, q)
			GROUP BY u.v, u.w, u.s ORDER BY u.v, u.w, u.s) d
		WHERE s.variant_id = d.v AND s.warehouse_id = d.w AND s.slice = d.s
		RETURNING d.qty)
	SELECT sum(qty) INTO held FROM taken;
	IF held <> (SELECT sum(q) FROM unnest(qtys) q) THEN
		PERFORM refuse('stock_never_oversold', 'a place of the batch holds no stock');
	END IF;
END $$;

-- Place the batch when nothing is wrong with any order of it; otherwise refuse the
-- whole batch, and the caller sends it to order_place().  A line is taken from the
-- first open warehouse that has any of it; when that is not enough for the batch,
-- stock_never_oversold speaks.  Only the shop's own prices are known here: with an automatic
-- promotion or a tax on top of prices live, or routed warehouses, checkout_is_plain sends
-- everybody away, which costs a look into three indexes a batch.  ids ascend.
CREATE FUNCTION api.order_place_fast(ids bigint[], clients bigint[], keys text[],
	fingerprints bytea[], carts text[], customers bigint[], currencies text[],
	expected bigint[], emails text[], names text[], phones text[], locales text[], addresses text[],
	methods text[], traces text[], line_order bigint[], line_sku text[],
	line_qty bigint[], minutes bigint)
RETURNS TABLE (n bigint, status text, id bigint, state text, total amount,
	expires_at timestamptz, rule text, message text, lacking text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
SET plan_cache_mode = force_generic_plan SET enable_hashjoin = off
SET enable_mergejoin = off SET enable_seqscan = off SET jit = off AS $$
#variable_conflict use_column
DECLARE
	expires timestamptz := now() + make_interval(mins => minutes::int);
	shops   bigint[]; -- open warehouses, in the order they are asked
	ranks   bigint[]; -- by warehouse id: its place in that order
	plain   boolean; -- nothing but the shop's own prices and priorities decides
	own     boolean; -- no customer of the batch has other prices
	picked  bigint[];
	totals  bigint[];
	clean   boolean;
	lo bigint[]; lv bigint[]; lw bigint[]; ls smallint[]; lq bigint[]; lp bigint[];
BEGIN
	-- IS FALSE: with every warehouse closed there is no row to say so.
	SELECT array_agg(w.id ORDER BY w.priority, w.id), bool_or(w.routed) IS FALSE
		AND NOT EXISTS (SELECT FROM promotion q WHERE q.automatic AND q.enabled
			AND q.ends_at > now() AND q.starts_at <= now())
		AND NOT EXISTS (SELECT FROM tax_rate x WHERE NOT x.included
			AND x.valid_until > now() AND x.valid_from <= now()),
		NOT EXISTS (SELECT FROM pricelist_customer c WHERE c.customer_id = ANY (customers))
	INTO shops, plain, own FROM warehouse w WHERE w.open;
	IF NOT plain THEN
		PERFORM refuse('checkout_is_plain', 'a promotion or a tax is live, or from where an '
			'order is sent depends on where to');
	ELSIF NOT own THEN
		PERFORM refuse('batch_is_clean', 'a customer of the batch has prices of their own');
	END IF;
	SELECT array_agg(array_position(shops, i) ORDER BY i) INTO ranks
	FROM generate_series(1, (SELECT max(s) FROM unnest(shops) s)) i;
	WITH line AS (
		INSERT INTO order_line AS l (order_id, n, variant_id, warehouse_id, slice, qty,
			unit_price, sku, title)
		SELECT ids[f.o], row_number() OVER (PARTITION BY f.o ORDER BY f.i), f.variant,
			shops[f.place >> 16], f.place & 65535, f.qty, f.amount, f.sku, f.title
		FROM (SELECT u.o, u.i, u.qty, v.id AS variant, v.sku, v.title, p.amount,
			-- The only warehouse need not be looked up: taking from it tells.
			CASE WHEN shops[2] IS NULL THEN 65536 ELSE
				(SELECT min(ranks[t.warehouse_id] << 16 | t.slice) FROM stock t
				WHERE t.variant_id = v.id AND t.on_hand > t.reserved) END AS place
		FROM unnest(line_order, line_sku, line_qty) WITH ORDINALITY AS u(o, sku, qty, i)
		JOIN variant v ON v.sku = u.sku AND v.sellable
		JOIN price p ON p.variant_id = v.id AND p.currency = currencies[u.o]::bpchar
			AND p.valid_from <= now() AND p.valid_until > now()) f
		WHERE f.place IS NOT NULL
		RETURNING l.order_id, l.variant_id, l.warehouse_id, l.slice, l.qty, l.unit_price)
	SELECT array_agg(order_id), array_agg(variant_id), array_agg(warehouse_id),
		array_agg(slice), array_agg(qty), array_agg(unit_price)
	INTO lo, lv, lw, ls, lq, lp FROM line;
	SELECT array_agg(d.o ORDER BY d.o) = ids, array_agg(d.t ORDER BY d.o)
	INTO clean, totals
	FROM (SELECT u.o, sum(u.q * u.p)::bigint AS t FROM unnest(lo, lq, lp) AS u(o, q, p)
		GROUP BY u.o) d;
	SELECT array_agg(i), clean AND cardinality(lo) = cardinality(line_order)
		AND bool_and(totals[i] > 0 AND expected[i] IN (totals[i], -1))
	INTO picked, clean FROM generate_series(1, cardinality(ids)) i;
	IF clean IS NOT TRUE THEN
		PERFORM refuse('batch_is_clean', 'an order of the batch needs a closer look');
	END IF;
	PERFORM checkout_attach(picked, ids, totals, currencies, emails, names, phones,
		locales, addresses, methods, traces, expires);
	PERFORM checkout_hold(lv, lw, ls, lq);
	PERFORM checkout_open(picked, ids, clients, keys, fingerprints, carts, customers,
		currencies, totals, NULL, NULL, NULL, methods, traces, expires);
	RETURN QUERY SELECT i, 'placed', ids[i], 'pending',
		ROW(totals[i], currencies[i])::amount, expires, NULL::text, NULL::text, NULL::text
	FROM unnest(picked) i;
END $$;

-- What each line of a batch costs its customer now, or the rule that refuses it.
CREATE FUNCTION checkout_price(currencies text[], customers bigint[], line_order bigint[],
	line_sku text[], line_qty bigint[], OUT variants bigint[], OUT prices bigint[],
	OUT titles text[], OUT rules text[], OUT messages text[])
LANGUAGE plpgsql STABLE AS $$
BEGIN
	variants := ARRAY(SELECT v.id FROM unnest(line_sku) WITH ORDINALITY AS u(sku, i)
		LEFT JOIN variant v ON v.sku = u.sku ORDER BY u.i);
	SELECT array_agg(l.amount), array_agg(l.title), array_agg(l.rule),
		array_agg(CASE l.rule
			WHEN 'sku_is_known' THEN format('there is no SKU %s', l.sku)
			WHEN 'sku_is_sellable' THEN format('%s is not for sale', l.sku)
			WHEN 'price_is_set' THEN format('%s has no price in %s', l.sku, l.currency)
			WHEN 'line_is_within_bounds' THEN format('%s of %s cannot be ordered', l.qty, l.sku)
		END)
	INTO prices, titles, rules, messages
	FROM (SELECT u.sku, u.qty, currencies[u.o] AS currency, v.title, p.amount,
			CASE WHEN v.id IS NULL THEN 'sku_is_known'
				WHEN NOT v.sellable THEN 'sku_is_sellable'
				WHEN p.amount IS NULL THEN 'price_is_set'
				WHEN u.qty NOT BETWEEN 1 AND 1000000
					OR p.amount > 10000000000 THEN 'line_is_within_bounds'
			END AS rule
		FROM unnest(line_order, line_sku, line_qty, variants) WITH ORDINALITY
			AS u(o, sku, qty, variant, i)
		LEFT JOIN variant v ON v.id = u.variant
		JOIN price_for(variants,
			ARRAY(SELECT currencies[o] FROM unnest(line_order) WITH ORDINALITY x(o, i) ORDER BY i),
			ARRAY(SELECT customers[o] FROM unnest(line_order) WITH ORDINALITY x(o, i) ORDER BY i),
			now()) p ON p.n = u.i
		ORDER BY u.i) l;
END $$;

-- What refuses an order before its stock is looked at: a line, how it wants to be sent, a
-- coupon that it brought, or its total.
CREATE FUNCTION checkout_judge(expected bigint[], currencies text[], methods text[],
	totals bigint[], line_order bigint[], line_rules text[], line_messages text[],
	verdicts promotion_verdict[], chosen shipping_choice[], OUT rules text[],
	OUT messages text[])
LANGUAGE plpgsql STABLE AS $$
BEGIN
	SELECT array_agg(j.rule), array_agg(CASE j.rule
		WHEN 'shipping_method_is_offered' THEN (chosen[j.i]).refusal
		WHEN 'order_total_is_agreed' THEN format('the total is %s %s in minor units, not %s',
			totals[j.i], currencies[j.i], expected[j.i])
		WHEN 'order_total_is_positive' THEN 'there is nothing to pay'
		WHEN 'order_total_can_be_charged' THEN checkout_odd_text(currencies[j.i], totals[j.i])
		WHEN 'order_has_lines' THEN 'an order needs a line'
		ELSE coalesce(j.fault, j.coupon[2]) END)
	INTO rules, messages
	FROM (SELECT i, d.faults[1][2] AS fault, k.coupon, CASE
			WHEN d.o IS NULL THEN 'order_has_lines'
			WHEN d.faults IS NOT NULL THEN d.faults[1][1]
			WHEN (chosen[i]).refusal IS NOT NULL THEN 'shipping_method_is_offered'
			WHEN k.coupon IS NOT NULL THEN k.coupon[1]
			WHEN expected[i] NOT IN (totals[i], -1) THEN 'order_total_is_agreed'
			WHEN totals[i] = 0 THEN 'order_total_is_positive'
			WHEN checkout_odd(currencies[i], totals[i], (checkout_means(methods[i]))[1])
				THEN 'order_total_can_be_charged' END AS rule
		FROM generate_subscripts(expected, 1) i
		LEFT JOIN (SELECT u.o,
				array_agg(ARRAY[u.rule, u.message]) FILTER (WHERE u.rule IS NOT NULL) AS faults
			FROM unnest(line_order, line_rules, line_messages) AS u(o, rule, message)
			GROUP BY u.o) d ON d.o = i
		LEFT JOIN LATERAL (SELECT ARRAY[r.rule, v.message] AS coupon
			FROM unnest(verdicts) v JOIN promotion_reasons() r ON r.reason = v.reason
			WHERE v.n = i AND v.code IS NOT NULL LIMIT 1) k ON true
		ORDER BY i) j;
END $$;

-- Lock what is left of these variants at open warehouses, in key order; answer it
-- in the order the warehouses are asked.  Places with nothing left are not
-- locked, so a sold-out SKU is refused without anybody waiting.
CREATE FUNCTION checkout_lock(wanted bigint[], OUT variants bigint[],
	OUT warehouses bigint[], OUT slices smallint[], OUT free bigint[])
LANGUAGE plpgsql AS $$
BEGIN
	SELECT array_agg(s.variant_id ORDER BY s.variant_id, s.priority, s.warehouse_id, s.slice),
		array_agg(s.warehouse_id ORDER BY s.variant_id, s.priority, s.warehouse_id, s.slice),
		array_agg(s.slice ORDER BY s.variant_id, s.priority, s.warehouse_id, s.slice),
		array_agg(s.free ORDER BY s.variant_id, s.priority, s.warehouse_id, s.slice)
	INTO variants, warehouses, slices, free
	FROM (SELECT t.variant_id, t.warehouse_id, t.slice, t.on_hand - t.reserved AS free,
			w.priority
		FROM stock t JOIN warehouse w ON w.id = t.warehouse_id AND w.open
		WHERE t.variant_id = ANY (wanted) AND t.on_hand > t.reserved
		ORDER BY t.variant_id, t.warehouse_id, t.slice FOR UPDATE OF t) s;
END $$;

-- Place each order of a batch that can be placed, in the order they came, and say
-- of every other why not (lacking: the SKU of which too little is left).  Slower than
-- order_place_fast(), and it always answers; but an order whose promotion another of this
-- batch may use up first is to be asked again, by rule checkout_is_asked_again.
CREATE FUNCTION api.order_place(ids bigint[], clients bigint[], keys text[],
	fingerprints bytea[], carts text[], customers bigint[], currencies text[],
	expected bigint[], emails text[], names text[], phones text[], locales text[], addresses text[],
	methods text[], traces text[], line_order bigint[], line_sku text[],
	line_qty bigint[], minutes bigint, coupon_order bigint[], coupon_code text[],
	choices text[])
RETURNS TABLE (n bigint, status text, id bigint, state text, total amount,
	expires_at timestamptz, rule text, message text, lacking text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
#variable_conflict use_column
DECLARE
	expires  timestamptz := now() + make_interval(mins => minutes::int);
	line     record; -- priced lines and totals
	judged   record; -- rules that refuse
	place    record; -- what is left where
	used     record; -- keys: the first of its kind in the batch, and what is stored
	carted   record; -- rules that refuse, with those about carts
	walked   record;
BEGIN
	PERFORM promotions_lock(coupon_code);
	line := checkout_quote(currencies, customers, emails, address_parts(addresses, 'country'),
		address_parts(addresses, 'state'), address_parts(addresses, 'postal_code'), choices,
		coupon_order, coupon_code, line_order, line_sku, line_qty);
	judged := checkout_judge(expected, currencies, methods, line.totals, line_order,
		line.rules, line.messages, line.verdicts, line.chosen);
	judged := checkout_crowd(line.uses, line.whos, judged.rules, judged.messages);
	place := checkout_lock(ARRAY(SELECT DISTINCT u.v
		FROM unnest(line_order, line.variants) AS u(o, v) WHERE judged.rules[u.o] IS NULL));
	-- Behind the locks: a twin of this batch that was cut off has ended by now.
	used := checkout_used(clients, keys);
	carted := checkout_carts(clients, keys, carts, judged.rules, judged.messages);
	IF array_to_string(carts, ' ') LIKE '%/ct\_%' THEN
		carted := cart_check(clients, carts, line_order, line_sku, line_qty, carted.rules,
			carted.messages);
	END IF;
	walked := checkout_walk(ids, fingerprints, carted.rules, carted.messages, used.firsts,
		used.ids, used.fingerprints, line_order, line_sku, line_qty, line.variants,
		place.variants, place.free, place.warehouses, CASE WHEN EXISTS (SELECT
			FROM warehouse w WHERE w.routed) THEN addresses END);
	IF cardinality(walked.picked) > 0 THEN
		INSERT INTO order_line (order_id, n, variant_id, warehouse_id, slice, qty,
			unit_price, discount, tax, sku, title)
		SELECT ids[line_order[u.l]], row_number() OVER (PARTITION BY line_order[u.l]
				ORDER BY u.i), line.variants[u.l], place.warehouses[u.p], place.slices[u.p],
			u.q, line.prices[u.l], line_part(line.discounts[u.l], line_qty[u.l], u.upto, u.q),
			line_part(line.taxes[u.l], line_qty[u.l], u.upto, u.q), line_sku[u.l],
			line.titles[u.l]
		FROM (SELECT w.*, sum(w.q) OVER (PARTITION BY w.l ORDER BY w.i)::bigint AS upto
			FROM unnest(walked.lines, walked.places, walked.qtys)
				WITH ORDINALITY AS w(l, p, q, i)) u;
		PERFORM checkout_attach(walked.picked, ids, line.totals, currencies, emails, names,
			phones, locales, addresses, methods, traces, expires);
		PERFORM promotions_use(walked.picked, ids, currencies, line.uses);
		PERFORM shipping_choose(walked.picked, ids, line.chosen, line.shippings);
		PERFORM checkout_hold(ARRAY(SELECT place.variants[p] FROM unnest(walked.places) p),
			ARRAY(SELECT place.warehouses[p] FROM unnest(walked.places) p),
			ARRAY(SELECT place.slices[p] FROM unnest(walked.places) p), walked.qtys);
		PERFORM checkout_open(walked.picked, ids, clients, keys, fingerprints, carts,
			customers, currencies, line.totals, line.discounts_of, line.shippings,
			line.taxes_of, methods, traces, expires);
		PERFORM cart_ordered(walked.picked, ids, carts);
	END IF;
	RETURN QUERY SELECT i::bigint, walked.statuses[i], o.id, o.state,
		CASE WHEN o.id IS NOT NULL THEN ROW(o.total, o.currency)::amount END, o.expires_at,
		walked.rules[i], walked.messages[i], walked.lacking[i]
	FROM generate_subscripts(ids, 1) i LEFT JOIN orders o ON o.id = walked.answers[i]
	ORDER BY i;
END $$;

-- One member of each address.
CREATE FUNCTION address_parts(addresses text[], name text) RETURNS text[]
LANGUAGE sql IMMUTABLE AS $$
	SELECT ARRAY(SELECT u.address::jsonb ->> $2
		FROM unnest($1) WITH ORDINALITY AS u(address, i) ORDER BY u.i)
$$;

-- The share of `units` of a line's discount or tax, when those up to `upto` are filled: a
-- line that is taken from two places becomes two, and they add up.
CREATE FUNCTION line_part(total bigint, qty bigint, upto bigint, units bigint)
RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
	SELECT (div($1::numeric * $3, $2) - div($1::numeric * ($3 - $4), $2))::bigint
$$;

-- For each order: the first of the batch with the same key, and the order that
-- was placed with that key before, if any.
CREATE FUNCTION checkout_used(clients bigint[], keys text[], OUT firsts bigint[],
	OUT ids bigint[], OUT fingerprints bytea[])
LANGUAGE plpgsql AS $$
BEGIN
	SELECT array_agg(u.first), array_agg(u.id), array_agg(u.fingerprint)
	INTO firsts, ids, fingerprints
	FROM (SELECT k.i, min(k.i) OVER (PARTITION BY k.client, k.key) AS first,
			o.id, o.fingerprint
		FROM unnest(clients, keys) WITH ORDINALITY AS k(client, key, i)
		LEFT JOIN orders o ON o.client_id = k.client AND o.key = k.key
		ORDER BY k.i) u;
END $$;

-- Who submits a cart that another key has ordered, or orders before it in the batch, is
-- refused.  Two batches that race for one cart: the index lets one of them through, and
-- the other asks again and finds it here.
CREATE FUNCTION checkout_carts(clients bigint[], keys text[], carts text[],
	INOUT rules text[], INOUT messages text[])
LANGUAGE plpgsql AS $$
DECLARE
	c record;
BEGIN
	FOR c IN SELECT k.i, o.id
		FROM unnest(clients, keys, carts) WITH ORDINALITY AS k(client, key, cart, i)
		LEFT JOIN orders o ON o.client_id = k.client AND o.cart = k.cart AND o.key <> k.key
		WHERE k.cart IS NOT NULL AND (o.id IS NOT NULL OR EXISTS (SELECT
			FROM unnest(clients, keys, carts) WITH ORDINALITY AS j(client, key, cart, i)
			WHERE j.client = k.client AND j.cart = k.cart AND j.key <> k.key AND j.i < k.i))
	LOOP
		rules[c.i] := 'cart_used_once';
		messages[c.i] := CASE WHEN c.id IS NULL THEN 'this cart is being ordered'
			ELSE format('this cart was ordered: order %s', c.id) END;
	END LOOP;
END $$;

-- Walk the orders as they came and give each what is left, all of it or none.
-- Answers what became of each, the orders picked, and line by line from which
-- place how much.  addresses are null unless it matters where an order goes: then the
-- places of each are asked in its own order.
CREATE FUNCTION checkout_walk(ids bigint[], prints bytea[], INOUT rules text[],
	INOUT messages text[], firsts bigint[], used_ids bigint[], used_prints bytea[],
	line_order bigint[], line_sku text[], line_qty bigint[], line_variant bigint[],
	place_variant bigint[], free bigint[], place_warehouse bigint[], addresses text[],
	OUT statuses text[], OUT answers bigint[],
	OUT lacking text[], OUT picked bigint[], OUT lines bigint[], OUT places bigint[],
	OUT qtys bigint[])
LANGUAGE plpgsql AS $$
DECLARE
	l     bigint := 1; -- the line looked at
	taken bigint := 0; -- takes so far
	mark  bigint;      -- takes before this order
	first bigint;      -- the order of the batch that had this key first
	k     bigint;
	p     bigint;
	need  bigint;
	take  bigint;
	asked bigint[] := place_variant; -- of which variant each place that is asked is
	at_place bigint[];               -- and its number, when that is another
BEGIN
	FOR i IN 1 .. cardinality(ids) LOOP
		first := firsts[i];
		mark := taken;
		IF used_ids[first] IS NOT NULL THEN
			rules[i] := NULL;
			IF used_prints[first] = prints[i] THEN
				statuses[i] := 'replayed';
				answers[i] := used_ids[first];
			ELSE
				statuses[i] := 'mismatch';
				rules[i] := 'order_key_names_one_request';
				messages[i] := 'this key was used for another request';
			END IF;
		END IF;
		IF addresses IS NOT NULL AND statuses[i] IS NULL AND rules[i] IS NULL THEN
			SELECT a.variants, a.places INTO asked, at_place
			FROM stock_allocate(ARRAY(SELECT v FROM unnest(line_order, line_variant)
				AS u (o, v) WHERE o = i), ARRAY(SELECT q FROM unnest(line_order, line_qty)
				AS u (o, q) WHERE o = i), place_variant, place_warehouse, free,
				addresses[i]::jsonb) a;
		END IF;
		WHILE line_order[l] = i LOOP
			IF statuses[i] IS NULL AND rules[i] IS NULL THEN
				need := line_qty[l];
				k := array_position(asked, line_variant[l]);
				WHILE need > 0 AND asked[k] = line_variant[l] LOOP
					p := coalesce(at_place[k], k);
					take := least(need, free[p]);
					IF take > 0 THEN
						taken := taken + 1;
						lines[taken] := l;
						places[taken] := p;
						qtys[taken] := take;
						free[p] := free[p] - take;
						need := need - take;
					END IF;
					k := k + 1;
				END LOOP;
				IF need > 0 THEN
					rules[i] := 'stock_never_oversold';
					messages[i] := format('only %s of %s left', line_qty[l] - need, line_sku[l])
						|| CASE WHEN addresses[i] IS NULL THEN '' ELSE
							' in warehouses that send there' END;
					lacking[i] := line_sku[l];
				END IF;
			END IF;
			l := l + 1;
		END LOOP;
		IF statuses[i] IS NOT NULL THEN
			CONTINUE;
		ELSIF rules[i] IS NULL THEN
			statuses[i] := 'placed';
			answers[i] := ids[i];
			picked := picked || i::bigint;
			used_ids[first] := ids[i];
			used_prints[first] := prints[i];
		ELSE
			statuses[i] := 'refused';
			FOR t IN mark + 1 .. taken LOOP
				free[places[t]] := free[places[t]] + qtys[t];
			END LOOP;
			taken := mark;
		END IF;
	END LOOP;
	lines := lines[:taken];
	places := places[:taken];
	qtys := qtys[:taken];
END $$;

-- A checkout as its client may see it later; another client's does not exist.
CREATE FUNCTION api.checkout_get(client bigint, order_id bigint)
RETURNS TABLE (id bigint, state text, payment_state text, client_secret text,
	next_action jsonb, subtotal amount, discount amount, shipping amount, tax amount,
	total amount, lines jsonb, created_at timestamptz, expires_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY SELECT o.id, o.state, p.state, p.client_secret, p.next_action,
		ROW(o.subtotal, o.currency)::amount, ROW(o.discount, o.currency)::amount,
		ROW(o.shipping, o.currency)::amount, ROW(o.tax, o.currency)::amount,
		ROW(o.total, o.currency)::amount,
		(SELECT jsonb_agg(jsonb_build_object('sku', g.sku, 'title', g.title, 'qty', g.qty,
				'unit_price', g.unit_price, 'discount', g.discount) ORDER BY g.n)
			FROM (SELECT l.sku, l.title, sum(l.qty) AS qty, l.unit_price, min(l.n) AS n,
					sum(l.discount) AS discount
				FROM order_line l WHERE l.order_id = o.id
				GROUP BY l.sku, l.title, l.unit_price) g),
		o.created_at, o.expires_at
	FROM orders o LEFT JOIN LATERAL (SELECT q.* FROM payment q WHERE q.order_id = o.id
		ORDER BY q.applied DESC, q.live DESC, q.id DESC LIMIT 1) p ON true
	WHERE o.id = checkout_get.order_id AND o.client_id = checkout_get.client;
	IF NOT FOUND THEN
		PERFORM absent('checkout_exists', format('there is no checkout %s', order_id));
	END IF;
END $$;
