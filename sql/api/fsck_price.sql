-- What fsck proves of prices, price lists and tax rates.

CREATE FUNCTION fsck_prices() RETURNS TABLE (code text, object text, detail text)
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN QUERY SELECT 'C7', 'pricelist:' || r.pricelist_id || '@' || r.variant_id,
			'from ' || r.valid_from || ' while the one before holds until ' || r.until
		FROM (SELECT x.*, lag(x.valid_until) OVER (PARTITION BY x.pricelist_id, x.variant_id
			ORDER BY x.valid_from, x.valid_until) AS until FROM pricelist_price x) r
		WHERE r.valid_from < r.until
	UNION ALL
	SELECT 'C1', 'pricelist:' || x.pricelist_id || '@' || x.variant_id, 'no such variant'
		FROM pricelist_price x WHERE NOT EXISTS (SELECT FROM variant v WHERE v.id = x.variant_id)
	UNION ALL
	SELECT 'C1', 'pricelist:' || c.pricelist_id, 'no such customer: ' || c.customer_id
		FROM pricelist_customer c WHERE NOT EXISTS (SELECT FROM customer k
			WHERE k.id = c.customer_id);
	RETURN QUERY SELECT 'C8', 'tax_rate:' || r.id,
			'from ' || r.valid_from || ' while the one before holds until ' || r.until
		FROM (SELECT t.*, lag(t.valid_until) OVER (PARTITION BY t.country, t.region,
			t.postcodes, t.tax_class, t.priority ORDER BY t.valid_from, t.valid_until) AS until
			FROM tax_rate t) r
		WHERE r.valid_from < r.until;
	-- The first price of a variant came with it; any other is what an audit row says it became
	-- or was, and once there is one, so is the first.  Amounts only: the times of a log stay.
	RETURN QUERY SELECT 'C9', 'price:' || p.variant_id || '@' || p.currency,
			money_text(p.amount, p.currency) || ' from ' || p.valid_from || ' is in no audit row'
		FROM price p JOIN variant v ON v.id = p.variant_id
		WHERE (p.valid_from > '-infinity' OR EXISTS (SELECT FROM audit_log a
				WHERE a.object = 'variant:' || v.sku AND a.action LIKE 'price.%'
					AND a.after ->> 'currency' = p.currency AND a.after -> 'pricelist' IS NULL))
			AND NOT EXISTS (SELECT FROM audit_log a, LATERAL (SELECT jsonb_build_array(
					jsonb_build_object('amount', p.amount, 'compare_at', p.compare_at))) AS m (j)
				WHERE a.object = 'variant:' || v.sku AND a.action LIKE 'price.%'
					AND a.after ->> 'currency' = p.currency AND a.after -> 'pricelist' IS NULL
					AND (a.after -> 'prices' @> m.j OR a.before -> 'prices' @> m.j));
END $$;
