-- What the simulated world needs of a migrated database that may be thrown away: a clock
-- that it sets, something to sell, and its own questions.  Run it as the owner, once; each
-- run of the world has a copy.

-- now() is the only clock of the shop, so this is where time can be held.  Every function
-- looks into this schema first; their text is untouched.
SET sim.now = '2026-01-05 10:00+00';
CREATE SCHEMA sim;
GRANT USAGE ON SCHEMA sim TO PUBLIC;
CREATE FUNCTION sim.now() RETURNS timestamptz LANGUAGE sql STABLE AS
	$$ SELECT current_setting('sim.now')::timestamptz $$;

DO $$
DECLARE
	x record;
BEGIN
	FOR x IN SELECT p.oid::regprocedure AS f FROM pg_proc p
		WHERE p.pronamespace IN ('api'::regnamespace, 'shop'::regnamespace)
			AND array_to_string(p.proconfig, ',') LIKE '%search_path=%'
	LOOP
		EXECUTE format('ALTER FUNCTION %s SET search_path = sim, pg_catalog, shop, pg_temp', x.f);
	END LOOP;
	FOR x IN SELECT c.oid::regclass AS t, a.attname AS a,
			replace(pg_get_expr(d.adbin, c.oid), 'now()', 'sim.now()') AS value
		FROM pg_attrdef d JOIN pg_class c ON c.oid = d.adrelid
		JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.adnum
		WHERE c.relnamespace = 'shop'::regnamespace AND NOT c.relispartition
			AND a.attgenerated = '' AND pg_get_expr(d.adbin, c.oid) LIKE '%now()%'
	LOOP
		EXECUTE format('ALTER TABLE %s ALTER %I SET DEFAULT %s', x.t, x.a, x.value);
	END LOOP;
END $$;

SET search_path = shop, pg_temp;
UPDATE job_schedule SET next_at = '2026-01-05 10:00+00';
UPDATE queue_head SET since = '2026-01-05 10:00+00';
UPDATE queue SET created_at = '2026-01-05 10:00+00';

-- S-0 to S-2 are nearly sold out, and soon will be.
INSERT INTO warehouse (code, priority) VALUES ('AMS', 1), ('BER', 2);
INSERT INTO product (handle, title, status)
	SELECT 's-' || n, 'Thing ' || n, 'active' FROM generate_series(0, 7) n ORDER BY n;
INSERT INTO variant (product_id, sku, title)
	SELECT p.id, upper(p.handle), p.title FROM product p ORDER BY p.id;
INSERT INTO price (variant_id, currency, amount)
	SELECT v.id, c.code, (v.id * 337 + 99) * c.unit
	FROM variant v, (VALUES ('EUR', 10), ('JPY', 1), ('KWD', 10)) AS c (code, unit);
INSERT INTO stock (variant_id, warehouse_id, on_hand)
	SELECT v.id, w.id, CASE WHEN v.sku IN ('S-0', 'S-1', 'S-2') THEN 9 ELSE 2000 END
	FROM variant v, warehouse w;
INSERT INTO stock_movement (at, variant_id, warehouse_id, delta, reason, actor)
	SELECT '2026-01-05 09:00+00', s.variant_id, s.warehouse_id, s.on_hand, 'set', 'world'
	FROM stock s ORDER BY 2, 3;

