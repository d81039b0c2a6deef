-- Taxes by known figures: what is in a price, what comes on top, and that nothing of a cent
-- is lost or made up.
BEGIN;
SELECT plan(23);

INSERT INTO tax_class VALUES ('books', 'Books');
INSERT INTO tax_rate (country, region, postcodes, tax_class, priority, name, ppm, included,
	compound, shipping, valid_from, valid_until)
VALUES ('DE', '', '{}', 'standard', 1, 'USt', 190000, true, false, true, '-infinity', '2020-07-01'),
	('DE', '', '{}', 'standard', 1, 'USt', 160000, true, false, true, '2020-07-01', '2021-01-01'),
	('DE', '', '{}', 'standard', 1, 'USt', 190000, true, false, true, '2021-01-01', 'infinity'),
	('DE', '', '{}', 'reduced', 1, 'USt', 70000, true, false, true, '-infinity', 'infinity'),
	-- New York City: 4 % state, 4.5 % city, 0.375 % MCTD; shipping is taxed.
	('US', 'NY', '{}', 'standard', 1, 'State', 40000, false, false, true, '-infinity', 'infinity'),
	('US', 'NY', '{100*,11201}', 'standard', 2, 'City', 48750, false, false, false, '-infinity', 'infinity'),
	-- Quebec: the QST was on the price and the GST until the end of 2012.
	('CA', '', '{}', 'standard', 1, 'GST', 50000, false, false, true, '-infinity', 'infinity'),
	('CA', 'QC', '{}', 'standard', 2, 'QST', 95000, false, true, true, '2012-01-01', '2013-01-01'),
	('CA', 'QC', '{}', 'standard', 2, 'QST', 99750, false, false, true, '2013-01-01', 'infinity'),
	-- One that prices include although it is on another, and a province of its own.
	('XA', '', '{}', 'standard', 1, 'A', 50000, true, false, true, '-infinity', 'infinity'),
	('XA', '', '{}', 'standard', 2, 'B', 100000, true, true, true, '-infinity', 'infinity'),
	('XA', '', '{8*}', 'standard', 1, 'Port', 0, true, false, true, '-infinity', 'infinity'),
	('XA', 'N', '{}', 'standard', 1, 'None', 0, true, false, true, '-infinity', 'infinity'),
	('JP', '', '{}', 'standard', 1, 'JCT', 100000, true, false, true, '-infinity', 'infinity'),
	('KW', '', '{}', 'standard', 1, 'VAT', 50000, false, false, true, '-infinity', 'infinity');

-- One order, all to one place: "net tax added gross" of each line.
CREATE FUNCTION pg_temp.taxed(country text, region text, postcode text, classes text[],
	amounts bigint[], at timestamptz DEFAULT '2026-01-01') RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(concat_ws(' ', t.net, t.tax, t.added, t.gross), ', ' ORDER BY t.n)
	FROM tax_of(array_fill(1::bigint, ARRAY[cardinality($5)]), $4,
		array_fill($1, ARRAY[cardinality($5)]), array_fill($2, ARRAY[cardinality($5)]),
		array_fill($3, ARRAY[cardinality($5)]), $5, $6) t
$$;
CREATE FUNCTION pg_temp.parts(country text, region text, postcode text, class text,
	amount bigint, at timestamptz DEFAULT '2026-01-01') RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(concat_ws(' ', t.name, t.tax), ', ' ORDER BY t.name)
	FROM tax_split('{1}', ARRAY[$4], ARRAY[$1], ARRAY[$2], ARRAY[$3], ARRAY[$5], $6) t
$$;

SELECT is(pg_temp.taxed('DE', NULL, NULL, '{standard}', '{11900}'), '10000 1900 0 11900',
	'119.00 contain 19.00 at 19 %');
SELECT is(pg_temp.taxed('de', '', '', '{reduced}', '{10700}'), '10000 700 0 10700',
	'107.00 contain 7.00 at 7 %');
SELECT is(pg_temp.taxed('DE', NULL, NULL, '{standard}', '{11600}', '2020-08-01'),
	'10000 1600 0 11600', 'a rate holds in its time');
SELECT is(pg_temp.taxed('DE', NULL, NULL, '{standard}', '{11900}', '2020-06-30 23:59+00'),
	'10000 1900 0 11900', 'and not a minute longer');
SELECT is(pg_temp.taxed('US', 'NY', '10013', '{standard}', '{10000}'), '10000 888 888 10888',
	'8.875 % of 100.00 are 8.88: half up, by rate');
