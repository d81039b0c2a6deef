-- Reading prices: those that hold at a time, those to come, and what became of them.

-- Prices of what fits the conditions: what holds at a time, or what is scheduled after it.
CREATE FUNCTION api.price_list(conditions text[], p_currency text, at timestamptz,
	to_come boolean, max_rows bigint)
RETURNS TABLE (sku text, price amount, compare_at amount, scheduled boolean,
	valid_from timestamptz, valid_until timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY SELECT v.sku, ROW(p.amount, p.currency)::amount,
		CASE WHEN p.compare_at IS NOT NULL THEN ROW(p.compare_at, p.currency)::amount END,
		p.scheduled, nullif(p.valid_from, '-infinity'), nullif(p.valid_until, 'infinity')
	FROM variant v JOIN price p ON p.variant_id = v.id
	WHERE (cardinality($1) = 0 OR v.id IN (SELECT m.variant_id FROM catalog_match($1) m))
		AND ($2 IS NULL OR p.currency = $2::bpchar)
		AND p.valid_until > coalesce($3, now())
		AND CASE WHEN $4 THEN p.scheduled ELSE p.valid_from <= coalesce($3, now()) END
	ORDER BY v.sku, p.currency, p.valid_from LIMIT $5;
END $$;

-- All that is known of a variant's prices; with a time, what held or will hold then.  state:
-- past, now or later.
CREATE FUNCTION api.price_show(p_sku text, at timestamptz)
RETURNS TABLE (pricelist text, price amount, compare_at amount, state text,
	scheduled boolean, valid_from timestamptz, valid_until timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	v variant := variant_named($1);
BEGIN
	RETURN QUERY SELECT a.list, ROW(a.amount, a.currency)::amount,
		CASE WHEN a.compare_at IS NOT NULL THEN ROW(a.compare_at, a.currency)::amount END,
		CASE WHEN a.valid_until <= now() THEN 'past' WHEN a.valid_from > now() THEN 'later'
			ELSE 'now' END,
		a.scheduled, nullif(a.valid_from, '-infinity'), nullif(a.valid_until, 'infinity')
	FROM (SELECT NULL AS list, p.amount, p.currency, p.compare_at, p.scheduled, p.valid_from,
			p.valid_until
		FROM price p WHERE p.variant_id = v.id
		UNION ALL
		SELECT l.code, x.amount, l.currency, NULL, false, greatest(x.valid_from, l.valid_from),
			least(x.valid_until, l.valid_until)
		FROM pricelist_price x JOIN pricelist l ON l.id = x.pricelist_id
		WHERE x.variant_id = v.id AND x.valid_from < l.valid_until
			AND l.valid_from < x.valid_until) a
	WHERE $2 IS NULL OR a.valid_from <= $2 AND $2 < a.valid_until
	ORDER BY a.list NULLS FIRST, a.currency, a.valid_from;
END $$;

-- "29.99 EUR; 24.99 EUR from 2026-11-27T00:00:00Z until 2026-12-01T00:00:00Z": what a picture
-- of the audit log says, the standing price once.
CREATE FUNCTION price_words(picture jsonb) RETURNS text LANGUAGE sql STABLE AS $$
	SELECT string_agg(w.words, '; ' ORDER BY w.n)
	FROM (SELECT min(p.n) AS n, money_text((p.j ->> 'amount')::bigint, $1 ->> 'currency')
			|| CASE WHEN (p.j ->> 'scheduled')::boolean THEN coalesce(' from '
				|| price_time((p.j ->> 'from')::timestamptz), '') || coalesce(' until '
				|| price_time((p.j ->> 'until')::timestamptz), '') ELSE '' END AS words
		FROM jsonb_array_elements($1 -> 'prices') WITH ORDINALITY AS p (j, n) GROUP BY 2) w
$$;

-- Every change of a variant's prices, the newest first.
CREATE FUNCTION api.price_history(p_sku text, max_rows bigint)
RETURNS TABLE (at timestamptz, actor text, action text, reason text, pricelist text,
	before text, after text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	v variant := variant_named($1);
BEGIN
	RETURN QUERY SELECT a.at, a.actor, substr(a.action, 7), a.reason,
		coalesce(a.after ->> 'pricelist', a.before ->> 'pricelist'),
		price_words(a.before), price_words(a.after)
	FROM audit_log a WHERE a.object = 'variant:' || v.sku AND a.action LIKE 'price.%'
	ORDER BY a.id DESC LIMIT $2;
END $$;
