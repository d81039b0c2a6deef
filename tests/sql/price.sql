-- Prices as ranges: schedules cut the standing price, cancelling one puts it together again,
-- and a bulk change is exact.
BEGIN;
SELECT plan(60);

INSERT INTO product (handle, title, status) VALUES ('t', 'T', 'active');
INSERT INTO variant (product_id, sku, title, options, cost_minor, cost_currency)
SELECT p.id, x.s, x.s, ARRAY[x.s], x.c, CASE WHEN x.c IS NOT NULL THEN 'EUR' END
FROM product p, (VALUES ('DOG', 1500), ('CAT', 300), ('BIRD', NULL), ('FISH', NULL)) AS x (s, c)
WHERE p.handle = 't';
INSERT INTO price (variant_id, currency, amount, compare_at) SELECT v.id, 'EUR', x.a, x.c
FROM (VALUES ('DOG', 2999, 3499), ('CAT', 455, NULL), ('BIRD', 10000, NULL)) AS x (s, a, c)
	JOIN variant v ON v.sku = x.s;

-- The ranges of a SKU in days from now: "from..until amount", S when it is scheduled.
CREATE FUNCTION pg_temp.ranges(sku text, currency text DEFAULT 'EUR') RETURNS text
LANGUAGE sql AS $$
	SELECT string_agg(concat(CASE WHEN p.valid_from > '-infinity' THEN
			extract(day FROM p.valid_from - now()) END, '..',
		CASE WHEN p.valid_until < 'infinity' THEN extract(day FROM p.valid_until - now()) END,
		' ', p.amount, CASE WHEN p.scheduled THEN 'S' END), ' ' ORDER BY p.valid_from)
	FROM price p JOIN variant v ON v.id = p.variant_id
	WHERE v.sku = $1 AND p.currency = $2::bpchar