-- What has not come to an end: empty once the world is quiet.
CREATE FUNCTION api.sim_open() RETURNS TABLE (what text, example text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = sim, pg_catalog, shop, pg_temp AS $$
	SELECT 'order ' || o.state, min(o.id)::text FROM orders o
		WHERE o.state IN ('pending', 'expiring', 'canceling') GROUP BY 1
	UNION ALL SELECT 'payment ' || p.state, min(p.id)::text FROM payment p
		WHERE p.state IN ('new', 'open', 'processing', 'authorized') GROUP BY 1
	UNION ALL SELECT 'call ' || k.kind || ' ' || k.state, min(k.id)::text FROM provider_op k
		WHERE k.state IN ('new', 'sent', 'unknown') GROUP BY 1
	UNION ALL SELECT 'refund ' || r.state, min(r.id)::text FROM refund r
		WHERE r.state IN ('requested', 'pending') GROUP BY 1
	UNION ALL SELECT 'webhook ' || w.state, min(w.id)::text FROM webhook_event w
		WHERE w.state IN ('received', 'parked') GROUP BY 1
	UNION ALL SELECT 'mail ' || n.state, min(n.id)::text FROM notification n
		WHERE n.state = 'queued' GROUP BY 1
	UNION ALL SELECT 'job ' || j.kind || ' ' || j.state, min(j.subject)::text FROM job_any j
		WHERE j.kind NOT IN (SELECT s.kind FROM job_schedule s) GROUP BY 1
$$;

-- Jobs that died of anything but the deaths of their workers: a handler failed for good.
CREATE FUNCTION api.sim_dead() RETURNS TABLE (what text, example text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = sim, pg_catalog, shop, pg_temp AS $$
	SELECT d.kind || ' ' || d.subject, d.rule || ': ' || d.message FROM job_dead d
	WHERE d.rule <> 'job_spares_its_worker' AND NOT (d.rule IN ('provider_answers', 'database_is_up')
		AND d.kind IN (SELECT s.kind FROM job_schedule s)) -- its schedule puts it again
	UNION ALL SELECT i.kind, i.detail::text FROM incident i
	WHERE i.kind IN ('provider_call_broken', 'refund_object_unexpected', 'refund_mismatch',
		'second_payment_object')
$$;

-- The provider's books beside ours.  $1: {"payments", "refunds", "txns"} of its own words.
CREATE FUNCTION api.sim_cross(theirs jsonb) RETURNS TABLE (what text, example text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sim, pg_catalog, shop, pg_temp AS $$
BEGIN
	RETURN QUERY SELECT 'X1 clearing is the provider''s balance', format('%s: ours %s, theirs %s',
			c.code, coalesce(o.sum, 0), coalesce(t.sum, 0))
		FROM (VALUES ('EUR'), ('JPY'), ('KWD')) AS c (code)
		LEFT JOIN (SELECT l.currency, sum(l.amount) AS sum FROM ledger_line l
			WHERE l.account = 'psp:clearing' GROUP BY 1) o ON o.currency = c.code
		LEFT JOIN (SELECT upper(t->>'currency') AS currency, sum((t->>'amount')::bigint
				- CASE WHEN t->>'type' IN ('charge', 'payment') AND NOT EXISTS (
					SELECT FROM payment p WHERE p.fee_ref = t->>'id') THEN 0
				ELSE (t->>'fee')::bigint END) AS sum
			FROM jsonb_array_elements($1->'txns') t GROUP BY 1) t ON t.currency = c.code
		WHERE coalesce(o.sum, 0) <> coalesce(t.sum, 0);
	RETURN QUERY SELECT 'X2 what the provider captured, we have', format('%s of %s, ours %s %s',
			t->>'id', t->>'received', p.state, p.captured)
		FROM jsonb_array_elements($1->'payments') t
		LEFT JOIN payment p ON p.provider_ref = t->>'id'
		WHERE (t->>'received')::bigint > 0
			AND p.captured IS DISTINCT FROM (t->>'received')::bigint;
	RETURN QUERY SELECT 'X2 what we captured, the provider has', format('payment %s', p.id)
		FROM payment p WHERE p.captured > 0 AND p.provider = 'stripe'
			AND NOT EXISTS (SELECT FROM jsonb_array_elements($1->'payments') t
				WHERE t->>'id' = p.provider_ref AND (t->>'received')::bigint = p.captured);
	RETURN QUERY SELECT 'X3 refunds are the same', format('%s %s %s, ours %s %s', t->>'id',
			t->>'status', t->>'amount', r.state, r.amount)
		FROM jsonb_array_elements($1->'refunds') t
		FULL JOIN (SELECT f.* FROM refund f JOIN payment p ON p.id = f.payment_id
			WHERE p.provider = 'stripe' AND (f.provider_ref IS NOT NULL
				OR f.state IN ('pending', 'succeeded'))) r ON r.provider_ref = t->>'id'
		WHERE (t->>'status', (t->>'amount')::bigint) IS DISTINCT FROM (r.state, r.amount);
	RETURN QUERY SELECT 'X4 nobody is charged more than his order', format(
			'order %s, total %s, kept %s', o.id, o.total, m.kept)
		FROM orders o JOIN (SELECT p.order_id, sum((t->>'received')::bigint
				- coalesce((SELECT sum((r->>'amount')::bigint)
					FROM jsonb_array_elements($1->'refunds') r
					WHERE r->>'payment' = t->>'id' AND r->>'status' <> 'failed'), 0)) AS kept
			FROM jsonb_array_elements($1->'payments') t
			JOIN payment p ON p.provider_ref = t->>'id' GROUP BY 1) m ON m.order_id = o.id
		WHERE m.kept > o.total AND NOT EXISTS (SELECT FROM incident i
			WHERE i.order_id = o.id AND i.kind IN ('refund_failed', 'refund_rejected'));
	RETURN QUERY SELECT 'X6 a call makes one object', format('%s made %s', t->>'op_key', count(*))
		FROM jsonb_array_elements(($1->'payments') || ($1->'refunds')) t
		GROUP BY t->>'op_key' HAVING count(*) > 1;
END $$;
-- A queue with jobs that could be claimed, and a paid order; each by luck.
CREATE FUNCTION api.sim_ready(luck bigint) RETURNS TABLE (name text, id bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sim, pg_catalog, shop, pg_temp AS $$
DECLARE
	ready text[] := ARRAY(SELECT DISTINCT split_part(j.kind, '.', 1) FROM job j
		WHERE split_part(j.kind, '.', 1) <> 'rollup' OR luck % 16 = 0 ORDER BY 1);
BEGIN
	RETURN QUERY SELECT ready[1 + luck % nullif(cardinality(ready), 0)], 0::bigint;
END $$;
CREATE FUNCTION api.sim_paid(luck bigint) RETURNS TABLE (name text, id bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sim, pg_catalog, shop, pg_temp AS $$
#variable_conflict use_column
DECLARE
	paid bigint[] := ARRAY(SELECT o.id FROM orders o WHERE o.state = 'paid' ORDER BY 1);
BEGIN
	RETURN QUERY SELECT '', coalesce(paid[1 + luck % nullif(cardinality(paid), 0)], 0);
END $$;

-- What came of it, so that a batch can see that everything happened.
CREATE FUNCTION api.sim_sums() RETURNS TABLE (orders_paid bigint, late_money_kept bigint,
	late_money_returned bigint, refunds_succeeded bigint, refunds_failed bigint,
	refunds_rejected bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = sim, pg_catalog, shop, pg_temp AS $$
	SELECT (SELECT count(*) FROM payment WHERE applied),
		(SELECT count(*) FROM order_event WHERE machine = 'order' AND event = 'captured'
			AND from_state IN ('expiring', 'expired') AND to_state = 'paid'),
		(SELECT count(*) FROM refund WHERE key LIKE 'surplus:%'),
		count(*) FILTER (WHERE state = 'succeeded'), count(*) FILTER (WHERE state = 'failed'),
		count(*) FILTER (WHERE state = 'rejected') FROM refund
$$;
REVOKE ALL ON FUNCTION api.sim_ready(bigint), api.sim_paid(bigint),
	api.sim_sums(), api.sim_open(), api.sim_dead(), api.sim_cross(jsonb) FROM PUBLIC;
