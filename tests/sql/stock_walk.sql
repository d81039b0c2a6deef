-- Ten thousand steps of a stockroom: what is received, sold, paid, sent, sent back, moved,
-- counted, set, tried as a dry run and refused, each in a transaction of its own, the last
-- thousand in two sessions at once.  At every hundredth step the stock's invariants hold,
-- and what lay where at the hundredth steps is what the movements say of those moments.
-- The same seed is the same walk, until the two race.
SET client_min_messages = warning;
SET search_path = shop, tap;
CREATE EXTENSION dblink SCHEMA tap;
CREATE SCHEMA walk;

-- now() of the shop's own functions is the beginning of a step's transaction.
CREATE TABLE walk.did (verb text, result text, n bigint DEFAULT 1, PRIMARY KEY (verb, result));
CREATE TABLE walk.broken (step bigint, what text);
CREATE TABLE walk.past (moment timestamptz, variant_id bigint, warehouse_id bigint, on_hand bigint);
CREATE SEQUENCE walk.key;
CREATE SEQUENCE walk.number START 100;

INSERT INTO warehouse (code, country, priority) VALUES ('AMS', 'NL', 1), ('BER', 'DE', 2),
	('NYC', 'US', 3);
INSERT INTO product (handle, title, status) SELECT 'p' || i, 'P', 'active'
	FROM generate_series(0, 5) i;
INSERT INTO variant (product_id, sku, title) SELECT id, 'S' || substr(handle, 2), 'S' FROM product;
INSERT INTO price (variant_id, currency, amount) SELECT id, 'EUR', 1000 + id FROM variant;

CREATE FUNCTION walk.below(n bigint) RETURNS bigint LANGUAGE sql AS
	$$ SELECT floor(random() * n)::bigint $$;
CREATE FUNCTION walk.house() RETURNS text LANGUAGE sql AS
	$$ SELECT ('{AMS,BER,NYC}'::text[])[1 + walk.below(3)] $$;
CREATE FUNCTION walk.sku() RETURNS text LANGUAGE sql AS $$ SELECT 'S' || walk.below(6) $$;
CREATE FUNCTION walk.new_key() RETURNS text LANGUAGE sql AS
	$$ SELECT 'k' || nextval('walk.key') $$;
CREATE FUNCTION walk.lines(most bigint) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
	made jsonb := '[]';
BEGIN
	FOR i IN 0 .. walk.below(3) LOOP
		made := made || jsonb_build_object('sku', walk.sku(), 'qty', 1 + walk.below(most));
	END LOOP;
	RETURN made;
END $$;
-- One of the last that are in such a state.
CREATE FUNCTION walk.pick(ids bigint[]) RETURNS bigint LANGUAGE sql AS
	$$ SELECT ids[1 + walk.below(cardinality(ids))] $$;
CREATE FUNCTION walk.an_order(states text[]) RETURNS bigint LANGUAGE sql AS $$
	SELECT walk.pick(ARRAY(SELECT o.id FROM orders o WHERE o.state = ANY (states)
		ORDER BY o.id DESC LIMIT 20))
$$;
CREATE FUNCTION walk.a_transfer(states text[]) RETURNS bigint LANGUAGE sql AS $$
	SELECT walk.pick(ARRAY(SELECT t.id FROM transfer t WHERE t.state = ANY (states)
		ORDER BY t.id DESC LIMIT 10))
$$;
CREATE FUNCTION walk.a_count() RETURNS bigint LANGUAGE sql AS $$
	SELECT walk.pick(ARRAY(SELECT c.id FROM stock_count c WHERE c.state = 'open' ORDER BY c.id))
$$;

CREATE FUNCTION walk.buy(exact boolean) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	basket jsonb := walk.lines(4);
	country text := ('{DE,NL,US,FR}'::text[])[1 + walk.below(5)];
	n bigint := nextval('walk.number') << 10;
	answer record;
