-- What everything stands on: currencies, id blocks, settings, the audit log.

CREATE TYPE amount AS (minor bigint, currency text);

CREATE TABLE currency (
	code     char(3) PRIMARY KEY,
	exponent smallint NOT NULL,
	CONSTRAINT currency_exponent_is_small CHECK (exponent BETWEEN 0 AND 4)
);

-- Numbers are handed out in blocks, so that no sequence is touched per order.
-- id = (n << 10) | cell, below 2^53 so that JSON keeps it.
CREATE TABLE id_counter (
	cell smallint PRIMARY KEY,
	next bigint NOT NULL,
	CONSTRAINT id_fits_json CHECK (next BETWEEN 1 AND 8796093022207)
);
INSERT INTO id_counter VALUES (0, 1);

CREATE TABLE setting (
	name  text PRIMARY KEY,
	value text NOT NULL
);

CREATE TABLE audit_log (
	id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	at         timestamptz NOT NULL DEFAULT now(),
	role       text NOT NULL,
	actor      text NOT NULL,
	trace      text,
	object     text NOT NULL,
	action     text NOT NULL,
	reason     text,
	before     jsonb,
	after      jsonb
);
CREATE INDEX audit_log_object ON audit_log (object, id);

INSERT INTO currency (code, exponent)
SELECT code, 0 FROM unnest(string_to_array(
	'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF', ' ')) AS code
UNION ALL
SELECT code, 3 FROM unnest(string_to_array('BHD IQD JOD KWD LYD OMR TND', ' ')) AS code
UNION ALL
SELECT code, 2 FROM unnest(string_to_array(
	'AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP '
	'BYN BZD CAD CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP '
	'GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT '
	'LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN '
	'NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP '
	'SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VES '
	'WST XCD YER ZAR ZMW ZWG', ' ')) AS code;
