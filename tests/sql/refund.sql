-- Whatever is given back, in whatever order, and whatever failed in between: never more
-- than came in, and in the end exactly nothing is left of any line, its tax and the
-- shipping.  Random orders in currencies of 0, 2 and 3 decimals; the seed is the number
-- of the order, so that a failure names how to see it again.
BEGIN;

INSERT INTO warehouse (code) VALUES ('BER');
INSERT INTO product (handle, title) VALUES ('p', 'P');
INSERT INTO variant (product_id, sku, title, options)
	SELECT 1, 'SKU-' || g, 'V', ARRAY[g::text]
	FROM generate_series(1, 4) g;

CREATE FUNCTION pg_temp.dice(n bigint) RETURNS bigint LANGUAGE sql AS
$$ SELECT floor(random() * n)::bigint $$;

-- A paid order; prices, discounts and taxes that divide badly.
CREATE FUNCTION pg_temp.an_order(seed bigint) RETURNS payment LANGUAGE plpgsql AS $$
DECLARE
	p payment;
	o bigint := seed * 1024;
	code text := (ARRAY['JPY', 'EUR', 'KWD'])[seed % 3 + 1];
BEGIN
	PERFORM setseed(seed / 100003.0);
	INSERT INTO order_line (order_id, n, variant_id, warehouse_id, stock_state, qty,
		unit_price, discount, tax, sku, title)
	SELECT o, g, g, 1, 'committed', q, u, d, pg_temp.dice((q * u - d) / 4 + 1), 'SKU-' || g, 't'
	FROM generate_series(1, 1 + pg_temp.dice(4)) g,
		LATERAL (SELECT 1 + pg_temp.dice(7) + 0 * g AS q, pg_temp.dice(2000) + 0 * g AS u) x,
		LATERAL (SELECT CASE pg_temp.dice(3) WHEN 0 THEN pg_temp.dice(q * u + 1)
			WHEN 1 THEN pg_temp.dice(q) % (q * u + 1) ELSE 0 END AS d) y;
	INSERT INTO orders (id, client_id, key, fingerprint, state, currency, subtotal, discount,
		tax, shipping, total, expires_at)
	SELECT o, 0, 'k' || seed, '\x00', 'paid', code, s, d, t, h, s - d + t + h, now()
	FROM (SELECT sum(qty * unit_price) AS s, sum(discount) AS d, sum(tax) AS t
		FROM order_line WHERE order_id = o) l, (SELECT 1 + pg_temp.dice(900) AS h) x;
	INSERT INTO payment (id, order_id, provider_ref, state, live, applied, currency, amount,
		captured)
	SELECT o, o, 'pi_' || o, 'captured', false, true, currency, total, total
	FROM orders WHERE id = o RETURNING * INTO p;
	PERFORM post('cap:t:' || o, 'capture', o, o, NULL, code,
		'{psp:clearing,customer:deposits}', ARRAY[p.captured, -p.captured]);
	RETURN p;
END $$;

-- One refund: units, shipping, money or the rest; null when it was refused, as may be.
CREATE FUNCTION pg_temp.give(p payment, kind bigint, posted boolean) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
	l order_line;
	id bigint;
	lines jsonb;
	minor bigint;
	rule text;
BEGIN
	SELECT * INTO l FROM order_line WHERE order_id = p.order_id ORDER BY random() LIMIT 1;
	lines := CASE kind WHEN 0 THEN jsonb_build_array(jsonb_build_object('sku', l.sku,
			'qty', 1 + pg_temp.dice(l.qty)))
		WHEN 1 THEN '[{"shipping": "all"}]'
		WHEN 2 THEN jsonb_build_array(jsonb_build_object('shipping', 1 + pg_temp.dice(300)),
			jsonb_build_object('sku', l.sku, 'qty', 1)) END;
	minor := CASE kind WHEN 3 THEN 1 + pg_temp.dice(p.captured)
		WHEN 4 THEN 1 + pg_temp.dice(9) WHEN 5 THEN refund_left(p) END;
	id := refund_split(p, 'k' || random() || clock_timestamp(), minor, lines, 't', false);
	IF posted THEN
		PERFORM refund_request(id);
	END IF;
	RETURN id;
EXCEPTION WHEN SQLSTATE 'SH409' THEN
	GET STACKED DIAGNOSTICS rule = CONSTRAINT_NAME;
	IF rule NOT IN ('refund_within_captured', 'refund_within_line', 'refund_within_shipping',
		'refund_amount_is_positive') THEN
		RAISE;
	END IF;
	RETURN NULL;
END $$;