BEGIN
	EXECUTE format('SELECT * FROM api.%I($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12,
		$13, $14, $15, $16, $17, $18, 15%s)', CASE WHEN exact THEN 'order_place'
		ELSE 'order_place_fast' END, CASE WHEN exact THEN ', NULL, NULL, NULL' END) INTO answer
	USING ARRAY[n], ARRAY[7::bigint], ARRAY['k' || n], ARRAY['\x00'::bytea], ARRAY[NULL::text],
		ARRAY[0::bigint], ARRAY['EUR'], ARRAY[-1::bigint], ARRAY['a@example.com'], ARRAY['A'],
		ARRAY[NULL::text], ARRAY['en'], ARRAY[CASE WHEN country IS NOT NULL THEN
			jsonb_build_object('country', country)::text END], ARRAY['manual:7:'],
		ARRAY['0af7651916cd43dd8448eb211c80319c'],
		ARRAY(SELECT 1::bigint FROM jsonb_array_elements(basket)),
		ARRAY(SELECT j->>'sku' FROM jsonb_array_elements(basket) j),
		ARRAY(SELECT (j->>'qty')::bigint FROM jsonb_array_elements(basket) j);
	RETURN CASE answer.status WHEN 'placed' THEN 'done' ELSE 'refused' END;
END $$;

