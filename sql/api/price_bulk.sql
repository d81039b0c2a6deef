-- Many prices by one expression: exact from the price to the one rounding at the end.

-- a / b rounded down; exact for whole numbers of any size.
CREATE FUNCTION floor_div(a numeric, b numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$
	SELECT div(a, b) - CASE WHEN mod(a, b) < 0 THEN 1 ELSE 0 END
$$;

-- An expression as the fraction (a * price + b) / d of whole numbers, in minor units.  Its
-- steps go from left to right: *F /F +A -A =A, and +P% and -P%; A is an amount in major units.
CREATE FUNCTION price_expression(expr text, exponent integer, OUT a numeric, OUT b numeric,
	OUT d numeric)
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	step text[];
	x numeric;
	scale numeric;
BEGIN
	IF expr !~ '^(\s*([*/+=-]\s*[0-9]{1,9}(\.[0-9]{1,6})?|[+-]\s*[0-9]{1,3}(\.[0-9]{1,6})?%)\s*){1,9}$' THEN
		PERFORM invalid('price_expression_is_readable', format('"%s" is no expression', expr),
			'steps from left to right: *0.90, /1.19, +2.50, -1, =9.99, -10%');
	END IF;
	a := 1;
	b := 0;
	d := 1;
	FOR step IN SELECT regexp_matches(expr, '([*/+=-])\s*([0-9.]+)(%?)', 'g') LOOP
		scale := 1000000;
		x := trunc(step[2]::numeric * scale);
		IF step[3] = '%' THEN
			scale := scale * 100;
			x := CASE step[1] WHEN '+' THEN scale + x ELSE scale - x END;
			step[1] := '*';
		END IF;
		IF step[1] = '/' AND x = 0 THEN
			PERFORM invalid('price_expression_is_readable', 'nothing can be divided by 0');
		END IF;
		CASE step[1]
			WHEN '*' THEN a := a * x; b := b * x; d := d * scale;
			WHEN '/' THEN a := a * scale; b := b * scale; d := d * x;
			WHEN '=' THEN a := 0; b := x * trunc(power(10::numeric, exponent)); d := scale;
			ELSE
				x := x * trunc(power(10::numeric, exponent)) * CASE step[1] WHEN '-' THEN -1 ELSE 1 END;
				a := a * scale; b := b * scale + x * d; d := d * scale;
		END CASE;
	END LOOP;
END $$;

-- An ending: prices end so in every `period` of minor units, 0.99 in each whole unit, 9.90 in
-- each ten.  Without one every minor unit will do.
CREATE FUNCTION price_ending(ending text, exponent integer, OUT tail numeric,
	OUT period numeric)
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	unit numeric := trunc(power(10::numeric, exponent));
BEGIN
	tail := coalesce(ending::numeric * unit, 0);
	period := CASE WHEN ending IS NULL THEN 1
		ELSE unit * trunc(power(10::numeric, length(ltrim(split_part(ending, '.', 1), '0')))) END;
	IF tail <> trunc(tail) OR period = 1 AND ending IS NOT NULL THEN
		PERFORM invalid('price_ending_is_payable', format('no price ends in %s', ending),
			'no more decimals than the currency has: 0.99, 9.90; without decimals 90');
	END IF;
END $$;

-- (a * price + b) / d, rounded half up to a price with that ending, or up to the next one
-- that is not below the floor.
CREATE FUNCTION price_reckon(price bigint, a numeric, b numeric, d numeric, tail numeric,
	period numeric, floor bigint) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$
	SELECT greatest(
		floor_div(2 * ($2 * $1 + $3) + (period - 2 * tail) * $4, 2 * period * $4) * period + tail,
		-floor_div(tail - $7, period) * period + tail)
$$;

-- What a bulk change finds: the price that each variant would have otherwise, and its floor.
CREATE FUNCTION price_bulk_find(conditions text[], currency text, since timestamptz,
	for_good boolean, floor text)
RETURNS TABLE (variant_id bigint, sku text, was price, bottom bigint)
LANGUAGE sql STABLE AS $$
	SELECT v.id, v.sku, w.was, CASE $5 WHEN 'cost' THEN CASE WHEN v.cost_currency = $2::bpchar
		THEN v.cost_minor END ELSE $5::bigint END
	FROM catalog_match($1) m JOIN variant v ON v.id = m.variant_id
		CROSS JOIN LATERAL (SELECT CASE WHEN $4 THEN price_standing(v.id, $2, $3)
			ELSE price_at(v.id, $2, $3) END) AS w (was)
	WHERE (w.was).variant_id IS NOT NULL ORDER BY v.id
$$;

-- What cannot be: no price at all, a floor that nobody knows, a price out of bounds.
CREATE FUNCTION price_bulk_judge(matched bigint, blind text[], outside text[], currency text)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	IF matched = 0 THEN
		PERFORM absent('bulk_finds_prices', format('nothing that has a price in %s fits', currency),
			'shopctl price list --where CONDITION');
	ELSIF blind[1] IS NOT NULL THEN
		PERFORM refuse('price_floor_is_known', format('%s of them have no cost in %s, %s is the first',
			cardinality(blind), currency, blind[1]),
			format('add --where ''cost>0%s'', or give an amount', currency));
	ELSIF outside[1] IS NOT NULL THEN
		PERFORM refuse('price_is_within_bounds', format('%s prices would be out of bounds, first %s',
			cardinality(outside), outside[1]), 'see what it would do with another --where or --expr');
	END IF;
END $$;

-- Change the prices of all variants that the conditions fit: the standing ones from a time
-- on, or, with an end, by schedules.  floor is null, "cost", or minor units.
CREATE FUNCTION api.price_bulk(conditions text[], currency text, expr text, ending text,
	floor text, since timestamptz, until timestamptz)
RETURNS TABLE (sku text, before amount, after amount, compare_at amount,
	valid_from timestamptz, valid_until timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET jit = off AS $$
#variable_conflict use_variable
DECLARE
	begins timestamptz := price_begins(since);
	digits integer := (SELECT c.exponent FROM currency c WHERE c.code = currency::bpchar);
	e record;
	r record;
	n record;
	pictures jsonb[];
BEGIN
	IF until <= begins THEN
		PERFORM invalid('price_range_is_not_empty', format('it would end at %s and begin at %s',
			price_time(until), price_time(begins)));
	ELSIF digits IS NULL THEN
		PERFORM invalid('currency_is_known', format('%s is no currency', currency));
	END IF;
	e := price_expression(expr, digits);
	r := price_ending(ending, digits);
	PERFORM pg_advisory_xact_lock(hashtext('shop.import'));
	PERFORM price_lock(ARRAY(SELECT m.variant_id FROM catalog_match(conditions) m
		WHERE m.variant_id IS NOT NULL));
	SELECT count(*) AS matched,
		array_agg(f.sku ORDER BY f.sku) FILTER (WHERE floor = 'cost' AND f.bottom IS NULL) AS blind,
		array_agg(format('%s at %s', f.sku, money_text(f.amount, currency)) ORDER BY f.sku)
			FILTER (WHERE f.amount NOT BETWEEN 1 AND 10000000000) AS outside,
		array_agg(f.variant_id ORDER BY f.variant_id) FILTER (WHERE f.changes) AS ids,
		array_agg(f.sku ORDER BY f.variant_id) FILTER (WHERE f.changes) AS skus,
		array_agg((f.was).amount ORDER BY f.variant_id) FILTER (WHERE f.changes) AS before,
		array_agg(f.amount ORDER BY f.variant_id) FILTER (WHERE f.changes) AS after,
		array_agg(price_compare(NULL, f.was, f.amount) ORDER BY f.variant_id)
			FILTER (WHERE f.changes) AS compares
	INTO n
	FROM (SELECT x.*, x.amount <> (x.was).amount AS changes
		FROM (SELECT b.*, least(price_reckon((b.was).amount, e.a, e.b, e.d, r.tail, r.period,
				coalesce(b.bottom, -9999999999)), 99999999999)::bigint AS amount
			FROM price_bulk_find(conditions, currency, begins, until IS NULL, floor) b) x) f;
	PERFORM price_bulk_judge(n.matched, n.blind, n.outside, currency);
	IF n.ids IS NOT NULL THEN
		pictures := price_pictures(n.ids, currency);
		IF until IS NULL THEN
			PERFORM price_stand(n.ids, currency, n.after, n.compares, begins);
		ELSE
			PERFORM price_lay(n.ids, currency, n.after, n.compares, begins, until);
		END IF;
		PERFORM price_audit(n.ids, currency, 'bulk', pictures);
	END IF;
	RETURN QUERY SELECT c.* FROM unnest(n.skus, n.before, n.after, n.compares)
		AS u (s, was, is_now, crossed), price_change(u.s, currency, u.was, u.is_now, u.crossed,
			begins, until) c ORDER BY c.sku;
END $$;