-- One of the refunds that hold money loses it: declined, refused, or failed weeks later.
CREATE FUNCTION pg_temp.lose(o bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	r refund;
BEGIN
	SELECT * INTO r FROM refund WHERE order_id = o AND refund_is_live(state)
	ORDER BY random() LIMIT 1;
	IF r.state = 'proposed' THEN
		UPDATE refund SET state = 'canceled' WHERE id = r.id;
	ELSIF r.state = 'requested' AND pg_temp.dice(2) = 0 THEN
		PERFORM refund_reject(r.id, 'refused');
	ELSIF r.id IS NOT NULL THEN
		PERFORM refund_apply(r.id, jsonb_populate_record(NULL::refund_facts,
			jsonb_build_object('ref', 're_' || r.id, 'status', 'succeeded', 'amount', r.amount,
			'currency', r.currency)));
		PERFORM refund_apply(r.id, jsonb_populate_record(NULL::refund_facts,
			jsonb_build_object('ref', 're_' || r.id, 'status', 'failed', 'amount', r.amount,
			'currency', r.currency)));
	END IF;
END $$;

-- Some units leave the house.
CREATE FUNCTION pg_temp.leave(o bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	l record;
BEGIN
	SELECT * INTO l FROM shipment_left(o) WHERE free > 0 ORDER BY random() LIMIT 1;
	IF FOUND THEN
		PERFORM api.shipment_ship((SELECT min(id) FROM api.shipment_create(o, 'k' || random(),
			jsonb_build_array(jsonb_build_object('sku', l.sku,
				'qty', 1 + pg_temp.dice(l.free))), NULL, NULL, NULL)), NULL, NULL);
	END IF;
EXCEPTION WHEN SQLSTATE 'SH409' THEN
	IF SQLERRM !~ 'went back|is shipped|have left' THEN
		RAISE;
	END IF;
END $$;

CREATE FUNCTION pg_temp.balance(o bigint, account text) RETURNS bigint LANGUAGE sql AS $$
	SELECT coalesce(sum(l.amount), 0)::bigint FROM ledger_entry e
	JOIN ledger_line l ON l.entry_id = e.id WHERE e.order_id = $1 AND l.account = $2
$$;

-- What does not hold now; null when everything does.
CREATE FUNCTION pg_temp.wrong(p payment) RETURNS text LANGUAGE sql AS $$
	SELECT 'more than came in' WHERE payment_refunded(p.id) > p.captured
	UNION ALL SELECT format('line %s: %s of %s net, %s of %s tax, %s of %s units', n,
		net_back, net, tax_back, tax, units_back, qty)
	FROM refund_parts(p.order_id) WHERE net_back NOT BETWEEN 0 AND net
		OR tax_back NOT BETWEEN 0 AND tax OR units_back > qty
	UNION ALL SELECT format('refund %s of %s is split into %s', r.id, r.amount, sum(x.amount))
	FROM refund r JOIN refund_line x ON x.refund_id = r.id WHERE r.order_id = p.order_id
	GROUP BY r.id HAVING sum(x.amount) <> r.amount
	UNION ALL SELECT format('deposits %s', b) FROM pg_temp.balance(p.order_id,
		'customer:deposits') b WHERE b > 0
	UNION ALL SELECT format('payable %s', b) FROM pg_temp.balance(p.order_id,
		'refund:payable') b WHERE -b <> (SELECT coalesce(sum(amount), 0) FROM refund
			WHERE order_id = p.order_id AND state = 'requested')
	LIMIT 1
$$;

-- A life of an order: things happen, then everything goes back, one way or another.
CREATE FUNCTION pg_temp.life(seed bigint, posted boolean, goods boolean) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	p payment := pg_temp.an_order(seed);
	what bigint;
	bad text;
BEGIN
	FOR i IN 1 .. 3 + pg_temp.dice(6) LOOP
		what := pg_temp.dice(8);
		IF what < 5 THEN
			PERFORM pg_temp.give(p, what, posted);
		ELSIF what = 5 OR NOT goods THEN
			PERFORM pg_temp.lose(p.order_id);
		ELSE
			PERFORM pg_temp.leave(p.order_id);
		END IF;
		bad := pg_temp.wrong(p);
		EXIT WHEN bad IS NOT NULL;
	END LOOP;
	FOR i IN 1 .. 40 LOOP
		EXIT WHEN bad IS NOT NULL OR refund_left(p) = 0;
		PERFORM pg_temp.give(p, CASE WHEN i > 8 THEN 5 ELSE pg_temp.dice(5) END, posted);
		bad := pg_temp.wrong(p);
	END LOOP;
	IF bad IS NULL THEN
		SELECT format('left of line %s: %s net, %s tax', n, net - net_back, tax - tax_back)
		INTO bad FROM refund_parts(p.order_id) WHERE net <> net_back OR tax <> tax_back;
	END IF;
	IF bad IS NULL AND posted THEN
		SELECT format('left in the books: %s %s', a, pg_temp.balance(p.order_id, a)) INTO bad
		FROM unnest('{customer:deposits,tax:payable}'::text[]) a
		WHERE pg_temp.balance(p.order_id, a) <> 0;
	END IF;
	RETURN bad;
END $$;

-- The same of one part alone, thousands of times: its units and its money go back in any
-- steps, some steps are taken back, and the last one leaves nothing.
CREATE FUNCTION pg_temp.part_life(seed bigint) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	p refund_part;
	steps bigint[][] := '{}';
	units bigint;
	net bigint;
	tax bigint;
	i integer;
BEGIN
	PERFORM setseed(seed / 100003.0);
	p.qty := 1 + pg_temp.dice(9);
	p.gross := p.qty * pg_temp.dice(3000);
	p.net := p.gross - pg_temp.dice(1 + (ARRAY[0, p.qty, p.gross])[seed % 3 + 1]) % (p.gross + 1);
	p.tax := pg_temp.dice(p.net / 3 + 2);
	p.units_back := 0;
	p.net_back := 0;
	p.tax_back := 0;
	p.gone := pg_temp.dice(p.qty + 1);
	FOR k IN 1 .. 200 LOOP
		p.free := p.qty - p.gone;
		EXIT WHEN p.units_back = p.qty AND p.net_back = p.net AND p.tax_back = p.tax;
		IF cardinality(steps) > 0 AND k < 12 AND pg_temp.dice(4) = 0 THEN
			i := 1 + pg_temp.dice(array_length(steps, 1));
			p.units_back := p.units_back - steps[i][1];
			p.net_back := p.net_back - steps[i][2];
			p.tax_back := p.tax_back - steps[i][3];
			steps := steps[:i - 1] || steps[i + 1:];
			CONTINUE;
		ELSIF p.units_back < p.qty AND pg_temp.dice(3) > 0 THEN
			units := 1 + pg_temp.dice(p.qty - p.units_back);
			SELECT u.net, u.tax INTO net, tax FROM refund_units(p, units) u;
			p.gone := least(p.qty, p.gone + least(units, p.free));
		ELSE
			units := 0;
			net := pg_temp.dice(p.net - p.net_back + p.tax - p.tax_back + 1);
			net := CASE WHEN k > 12 THEN p.net - p.net_back + p.tax - p.tax_back ELSE net END;
			tax := refund_tax(net, p.net - p.net_back, p.tax - p.tax_back);
			net := net - tax;
		END IF;
		p.units_back := p.units_back + units;
		p.net_back := p.net_back + net;
		p.tax_back := p.tax_back + tax;
		steps := steps || ARRAY[ARRAY[units, net, tax]];
		IF net < 0 OR tax < 0 OR p.net_back > p.net OR p.tax_back > p.tax THEN
			RETURN format('step %s: %s', k, p);
		END IF;
	END LOOP;
	RETURN CASE WHEN p.net_back <> p.net OR p.tax_back <> p.tax THEN 'left: ' || p END;
END $$;

SELECT plan(5);
SELECT is_empty($$ SELECT * FROM (SELECT g AS seed, pg_temp.part_life(g) AS wrong
	FROM generate_series(1, 2000) g) x WHERE wrong IS NOT NULL $$,
	'two thousand lines are given back to the cent');
SELECT is_empty($$ SELECT * FROM (SELECT g AS seed, pg_temp.life(g, false, false) AS wrong
	FROM generate_series(1, 20) g) x WHERE wrong IS NOT NULL $$,
	'orders with their shipping are');
SELECT is_empty($$ SELECT * FROM (SELECT g AS seed, pg_temp.life(g, true, false) AS wrong
	FROM generate_series(5001, 5012) g) x WHERE wrong IS NOT NULL $$,
	'and in the books');
SELECT is_empty($$ SELECT * FROM (SELECT g AS seed, pg_temp.life(g, true, true) AS wrong
	FROM generate_series(6001, 6015) g) x WHERE wrong IS NOT NULL $$,
	'also of orders that are shipped in parts meanwhile');
SELECT is_empty($$ SELECT code, object, detail FROM api.fsck('{L1,L2,L3,L4,L7,L8,P1}',
	NULL, NULL) $$, 'and fsck agrees');
SELECT * FROM finish();
ROLLBACK;
