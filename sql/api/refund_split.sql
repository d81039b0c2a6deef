-- The shares of a refund: what a unit, a line and the shipping are worth, what of that went
-- back before, and what of it was revenue.  Whatever the order of refunds, and whatever
-- failed in between, giving everything back leaves exactly zero of every part.

-- The parts of an order, lines and (n = 0) shipping: what was sold, what left the house or
-- never will, and what live refunds gave back of it.
CREATE FUNCTION refund_parts(order_id bigint) RETURNS SETOF refund_part
LANGUAGE sql STABLE AS $$
	SELECT s.n, s.sku, s.qty, s.gone, s.free, s.gross, s.net, s.tax,
		coalesce(b.units, 0)::bigint, coalesce(b.net, 0)::bigint, coalesce(b.tax, 0)::bigint
	FROM (SELECT l.n, l.sku, l.qty, l.shipped + l.dropped AS gone, f.free,
			l.qty * l.unit_price AS gross, l.qty * l.unit_price - l.discount AS net, l.tax
		FROM order_line l JOIN shipment_left($1) f ON f.n = l.n WHERE l.order_id = $1
		UNION ALL SELECT 0::smallint, NULL, 0, 0, 0, o.shipping, o.shipping, 0
		FROM orders o WHERE o.id = $1) AS s
	LEFT JOIN LATERAL (
		SELECT sum(x.qty) AS units, sum(x.amount - x.tax) AS net, sum(x.tax) AS tax
		FROM refund_line x JOIN refund r ON r.id = x.refund_id
		WHERE r.order_id = $1 AND x.n = s.n AND refund_is_live(r.state)) AS b ON true
$$;

