-- What fsck proves of shipping rates, and of the orders that chose one.

-- An order's shipping is what was charged of the price that its rate asks for such a basket.
CREATE FUNCTION fsck_choices(scope bigint[])
RETURNS TABLE (code text, object text, detail text)
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN QUERY SELECT 'O14', 'order:' || c.order_id, CASE WHEN o.id IS NULL
			THEN 'no such order' WHEN o.shipping <> c.charged
			THEN 'shipping ' || o.shipping || ', charged ' || c.charged || ' for ' || c.method
			WHEN r.id IS NULL THEN 'no such rate: ' || c.rate_id
			ELSE 'price ' || c.price || ', rate ' || r.id || ' asks for '
				|| shipping_price(r, c.weight, c.goods) END
		FROM order_shipping c LEFT JOIN orders o ON o.id = c.order_id AND in_scope($1, o.id)
		LEFT JOIN shipping_rate r ON r.id = c.rate_id
		WHERE in_scope($1, c.order_id) AND (o.id IS NULL OR o.shipping <> c.charged
			OR r.id IS NULL OR c.price <> shipping_price(r, c.weight, c.goods));
END $$;

CREATE FUNCTION fsck_rates() RETURNS TABLE (code text, object text, detail text)
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN QUERY SELECT 'C10', 'shipping_rate:' || b.id, 'holds for the same as rate ' || a.id
		FROM shipping_rate a JOIN shipping_rate b ON b.method_id = a.method_id AND b.id > a.id
			AND int8range(a.weight_from, a.weight_until) && int8range(b.weight_from, b.weight_until)
			AND int8range(a.total_from, a.total_until) && int8range(b.total_from, b.total_until)
			AND tstzrange(a.valid_from, a.valid_until) && tstzrange(b.valid_from, b.valid_until);
END $$;
