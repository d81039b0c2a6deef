-- What operators do to the price of one variant: set it, schedule one, take that back.

-- The price that holds at a time.
CREATE FUNCTION price_at(variant bigint, currency text, at timestamptz) RETURNS price
LANGUAGE sql STABLE AS $$
	SELECT p.* FROM price p WHERE p.variant_id = $1 AND p.currency = $2::bpchar
		AND p.valid_from <= $3 AND $3 < p.valid_until ORDER BY p.valid_until LIMIT 1
$$;

-- The standing price that a new one from then on would replace.
CREATE FUNCTION price_standing(variant bigint, currency text, since timestamptz)
RETURNS price LANGUAGE sql STABLE AS $$
	SELECT p.* FROM price p WHERE p.variant_id = $1 AND p.currency = $2::bpchar
		AND NOT p.scheduled AND p.valid_until > $3 ORDER BY p.valid_until LIMIT 1
$$;

-- Nothing is sold for nothing by these verbs, nor for more than a line may cost.
CREATE FUNCTION price_fits(sku text, amount bigint, currency text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	IF $2 NOT BETWEEN 1 AND 10000000000 THEN
		PERFORM invalid('price_is_within_bounds', format('%s cannot cost %s', $1,
			money_text($2, $3)));
	END IF;
END $$;

-- When a change begins: now, or later.
CREATE FUNCTION price_begins(since timestamptz) RETURNS timestamptz LANGUAGE plpgsql STABLE AS $$
BEGIN
	IF $1 < now() - interval '1 minute' THEN
		PERFORM invalid('price_past_stays', format('%s is over', price_time($1)),
			'leave --from out: the price holds from now on');
	END IF;
	RETURN greatest(coalesce($1, now()), now());
END $$;

-- What is crossed out beside a new price: compare is null for what stood there before, while
-- it is above the price, -1 for nothing.
CREATE FUNCTION price_compare(compare bigint, was price, amount bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN $1 IS NULL THEN CASE WHEN $2.compare_at > $3 THEN $2.compare_at END
		ELSE nullif($1, -1) END
$$;

-- A price and the one it replaces, as its verbs answer.
CREATE FUNCTION price_change(sku text, currency text, was bigint, now_is bigint,
	compare bigint, since timestamptz, until timestamptz)
RETURNS TABLE (sku text, before amount, after amount, compare_at amount,
	valid_from timestamptz, valid_until timestamptz)
LANGUAGE sql IMMUTABLE AS $$
	SELECT $1, CASE WHEN $3 IS NOT NULL THEN ROW($3, $2)::amount END,
		CASE WHEN $4 IS NOT NULL THEN ROW($4, $2)::amount END,
		CASE WHEN $5 IS NOT NULL THEN ROW($5, $2)::amount END,
		nullif($6, '-infinity'), nullif($7, 'infinity')
$$;

-- The standing price, from now on or from a time to come.
CREATE FUNCTION api.price_set(p_sku text, price amount, compare bigint, since timestamptz)
RETURNS TABLE (sku text, before amount, after amount, compare_at amount,
	valid_from timestamptz, valid_until timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	v variant := variant_named($1);
	begins timestamptz := price_begins($4);
	was price;
	pictures jsonb[];
	crossed bigint;
BEGIN
	PERFORM price_fits($1, $2.minor, $2.currency), price_lock(ARRAY[v.id]);
	was := price_standing(v.id, $2.currency, begins);
	crossed := price_compare($3, was, $2.minor);
	pictures := price_pictures(ARRAY[v.id], $2.currency);
	IF was.variant_id IS NULL OR EXISTS (SELECT FROM price p
		WHERE p.variant_id = v.id AND p.currency = $2.currency::bpchar AND NOT p.scheduled
			AND p.valid_until > begins
			AND (p.amount, p.compare_at) IS DISTINCT FROM ($2.minor, crossed))
	THEN
		PERFORM price_stand(ARRAY[v.id], $2.currency, ARRAY[$2.minor], ARRAY[crossed], begins),
			price_audit(ARRAY[v.id], $2.currency, 'set', pictures);
	END IF;
	RETURN QUERY SELECT c.* FROM price_standing(v.id, $2.currency, begins) s,
		price_change($1, $2.currency, was.amount, s.amount, s.compare_at, s.valid_from, NULL) c;
END $$;

-- A price for a time; compare as in price_set.
CREATE FUNCTION api.price_schedule(p_sku text, price amount, compare bigint,
	since timestamptz, until timestamptz)
RETURNS TABLE (sku text, before amount, after amount, compare_at amount,
	valid_from timestamptz, valid_until timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	v variant := variant_named($1);
	begins timestamptz := price_begins($4);
	was price;
	pictures jsonb[];
	crossed bigint;
BEGIN
	PERFORM price_fits($1, $2.minor, $2.currency), price_lock(ARRAY[v.id]);
	IF $5 <= begins THEN
		PERFORM invalid('price_range_is_not_empty', format('it would end at %s and begin at %s',
			price_time($5), price_time(begins)));
	END IF;
	was := price_at(v.id, $2.currency, begins);
	crossed := price_compare($3, was, $2.minor);
	pictures := price_pictures(ARRAY[v.id], $2.currency);
	PERFORM price_lay(ARRAY[v.id], $2.currency, ARRAY[$2.minor], ARRAY[crossed], begins, $5),
		price_audit(ARRAY[v.id], $2.currency, 'schedule', pictures);
	RETURN QUERY SELECT * FROM price_change($1, $2.currency, was.amount, $2.minor, crossed,
		begins, $5);
END $$;

-- A schedule that has not ended is taken back: the one that begins at a time, or the only one.
CREATE FUNCTION api.price_cancel(p_sku text, currency text, since timestamptz)
RETURNS TABLE (sku text, before amount, after amount, compare_at amount,
	valid_from timestamptz, valid_until timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	v variant := variant_named($1);
	found price[];
	pictures jsonb[];
	now_is price;
	begins timestamptz;
BEGIN
	PERFORM price_lock(ARRAY[v.id]);
	found := ARRAY(SELECT p FROM price p WHERE p.variant_id = v.id
		AND p.currency = $2::bpchar AND p.scheduled AND p.valid_until > now()
		AND ($3 IS NULL OR p.valid_from = $3) ORDER BY p.valid_from);
	IF cardinality(found) = 0 THEN
		PERFORM absent('price_schedule_exists', format('no price of %s in %s is scheduled%s', $1, $2,
			coalesce(' from ' || price_time($3), '')), 'shopctl price show ' || $1);
	ELSIF cardinality(found) > 1 THEN
		PERFORM invalid('price_schedule_is_named', format('%s has %s schedules in %s', $1,
			cardinality(found), $2), 'add --from TIME; shopctl price show ' || $1);
	END IF;
	begins := greatest(found[1].valid_from, now());
	pictures := price_pictures(ARRAY[v.id], $2);
	PERFORM price_unlay(found[1]), price_audit(ARRAY[v.id], $2, 'cancel', pictures);
	now_is := price_at(v.id, $2, begins);
	RETURN QUERY SELECT * FROM price_change($1, $2, found[1].amount, now_is.amount,
		now_is.compare_at, begins, found[1].valid_until);
END $$;