-- The tax in `minor` of a part: in proportion to what is left of it, so that it never
-- takes more than there is and the last money takes the last of the tax.
CREATE FUNCTION refund_tax(minor bigint, net_left bigint, tax_left bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN net_left + tax_left <= 0 THEN 0
		ELSE round($1::numeric * tax_left / (net_left + tax_left))::bigint END
$$;

-- What `units` more of a part are worth: those that did not leave first, where shipping
-- would have counted them, then those that did.  The last units take all that is left, and
-- none more than that: money given back without units counts too.
CREATE FUNCTION refund_units(p refund_part, units bigint, OUT net bigint, OUT tax bigint)
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	d bigint := least(units, p.free);
	before bigint := p.units_back + d;
BEGIN
	net := p.net - p.net_back;
	tax := p.tax - p.tax_back;
	IF p.units_back + units < p.qty THEN
		net := least(net, greatest(0, line_share(p.gross, p.qty, p.gone, d)
			- line_share(p.gross - p.net, p.qty, p.gone, d)
			+ line_share(p.gross, p.qty, before, units - d)
			- line_share(p.gross - p.net, p.qty, before, units - d)));
		tax := least(tax, line_share(p.tax, p.qty, p.gone, d)
			+ line_share(p.tax, p.qty, before, units - d));
	END IF;
END $$;

-- The wanted units as shares of the lines: [{"sku": "DOG-5KG", "qty": 2}].  A SKU that was
-- filled from two places is on two lines.
CREATE FUNCTION refund_by_units(order_id bigint, lines jsonb)
RETURNS TABLE (n smallint, qty bigint, amount bigint, tax bigint)
LANGUAGE plpgsql STABLE AS $$
DECLARE
	want record;
	part refund_part;
	wanted bigint;
BEGIN
	FOR want IN SELECT j->>'sku' AS sku, sum((j->>'qty')::bigint)::bigint AS qty
		FROM jsonb_array_elements($2) AS j WHERE j ? 'sku' GROUP BY 1 ORDER BY 1 LOOP
		wanted := want.qty;
		FOR part IN SELECT * FROM refund_parts($1) x WHERE x.sku = want.sku ORDER BY x.n LOOP
			qty := least(wanted, part.qty - part.units_back);
			CONTINUE WHEN qty <= 0;
			wanted := wanted - qty;
			n := part.n;
			SELECT u.net + u.tax, u.tax INTO amount, tax FROM refund_units(part, qty) AS u;
			RETURN NEXT;
		END LOOP;
		IF wanted > 0 OR want.qty <= 0 THEN
			PERFORM refuse('refund_within_line', format(
				'only %s of %s on order %s can still be refunded, not %s',
				want.qty - wanted, want.sku, $1, want.qty),
				format('shopctl order show %s', $1));
		END IF;
	END LOOP;
END $$;

-- The wanted shipping: [{"shipping": 490, "currency": "EUR"}] or [{"shipping": "all"}].
CREATE FUNCTION refund_by_shipping(order_id bigint, lines jsonb)
RETURNS TABLE (n smallint, qty bigint, amount bigint, tax bigint)
LANGUAGE plpgsql STABLE AS $$
DECLARE
	want record;
	currency text;
	left_over bigint;
BEGIN
	SELECT j->>'shipping' AS minor, j->>'currency' AS currency INTO want
	FROM jsonb_array_elements($2) AS j WHERE j ? 'shipping' LIMIT 1;
	IF NOT FOUND THEN
		RETURN;
	END IF;
	SELECT o.currency, x.net - x.net_back INTO currency, left_over
	FROM orders o, refund_parts($1) x WHERE o.id = $1 AND x.n = 0;
	n := 0;
	qty := 0;
	tax := 0;
	amount := CASE want.minor WHEN 'all' THEN left_over ELSE want.minor::bigint END;
	IF want.currency <> currency THEN
		PERFORM refuse('refund_in_the_currency_paid', format(
			'order %s was paid in %s, not in %s', $1, currency, want.currency));
	ELSIF amount > left_over THEN
		PERFORM refuse('refund_within_shipping', format(
			'only %s of the shipping of order %s can still be refunded',
			money_text(left_over, currency), $1), format('shopctl order show %s', $1));
	END IF;
	IF amount > 0 THEN
		RETURN NEXT;
	END IF;
END $$;

-- An amount, split over what is left of the lines and the shipping: largest remainder,
-- ties to the first, so that the shares add up to the cent.
CREATE FUNCTION refund_by_amount(order_id bigint, minor bigint)
RETURNS TABLE (n smallint, qty bigint, amount bigint, tax bigint)
LANGUAGE sql STABLE AS $$
	WITH weight AS (
		SELECT x.n, x.net - x.net_back AS net_left, x.tax - x.tax_back AS tax_left,
			x.net - x.net_back + x.tax - x.tax_back AS w
		FROM refund_parts($1) x),
	part AS (
		SELECT *, floor($2::numeric * w / nullif(sum(w) OVER (), 0)) AS share,
			$2::numeric * w % nullif(sum(w) OVER (), 0) AS rest FROM weight),
	ranked AS (
		SELECT *, row_number() OVER (ORDER BY rest DESC, n) AS rank,
			$2 - sum(share) OVER () AS missing FROM part),
	given AS (
		SELECT n, net_left, tax_left, (share + (rank <= missing)::int)::bigint AS amount
		FROM ranked)
	SELECT n, 0::bigint, amount, refund_tax(amount, net_left, tax_left)
	FROM given WHERE amount > 0
$$;

-- What of a refund can have been made revenue by shipping: of units, those that left; of
-- money without units, all of it; of the shipping, all once something left.
CREATE FUNCTION refund_of_revenue(refund_id bigint, OUT returns bigint, OUT tax bigint,
	OUT shipping bigint, OUT by_amount boolean)
LANGUAGE sql STABLE AS $$
	SELECT coalesce(sum(round((x.amount - x.tax) * k.part)), 0)::bigint,
		coalesce(sum(round(x.tax * k.part)), 0)::bigint,
		coalesce(sum(x.amount) FILTER (WHERE x.n = 0 AND order_has_left(r.order_id)),
			0)::bigint,
		coalesce(bool_or(x.n > 0 AND x.qty = 0), true)
	FROM refund r LEFT JOIN refund_line x ON x.refund_id = r.id
	LEFT JOIN shipment_left(r.order_id) f ON f.n = x.n
	CROSS JOIN LATERAL (SELECT CASE WHEN x.n = 0 THEN 0
		WHEN x.qty = 0 THEN 1 ELSE (x.qty - least(x.qty, f.free))::numeric / x.qty END
		AS part) AS k
	WHERE r.id = $1
$$;

-- What an order still has to give for its deposits, once a refund took its units out.
CREATE FUNCTION refund_waiting(r refund, p payment) RETURNS bigint LANGUAGE sql STABLE AS $$
	SELECT greatest(0, coalesce(sum(line_value(l, l.shipped + l.dropped + d.units,
			l.qty - l.shipped - l.dropped - d.units)), 0) + CASE
			WHEN order_has_left(o.id) THEN 0 ELSE o.shipping END
		- (o.total - p.captured))::bigint
	FROM orders o JOIN order_line l ON l.order_id = o.id
	JOIN shipment_left(o.id) f ON f.n = l.n
	CROSS JOIN LATERAL (SELECT least(f.free, coalesce((SELECT x.qty FROM refund_line x
		WHERE x.refund_id = r.id AND x.n = l.n), 0)) AS units) AS d
	WHERE o.id = r.order_id GROUP BY o.id
$$;

-- What an order's shipments made revenue and no refund took back.
CREATE FUNCTION refund_revenue_left(order_id bigint) RETURNS bigint LANGUAGE sql STABLE AS $$
	SELECT shipment_recognised($1)
		- (SELECT coalesce(sum(s.goodwill), 0) FROM shipment s
			WHERE s.order_id = $1 AND s.handed_over_at IS NOT NULL)::bigint
		- (SELECT coalesce(sum(r.recognised), 0) FROM refund r
			WHERE r.order_id = $1 AND refund_is_live(r.state))::bigint
$$;

-- What of a refund is taken out of the deposits, that is, of what the shop owes the
-- customer: units that did not leave, and of money without units as much as there is.
-- That debt never goes below nothing, and when nothing waits to be shipped none of it
-- remains - except money of a refund that failed, which is owed.
CREATE FUNCTION refund_of_deposits(r refund, p payment, revenue bigint, by_amount boolean)
RETURNS bigint
LANGUAGE plpgsql STABLE AS $$
DECLARE
	held bigint := payment_deposits(p.id);
	too_many bigint := held - refund_waiting(r, p);
BEGIN
	IF EXISTS (SELECT FROM refund x WHERE x.order_id = r.order_id
		AND (NOT refund_is_live(x.state) OR x.part_of IS NOT NULL)) THEN
		too_many := least(too_many, r.amount);
	END IF;
	RETURN greatest(too_many, r.amount - refund_revenue_left(r.order_id),
		least(held, r.amount - CASE WHEN by_amount THEN 0 ELSE revenue END));
END $$;

-- The books: what had become revenue is taken back from revenue, the rest from the
-- deposits.  The last of the revenue takes the last of the tax.
CREATE FUNCTION refund_post(refund_id bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	r refund;
	p payment;
	s record;
	revenue bigint;
	taxed bigint;
	part numeric;
BEGIN
	SELECT * INTO r FROM refund WHERE id = $1;
	SELECT * INTO p FROM payment WHERE id = r.payment_id;
	SELECT * INTO s FROM refund_of_revenue(r.id);
	revenue := s.returns + s.tax + s.shipping;
	r.recognised := 0;
	IF p.applied THEN
		r.recognised := r.amount - refund_of_deposits(r, p, revenue, s.by_amount);
	END IF;
	IF r.recognised <> 0 THEN
		part := coalesce(r.recognised / nullif(revenue, 0)::numeric, 0);
		taxed := tax_payable(r.order_id);
		s.tax := CASE WHEN r.recognised = refund_revenue_left(r.order_id) THEN taxed
			ELSE least(round(s.tax * part), taxed) END;
		s.shipping := least(round(s.shipping * part), r.recognised - s.tax);
	ELSE
		s.tax := 0;
		s.shipping := 0;
	END IF;
	UPDATE refund SET recognised = r.recognised WHERE id = r.id;
	PERFORM post_parts('rreq:' || r.id, 'refund_requested', r.order_id, p.id, r.currency,
		'{customer:deposits,returns,tax:payable,shipping,refund:payable}',
		ARRAY[r.amount - r.recognised, r.recognised - s.tax - s.shipping, s.tax, s.shipping,
			-r.amount], r.id);
END $$;

-- The tax in the books of an order.
CREATE FUNCTION tax_payable(order_id bigint) RETURNS bigint LANGUAGE sql STABLE AS $$
	SELECT coalesce(-sum(l.amount), 0)::bigint FROM ledger_entry e
	JOIN ledger_line l ON l.entry_id = e.id AND l.account = 'tax:payable'
	WHERE e.order_id = $1
$$;
