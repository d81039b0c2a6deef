-- Prices: ranges of a variant and currency that never overlap.  Most are the standing price,
-- which goes on for ever; a scheduled one stands in its place for a time.  Whoever writes
-- holds the variants' rows, so that two who lay a range at once do it one after the other.

-- The price of a variant that holds now.
CREATE FUNCTION price_now(p_variant bigint, p_currency text) RETURNS price
LANGUAGE sql STABLE AS $$
	SELECT p.* FROM price p WHERE p.variant_id = p_variant AND p.currency = p_currency
		AND p.valid_from <= now() AND now() < p.valid_until
$$;

-- Hold the prices of these variants until the transaction ends.  Many at once only behind
-- the lock of the imports, which write variants in the order of their file.
CREATE FUNCTION price_lock(variants bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	IF cardinality(variants) > 1 THEN
		PERFORM pg_advisory_xact_lock(hashtext('shop.import'));
	END IF;
	PERFORM FROM variant v WHERE v.id = ANY (variants) ORDER BY v.id FOR NO KEY UPDATE;
END $$;

-- What is known of the variants' prices from now on, one picture each, in their order: for
-- the audit log and those who read it.
CREATE FUNCTION price_pictures(variants bigint[], currency text) RETURNS jsonb[]
LANGUAGE sql STABLE AS $$
	SELECT array_agg(jsonb_build_object('currency', $2, 'prices', coalesce(g.prices, '[]'))
		ORDER BY u.i)
	FROM unnest($1) WITH ORDINALITY AS u (v, i)
	LEFT JOIN (SELECT p.variant_id, jsonb_agg(jsonb_build_object('amount', p.amount,
			'compare_at', p.compare_at, 'scheduled', p.scheduled,
			'from', nullif(p.valid_from, '-infinity'),
			'until', nullif(p.valid_until, 'infinity')) ORDER BY p.valid_from) AS prices
		FROM price p WHERE p.variant_id = ANY ($1) AND p.currency = $2::bpchar
			AND p.valid_until > now() GROUP BY p.variant_id) g ON g.variant_id = u.v
$$;

-- One row of the audit log for each variant whose prices are no longer what they were.
CREATE FUNCTION price_audit(variants bigint[], currency text, action text, before jsonb[])
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM audit('variant:' || v.sku, 'price.' || $3, u.was, u.now_is)
	FROM unnest($1, $4, price_pictures($1, $2)) AS u (id, was, now_is)
		JOIN variant v ON v.id = u.id
	WHERE u.now_is <> u.was;
	IF $3 <> 'import' THEN -- which says so of all it changed
		PERFORM search_touch(ARRAY(SELECT DISTINCT v.product_id FROM variant v
			WHERE v.id = ANY ($1) ORDER BY 1));
	END IF;
END $$;

-- The standing price of these variants from a time on; what is scheduled stays, and the new
-- price goes on behind it.
CREATE FUNCTION price_stand(variants bigint[], currency text, amounts bigint[],
	compares bigint[], since timestamptz) RETURNS void LANGUAGE plpgsql AS $$
#variable_conflict use_variable
BEGIN
	DELETE FROM price p WHERE p.variant_id = ANY (variants) AND p.currency = currency::bpchar
		AND NOT p.scheduled AND p.valid_from >= since;
	UPDATE price p SET valid_until = since
	WHERE p.variant_id = ANY (variants) AND p.currency = currency::bpchar
		AND NOT p.scheduled AND p.valid_until > since;
	INSERT INTO price (variant_id, currency, amount, compare_at, valid_from, valid_until)
	SELECT u.v, currency, u.a, u.c, b.at, n.at
	FROM unnest(variants, amounts, compares) AS u (v, a, c)
		CROSS JOIN LATERAL (SELECT since WHERE NOT EXISTS (SELECT FROM price s
				WHERE s.variant_id = u.v AND s.currency = currency::bpchar
					AND s.valid_from <= since AND s.valid_until > since)
			UNION ALL SELECT s.valid_until FROM price s WHERE s.variant_id = u.v
				AND s.currency = currency::bpchar AND s.scheduled AND s.valid_until > since)
			AS b (at)
		CROSS JOIN LATERAL (SELECT coalesce(min(s.valid_from), 'infinity') FROM price s
			WHERE s.variant_id = u.v AND s.currency = currency::bpchar AND s.scheduled
				AND s.valid_from >= b.at) AS n (at)
	WHERE b.at < n.at;
END $$;

-- A price for a time.  The standing one is cut around it; another schedule is not.
CREATE FUNCTION price_lay(variants bigint[], currency text, amounts bigint[],
	compares bigint[], since timestamptz, until timestamptz) RETURNS void LANGUAGE plpgsql AS $$
#variable_conflict use_variable
DECLARE
	other record;
BEGIN
	SELECT p.*, v.sku INTO other FROM price p JOIN variant v ON v.id = p.variant_id
	WHERE p.variant_id = ANY (variants) AND p.currency = currency::bpchar AND p.scheduled
		AND p.valid_from < until AND p.valid_until > since
	ORDER BY v.sku, p.valid_from LIMIT 1;
	IF FOUND THEN
		PERFORM refuse('price_schedules_never_overlap', format('%s is scheduled at %s from %s until %s',
			other.sku, money_text(other.amount, currency), price_time(other.valid_from),
			price_time(other.valid_until)), format(
			'choose another time, or: shopctl price cancel %s --currency %s --from %s',
			other.sku, currency, price_time(other.valid_from)));
	END IF;
	WITH cut AS (
		DELETE FROM price p WHERE p.variant_id = ANY (variants)
			AND p.currency = currency::bpchar
			AND p.valid_from < until AND p.valid_until > since
		RETURNING p.*)
	INSERT INTO price (variant_id, currency, amount, compare_at, valid_from, valid_until,
		scheduled)
	SELECT c.variant_id, c.currency, c.amount, c.compare_at, r.since, r.until, false
	FROM cut c, LATERAL (VALUES (c.valid_from, since), (until, c.valid_until)) AS r (since, until)
	WHERE r.since < r.until
	UNION ALL
	SELECT u.v, currency, u.a, u.c, since, until, true
	FROM unnest(variants, amounts, compares) AS u (v, a, c);
END $$;

-- A time as people write it: to the second, with a fraction when it has one.
CREATE FUNCTION price_time(at timestamptz) RETURNS text LANGUAGE sql STABLE AS $$
	SELECT rtrim(rtrim(to_char($1 AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), '0'), '.')
		|| 'Z'
$$;

-- A schedule is taken back.  Until it begins, the price before it goes on through its time;
-- once it runs, the one that would follow begins now, and what held until now stays known.
CREATE FUNCTION price_unlay(was price) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	runs boolean := was.valid_from <= now();
	since timestamptz := greatest(was.valid_from, now());
	until timestamptz := was.valid_until;
	base price;
	beside price;
BEGIN
	SELECT p.* INTO base FROM price p
	WHERE p.variant_id = was.variant_id AND p.currency = was.currency AND NOT p.scheduled
	ORDER BY (p.valid_from >= until) <> runs, abs(extract(epoch FROM CASE
		WHEN p.valid_from >= until THEN p.valid_from - until ELSE since - p.valid_until END))
	LIMIT 1;
	DELETE FROM price p WHERE p.variant_id = was.variant_id AND p.currency = was.currency
		AND p.valid_until = until;
	IF was.valid_from < since THEN
		INSERT INTO price VALUES (was.variant_id, was.currency, was.amount, was.compare_at,
			was.valid_from, since, true);
	END IF;
	IF base.variant_id IS NULL THEN
		RETURN;
	END IF;
	-- Neighbours of the same price become one with it, as before the schedule.
	FOR beside IN DELETE FROM price p WHERE p.variant_id = was.variant_id
			AND p.currency = was.currency AND NOT p.scheduled AND p.amount = base.amount
			AND p.compare_at IS NOT DISTINCT FROM base.compare_at
			AND (p.valid_until = since OR p.valid_from = until) RETURNING p.* LOOP
		since := least(since, beside.valid_from);
		until := greatest(until, beside.valid_until);
	END LOOP;
	INSERT INTO price VALUES (base.variant_id, base.currency, base.amount, base.compare_at,
		since, until, false);
END $$;

-- The price that holds but for schedules: now, or when the one that runs is over.
CREATE FUNCTION price_standing(p_variant bigint, p_currency text) RETURNS SETOF price
LANGUAGE sql STABLE AS $$
	SELECT p.* FROM price p WHERE p.variant_id = p_variant AND p.currency = p_currency::bpchar
		AND NOT p.scheduled AND p.valid_until > now() ORDER BY p.valid_until LIMIT 1
$$;

-- Set the prices of import_row's old variants from now on; what is scheduled for later
-- stays.  While a schedule runs its price is no news either: an export says that.
CREATE FUNCTION import_update_prices(run bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	n record;
	before jsonb[];
BEGIN
	DROP TABLE IF EXISTS pg_temp.import_price;
	CREATE TEMPORARY TABLE import_price ON COMMIT DROP AS
	SELECT r.variant_id, r.currency, r.price AS amount, r.line,
		CASE WHEN r.compare_at IS NULL THEN p.compare_at ELSE nullif(r.compare_at, -1) END
			AS compare_at
	FROM import_prices() r LEFT JOIN price p ON p.variant_id = r.variant_id
		AND p.currency = r.currency AND p.valid_from <= now() AND now() < p.valid_until
	WHERE NOT r.new_variant
		AND (p.amount IS DISTINCT FROM r.price OR (r.compare_at IS NOT NULL
			AND nullif(r.compare_at, -1) IS DISTINCT FROM p.compare_at))
		AND NOT (coalesce(p.scheduled, false) AND EXISTS (SELECT FROM price s
			WHERE s.variant_id = r.variant_id AND s.currency = r.currency AND NOT s.scheduled
				AND s.valid_from >= p.valid_until AND s.amount = r.price));
	INSERT INTO import_before (run_id, noun, id, key, name, before, after)
	SELECT run, 'price', i.variant_id, i.currency, v.sku, CASE WHEN p.variant_id IS NOT NULL
			THEN jsonb_build_object('amount', p.amount, 'compare_at', p.compare_at) END,
		jsonb_build_object('amount', i.amount, 'compare_at', i.compare_at)
	FROM import_price i JOIN variant v ON v.id = i.variant_id
		LEFT JOIN LATERAL price_standing(i.variant_id, i.currency) p ON true;
	FOR n IN SELECT p.currency, array_agg(p.variant_id ORDER BY p.variant_id) AS variants,
			array_agg(p.amount ORDER BY p.variant_id) AS amounts,
			array_agg(p.compare_at ORDER BY p.variant_id) AS compares
			FROM import_price p GROUP BY p.currency ORDER BY p.currency LOOP
		PERFORM price_lock(n.variants);
		before := price_pictures(n.variants, n.currency);
		PERFORM price_stand(n.variants, n.currency, n.amounts, n.compares, now());
		PERFORM price_audit(n.variants, n.currency, 'import', before);
	END LOOP;
	INSERT INTO import_change SELECT i.line FROM import_price i;
END $$;
