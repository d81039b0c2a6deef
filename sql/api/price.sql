-- Prices: one holds at a time; a new one closes the one before it.

-- The price of a variant that holds now.
CREATE FUNCTION price_now(p_variant bigint, p_currency text) RETURNS price
LANGUAGE sql STABLE AS $$
	SELECT p.* FROM price p WHERE p.variant_id = p_variant AND p.currency = p_currency
		AND p.valid_from <= now() AND now() < p.valid_until
$$;

-- Set the prices of import_price (variant_id, currency, amount, compare_at, fresh,
-- line) from now on; what is scheduled for later stays.
CREATE FUNCTION import_write_prices() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	CREATE TEMPORARY TABLE import_price ON COMMIT DROP AS
	SELECT k.id AS variant_id, s.currency, s.price AS amount, s.compare_at, k.fresh, s.line
	FROM import_stage s JOIN import_sku k ON k.sku = s.sku
	WHERE s.price IS NOT NULL AND k.rows = 1
	UNION ALL
	(SELECT DISTINCT ON (k.id, s.currency) k.id, s.currency, s.price, s.compare_at, k.fresh,
		s.line
	FROM import_stage s JOIN import_sku k ON k.sku = s.sku
	WHERE s.price IS NOT NULL AND k.rows > 1
	ORDER BY k.id, s.currency, s.line);
	INSERT INTO price (variant_id, currency, amount, compare_at)
	SELECT n.variant_id, n.currency, n.amount, nullif(n.compare_at, -1)
	FROM import_price n WHERE n.fresh;
	DELETE FROM import_price n WHERE n.fresh;
	ANALYZE import_price;
	CREATE TEMPORARY TABLE import_reprice ON COMMIT DROP AS
	SELECT n.variant_id, n.currency, n.amount, n.line, p.valid_from, p.valid_until,
		CASE WHEN n.compare_at IS NULL THEN p.compare_at ELSE nullif(n.compare_at, -1) END
			AS compare_at
	FROM import_price n LEFT JOIN price p ON p.variant_id = n.variant_id
		AND p.currency = n.currency AND p.valid_from <= now() AND now() < p.valid_until
	WHERE p.amount IS DISTINCT FROM n.amount
		OR (n.compare_at IS NOT NULL
			AND nullif(n.compare_at, -1) IS DISTINCT FROM p.compare_at);
	DELETE FROM price p USING import_reprice n WHERE p.variant_id = n.variant_id
		AND p.currency = n.currency AND p.valid_until = n.valid_until
		AND p.valid_from = now();
	UPDATE price p SET valid_until = now() FROM import_reprice n
	WHERE p.variant_id = n.variant_id AND p.currency = n.currency
		AND p.valid_until = n.valid_until;
	INSERT INTO price (variant_id, currency, amount, compare_at, valid_from, valid_until)
	SELECT n.variant_id, n.currency, n.amount, n.compare_at, now(), coalesce(n.valid_until,
		(SELECT min(p.valid_from) FROM price p WHERE p.variant_id = n.variant_id
			AND p.currency = n.currency AND p.valid_from > now()), 'infinity')
	FROM import_reprice n;
	INSERT INTO import_change SELECT n.line FROM import_reprice n;
END $$;