SELECT is(pg_temp.taxed('US', 'NY', '11201', '{standard}', '{4000}'), '4000 355 355 4355',
	'8.875 % of 40.00 are 3.55');
SELECT is(pg_temp.taxed('US', 'NY', '12207', '{standard}', '{10000}'), '10000 400 400 10400',
	'another postcode has the state''s rate only');
SELECT is(pg_temp.taxed('US', 'NY', NULL, '{standard}', '{10000}'), '10000 400 400 10400',
	'and so has none');
SELECT is(pg_temp.taxed('US', 'NY', '10013', '{shipping}', '{1000}'), '1000 40 40 1040',
	'shipping is taxed by the rates that are for it');
SELECT is(pg_temp.parts('CA', 'QC', NULL, 'standard', 10000, '2012-06-01'), 'GST 500, QST 998',
	'Quebec in 2012: 5 % of 100.00, then 9.5 % of 105.00');
SELECT is(pg_temp.parts('CA', 'QC', NULL, 'standard', 10000, '2013-01-01'), 'GST 500, QST 998',
	'Quebec since 2013: 9.975 % of 100.00');
SELECT is(pg_temp.parts('CA', 'QC', NULL, 'standard', 200000, '2013-01-01'),
	'GST 10000, QST 19950', 'and of 2000.00');
SELECT is(pg_temp.parts('CA', 'ON', NULL, 'standard', 10000), 'GST 500', 'another province');
SELECT is(pg_temp.parts('XA', NULL, NULL, 'standard', 11550), 'A 500, B 1050',
	'of 115.50 with both in it 10 % of 105.00 and 5 % of 100.00');
SELECT is(pg_temp.parts('XA', 'n', NULL, 'standard', 11000), 'B 1000, None 0',
	'a region''s rate stands in the place of the country''s');
SELECT is(pg_temp.parts('XA', 'N', '8000', 'standard', 11000), 'B 1000, Port 0',
	'and a postcode''s in the place of both');
SELECT is(pg_temp.taxed('DE', NULL, NULL, '{exempt,books,nothing}', '{100,100,100}'),
	'100 0 0 100, 100 0 0 100, 100 0 0 100', 'no rate, no tax');
SELECT is(pg_temp.taxed('FR', NULL, NULL, '{standard}', '{100}'), '100 0 0 100',
	'where no rate is known nothing is taxed');
SELECT is(pg_temp.taxed('JP', NULL, NULL, '{standard}', '{108}'), '98 10 0 108',
	'no decimals: 9.82 of 108 yen are 10');
SELECT is(pg_temp.taxed('KW', NULL, NULL, '{standard}', '{12345}'), '12345 617 617 12962',
	'three decimals: 5 % of 12.345 are 0.617');
-- Thrice 0.10 at 19 % contains 0.015966... each, 0.0479 of 0.30: the cents go one by one.
SELECT is(pg_temp.taxed('DE', NULL, NULL, '{standard,standard,standard}', '{10,10,10}'),
	'8 2 0 10, 8 2 0 10, 9 1 0 10', 'lines add up to the order: 0.05 of 0.30');
SELECT is((SELECT string_agg(t.tax::text, ' ' ORDER BY t.n) FROM tax_of('{1,2,3}',
	'{standard,standard,standard}', '{DE,DE,DE}', '{NULL,NULL,NULL}', '{NULL,NULL,NULL}',
	'{10,10,10}', now()) t), '2 2 2', 'each order is rounded by itself');
-- Whatever the amounts, the lines' tax is the order's, to the cent.
SELECT is_empty($$ SELECT * FROM (SELECT o, sum(t.tax) AS lines,
		floor(sum(a.amount) * 190000 / 1190000.0 + 0.5) AS whole
	FROM (SELECT i / 7 AS o, i * 7919 % 5003 AS amount, i + 1 AS n
		FROM generate_series(0, 6999) i) a
	JOIN tax_of(ARRAY(SELECT i / 7 FROM generate_series(0, 6999) i)::bigint[],
		array_fill('standard'::text, ARRAY[7000]), array_fill('DE'::text, ARRAY[7000]),
		array_fill(NULL::text, ARRAY[7000]), array_fill(NULL::text, ARRAY[7000]),
		ARRAY(SELECT i * 7919 % 5003 FROM generate_series(0, 6999) i)::bigint[], now()) t
		ON t.n = a.n GROUP BY o) x WHERE lines <> whole $$, 'of a thousand orders none is a cent off');
SELECT * FROM finish();
ROLLBACK;
