-- What it costs to send a basket somewhere: the place finds its zone, the zone's methods
-- their rates, and a rate says a price in integers.

-- A place as areas name it: postcodes without blanks, a state without its country.
CREATE FUNCTION shipping_postcode(postcode text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT upper(regexp_replace(coalesce($1, ''), '\s', '', 'g'))
$$;

CREATE FUNCTION shipping_region(country text, region text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN starts_with(upper($2), upper($1) || '-')
		THEN upper(substr($2, length($1) + 2)) ELSE upper(coalesce($2, '')) END
$$;

-- The zone of a place: that of the longest postcode, then of the region, then of the
-- country, then of the rest of the world.
CREATE FUNCTION shipping_zone_of(country text, region text, postcode text) RETURNS bigint
LANGUAGE sql STABLE AS $$
	SELECT a.zone_id FROM shipping_area a
	WHERE a.country IN ('', upper($1)) AND a.region IN ('', shipping_region($1, $2))
		AND starts_with(shipping_postcode($3), a.postcode) AND $1 <> ''
	ORDER BY length(a.postcode) DESC, a.region = '', a.country = '' LIMIT 1
$$;

-- What a rate asks for so many grams of goods that cost so much.
CREATE FUNCTION shipping_price(r shipping_rate, weight bigint, goods bigint)
RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN $3 >= r.free_above THEN 0
		ELSE r.price + r.per_kg * ((greatest($2 - r.weight_from, 0) + 999) / 1000) END
$$;

-- The rates that hold for many baskets, one a method, at their prices: n is the basket's
-- place in the arrays, from 1.
CREATE FUNCTION shipping_rates_of(countries text[], regions text[], postcodes text[],
	currencies text[], weights bigint[], goods bigint[], at timestamptz)
RETURNS TABLE (n bigint, rate_id bigint, zone text, method text, name text, price bigint)
LANGUAGE sql STABLE AS $$
	SELECT b.n, r.id, z.code, m.code, m.name, shipping_price(r, b.weight, b.goods)
	FROM unnest($1, $2, $3, $4, $5, $6) WITH ORDINALITY
		AS b (country, region, postcode, currency, weight, goods, n)
	JOIN shipping_zone z ON z.id = shipping_zone_of(b.country, b.region, b.postcode)
	JOIN shipping_method m ON m.zone_id = z.id AND m.currency = b.currency::bpchar
	JOIN shipping_rate r ON r.method_id = m.id
		AND r.weight_from <= b.weight AND (r.weight_until IS NULL OR b.weight < r.weight_until)
		AND r.total_from <= b.goods AND (r.total_until IS NULL OR b.goods < r.total_until)
		AND r.valid_from <= $7 AND $7 < r.valid_until
	ORDER BY b.n, 6, m.code
$$;

-- What is to be sent of each basket: its grams, and what it costs before discounts.
CREATE FUNCTION shipping_loads(baskets bigint, line_order bigint[], line_variant bigint[],
	line_qty bigint[], line_price bigint[], OUT units bigint[], OUT weights bigint[],
	OUT goods bigint[])
LANGUAGE sql STABLE AS $$
	SELECT array_agg(coalesce(d.units, 0) ORDER BY i),
		array_agg(coalesce(d.weight, 0) ORDER BY i), array_agg(coalesce(d.goods, 0) ORDER BY i)
	FROM generate_series(1, $1) i
	LEFT JOIN (SELECT u.o, sum(u.qty)::bigint AS units,
			sum(u.qty * v.weight_grams)::bigint AS weight, sum(u.qty * u.price)::bigint AS goods
		FROM unnest($2, $3, $4, $5) AS u (o, variant, qty, price)
		JOIN variant v ON v.id = u.variant AND v.requires_shipping
		GROUP BY u.o) d ON d.o = i
$$;

-- What each basket's choice costs now, or why there is no such choice; who chose nothing
-- pays nothing, and neither does a basket of which nothing is sent.
CREATE FUNCTION checkout_shipping(currencies text[], countries text[], regions text[],
	postcodes text[], choices text[], line_order bigint[], line_variant bigint[],
	line_qty bigint[], line_price bigint[], OUT prices bigint[],
	OUT chosen shipping_choice[])
LANGUAGE plpgsql STABLE AS $$
DECLARE
	load record;
BEGIN
	prices := array_fill(0::bigint, ARRAY[cardinality(currencies)]);
	IF NOT EXISTS (SELECT FROM unnest(choices) c WHERE c IS NOT NULL) THEN
		RETURN;
	END IF;
	load := shipping_loads(cardinality(currencies), line_order, line_variant, line_qty,
		line_price);
	SELECT array_agg(CASE WHEN load.units[i] > 0 THEN coalesce(r.price, 0) ELSE 0 END
			ORDER BY i),
		array_agg(CASE WHEN choices[i] IS NULL OR load.units[i] = 0 THEN NULL
			ELSE ROW(r.rate_id, r.method, r.name, load.weights[i], load.goods[i], r.price,
				CASE WHEN r.rate_id IS NOT NULL THEN NULL
					WHEN coalesce(countries[i], '') = '' THEN
						'what it costs to send depends on the country, and the address has none'
					ELSE format('%s does not send %s g for %s to %s', choices[i],
						load.weights[i], money_text(load.goods[i], currencies[i]),
						concat_ws(' ', countries[i], regions[i], postcodes[i])) END)
				::shipping_choice END ORDER BY i)
	INTO prices, chosen
	FROM generate_subscripts(currencies, 1) i
	LEFT JOIN shipping_rates_of(countries, regions, postcodes, currencies, load.weights,
		load.goods, now()) r ON r.n = i AND r.method = choices[i];
END $$;

-- Each order remembers what it chose.
CREATE FUNCTION shipping_choose(picked bigint[], ids bigint[], chosen shipping_choice[],
	shippings bigint[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO order_shipping (order_id, rate_id, method, name, weight, goods, price, charged)
	SELECT ids[i], c.rate_id, c.method, c.name, c.weight, c.goods, c.price, shippings[i]
	FROM unnest(picked) i CROSS JOIN LATERAL (SELECT (chosen[i]).*) AS c
	WHERE c.rate_id IS NOT NULL;
END $$;

-- The operator's view.

CREATE FUNCTION shipping_zone_named(code text) RETURNS shipping_zone
LANGUAGE plpgsql STABLE AS $$
DECLARE
	z shipping_zone;
BEGIN
	SELECT * INTO z FROM shipping_zone x WHERE x.code = $1;
	IF NOT FOUND THEN
		PERFORM absent('shipping_zone_exists', format('there is no shipping zone %s', $1),
			'shopctl shipping zone list');
	END IF;
	RETURN z;
END $$;

-- DE, US-CA, DE:80, and * for the rest of the world.
CREATE FUNCTION shipping_area_text(a shipping_area) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE a.country WHEN '' THEN '*' ELSE a.country END
		|| CASE a.region WHEN '' THEN '' ELSE '-' || a.region END
		|| CASE a.postcode WHEN '' THEN '' ELSE ':' || a.postcode END
$$;

CREATE FUNCTION api.shipping_zone_list(only_code text)
RETURNS TABLE (code text, name text, areas text[], methods bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY SELECT z.code, z.name,
		ARRAY(SELECT shipping_area_text(a) FROM shipping_area a WHERE a.zone_id = z.id
			ORDER BY a.country, a.region, a.postcode),
		(SELECT count(DISTINCT m.code) FROM shipping_method m WHERE m.zone_id = z.id)
	FROM shipping_zone z WHERE $1 IS NULL OR z.code = $1 ORDER BY z.code;
END $$;

-- Writers of zones and rates wait for each other: they are few.
CREATE FUNCTION api.shipping_zone_set(code text, name text, areas text[])
RETURNS TABLE (zone text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	z shipping_zone;
	was text[];
	other record;
	part text[];
	area text;
BEGIN
	PERFORM pg_advisory_xact_lock(hashtext('shop.shipping'));
	INSERT INTO shipping_zone AS x (code, name) VALUES ($1, coalesce($2, $1))
	ON CONFLICT ON CONSTRAINT shipping_zone_code_is_unique
		DO UPDATE SET name = coalesce($2, x.name) RETURNING x.* INTO z;
	was := ARRAY(SELECT shipping_area_text(a) FROM shipping_area a WHERE a.zone_id = z.id
		ORDER BY 1);
	IF cardinality($3) > 0 THEN
		DELETE FROM shipping_area a WHERE a.zone_id = z.id;
	ELSIF cardinality(was) = 0 THEN
		PERFORM invalid('shipping_zone_has_an_area', format('zone %s has no area', $1),
			'--area DE --area US-CA --area DE:80, or --area "*" for the rest of the world');
	END IF;
	FOREACH area IN ARRAY coalesce($3, '{}') LOOP
		part := regexp_match(upper(area),
			'^(?:\*|([A-Z]{2})(?:-([A-Z0-9]{1,3}))?(?::([A-Z0-9 -]{1,12})\*?)?)$');
		IF part IS NULL THEN
			PERFORM invalid('shipping_area_is_known', format('"%s" is no area', area),
				'DE, US-CA, DE:80 for postcodes that begin so, or *');
		END IF;
		SELECT x.code INTO other FROM shipping_area a JOIN shipping_zone x ON x.id = a.zone_id
		WHERE a.country = coalesce(part[1], '') AND a.region = coalesce(part[2], '')
			AND a.postcode = shipping_postcode(part[3]) AND a.zone_id <> z.id;
		IF FOUND THEN
			PERFORM refuse('shipping_area_is_in_one_zone', format('%s is in zone %s', area,
				other.code), 'shopctl shipping zone list');
		END IF;
		INSERT INTO shipping_area VALUES (z.id, coalesce(part[1], ''), coalesce(part[2], ''),
			shipping_postcode(part[3])) ON CONFLICT DO NOTHING;
	END LOOP;
	PERFORM audit('shipping_zone:' || z.code, 'set', to_jsonb(was),
		(SELECT to_jsonb(l) FROM api.shipping_zone_list(z.code) l));
	zone := z.code;
	RETURN NEXT;
END $$;

-- A zone that nothing is sent into any more.
CREATE FUNCTION api.shipping_zone_remove(code text) RETURNS TABLE (zone text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	z shipping_zone;
BEGIN
	PERFORM pg_advisory_xact_lock(hashtext('shop.shipping'));
	z := shipping_zone_named($1);
	IF EXISTS (SELECT FROM shipping_method m JOIN shipping_rate r ON r.method_id = m.id
			WHERE m.zone_id = z.id AND r.valid_until > now()) THEN
		PERFORM refuse('shipping_zone_is_unused', format('zone %s has rates', $1),
			format('shopctl shipping rate list --zone %s', $1));
	END IF;
	PERFORM audit('shipping_zone:' || z.code, 'remove',
		(SELECT to_jsonb(l) FROM api.shipping_zone_list(z.code) l), NULL);
	-- Orders remember the rates that they paid: with one that ended the zone stays, nowhere.
	DELETE FROM shipping_area a WHERE a.zone_id = z.id;
	IF NOT EXISTS (SELECT FROM shipping_method m JOIN shipping_rate r ON r.method_id = m.id
			WHERE m.zone_id = z.id) THEN
		DELETE FROM shipping_method m WHERE m.zone_id = z.id;
		DELETE FROM shipping_zone x WHERE x.id = z.id;
	END IF;
	zone := z.code;
	RETURN NEXT;
END $$;

CREATE FUNCTION shipping_money(minor bigint, currency text) RETURNS amount
LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN $1 IS NOT NULL THEN ROW($1, $2)::amount END
$$;

CREATE FUNCTION api.shipping_rate_list(only_zone text, only_method text, as_of timestamptz,
	everything boolean)
RETURNS TABLE (id bigint, zone text, method text, name text, price amount, per_kg amount,
	weight_from bigint, weight_until bigint, total_from amount, total_until amount,
	free_above amount, valid_from timestamptz, valid_until timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY SELECT r.id, z.code, m.code, m.name,
		shipping_money(r.price, m.currency), shipping_money(nullif(r.per_kg, 0), m.currency),
		r.weight_from, r.weight_until,
		shipping_money(r.total_from, m.currency), shipping_money(r.total_until, m.currency),
		shipping_money(r.free_above, m.currency), nullif(r.valid_from, '-infinity'),
		nullif(r.valid_until, 'infinity')
	FROM shipping_rate r JOIN shipping_method m ON m.id = r.method_id
	JOIN shipping_zone z ON z.id = m.zone_id
	WHERE ($1 IS NULL OR z.code = $1) AND ($2 IS NULL OR m.code = $2)
		AND ($4 OR r.valid_from <= coalesce($3, now()) AND coalesce($3, now()) < r.valid_until)
	ORDER BY z.code, m.code, m.currency, r.weight_from, r.total_from, r.valid_from;
END $$;

-- Lay a rate from a time until another; what lay there in the same bands makes room, and
-- bands that overlap others are refused by shipping_rates_never_overlap.
CREATE FUNCTION shipping_rate_put(wish shipping_rate) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	was shipping_rate;
	cut jsonb := '[]';
	made bigint;
BEGIN
	FOR was IN SELECT * FROM shipping_rate r WHERE r.method_id = wish.method_id
			AND r.weight_from = wish.weight_from AND r.total_from = wish.total_from
			AND r.weight_until IS NOT DISTINCT FROM wish.weight_until
			AND r.total_until IS NOT DISTINCT FROM wish.total_until
			AND r.valid_from < wish.valid_until AND r.valid_until > wish.valid_from LOOP
		cut := cut || to_jsonb(was);
		-- What holds before the new one stays the same rate; what follows it is another.
		IF was.valid_from < wish.valid_from THEN
			UPDATE shipping_rate r SET valid_until = wish.valid_from WHERE r.id = was.id;
		ELSE
			DELETE FROM shipping_rate r WHERE r.id = was.id;
		END IF;
		IF was.valid_until > wish.valid_until THEN
			INSERT INTO shipping_rate (method_id, weight_from, weight_until, total_from,
				total_until, price, per_kg, free_above, valid_from, valid_until)
			VALUES (was.method_id, was.weight_from, was.weight_until, was.total_from,
				was.total_until, was.price, was.per_kg, was.free_above, wish.valid_until,
				was.valid_until);
		END IF;
	END LOOP;
	INSERT INTO shipping_rate (method_id, weight_from, weight_until, total_from, total_until,
		price, per_kg, free_above, valid_from, valid_until)
	VALUES (wish.method_id, wish.weight_from, wish.weight_until, wish.total_from,
		wish.total_until, wish.price, wish.per_kg, wish.free_above, wish.valid_from,
		wish.valid_until) RETURNING id INTO made;
	PERFORM audit('shipping_rate:' || made, 'set', cut,
		(SELECT to_jsonb(r) FROM shipping_rate r WHERE r.id = made));
	RETURN made;
END $$;

-- The first rate of its bands holds since ever, one that follows from now on, unless a
-- time is given; never from before now where orders may have paid another.
CREATE FUNCTION api.shipping_rate_set(zone text, method text, name text, currency text,
	price bigint, per_kg bigint, free_above bigint, weight_from bigint, weight_until bigint,
	total_from bigint, total_until bigint, since timestamptz, until timestamptz)
RETURNS TABLE (id bigint, zone_code text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	wish shipping_rate;
	paid bigint;
BEGIN
	PERFORM pg_advisory_xact_lock(hashtext('shop.shipping'));
	zone_code := (shipping_zone_named($1)).code;
	INSERT INTO shipping_method AS m (zone_id, code, currency, name)
	VALUES ((shipping_zone_named($1)).id, $2, $4, coalesce($3, $2))
	ON CONFLICT ON CONSTRAINT shipping_method_is_unique
		DO UPDATE SET name = coalesce($3, m.name) RETURNING m.id INTO wish.method_id;
	wish.price := $5;
	wish.per_kg := coalesce($6, 0);
	wish.free_above := $7;
	wish.weight_from := coalesce($8, 0);
	wish.weight_until := $9;
	wish.total_from := coalesce($10, 0);
	wish.total_until := $11;
	wish.valid_from := coalesce($12, CASE WHEN EXISTS (SELECT FROM shipping_rate r
		WHERE r.method_id = wish.method_id) THEN now() ELSE '-infinity' END);
	wish.valid_until := coalesce($13, 'infinity');
	SELECT r.id INTO paid FROM shipping_rate r JOIN order_shipping s ON s.rate_id = r.id
	WHERE r.method_id = wish.method_id AND r.valid_from >= wish.valid_from
		AND r.valid_from < now() AND r.valid_from < wish.valid_until LIMIT 1;
	IF FOUND THEN
		PERFORM refuse('shipping_rate_was_paid', format(
			'rate %s was paid by orders: it can end, but not be gone', paid),
			'set the new one from now on');
	END IF;
	id := shipping_rate_put(wish);
	RETURN NEXT;
END $$;

-- A rate ends, now or at a time; one that would end before it begins is gone.
CREATE FUNCTION api.shipping_rate_remove(rate bigint, at timestamptz)
RETURNS TABLE (id bigint, zone_code text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	was shipping_rate;
	ends timestamptz := greatest(coalesce($2, now()), now());
BEGIN
	PERFORM pg_advisory_xact_lock(hashtext('shop.shipping'));
	SELECT r.* INTO was FROM shipping_rate r WHERE r.id = $1 AND r.valid_until > ends;
	IF was.id IS NULL THEN
		PERFORM absent('shipping_rate_exists',
			format('there is no shipping rate %s that holds then', $1),
			'shopctl shipping rate list');
	ELSIF was.valid_from >= ends THEN
		DELETE FROM shipping_rate r WHERE r.id = $1;
	ELSE
		UPDATE shipping_rate r SET valid_until = ends WHERE r.id = $1;
	END IF;
	PERFORM audit('shipping_rate:' || $1, 'remove', to_jsonb(was), to_jsonb(ends));
	id := was.id;
	SELECT z.code INTO zone_code FROM shipping_method m JOIN shipping_zone z ON z.id = m.zone_id
	WHERE m.id = was.method_id;
	RETURN NEXT;
END $$;

-- Every way to send a basket somewhere, the cheapest first.
CREATE FUNCTION api.shipment_quote(lines text[], country text, region text, postcode text,
	currency text, customer text)
RETURNS TABLE (method text, name text, price amount, zone text, rate bigint, weight bigint,
	goods amount)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	who bigint := CASE WHEN $6 IS NOT NULL THEN (SELECT k.id FROM customer k
		WHERE k.email = customer_email($6)) END;
	b record;
	load record;
BEGIN
	SELECT array_agg(1::bigint) AS ones, array_agg(v.id ORDER BY q.n) AS variants,
		array_agg(q.qty ORDER BY q.n) AS qtys, array_agg(q.price ORDER BY q.n) AS prices
	INTO b FROM tax_quote_lines($1, $5, who, now()) q JOIN variant v ON v.sku = q.sku;
	load := shipping_loads(1, b.ones, b.variants, b.qtys, b.prices);
	IF shipping_zone_of($2, $3, $4) IS NULL THEN
		PERFORM refuse('shipping_zone_serves', format('no shipping zone has %s',
			concat_ws(' ', upper($2), $3, $4)), 'shopctl shipping zone list');
	END IF;
	RETURN QUERY SELECT r.method, r.name, ROW(CASE WHEN load.units[1] > 0 THEN r.price ELSE 0
			END, $5)::amount, r.zone, r.rate_id, load.weights[1], ROW(load.goods[1], $5)::amount
	FROM shipping_rates_of(ARRAY[$2], ARRAY[$3], ARRAY[$4], ARRAY[$5], load.weights,
		load.goods, now()) r;
	IF NOT FOUND THEN
		PERFORM refuse('shipping_method_is_offered', format(
			'nothing sends %s g for %s to %s', load.weights[1],
			money_text(load.goods[1], $5), concat_ws(' ', upper($2), $3, $4)),
			'shopctl shipping rate list');
	END IF;
END $$;
