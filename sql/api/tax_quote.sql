-- How much tax is in an amount, or comes on top of it: exact fractions of integers until the
-- one rounding at the end.

-- A postcode is one of these, or begins as one that ends in a star.
CREATE FUNCTION tax_postcode(postcode text, postcodes text[]) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
	SELECT EXISTS (SELECT FROM unnest($2) p WHERE upper($1) = p
		OR right(p, 1) = '*' AND starts_with(upper($1), left(p, -1)))
$$;

-- The rates of a place and class at a time: of each priority one, that of the postcode before
-- that of the region before that of the country.  So WooCommerce matches them, too
-- (WC_Tax::get_matched_tax_rates).  The class "shipping": what shipping is taxed by.
CREATE FUNCTION tax_rates_of(country text, region text, postcode text, tax_class text,
	at timestamptz) RETURNS SETOF tax_rate
LANGUAGE sql STABLE AS $$
	SELECT DISTINCT ON (r.priority) r.* FROM tax_rate r
	WHERE r.country = upper($1) AND r.region IN ('', upper(coalesce($2, '')))
		AND (r.postcodes = '{}' OR tax_postcode($3, r.postcodes))
		AND r.tax_class = CASE $4 WHEN 'shipping' THEN 'standard' ELSE $4 END
		AND ($4 <> 'shipping' OR r.shipping)
		AND r.valid_from <= $5 AND $5 < r.valid_until
	ORDER BY r.priority, r.postcodes = '{}', r.region = '', r.id
$$;

-- Each rate's tax as a fraction num/den of the amount that is asked for.  With R the sum of
-- the plain rates and C the compound ones, in the order of their priority,
--	price = net * (1 + R) * (1 + C1) * (1 + C2) ...
-- over the rates that prices include; a plain tax is net * r, a compound one (net and all
-- taxes before it) * c.  Rates that are not included go on from the price in the same way.
-- WC_Tax::calc_inclusive_tax and calc_exclusive_tax compute the same, in floats.
CREATE FUNCTION tax_shares(country text, region text, postcode text, tax_class text,
	at timestamptz)
RETURNS TABLE (rate_id bigint, name text, ppm integer, included boolean, compound boolean,
	num numeric, den numeric)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE
	rates tax_rate[] := ARRAY(SELECT r FROM tax_rates_of($1, $2, $3, $4, $5) r
		ORDER BY r.included DESC, r.compound, r.priority);
	unit numeric := 1000000;
	r tax_rate;
	net_num numeric;
	net_den numeric;
	all_num numeric; -- net and the taxes so far
	all_den numeric;
BEGIN
	net_num := unit;
	net_den := unit + (SELECT coalesce(sum(i.ppm), 0) FROM unnest(rates) i
		WHERE i.included AND NOT i.compound);
	FOREACH r IN ARRAY rates LOOP
		IF r.included AND r.compound THEN
			net_num := net_num * unit;
			net_den := net_den * (unit + r.ppm);
		END IF;
	END LOOP;
	all_num := net_num;
	all_den := net_den;
	FOREACH r IN ARRAY rates LOOP
		num := r.ppm * CASE WHEN r.compound THEN all_num ELSE net_num END;
		den := unit * CASE WHEN r.compound THEN all_den ELSE net_den END;
		all_num := all_num * den + num * all_den;
		all_den := all_den * den;
		rate_id := r.id;
		name := r.name;
		ppm := r.ppm;
		included := r.included;
		compound := r.compound;
		RETURN NEXT;
	END LOOP;
END $$;

-- The tax of each line by each rate.  Lines of one order (`orders` says which) are rounded
-- together: a rate's tax on all of them is rounded half up once, and each line gets its
-- exact part of it rounded down, and what is left goes to the largest remainders, ties to
-- the first.  So the lines add up to the order, and a single line is just rounded half up.
-- Amounts are minor units after discounts, none below zero, each line's whole quantity.
CREATE FUNCTION tax_split(orders bigint[], classes text[], countries text[], regions text[],
	postcodes text[], amounts bigint[], at timestamptz)
RETURNS TABLE (n bigint, rate_id bigint, name text, ppm integer, included boolean,
	compound boolean, tax bigint)
LANGUAGE sql STABLE AS $$
	WITH line AS MATERIALIZED (
		SELECT u.* FROM unnest($1, $2, $3, $4, $5, $6) WITH ORDINALITY
			AS u (o, class, country, region, postcode, amount, n)),
	share AS MATERIALIZED (
		SELECT p.*, s.* FROM (SELECT DISTINCT l.class, l.country, l.region, l.postcode
			FROM line l) p,
			tax_shares(p.country, p.region, p.postcode, p.class, $7) s),
	part AS (
		SELECT l.o, l.n, s.rate_id, s.name, s.ppm, s.included, s.compound, s.num AS share, s.den,
			l.amount * s.num AS num, div(l.amount * s.num, s.den) AS whole
		FROM line l JOIN share s ON (s.class, s.country) = (l.class, l.country)
			AND s.region IS NOT DISTINCT FROM l.region
			AND s.postcode IS NOT DISTINCT FROM l.postcode),
	dealt AS (
		SELECT p.*, div(2 * sum(p.num) OVER same + p.den, 2 * p.den)
				- sum(p.whole) OVER same AS spare,
			row_number() OVER (PARTITION BY p.o, p.rate_id, p.share, p.den
				ORDER BY p.num - p.whole * p.den DESC, p.n) AS place
		FROM part p WINDOW same AS (PARTITION BY p.o, p.rate_id, p.share, p.den))
	SELECT d.n, d.rate_id, d.name, d.ppm, d.included, d.compound,
		(d.whole + CASE WHEN d.place <= d.spare THEN 1 ELSE 0 END)::bigint
	FROM dealt d ORDER BY d.n, d.included DESC, d.compound, d.rate_id
$$;

-- The same by line: what it is without tax, all tax, the part of it that comes on top of the
-- amount, and what is paid.  gross = amount + added = net + tax.
CREATE FUNCTION tax_of(orders bigint[], classes text[], countries text[], regions text[],
	postcodes text[], amounts bigint[], at timestamptz)
RETURNS TABLE (n bigint, net bigint, tax bigint, added bigint, gross bigint)
LANGUAGE sql STABLE AS $$
	SELECT u.n, (u.amount + coalesce(s.added - s.tax, 0))::bigint, coalesce(s.tax, 0)::bigint,
		coalesce(s.added, 0)::bigint, (u.amount + coalesce(s.added, 0))::bigint
	FROM unnest($6) WITH ORDINALITY AS u (amount, n)
	LEFT JOIN (SELECT t.n, sum(t.tax) AS tax,
			coalesce(sum(t.tax) FILTER (WHERE NOT t.included), 0) AS added
		FROM tax_split($1, $2, $3, $4, $5, $6, $7) t GROUP BY t.n) s ON s.n = u.n
	ORDER BY u.n
$$;
