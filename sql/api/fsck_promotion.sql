-- What fsck proves of promotions, coupons and the orders that used them.

CREATE FUNCTION fsck_redemptions(scope bigint[])
RETURNS TABLE (code text, object text, detail text)
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN QUERY SELECT 'O10', 'order:' || o.id, 'discount ' || o.discount || ', promotions gave '
			|| coalesce(r.amount, 0)
		FROM orders o LEFT JOIN (SELECT x.order_id, sum(x.amount) AS amount
			FROM redemption x JOIN promotion p ON p.id = x.promotion_id
				AND p.kind <> 'free_shipping'
			WHERE in_scope($1, x.order_id) GROUP BY x.order_id) r ON r.order_id = o.id
		WHERE in_scope($1, o.id) AND o.discount <> coalesce(r.amount, 0);
	RETURN QUERY SELECT 'O11', 'order:' || o.id, o.state || ', but its use of promotion '
			|| r.promotion_id || ' is ' || r.state
		FROM redemption r JOIN orders o ON o.id = r.order_id AND in_scope($1, o.id)
		WHERE in_scope($1, r.order_id) AND CASE r.state
			WHEN 'released' THEN o.state NOT IN ('expired', 'canceled')
			ELSE o.state IN ('expired', 'canceled') AND NOT EXISTS (SELECT FROM payment p
				WHERE p.order_id = o.id AND p.captured > 0) END;
	RETURN QUERY SELECT 'O13', 'order:' || r.order_id, CASE WHEN o.id IS NULL THEN 'no such order'
			WHEN o.currency <> r.currency THEN 'the order is in ' || o.currency
			ELSE 'coupon ' || r.coupon_id || ' is no coupon of promotion ' || r.promotion_id END
		FROM redemption r LEFT JOIN orders o ON o.id = r.order_id AND in_scope($1, o.id)
		LEFT JOIN coupon c ON c.id = r.coupon_id AND c.promotion_id = r.promotion_id
		WHERE in_scope($1, r.order_id) AND (o.id IS NULL OR o.currency <> r.currency
			OR (r.coupon_id IS NOT NULL AND c.id IS NULL));
END $$;

-- What is counted on the rows of promotions and coupons, whose limits are constraints.
CREATE FUNCTION fsck_uses() RETURNS TABLE (code text, object text, detail text)
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN QUERY SELECT 'O12', 'promotion:' || p.name, 'counted ' || p.used || ' uses and '
			|| p.spent || ' spent, found ' || coalesce(r.n, 0) || ' and ' || coalesce(r.amount, 0)
		FROM promotion p LEFT JOIN (SELECT x.promotion_id, count(*) AS n, sum(x.amount) AS amount
			FROM redemption x WHERE x.state = 'used' GROUP BY 1) r ON r.promotion_id = p.id
		WHERE p.used <> coalesce(r.n, 0) OR p.spent <> coalesce(r.amount, 0);
	RETURN QUERY SELECT 'O12', 'coupon:' || c.code, 'counted ' || c.used || ' uses, found '
			|| coalesce(r.n, 0)
		FROM coupon c LEFT JOIN (SELECT x.coupon_id, count(*) AS n FROM redemption x
			WHERE x.state = 'used' AND x.coupon_id IS NOT NULL GROUP BY 1) r ON r.coupon_id = c.id
		WHERE c.used <> coalesce(r.n, 0);
	RETURN QUERY SELECT 'O12', 'promotion:' || p.name, r.who || ' used it ' || r.n
			|| ' times, not ' || p.uses_per_customer
		FROM promotion p JOIN (SELECT x.promotion_id, x.who, count(*) AS n FROM redemption x
			WHERE x.state = 'used' GROUP BY 1, 2) r ON r.promotion_id = p.id
		WHERE r.n > p.uses_per_customer AND NOT EXISTS (SELECT FROM audit_log a
			WHERE a.object = 'promotion:' || p.name AND a.action = 'set');
END $$;
