-- Price lists: what some customers pay instead of the shop's own price.

-- Whether any of these customers has a price list.  Then the fast path, which knows the
-- shop's own prices only, is not theirs; guests are 0 and have none.
CREATE FUNCTION pricelist_any(customers bigint[]) RETURNS boolean LANGUAGE sql STABLE AS $$
	SELECT EXISTS (SELECT FROM pricelist_customer c WHERE c.customer_id = ANY ($1))
$$;

-- What each customer pays for each variant: parallel arrays, one element a question, and a
-- row for each of them; no amount: there is no price.  Of a customer's lists in that currency
-- the one with the lowest priority number that has a price of the variant stands in the place
-- of the shop's own, even when that is lower: whoever makes a list means it.
CREATE FUNCTION price_for(variants bigint[], currencies text[], customers bigint[],
	at timestamptz)
RETURNS TABLE (n bigint, amount bigint, compare_at bigint, pricelist_id bigint)
LANGUAGE sql STABLE AS $$
	SELECT u.n, coalesce(l.amount, p.amount), CASE WHEN l.amount IS NULL THEN p.compare_at END,
		l.pricelist_id
	FROM unnest($1, $2, $3) WITH ORDINALITY AS u (variant, currency, customer, n)
	-- Should two hold at once, the one that ends first is the special offer.
	LEFT JOIN LATERAL (SELECT q.amount, q.compare_at FROM price q
		WHERE q.variant_id = u.variant AND q.currency = u.currency::bpchar
			AND q.valid_from <= $4 AND q.valid_until > $4
		ORDER BY q.valid_until LIMIT 1) p ON true
	LEFT JOIN LATERAL (SELECT x.amount, x.pricelist_id
		FROM pricelist_customer c JOIN pricelist l ON l.id = c.pricelist_id
			AND l.currency = u.currency::bpchar AND l.valid_from <= $4 AND l.valid_until > $4
		JOIN pricelist_price x ON x.pricelist_id = l.id AND x.variant_id = u.variant
			AND x.valid_from <= $4 AND x.valid_until > $4
		WHERE c.customer_id = u.customer
		ORDER BY l.priority, x.amount, l.id LIMIT 1) l ON true
	ORDER BY u.n
$$;
