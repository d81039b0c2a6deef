-- Prices: one holds at a time; a new one closes the one before it.

-- The price of a variant that holds now.
CREATE FUNCTION price_now(p_variant bigint, p_currency text) RETURNS price
LANGUAGE sql STABLE AS $$
	SELECT p.* FROM price p WHERE p.variant_id = p_variant AND p.currency = p_currency
		AND p.valid_from <= now() AND now() < p.valid_until
$$;

-- Set the prices of import_row's old variants from now on; what is scheduled for
-- later stays.
CREATE FUNCTION import_update_prices() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	DROP TABLE IF EXISTS pg_temp.import_price;
	CREATE TEMPORARY TABLE import_price ON COMMIT DROP AS
	SELECT r.variant_id, r.currency, r.price AS amount, r.line, p.valid_until,
		CASE WHEN r.compare_at IS NULL THEN p.compare_at ELSE nullif(r.compare_at, -1) END
			AS compare_at
	FROM import_row r LEFT JOIN price p ON p.variant_id = r.variant_id
		AND p.currency = r.currency AND p.valid_from <= now() AND now() < p.valid_until
	WHERE NOT r.new_variant AND r.price IS NOT NULL
		AND (p.amount IS DISTINCT FROM r.price OR (r.compare_at IS NOT NULL
			AND nullif(r.compare_at, -1) IS DISTINCT FROM p.compare_at));
	DELETE FROM price p USING import_price n WHERE p.variant_id = n.variant_id
		AND p.currency = n.currency AND p.valid_until = n.valid_until
		AND p.valid_from = now();
	UPDATE price p SET valid_until = now() FROM import_price n
	WHERE p.variant_id = n.variant_id AND p.currency = n.currency
		AND p.valid_until = n.valid_until;
	INSERT INTO price (variant_id, currency, amount, compare_at, valid_from, valid_until)
	SELECT n.variant_id, n.currency, n.amount, n.compare_at, now(), coalesce(n.valid_until,
		(SELECT min(p.valid_from) FROM price p WHERE p.variant_id = n.variant_id
			AND p.currency = n.currency AND p.valid_from > now()), 'infinity')
	FROM import_price n;
	INSERT INTO import_change SELECT n.line FROM import_price n;
END $$;