-- A unit of what is to be looked at, on the shelf or thrown away.
CREATE FUNCTION walk.inspect(return_id bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM api.return_inspect(return_id, (SELECT jsonb_agg(jsonb_build_object('sku', x.sku,
			'qty', x.qty, 'what', CASE walk.below(3) WHEN 0 THEN 'scrap' ELSE 'restock' END))
		FROM (SELECT l.sku, sum(y.received - y.restocked - y.scrapped) AS qty
			FROM return_line y JOIN return_request r ON r.id = y.return_id
			JOIN order_line l ON l.order_id = r.order_id AND l.n = y.n
			WHERE y.return_id = $1 GROUP BY 1 HAVING sum(y.received - y.restocked - y.scrapped) > 0)
			x), 'B');
END $$;
CREATE FUNCTION walk.give_back() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	r return_request;
	o bigint;
BEGIN
	SELECT * INTO r FROM return_request x WHERE x.state IN ('requested', 'approved', 'received',
		'inspected') ORDER BY x.id LIMIT 1 OFFSET walk.below(2);
	CASE coalesce(r.state, 'none')
		WHEN 'requested' THEN PERFORM api.return_approve(r.id);
		WHEN 'approved' THEN PERFORM api.return_receive(r.id, NULL, walk.house());
		WHEN 'received' THEN PERFORM walk.inspect(r.id);
		WHEN 'inspected' THEN PERFORM api.return_close(r.id, false, 'done');
		ELSE
			o := walk.pick(ARRAY(SELECT s.order_id FROM shipment s
				WHERE s.handed_over_at IS NOT NULL ORDER BY s.id DESC LIMIT 20));
			IF o IS NULL THEN
				RETURN 'idle';
			END IF;
			PERFORM api.return_create(o, walk.new_key(), (SELECT jsonb_build_array(
				jsonb_build_object('sku', l.sku, 'qty', 1)) FROM order_line l
				WHERE l.order_id = o AND l.shipped > 0 ORDER BY l.n LIMIT 1), 'no');
	END CASE;
	RETURN 'done';
END $$;

CREATE FUNCTION walk.send() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	o bigint := walk.an_order('{paid}');
	s bigint;
BEGIN
	IF o IS NULL THEN
		RETURN 'idle';
	END IF;
	FOR s IN SELECT v.id FROM api.shipment_create(o, walk.new_key(), CASE walk.below(3)
			WHEN 0 THEN (SELECT jsonb_build_array(jsonb_build_object('sku', f.sku, 'qty', 1))
				FROM shipment_left(o) f WHERE f.free > 0 LIMIT 1) END, NULL, NULL, NULL) v LOOP
		PERFORM api.shipment_ship(s, NULL, NULL);
	END LOOP;
	RETURN 'done';
END $$;

CREATE FUNCTION walk.end_order() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	o bigint;
BEGIN
	o := walk.an_order('{expiring,canceling}');
	IF o IS NOT NULL THEN
		PERFORM order_voided(o, 'grace_over');
		RETURN 'done';
	END IF;
	o := walk.an_order('{pending}');
	IF o IS NULL THEN
		RETURN 'idle';
	END IF;
	UPDATE orders SET expires_at = now() WHERE id = o;
	PERFORM api.order_expire_begin(o, 10);
	RETURN 'done';
END $$;

CREATE FUNCTION walk.pay(states text[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	picked bigint := walk.an_order(states);
	o orders;
BEGIN
	SELECT * INTO o FROM orders WHERE id = picked;
	IF o.id IS NULL THEN
		RETURN 'idle';
	END IF;
	PERFORM api.payment_match(o.id, o.total, 'EUR', walk.new_key());
	RETURN 'done';
END $$;

CREATE FUNCTION walk.move(verb text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	t bigint := CASE verb WHEN 'transfer ship' THEN walk.a_transfer('{draft}')
		WHEN 'transfer cancel' THEN walk.a_transfer('{draft,in_transit}')
		ELSE walk.a_transfer('{in_transit}') END;
	part jsonb;
BEGIN
	IF t IS NULL THEN
		RETURN 'idle';
	END IF;
	part := (SELECT jsonb_agg(jsonb_build_object('sku', v.sku, 'qty', walk.below(l.shipped
			- l.received - l.lost + 1))) FROM transfer_line l JOIN variant v ON v.id = l.variant_id
		WHERE l.transfer_id = t);
	CASE verb
		WHEN 'transfer ship' THEN PERFORM api.transfer_ship(t, NULL);
		WHEN 'transfer cancel' THEN PERFORM api.transfer_cancel(t);
		WHEN 'transfer whole' THEN PERFORM api.transfer_receive(t, walk.new_key(), NULL, false);
		ELSE PERFORM api.transfer_receive(t, walk.new_key(), part, verb = 'transfer part');
	END CASE;
	RETURN 'done';
END $$;

-- Most people count right.
CREATE FUNCTION walk.find(count_id bigint) RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_build_array(jsonb_build_object('sku', v.sku, 'qty', greatest(0, coalesce(
		s.on_hand, 0) + CASE walk.below(3) WHEN 0 THEN walk.below(7) - 3 ELSE 0 END)))
	FROM stock_count_line l JOIN variant v ON v.id = l.variant_id
	LEFT JOIN stock s ON (s.variant_id, s.warehouse_id) = (l.variant_id, l.warehouse_id)
	WHERE l.count_id = $1 ORDER BY l.counted IS NOT NULL, l.variant_id LIMIT 1
$$;

CREATE FUNCTION walk.act(verb text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	id bigint;
BEGIN
	CASE verb
		WHEN 'buy' THEN RETURN walk.buy(true);
		WHEN 'buy fast' THEN RETURN walk.buy(false);
		WHEN 'pay' THEN RETURN walk.pay('{pending}');
		WHEN 'pay late' THEN RETURN walk.pay('{expired}');
		WHEN 'send' THEN RETURN walk.send();
		WHEN 'give back' THEN RETURN walk.give_back();
		WHEN 'end' THEN RETURN walk.end_order();
		WHEN 'cancel' THEN
			id := walk.an_order('{pending,paid}');
			PERFORM api.order_cancel(id, 'no') WHERE id IS NOT NULL;
		WHEN 'receive' THEN
			PERFORM api.stock_receive(walk.new_key(), walk.house(), (SELECT jsonb_agg(j
				|| CASE walk.below(2) WHEN 0 THEN '{}' ELSE '{"cost":700,"currency":"EUR"}' END
				::jsonb) FROM jsonb_array_elements(walk.lines(12)) j), 'PO', NULL);
		WHEN 'adjust' THEN
			PERFORM api.stock_adjust(walk.sku(), walk.house(), walk.below(9) - 4);
		WHEN 'set' THEN
			PERFORM api.stock_set(walk.sku(), walk.house(), walk.below(20), NULL);
		WHEN 'transfer' THEN
			PERFORM api.transfer_create(walk.new_key(), walk.house(), walk.house(),
				walk.lines(6), 'refill');
		WHEN 'count' THEN
			PERFORM api.count_start(walk.new_key(), walk.house(), ARRAY[walk.sku(), walk.sku()],
				true, 'spot');
		WHEN 'enter', 'post', 'uncount' THEN
			id := walk.a_count();
			IF id IS NULL THEN
				RETURN 'idle';
			ELSIF verb = 'enter' THEN
				PERFORM api.count_enter(id, walk.find(id), NULL, walk.below(8) = 0);
			ELSIF verb = 'post' THEN
				PERFORM api.count_post(id, ('{leave,zero}'::text[])[1 + walk.below(9)]);
			ELSE
				PERFORM api.count_cancel(id);
			END IF;
		WHEN 'house' THEN
			IF walk.below(2) = 0 THEN -- as most shops are
				PERFORM api.warehouse_open(w, true), api.warehouse_set(w, NULL, NULL, NULL,
					'everywhere', NULL, NULL), api.warehouse_policy('priority')
				FROM unnest('{AMS,BER,NYC}'::text[]) w;
				RETURN 'done';
			END IF;
			PERFORM api.warehouse_open(walk.house(), walk.below(4) <> 0);
			PERFORM api.warehouse_set(walk.house(), NULL, NULL, NULL,
				('{everywhere,everywhere,"DE,FR",US}'::text[])[1 + walk.below(4)], NULL, NULL);
			PERFORM api.warehouse_policy(('{priority,priority,nearest,fewest_splits}'::text[])
				[1 + walk.below(4)]);
		ELSE RETURN walk.move(verb);
	END CASE;
	RETURN 'done';
END $$;

-- Do it, or take it back as a dry run does; a refusal of the shop is an answer, and so is
-- a deadlock, which callers try again; anything else is broken.
CREATE FUNCTION walk.step(verb text, dry boolean) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	became text;
BEGIN
	BEGIN
		became := walk.act($1);
		IF dry THEN
			RAISE EXCEPTION 'dry' USING ERRCODE = 'ZZ001';
		END IF;
	EXCEPTION WHEN OTHERS THEN
		IF SQLSTATE NOT IN ('ZZ001', 'SH404', 'SH409', 'SH422', '23505', '23514', '40P01') THEN
			RAISE;
		END IF;
		became := CASE SQLSTATE WHEN 'ZZ001' THEN 'dry' WHEN '40P01' THEN 'deadlock'
			ELSE 'refused' END;
	END;
	INSERT INTO walk.did AS d VALUES ($1, became)
	ON CONFLICT ON CONSTRAINT did_pkey DO UPDATE SET n = d.n + 1;
	RETURN became;
END $$;

CREATE PROCEDURE walk.walk(seed double precision, steps bigint, alone boolean)
LANGUAGE plpgsql AS $$
DECLARE
	verbs text[] := '{buy,buy,buy,buy,buy,buy fast,buy fast,buy fast,pay,pay,pay,pay,pay,pay,
		pay late,send,send,send,send,send,give back,give back,give back,give back,end,end,cancel,
		receive,receive,receive,receive,adjust,set,transfer,transfer,transfer,transfer ship,
		transfer ship,transfer ship,transfer whole,transfer part,transfer short,transfer cancel,
		count,enter,enter,enter,post,uncount,house}';
	sum_before bigint;
	result text;
	moment timestamptz;
BEGIN
	PERFORM setseed(seed), set_config('shop.reason', 'walk', false);
	FOR i IN 1 .. steps LOOP
		sum_before := CASE WHEN alone THEN (SELECT sum(hashint8(s.on_hand * 1000003
			+ s.reserved * 1009 + s.variant_id * 31 + s.warehouse_id)) FROM stock s) END;
		result := walk.step(verbs[1 + walk.below(cardinality(verbs))], walk.below(12) = 0);
		IF result = 'dry' AND sum_before <> (SELECT sum(hashint8(s.on_hand * 1000003
			+ s.reserved * 1009 + s.variant_id * 31 + s.warehouse_id)) FROM stock s) THEN
			INSERT INTO walk.broken VALUES (i, 'a dry run changed stock');
		END IF;
		COMMIT;
		IF i % 100 = 0 THEN
			INSERT INTO walk.broken SELECT i, f.code || ' ' || f.object || ' ' || f.detail
			FROM api.fsck('{stock}', NULL, NULL) f;
			COMMIT;
			IF alone THEN
				moment := clock_timestamp();
				INSERT INTO walk.past SELECT moment, s.variant_id, s.warehouse_id,
					s.on_hand FROM stock s;
				COMMIT;
			END IF;
		END IF;
	END LOOP;
END $$;

SELECT plan(7);
CALL walk.walk(0.29, 9000, true);

-- Two sessions do the same to the same shelves.
DO $$
DECLARE
	way text := format('host=%s port=%s dbname=%s user=%s options=''-c search_path=shop,tap''',
		current_setting('unix_socket_directories'), current_setting('port'),
		current_database(), current_user);
BEGIN
	PERFORM dblink_connect('a', way), dblink_connect('b', way);
	PERFORM dblink_send_query('a', 'CALL walk.walk(0.31, 500, false)'),
		dblink_send_query('b', 'CALL walk.walk(0.37, 500, false)');
END $$;
SELECT is((SELECT count(*) FROM dblink_get_result('a') AS r (status text)), 1::bigint,
	'the first of two sessions came to its end');
SELECT is((SELECT count(*) FROM dblink_get_result('b') AS r (status text)), 1::bigint,
	'and so did the other');

SELECT is_empty('SELECT * FROM walk.broken', 'fsck is clean at every hundredth step, and a dry '
	'run changes nothing');
CREATE VIEW walk.told AS SELECT m.moment, v.id AS variant_id, w.id AS warehouse_id, a.on_hand
	FROM (SELECT DISTINCT moment FROM walk.past) m
	CROSS JOIN variant v CROSS JOIN LATERAL api.stock_as_of(m.moment, v.sku, NULL) a
	JOIN warehouse w ON w.code = a.warehouse WHERE a.on_hand <> 0;
SELECT bag_eq('SELECT * FROM walk.past WHERE on_hand <> 0', 'SELECT * FROM walk.told',
	'what lay there is what the movements say');
SELECT is_empty($$ SELECT s.variant_id, w.code, s.on_hand FROM stock s
	JOIN warehouse w ON w.id = s.warehouse_id WHERE s.on_hand <> 0
	EXCEPT SELECT v.id, l.warehouse, l.on_hand FROM variant v CROSS JOIN LATERAL
		(SELECT DISTINCT ON (x.warehouse) x.warehouse, x.on_hand
			FROM api.stock_ledger(v.sku, NULL, NULL, 1000000) x ORDER BY x.warehouse, x.id DESC) l
	$$, 'and what lies there is where the ledger ends');
SELECT is_empty($$ SELECT v FROM unnest('{buy,buy fast,pay,pay late,send,give back,end,cancel,
	receive,adjust,set,transfer,transfer ship,transfer whole,transfer part,transfer short,
	transfer cancel,count,enter,post,uncount,house}'::text[]) v
	WHERE coalesce((SELECT d.n FROM walk.did d WHERE d.verb = v AND d.result = 'done'), 0) < 10 $$,
	'each verb was done ten times and more');
SELECT is_empty('SELECT * FROM api.fsck(''{}'', NULL, NULL)', 'the whole shop is clean at the end');
SELECT diag(string_agg(d.verb || ' ' || d.result || ' ' || d.n, ', ' ORDER BY d.verb, d.result))
	FROM walk.did d;
SELECT * FROM finish();
