-- What the simulated world needs of a migrated database that may be thrown away: a clock
-- that it sets, something to sell, and its own questions.  Run it as the owner, once; each
-- run of the world has a copy.

-- now() is the only clock of the shop, so this is where time can be held.  Every function
-- looks into this schema before PostgreSQL's own; their text is untouched.
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
		EXECUTE format('ALTER FUNCTION %s SET search_path = shop, sim, pg_catalog, pg_temp', x.f);
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

SET client_min_messages = warning;
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
	SELECT v.id, w.id, CASE WHEN v.sku IN ('S-0', 'S-1', 'S-2') THEN 4 ELSE 2000 END
	FROM variant v, warehouse w;
INSERT INTO stock_movement (at, variant_id, warehouse_id, delta, reason, actor)
	SELECT '2026-01-05 09:00+00', s.variant_id, s.warehouse_id, s.on_hand, 'set', 'world'
	FROM stock s ORDER BY 2, 3;

-- Another operator, who may say yes to what the first one asked for.
DO $$
BEGIN
	CREATE ROLE world_bob LOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
	NULL; -- of another run beside this one
END $$;
GRANT op_finance, op_support, op_warehouse TO world_bob;
GRANT USAGE ON SCHEMA api TO world_bob;

-- What has not come to an end: empty once the world is quiet.
CREATE FUNCTION api.sim_open() RETURNS TABLE (what text, example text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = shop, sim, pg_catalog, pg_temp AS $$
	SELECT 'order ' || o.state, min(o.id)::text FROM orders o
		WHERE o.state IN ('pending', 'expiring', 'canceling') GROUP BY 1
	UNION ALL SELECT 'order held by nobody', min(o.id)::text FROM orders o
		WHERE o.state = 'on_hold' AND NOT EXISTS (SELECT FROM dispute d
			WHERE d.order_id = o.id AND (d.closed_at IS NULL OR d.state = 'lost'))
		HAVING count(*) > 0
	UNION ALL SELECT 'parcel for nobody', min(s.id)::text FROM shipment s
		JOIN orders o ON o.id = s.order_id WHERE s.state IN ('draft', 'labeled')
			AND o.state IN ('canceled', 'expired') HAVING count(*) > 0
	UNION ALL SELECT 'payment ' || p.state, min(p.id)::text FROM payment p
		WHERE p.state IN ('new', 'open', 'processing', 'authorized') GROUP BY 1
	UNION ALL SELECT 'call ' || k.kind || ' ' || k.state, min(k.id)::text FROM provider_op k
		WHERE k.state IN ('new', 'sent', 'unknown') GROUP BY 1
	UNION ALL SELECT 'refund ' || r.state, min(r.id)::text FROM refund r
		WHERE r.state IN ('requested', 'pending') GROUP BY 1
	UNION ALL SELECT 'dispute ' || d.state, min(d.id)::text FROM dispute d
		WHERE d.closed_at IS NULL GROUP BY 1
	UNION ALL SELECT 'webhook ' || w.state, min(w.id)::text FROM webhook_event w
		WHERE w.state IN ('received', 'parked') GROUP BY 1
	UNION ALL SELECT 'mail ' || n.state, min(n.id)::text FROM notification n
		WHERE n.state = 'queued' GROUP BY 1
	UNION ALL SELECT 'job ' || j.kind || ' ' || j.state, min(j.subject)::text FROM job_any j
		WHERE j.kind NOT IN (SELECT s.kind FROM job_schedule s)
			AND (j.state <> 'later' OR j.due_at < now() + interval '6 hours') GROUP BY 1
$$;

-- What moved the balance at the provider and was not read yet, or was read by a sweep that
-- has still to find out what it is.
CREATE FUNCTION api.sim_behind(theirs jsonb) RETURNS TABLE (what text, example text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = shop, sim, pg_catalog, pg_temp AS $$
	SELECT 'transaction of the provider', min(t->>'id')
	FROM jsonb_array_elements($1->'txns') t WHERE t->>'provider' = 'stripe'
		AND NOT EXISTS (SELECT FROM provider_txn x WHERE x.txn_id = t->>'id')
	HAVING count(*) > 0
	UNION ALL SELECT 'transaction without an entry', min(x.txn_id) FROM provider_txn x
	WHERE x.provider = 'stripe' AND x.entry_id IS NULL AND x.fee_entry_id IS NULL AND x.net <> 0
		AND NOT EXISTS (SELECT FROM incident i WHERE i.detail->>'object' = x.txn_id)
	HAVING count(*) > 0
$$;

CREATE FUNCTION api.sim_without(schedule text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = shop, sim, pg_catalog, pg_temp AS $$
	DELETE FROM job_schedule WHERE name = $1
$$;

-- Orders with a row that was written since a transaction, and whatever fsck says of them:
-- every table that knows its order, every function of fsck for some orders.
DO $$
BEGIN
	EXECUTE (SELECT format('CREATE FUNCTION sim.touched(since bigint) RETURNS bigint[] '
			'LANGUAGE sql STABLE SET search_path = shop, sim, pg_catalog, pg_temp AS $f$ '
			'SELECT coalesce(array_agg(DISTINCT x), ''{}'') FROM (%s) AS y (x) '
			'WHERE x IS NOT NULL $f$',
			string_agg(format('SELECT %I FROM %s WHERE xmin::text::bigint >= $1', a.attname,
				c.oid::regclass), ' UNION ALL '))
		FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
		WHERE c.relnamespace = 'shop'::regnamespace AND c.relkind IN ('r', 'p')
			AND NOT c.relispartition AND a.atttypid = 'bigint'::regtype
			AND a.attname = CASE c.relname WHEN 'orders' THEN 'id' ELSE 'order_id' END);
	EXECUTE (SELECT format('CREATE FUNCTION sim.fsck(orders bigint[]) '
			'RETURNS TABLE (code text, object text, detail text) LANGUAGE plpgsql STABLE '
			'SET search_path = shop, sim, pg_catalog, pg_temp '
			'SET plan_cache_mode = force_generic_plan AS $f$ BEGIN %s END $f$',
			string_agg(format('RETURN QUERY SELECT * FROM %I($1);', p.proname), ' '))
		FROM pg_proc p WHERE p.pronamespace = 'shop'::regnamespace
			AND p.proname LIKE 'fsck\_%\_of'
			AND pg_get_function_result(p.oid) = 'TABLE(code text, object text, detail text)'
			AND pg_get_function_identity_arguments(p.oid) = 'scope bigint[]');
END $$;
CREATE FUNCTION api.sim_touched() RETURNS TABLE (code text, object text, detail text,
	orders bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = shop, sim, pg_catalog, pg_temp AS $$
DECLARE
	touched bigint[] := sim.touched(current_setting('sim.looked', true)::bigint);
BEGIN
	PERFORM set_config('sim.looked', pg_snapshot_xmax(pg_current_snapshot())::text, false);
	RETURN QUERY SELECT NULL, NULL, NULL, cardinality(touched)::bigint;
	IF touched <> '{}' THEN
		RETURN QUERY SELECT f.*, 0::bigint FROM sim.fsck(touched) f;
	END IF;
END $$;

-- Jobs that died of anything but the deaths of their workers: a handler failed for good.
CREATE FUNCTION api.sim_dead() RETURNS TABLE (what text, example text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = shop, sim, pg_catalog, pg_temp AS $$
	SELECT d.kind || ' ' || d.subject, d.rule || ': ' || d.message FROM job_dead d
	WHERE d.rule <> 'job_spares_its_worker' AND NOT (d.rule IN ('provider_answers', 'database_is_up')
		AND d.kind IN (SELECT s.kind FROM job_schedule s)) -- its schedule puts it again
	UNION ALL SELECT i.kind, i.detail::text FROM incident i
	WHERE i.kind IN ('provider_call_broken', 'refund_object_unexpected', 'refund_mismatch',
		'second_payment_object')
$$;

-- The provider's books beside ours.  $1: {"payments", "refunds", "txns"} of its own words.
CREATE FUNCTION api.sim_cross(theirs jsonb) RETURNS TABLE (what text, example text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = shop, sim, pg_catalog, pg_temp AS $$
BEGIN
	RETURN QUERY SELECT 'X1 clearing is the provider''s balance', format('%s: ours %s, theirs %s',
			c.code, coalesce(o.sum, 0), coalesce(t.sum, 0))
		FROM (VALUES ('EUR'), ('JPY'), ('KWD')) AS c (code)
		LEFT JOIN (SELECT l.currency, sum(l.amount) AS sum FROM ledger_line l
			WHERE l.account = 'psp:clearing' GROUP BY 1) o ON o.currency = c.code
		LEFT JOIN (SELECT upper(t->>'currency') AS currency, sum((t->>'amount')::bigint
				- CASE WHEN t->>'type' IN ('charge', 'payment') AND NOT EXISTS (
					SELECT FROM ledger_entry e WHERE e.key = 'fee:' || (t->>'id')) THEN 0
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
		FROM payment p WHERE p.captured > 0 AND p.provider <> 'manual'
			AND NOT EXISTS (SELECT FROM jsonb_array_elements($1->'payments') t
				WHERE t->>'id' = p.provider_ref AND (t->>'received')::bigint = p.captured);
	RETURN QUERY SELECT 'X3 refunds are the same', format('%s %s %s, ours %s %s', t->>'id',
			t->>'status', t->>'amount', r.state, r.amount)
		FROM jsonb_array_elements($1->'refunds') t
		FULL JOIN (SELECT f.* FROM refund f JOIN payment p ON p.id = f.payment_id
			WHERE p.provider <> 'manual' AND f.reference IS NULL AND (f.provider_ref IS NOT NULL
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
			WHERE i.order_id = o.id AND i.kind IN ('refund_failed', 'refund_rejected'))
			AND NOT EXISTS (SELECT FROM refund r WHERE r.order_id = o.id
				AND r.state IN ('proposed', 'canceled'));
	RETURN QUERY SELECT 'X6 a call makes one object', format('%s made %s', t->>'op_key', count(*))
		FROM jsonb_array_elements(($1->'payments') || ($1->'refunds')) t
		WHERE t->>'op_key' IS NOT NULL GROUP BY t->>'op_key' HAVING count(*) > 1;
END $$;

-- Something of a kind, by luck, with what one has to know to do something about it.
CREATE FUNCTION sim.picks(kind text) RETURNS TABLE (id bigint, number bigint, name text)
LANGUAGE plpgsql STABLE SET search_path = shop, sim, pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
	CASE kind
	WHEN 'queue' THEN RETURN QUERY SELECT DISTINCT 0::bigint, 0::bigint,
		split_part(j.kind, '.', 1) FROM job j;
	WHEN 'paid', 'pending', 'authorized' THEN RETURN QUERY SELECT o.id, o.total,
		o.currency::text FROM orders o WHERE o.state = kind;
	WHEN 'any' THEN RETURN QUERY SELECT o.id, o.total, o.currency::text FROM orders o;
	WHEN 'transfer' THEN RETURN QUERY SELECT DISTINCT o.id, o.total, o.currency::text
		FROM payment p JOIN orders o ON o.id = p.order_id
		WHERE p.provider = 'manual' AND p.captured = 0;
	WHEN 'awaited transfer' THEN RETURN QUERY SELECT o.id, o.total, o.currency::text
		FROM payment p JOIN orders o ON o.id = p.order_id
		WHERE p.provider = 'manual' AND p.live AND o.state = 'pending';
	WHEN 'failed refund' THEN RETURN QUERY SELECT r.id, r.amount, r.currency::text
		FROM refund r WHERE r.state IN ('failed', 'rejected', 'canceled');
	WHEN 'proposed refund' THEN RETURN QUERY SELECT r.id, r.amount, r.currency::text
		FROM refund r WHERE r.state = 'proposed';
	WHEN 'refund by hand' THEN RETURN QUERY SELECT r.id, r.amount, r.currency::text
		FROM refund r JOIN payment p ON p.id = r.payment_id
		WHERE r.state = 'requested' AND p.provider = 'manual';
	WHEN 'incident' THEN RETURN QUERY SELECT i.id, 0::bigint, i.kind FROM incident i
		WHERE i.closed_at IS NULL;
	WHEN 'dispute' THEN RETURN QUERY SELECT d.id, d.amount, d.currency::text
		FROM dispute d WHERE d.closed_at IS NULL;
	WHEN 'to pack' THEN RETURN QUERY SELECT o.id, l.qty, l.sku FROM orders o
		JOIN order_line l ON l.order_id = o.id
		WHERE o.state IN ('paid', 'authorized') AND l.shipped + l.dropped < l.qty;
	WHEN 'to pack, unpaid' THEN RETURN QUERY SELECT o.id, l.qty, l.sku FROM orders o
		JOIN order_line l ON l.order_id = o.id
		WHERE o.state = 'authorized' AND l.shipped + l.dropped < l.qty;
	WHEN 'packed' THEN RETURN QUERY SELECT s.id, 0::bigint, s.state FROM shipment s
		WHERE s.state IN ('draft', 'labeled');
	WHEN 'under way' THEN RETURN QUERY SELECT s.id, 0::bigint, s.state FROM shipment s
		WHERE s.state IN ('handed_over', 'in_transit', 'exception', 'returning');
	WHEN 'shipped' THEN RETURN QUERY SELECT l.order_id, l.shipped, l.sku
		FROM order_line l WHERE l.shipped > 0;
	ELSE RETURN QUERY SELECT r.id, x.qty, l.sku FROM return_request r
		JOIN return_line x ON x.return_id = r.id
		JOIN order_line l ON l.order_id = r.order_id AND l.n = x.n
		WHERE 'return ' || r.state = kind AND (kind <> 'return received'
			OR x.restocked + x.scrapped < x.received);
	END CASE;
END $$;
CREATE FUNCTION api.sim_pick(kind text, luck bigint) RETURNS TABLE (name text, id bigint,
	number bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = shop, sim, pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY SELECT x.name, x.id, x.number FROM (SELECT y.*, count(*) OVER () AS count,
			row_number() OVER (ORDER BY y.id, y.name) AS n
			FROM sim.picks($1) y WHERE $1 <> 'queue' OR y.name <> 'rollup' OR $2 % 16 = 0) x
		WHERE x.n = 1 + $2 % x.count;
	IF NOT FOUND THEN
		RETURN QUERY SELECT '', 0::bigint, 0::bigint;
	END IF;
END $$;

-- What came of it, so that a batch can see that everything happened.
CREATE FUNCTION api.sim_sums() RETURNS TABLE (name text, n bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = shop, sim, pg_catalog, pg_temp AS $$
	WITH went AS (SELECT machine, from_state, to_state, event, detail FROM order_event)
	SELECT 'orders_paid', count(*) FROM payment WHERE applied AND state = 'captured'
	UNION ALL SELECT 'orders_authorized', count(*) FROM went
		WHERE machine = 'order' AND to_state = 'authorized'
	UNION ALL SELECT 'orders_shipped', count(*) FROM went
		WHERE machine = 'order' AND to_state = 'shipped' AND from_state = 'paid'
	UNION ALL SELECT 'orders_cut_short', count(*) FROM went
		WHERE machine = 'order' AND to_state = 'shipped' AND from_state = 'authorized'
	UNION ALL SELECT 'orders_delivered', count(*) FROM went
		WHERE machine = 'order' AND to_state = 'delivered'
	UNION ALL SELECT 'orders_held', count(*) FROM went
		WHERE machine = 'order' AND to_state = 'on_hold'
	UNION ALL SELECT 'paypal_captured', count(*) FROM payment
		WHERE provider = 'paypal' AND captured > 0
	UNION ALL SELECT 'paypal_authorized', count(*) FROM went w
		WHERE w.machine = 'order' AND w.to_state = 'authorized' AND EXISTS (SELECT FROM payment p
			WHERE p.id = (w.detail->>'payment')::bigint AND p.provider = 'paypal')
	UNION ALL SELECT 'transfers_matched', count(*) FROM payment
		WHERE provider = 'manual' AND captured > 0
	UNION ALL SELECT 'second_attempts_paid', count(*) FROM payment p WHERE p.applied
		AND EXISTS (SELECT FROM payment x WHERE x.order_id = p.order_id AND x.id < p.id)
	UNION ALL SELECT 'captured_in_parts', count(*) FROM went
		WHERE machine = 'payment' AND event = 'part'
	UNION ALL SELECT 'captured_for_parcels', count(*) FROM shipment
		WHERE capture > 0 AND handed_over_at IS NOT NULL
	UNION ALL SELECT 'authorizations_let_go', count(*) FROM went
		WHERE machine = 'payment' AND from_state = 'authorized' AND to_state = 'canceled'
	UNION ALL SELECT 'authorizations_lapsed', count(*) FROM went
		WHERE machine = 'order' AND event = 'lapsed'
	UNION ALL SELECT 'late_money_kept', count(*) FROM went
		WHERE machine = 'order' AND event = 'captured'
			AND from_state IN ('expiring', 'expired') AND to_state = 'paid'
	UNION ALL SELECT 'late_money_returned', count(*) FROM refund WHERE key LIKE 'surplus:%'
	UNION ALL SELECT 'refunds_' || state, count(*) FROM refund
		WHERE state IN ('succeeded', 'failed', 'rejected') GROUP BY 1
	UNION ALL SELECT 'refunds_failed_late', count(*) FROM went
		WHERE machine = 'refund' AND from_state = 'succeeded' AND to_state = 'failed'
	UNION ALL SELECT 'refunds_approved', count(*) FROM refund WHERE approved_by = 'world_bob'
	UNION ALL SELECT 'refunds_declined', count(*) FROM went
		WHERE machine = 'refund' AND event = 'decline'
	UNION ALL SELECT 'refunds_retried', count(*) FROM refund WHERE retry_of IS NOT NULL
	UNION ALL SELECT 'refunds_settled', count(*) FROM refund WHERE reference IS NOT NULL
	UNION ALL SELECT 'shipments_canceled', count(*) FROM shipment WHERE state = 'canceled'
	UNION ALL SELECT 'parcels_returned', count(*) FROM shipment WHERE state = 'returned'
	UNION ALL SELECT 'returns_' || state, count(*) FROM return_request
		WHERE state IN ('closed', 'rejected') GROUP BY 1
	UNION ALL SELECT 'units_restocked', sum(restocked)::bigint FROM return_line
	UNION ALL SELECT 'units_scrapped', sum(scrapped)::bigint FROM return_line
	UNION ALL SELECT 'disputes_won', count(*) FROM dispute WHERE state = 'won'
	UNION ALL SELECT 'disputes_lost', count(*) FROM dispute WHERE state = 'lost'
	UNION ALL SELECT 'disputes_withdrawn', count(*) FROM dispute WHERE state = 'warning_closed'
	UNION ALL SELECT 'disputes_answered', count(*) FROM dispute WHERE submissions > 0
	UNION ALL SELECT 'payouts_' || state, count(*) FROM payout
		WHERE state IN ('paid', 'failed') GROUP BY 1
	UNION ALL SELECT 'reconciled', count(*) FROM reconcile_run WHERE differences IS NOT NULL
	UNION ALL SELECT 'periods_closed', count(*) FROM period_close
$$;
REVOKE ALL ON FUNCTION api.sim_pick(text, bigint), api.sim_touched(), api.sim_without(text),
	api.sim_behind(jsonb), api.sim_sums(), api.sim_open(), api.sim_dead(), api.sim_cross(jsonb)
	FROM PUBLIC;
GRANT EXECUTE ON FUNCTION api.sim_pick(text, bigint) TO world_bob;