$$;
-- What a verb answers, or the rule that refuses it.
CREATE FUNCTION pg_temp.try(call text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	said text;
BEGIN
	EXECUTE format('SELECT string_agg(concat_ws('' '', r.sku, (r.before).minor, (r.after).minor),
		'', '') FROM %s r', call) INTO said;
	RETURN said;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS said = CONSTRAINT_NAME;
	RETURN said;
END $$;
CREATE FUNCTION pg_temp.days(n integer) RETURNS timestamptz LANGUAGE sql AS
	$$ SELECT now() + n * interval '1 day' $$;

-- Schedules.
SELECT is(pg_temp.try($$ api.price_schedule('DOG', (2499, 'EUR'), NULL, pg_temp.days(5), pg_temp.days(9)) $$),
	'DOG 2999 2499', 'a schedule says what it stands in the place of');
SELECT is(pg_temp.ranges('DOG'), '..5 2999 5..9 2499S 9.. 2999', 'it cuts the standing price in three');
SELECT is(pg_temp.try($$ api.price_schedule('DOG', (2399, 'EUR'), NULL, pg_temp.days(8), pg_temp.days(12)) $$),
	'price_schedules_never_overlap', 'another may not overlap its end');
SELECT is(pg_temp.try($$ api.price_schedule('DOG', (2399, 'EUR'), NULL, pg_temp.days(1), pg_temp.days(6)) $$),
	'price_schedules_never_overlap', 'nor its beginning');
SELECT is(pg_temp.try($$ api.price_schedule('DOG', (2399, 'EUR'), NULL, pg_temp.days(6), pg_temp.days(7)) $$),
	'price_schedules_never_overlap', 'nor lie within');
SELECT is(pg_temp.try($$ api.price_schedule('DOG', (2399, 'EUR'), NULL, NULL, pg_temp.days(20)) $$),
	'price_schedules_never_overlap', 'nor around');
SELECT is(pg_temp.try($$ api.price_schedule('DOG', (2399, 'EUR'), NULL, pg_temp.days(9), pg_temp.days(12)) $$),
	'DOG 2999 2399', 'it may begin where the other ends');
SELECT is(pg_temp.ranges('DOG'), '..5 2999 5..9 2499S 9..12 2399S 12.. 2999', 'side by side');
SELECT is(pg_temp.try($$ api.price_cancel('DOG', 'EUR', NULL) $$), 'price_schedule_is_named', 'which of two?');
SELECT is(pg_temp.try($$ api.price_cancel('DOG', 'EUR', pg_temp.days(7)) $$), 'price_schedule_exists', 'that is none');
SELECT is(pg_temp.try($$ api.price_cancel('DOG', 'EUR', pg_temp.days(9)) $$), 'DOG 2399 2999', 'the second');
SELECT is(pg_temp.ranges('DOG'), '..5 2999 5..9 2499S 9.. 2999', 'leaves what there was');
SELECT is(pg_temp.try($$ api.price_cancel('DOG', 'EUR', NULL) $$), 'DOG 2499 2999', 'the only one');
SELECT is(pg_temp.ranges('DOG'), '.. 2999', 'and the standing price is whole again');
SELECT is((SELECT compare_at FROM price JOIN variant ON id = variant_id WHERE sku = 'DOG'), 3499::bigint,
	'with what is crossed out beside it');
SELECT is(pg_temp.try($$ api.price_schedule('DOG', (2499, 'EUR'), NULL, pg_temp.days(-1), pg_temp.days(9)) $$),
	'price_past_stays', 'the past is not rewritten');
SELECT is(pg_temp.try($$ api.price_schedule('DOG', (2499, 'EUR'), NULL, pg_temp.days(9), pg_temp.days(9)) $$),
	'price_range_is_not_empty', 'a schedule has some time');
SELECT is(pg_temp.try($$ api.price_schedule('DOG', (0, 'EUR'), NULL, pg_temp.days(8), pg_temp.days(9)) $$),
	'price_is_within_bounds', 'nothing is scheduled for nothing');
SELECT is(pg_temp.try($$ api.price_schedule('COW', (1, 'EUR'), NULL, pg_temp.days(8), pg_temp.days(9)) $$),
	'variant_exists', 'what is not there has no price');

-- The standing price around schedules.
SELECT is(pg_temp.try($$ api.price_schedule('DOG', (2499, 'EUR'), NULL, pg_temp.days(5), pg_temp.days(9)) $$),
	'DOG 2999 2499', 'again');
SELECT is(pg_temp.try($$ api.price_set('DOG', (2799, 'EUR'), NULL, NULL) $$), 'DOG 2999 2799', 'a new price');
SELECT is(pg_temp.ranges('DOG'), '..0 2999 0..5 2799 5..9 2499S 9.. 2799', 'holds behind the schedule, too');
SELECT is(pg_temp.try($$ api.price_set('DOG', (2599, 'EUR'), NULL, pg_temp.days(20)) $$), 'DOG 2799 2599', 'later');
SELECT is(pg_temp.ranges('DOG'), '..0 2999 0..5 2799 5..9 2499S 9..20 2799 20.. 2599', 'from then on');
SELECT is(pg_temp.try($$ api.price_set('DOG', (2699, 'EUR'), -1, pg_temp.days(7)) $$), 'DOG 2799 2699', 'within');
SELECT is(pg_temp.ranges('DOG'), '..0 2999 0..5 2799 5..9 2499S 9.. 2699', 'it waits for the end');
SELECT is(pg_temp.try($$ api.price_cancel('DOG', 'EUR', NULL) $$), 'DOG 2499 2799', 'a cancelled one');
SELECT is(pg_temp.ranges('DOG'), '..0 2999 0..9 2799 9.. 2699', 'leaves its time to the price before it');
SELECT is(pg_temp.try($$ api.price_set('DOG', (2799, 'EUR'), NULL, NULL) $$), 'DOG 2799 2799', 'for good');
SELECT is(pg_temp.ranges('DOG'), '..0 2999 0.. 2799', 'what was to come is gone');
SELECT is(pg_temp.try($$ api.price_set('FISH', (100, 'EUR'), NULL, NULL) $$), 'FISH 100', 'the first price');
SELECT is(pg_temp.ranges('FISH'), '0.. 100', 'holds from now on');
SELECT is((SELECT count(*) FROM audit_log WHERE object = 'variant:FISH'), 1::bigint, 'and is in the log');
SELECT is(pg_temp.try($$ api.price_set('FISH', (100, 'EUR'), NULL, NULL) $$), 'FISH 100 100', 'once more');
SELECT is((SELECT count(*) FROM audit_log WHERE object = 'variant:FISH'), 1::bigint, 'is no change');
-- A running schedule: it began two days ago.
INSERT INTO price (variant_id, currency, amount, valid_from, valid_until, scheduled)
SELECT v.id, 'USD', x.a, x.f, x.u, x.s FROM variant v, (VALUES
	(500, '-infinity', pg_temp.days(-2), false), (400, pg_temp.days(-2), pg_temp.days(3), true),
	(600, pg_temp.days(3), 'infinity', false)) AS x (a, f, u, s) WHERE v.sku = 'CAT';
SELECT is(pg_temp.try($$ api.price_cancel('CAT', 'USD', NULL) $$), 'CAT 400 600', 'one that runs ends now');
SELECT is(pg_temp.ranges('CAT', 'USD'), '..-2 500 -2..0 400S 0.. 600', 'and what it was stays known');

-- Many at once.
CREATE FUNCTION pg_temp.bulk(wanted text, expr text, ending text DEFAULT NULL,
	floor text DEFAULT NULL, currency text DEFAULT 'EUR', since timestamptz DEFAULT NULL,
	until timestamptz DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
	SELECT pg_temp.try(format('api.price_bulk(%L, %L, %L, %L, %L, %L, %L)', ARRAY[$1], $5, $2, $3,
		$4, $6, $7))
$$;
SELECT is(pg_temp.bulk('sku=CAT', '*0.90'), 'CAT 455 410', '409.5 is 410: half up');
SELECT is(pg_temp.bulk('sku=CAT', '=4.55'), 'CAT 410 455', 'an amount');
SELECT is(pg_temp.bulk('sku=CAT', '/3*3'), NULL, 'a third three times is exactly the whole');
SELECT is(pg_temp.bulk('sku=CAT', '-0.05 *2 /1.19 +0.01'), 'CAT 455 757', 'left to right: 450 * 2 / 1.19 + 1 is 757.3');
SELECT is(pg_temp.bulk('sku=CAT', '=4.55-10%'), 'CAT 757 410', 'a share less');
SELECT is(pg_temp.bulk('sku~og', '*0.90', '0.99'), 'DOG 2799 2499', '25.19 is 24.99: the nearest ending');
SELECT is(pg_temp.bulk('sku=DOG', '=25.49', '0.99'), 'DOG 2499 2599', 'half way it is the higher');
SELECT is(pg_temp.bulk('sku=DOG', '=33', '9.90'), 'DOG 2599 2990', 'endings of tens');
SELECT is(pg_temp.bulk('sku=DOG', '*0.1', '0.99', 'cost'), 'DOG 2990 1599', 'never below its cost, with the ending');
SELECT is(pg_temp.bulk('sku=DOG', '*0.1', NULL, '1234'), 'DOG 1599 1234', 'or an amount');
SELECT is(pg_temp.bulk('sku~I', '*0.5', NULL, 'cost'), 'price_floor_is_known', 'a floor that nobody knows is none');
SELECT is(pg_temp.bulk('sku=FISH', '-1.00'), 'price_is_within_bounds', 'nothing for nothing');
SELECT is(pg_temp.bulk('sku=FISH', '*0.30', '0.99'), 'price_is_within_bounds', 'nor by rounding');
SELECT is(pg_temp.bulk('sku=FISH', '*999999999'), 'price_is_within_bounds', 'nor for more than a line may cost');
SELECT is(pg_temp.bulk('sku=FISH', '*0.9; DROP'), 'price_expression_is_readable', 'an expression is one');
SELECT is(pg_temp.bulk('sku=FISH', '/0'), 'price_expression_is_readable', 'nobody divides by 0');
SELECT is(pg_temp.bulk('sku=COW', '*1'), 'bulk_finds_prices', 'nothing fits');
SELECT is(pg_temp.bulk('sku=FISH', '*1', '0.999'), 'price_ending_is_payable', 'an ending can be paid');
SELECT is(pg_temp.bulk('sku~I', '*0.90', NULL, NULL, 'EUR', pg_temp.days(2), pg_temp.days(4)),
	'BIRD 10000 9000, FISH 100 90', 'a sale');
SELECT is(pg_temp.ranges('BIRD') || '; ' || pg_temp.ranges('FISH'),
	'..2 10000 2..4 9000S 4.. 10000; 0..2 100 2..4 90S 4.. 100', 'is scheduled for each');
SELECT is(pg_temp.bulk('sku~I', '*0.80', NULL, NULL, 'EUR', pg_temp.days(3), pg_temp.days(5)),
	'price_schedules_never_overlap', 'all of it or nothing');
SELECT is((SELECT string_agg(concat_ws(' ', action, before, '->', after), '; ' ORDER BY at, after)
	FROM api.price_history('BIRD', 10)), format('bulk 100.00 EUR -> 100.00 EUR; 90.00 EUR from %s until %s',
	price_time(pg_temp.days(2)), price_time(pg_temp.days(4))), 'history says it in words');
SELECT is_empty($$ SELECT * FROM (SELECT p.valid_from, lag(p.valid_until) OVER (
	PARTITION BY variant_id, currency ORDER BY valid_from) AS ended FROM price p) x
	WHERE valid_from < ended $$, 'and none ever overlapped');
SELECT * FROM finish();
ROLLBACK;
