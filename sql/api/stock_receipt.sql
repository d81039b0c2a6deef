-- What was bought comes in: stock, what it cost, and the purchase it belongs to.

-- The variant's cost becomes the average of what there was and what came, by units; what
-- is on its way between warehouses is there too.  In another currency, or with nothing
-- there, it is the new one.
CREATE FUNCTION stock_cost(variant bigint, qty bigint, unit_cost bigint, currency text)
RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	v variant;
	units bigint;
	cost bigint := $3;
BEGIN
	SELECT x.* INTO v FROM variant x WHERE x.id = $1;
	units := (SELECT coalesce(sum(s.on_hand), 0) FROM stock s WHERE s.variant_id = $1)
		+ (SELECT coalesce(sum(i.qty), 0) FROM stock_incoming($1) i);
	IF v.cost_currency = $4 AND v.cost_minor IS NOT NULL AND units > 0 THEN
		cost := round((v.cost_minor::numeric * units + $3::numeric * $2) / (units + $2));
	END IF;
	IF (v.cost_minor, v.cost_currency) IS DISTINCT FROM (cost, $4::bpchar) THEN
		UPDATE variant x SET cost_minor = cost, cost_currency = $4 WHERE x.id = $1;
		PERFORM audit('variant:' || v.sku, 'variant.cost', jsonb_build_object('minor',
			v.cost_minor, 'currency', v.cost_currency), jsonb_build_object('minor', cost,
			'currency', $4));
	END IF;
END $$;

-- lines: [{"sku": "DOG-5KG", "qty": 40, "cost": 1250, "currency": "EUR"}]; without cost it
-- costs what it did.  The same key again answers with what came the first time.
CREATE FUNCTION api.stock_receive(key text, p_warehouse text, lines jsonb, reference text,
	note text)
RETURNS TABLE (receipt bigint, purchase text, warehouse text, sku text, qty bigint,
	unit_cost amount, on_hand bigint, available bigint, replayed boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	w warehouse := warehouse_named($2);
	made bigint;
	told boolean;
	l record;
BEGIN
	INSERT INTO stock_receipt AS r (key, warehouse_id, reference, note, actor)
	VALUES ($1, w.id, $4, $5, actor()) ON CONFLICT DO NOTHING RETURNING r.id INTO made;
	told := made IS NULL;
	IF NOT told THEN
		-- The variants first: two receipts of one do not both start from its old cost.
		PERFORM FROM variant v WHERE v.id IN (SELECT u.variant_id FROM units_named($3) u)
		ORDER BY v.id FOR NO KEY UPDATE;
		INSERT INTO stock_receipt_line
		SELECT made, j.n, v.id, (j.v->>'qty')::bigint, (j.v->>'cost')::bigint, j.v->>'currency'
		FROM jsonb_array_elements($3) WITH ORDINALITY AS j (v, n)
		JOIN variant v ON v.sku = j.v->>'sku';
		IF NOT FOUND THEN
			PERFORM invalid('receipt_has_lines', 'nothing came', '--line DOG-5KG:40');
		END IF;
		-- As if they came one after the other: what each costs counts once.
		FOR l IN SELECT x.variant_id, sum(x.qty)::bigint AS qty, x.currency,
				round(sum(x.qty * x.unit_cost::numeric) / sum(x.qty))::bigint AS unit_cost
			FROM stock_receipt_line x WHERE x.receipt_id = made AND x.unit_cost IS NOT NULL
			GROUP BY x.variant_id, x.currency ORDER BY 1, x.currency LOOP
			PERFORM stock_cost(l.variant_id, l.qty, l.unit_cost, l.currency);
		END LOOP;
		PERFORM stock_move_many(array_agg(x.variant_id), array_agg(w.id), array_agg(x.qty),
			'receive', 'receipt:' || made)
		FROM stock_receipt_line x WHERE x.receipt_id = made;
		PERFORM audit('receipt:' || made, 'stock.receive', NULL, jsonb_build_object(
			'reference', $4, 'warehouse', w.code, 'note', $5));
	END IF;
	RETURN QUERY SELECT r.id, r.reference, p.code, v.sku, x.qty, CASE WHEN x.unit_cost
			IS NOT NULL THEN ROW(x.unit_cost, x.currency)::amount END, s.on_hand, s.available,
		told
	FROM stock_receipt r JOIN stock_receipt_line x ON x.receipt_id = r.id
	JOIN warehouse p ON p.id = r.warehouse_id JOIN variant v ON v.id = x.variant_id
	CROSS JOIN LATERAL api.stock_show(v.sku, p.code) s
	WHERE r.key = $1 ORDER BY x.n;
END $$;
