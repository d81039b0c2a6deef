-- Where an order is sent from, when it matters where it goes: warehouses serve countries,
-- and a policy says which of those that could send it does.
--
--   priority       the lowest priority number first
--   nearest        the least distance from the address first
--   fewest_splits  as few warehouses as can send all of it together
--
-- With priority, and no warehouse that serves but some countries, checkouts never ask
-- here: warehouse.routed says so.

CREATE FUNCTION stock_policy() RETURNS text LANGUAGE sql STABLE AS $$
	SELECT s.value FROM setting s WHERE s.name = 'stock.allocation'
$$;

-- Whether it sends there.  An address that says no country could be anywhere.
CREATE FUNCTION warehouse_serves(serves text[], destination jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
	SELECT cardinality($1) = 0 OR $2->>'country' IS NULL
		OR upper($2->>'country') = ANY ($1)
		OR upper(($2->>'country') || '-' || ($2->>'state')) = ANY ($1)
		OR upper($2->>'state') = ANY ($1) AND upper($2->>'state') LIKE
			upper($2->>'country') || '-%'
$$;

-- Kilometres along the ground between two points given in degrees (the haversine formula).
CREATE FUNCTION earth_km(lat1 double precision, lon1 double precision,
	lat2 double precision, lon2 double precision) RETURNS double precision
LANGUAGE sql IMMUTABLE AS $$
	SELECT 12742 * asin(sqrt(least(1, sind(($3 - $1) / 2) ^ 2
		+ cosd($1) * cosd($3) * sind(($4 - $2) / 2) ^ 2)))
$$;

-- A coordinate that somebody put into an address, if it is one.
CREATE FUNCTION address_degree(destination jsonb, name text) RETURNS double precision
LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN jsonb_typeof($1->$2) = 'number'
		AND abs(($1->>$2)::numeric) <= 180 THEN ($1->>$2)::double precision END
$$;

-- How far each open warehouse that sends there is; one whose place nobody knows is far.
CREATE FUNCTION warehouse_distance(destination jsonb)
RETURNS TABLE (id bigint, priority integer, km double precision)
LANGUAGE sql STABLE AS $$
	SELECT w.id, w.priority, earth_km(coalesce(w.latitude, h.latitude),
		coalesce(w.longitude, h.longitude), coalesce(a.latitude, c.latitude),
		coalesce(a.longitude, c.longitude))
	FROM warehouse w
	LEFT JOIN country_point h ON h.country = w.country
	LEFT JOIN country_point c ON c.country = upper($1->>'country')
	CROSS JOIN (SELECT address_degree($1, 'latitude') AS latitude,
		address_degree($1, 'longitude') AS longitude) AS a
	WHERE w.open AND warehouse_serves(w.serves, $1)
$$;

-- The open warehouses that send there, in the order they are asked.
CREATE FUNCTION warehouses_for(destination jsonb) RETURNS bigint[] LANGUAGE sql STABLE AS $$
	SELECT coalesce(array_agg(d.id ORDER BY CASE WHEN stock_policy() = 'nearest' THEN d.km END
		NULLS LAST, d.priority, d.id), '{}')
	FROM warehouse_distance($1) d
$$;

-- Of these warehouses as few as have all of it together, the earlier ones when there is a
-- choice; null when all together have not.  Of more than eight that have something, the
-- eight that have most are tried in every combination.
CREATE FUNCTION stock_fewest(wanted bigint[], qtys bigint[], place_variant bigint[],
	place_warehouse bigint[], free bigint[], asked bigint[]) RETURNS bigint[]
LANGUAGE sql STABLE AS $$
	WITH want AS (
		SELECT u.v, sum(u.q) AS q FROM unnest($1, $2) AS u (v, q) GROUP BY u.v
	), have AS (
		SELECT u.w, u.v, sum(u.f) AS f FROM unnest($3, $4, $5) AS u (v, w, f)
		WHERE u.f > 0 AND u.w = ANY ($6) AND u.v = ANY ($1) GROUP BY u.w, u.v
	), few AS (
		SELECT x.w, (row_number() OVER (ORDER BY array_position($6, x.w)) - 1)::int AS bit
		FROM (SELECT h.w FROM have h JOIN want USING (v) GROUP BY h.w
			ORDER BY sum(least(h.f, want.q)) DESC, array_position($6, h.w) LIMIT 8) x
	), covered AS (
		SELECT m AS mask, want.v
		FROM generate_series(1, (1 << (SELECT count(*)::int FROM few)) - 1) m
		CROSS JOIN want JOIN have h ON h.v = want.v
		JOIN few ON few.w = h.w AND (m >> few.bit) & 1 = 1
		GROUP BY m, want.v, want.q HAVING sum(h.f) >= want.q
	), best AS (
		SELECT c.mask FROM covered c GROUP BY c.mask
		HAVING count(*) = (SELECT count(*) FROM want)
		ORDER BY bit_count(c.mask::bit(8)), c.mask & -c.mask, c.mask LIMIT 1
	)
	SELECT array_agg(few.w ORDER BY few.bit) FROM best JOIN few
		ON (best.mask >> few.bit) & 1 = 1
$$;

-- For an order that goes there: which of these places are asked for each variant, in
-- their order.  places are numbers of the arrays' elements, variants says of what each is;
-- what is not served from a place is not in them.
CREATE FUNCTION stock_allocate(wanted bigint[], qtys bigint[], place_variant bigint[],
	place_warehouse bigint[], free bigint[], destination jsonb,
	OUT variants bigint[], OUT places bigint[])
LANGUAGE plpgsql STABLE AS $$
DECLARE
	asked bigint[] := warehouses_for(destination);
	chosen bigint[];
BEGIN
	IF stock_policy() = 'fewest_splits' THEN
		chosen := stock_fewest(wanted, qtys, place_variant, place_warehouse, free, asked);
	END IF;
	-- One of the chosen that has all of a line sends all of it.
	SELECT array_agg(u.v ORDER BY u.v, u.rank, u.p), array_agg(u.p ORDER BY u.v, u.rank, u.p)
	INTO variants, places
	FROM (SELECT x.v, x.p, ARRAY[CASE WHEN x.w = ANY (chosen) THEN 0 ELSE 1 END,
			CASE WHEN chosen IS NOT NULL AND x.f >= n.q THEN 0 ELSE 1 END,
			array_position(asked, x.w)] AS rank
		FROM unnest(place_variant, place_warehouse, free) WITH ORDINALITY AS x (v, w, f, p)
		JOIN (SELECT y.v, sum(y.q) AS q FROM unnest(wanted, qtys) AS y (v, q) GROUP BY y.v) n
			ON n.v = x.v
		WHERE x.w = ANY (asked)) u;
END $$;
