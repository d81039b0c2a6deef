-- Warehouses that serve some countries and lie somewhere, goods that come in, move
-- between warehouses and are counted.

ALTER TABLE warehouse
	-- Countries (DE) and their parts (US-CA) it sends to; empty: everywhere.
	ADD serves text[] NOT NULL DEFAULT '{}',
	ADD latitude double precision,
	ADD longitude double precision,
	-- Whether a checkout must ask where its order goes before it takes stock: the same in
	-- every row, so that the fast path, which reads these rows anyway, finds it there.
	ADD routed boolean NOT NULL DEFAULT false,
	ADD CONSTRAINT warehouse_area_is_known CHECK (array_to_string(serves, ' ')
		~ '^([A-Z]{2}(-[A-Z0-9]{1,3})?( |$))*$'),
	ADD CONSTRAINT warehouse_lies_on_earth CHECK (latitude BETWEEN -90 AND 90
		AND longitude BETWEEN -180 AND 180 AND (latitude IS NULL) = (longitude IS NULL));

-- From where an order is sent that several warehouses could send.
INSERT INTO setting VALUES ('stock.allocation', 'priority');

-- Where most people of a country live, to the degree: how far a warehouse is from an
-- address that says no more than its country.
CREATE TABLE country_point (
	country   char(2) PRIMARY KEY,
	latitude  double precision NOT NULL,
	longitude double precision NOT NULL
);
INSERT INTO country_point
SELECT substr(p, 1, 2), split_part(substr(p, 3), '/', 1)::int, split_part(p, '/', 2)::int
FROM regexp_split_to_table('
AD42/2 AE25/55 AF35/69 AG17/-62 AI18/-63 AL41/20 AM40/44 AO-9/13 AQ-80/0 AR-34/-60
AS-14/-171 AT48/16 AU-34/151 AW12/-70 AX60/20 AZ40/50 BA44/18 BB13/-60 BD24/90
BE51/4 BF12/-2 BG43/23 BH26/51 BI-3/29 BJ6/3 BL18/-63 BM32/-65 BN5/115 BO-16/-68
BQ12/-68 BR-23/-47 BS25/-77 BT27/90 BW-25/26 BY54/28 BZ18/-88 CA45/-79 CC-12/97
CD-3/23 CF4/19 CG-4/15 CH47/9 CI5/-4 CK-21/-160 CL-33/-71 CM4/10 CN33/112 CO5/-74
CR10/-84 CU23/-82 CV15/-24 CW12/-69 CX-10/106 CY35/33 CZ50/14 DE51/10 DJ12/43
DK56/10 DM15/-61 DO18/-70 DZ37/3 EC-2/-80 EE59/25 EG30/31 EH27/-13 ER15/39 ES40/-4
ET9/39 FI62/25 FJ-18/178 FK-52/-58 FM7/152 FO62/-7 FR47/2 GA0/9 GB52/-1 GD12/-62
GE42/45 GF5/-52 GG49/-3 GH6/0 GI36/-5 GL65/-50 GM13/-17 GN10/-14 GP16/-62 GQ4/9
GR38/24 GS-54/-37 GT15/-91 GU13/145 GW12/-16 GY7/-58 HK22/114 HN14/-87 HR46/16
HT19/-72 HU48/19 ID-6/107 IE53/-6 IL32/35 IM54/-4 IN21/78 IO-7/72 IQ33/44 IR36/51
IS64/-22 IT43/12 JE49/-2 JM18/-77 JO32/36 JP36/138 KE-1/37 KG43/75 KH12/105 KI1/173
KM-12/43 KN17/-63 KP39/126 KR38/127 KW29/48 KY19/-81 KZ48/68 LA18/103 LB34/36
LC14/-61 LI47/10 LK7/80 LR6/-11 LS-29/28 LT55/25 LU50/6 LV57/24 LY33/13 MA34/-8
MC44/7 MD47/29 ME42/19 MF18/-63 MG-19/48 MH7/171 MK42/21 ML13/-8 MM17/96 MN47/106
MO22/114 MP15/146 MQ15/-61 MR18/-16 MS17/-62 MT36/15 MU-20/58 MV4/74 MW-16/35
MX20/-100 MY3/102 MZ-26/33 NA-23/17 NC-22/166 NE14/2 NF-29/168 NG6/3 NI12/-86 NL52/5
NO61/9 NP28/85 NR-1/167 NU-19/-170 NZ-41/174 OM24/59 PA9/-80 PE-12/-77 PF-18/-150
PG-10/147 PH15/121 PK25/67 PL52/19 PM47/-56 PN-25/-130 PR18/-66 PS32/34 PT39/-8
PW7/134 PY-25/-58 QA25/52 RE-21/55 RO44/26 RS45/20 RU56/38 RW-2/30 SA25/47 SB-10/160
SC-5/55 SD16/33 SE60/16 SG1/104 SH-16/-6 SI46/15 SJ78/16 SK48/17 SL8/-13 SM44/12
SN15/-17 SO2/45 SR6/-55 SS5/32 ST0/7 SV14/-89 SX18/-63 SY34/36 SZ-26/31 TC21/-71
TD12/15 TF-49/70 TG6/1 TH15/101 TJ39/69 TK-9/-171 TL-9/126 TM38/58 TN37/10
TO-21/-175 TR39/34 TT11/-62 TV-9/179 TW25/122 TZ-7/39 UA49/31 UG0/32 UM28/-177
US39/-98 UY-35/-56 UZ40/67 VA42/12 VC13/-61 VE10/-67 VG18/-65 VI18/-65 VN16/107
VU-18/168 WF-13/-176 WS-14/-172 YE13/45 YT-13/45 ZA-26/28 ZM-15/28 ZW-18/31
', '\s+') AS p WHERE p <> '';

-- What the operator said of it; why it moved is reason.
ALTER TABLE stock_movement ADD note text;

-- Goods that were bought and came in.
CREATE TABLE stock_receipt (
	id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	key          text NOT NULL, -- the caller's: told twice it came once
	warehouse_id bigint NOT NULL,
	reference    text NOT NULL, -- the purchase: PO-881
	note         text,
	at           timestamptz NOT NULL DEFAULT now(),
	actor        text NOT NULL,
	CONSTRAINT receipt_key_used_once UNIQUE (key),
	CONSTRAINT receipt_reference_is_not_empty CHECK (reference <> '')
);
CREATE TABLE stock_receipt_line (
	receipt_id bigint NOT NULL REFERENCES stock_receipt,
	n          bigint NOT NULL,
	variant_id bigint NOT NULL,
	qty        bigint NOT NULL,
	unit_cost  bigint, -- of one, in currency
	currency   char(3),
	PRIMARY KEY (receipt_id, n),
	CONSTRAINT receipt_qty_is_positive CHECK (qty > 0),
	CONSTRAINT receipt_cost_is_not_negative CHECK (unit_cost >= 0
		AND (unit_cost IS NULL) = (currency IS NULL))
);

-- Goods on their way from one warehouse to another.
CREATE TABLE transfer (
	id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	key        text NOT NULL,
	state      text NOT NULL DEFAULT 'draft',
	from_id    bigint NOT NULL,
	to_id      bigint NOT NULL,
	reason     text,
	received   text[] NOT NULL DEFAULT '{}', -- keys of deliveries that were told
	created_at timestamptz NOT NULL DEFAULT now(),
	shipped_at timestamptz,
	closed_at  timestamptz,
	CONSTRAINT transfer_key_used_once UNIQUE (key),
	CONSTRAINT transfer_goes_elsewhere CHECK (from_id <> to_id),
	CONSTRAINT transfer_state_is_known CHECK (state IN ('draft', 'in_transit', 'received',
		'canceled'))
);
CREATE INDEX transfer_open ON transfer (id) WHERE state IN ('draft', 'in_transit');

-- In transit is what was shipped and has not come, been lost or gone back.
CREATE TABLE transfer_line (
	transfer_id bigint NOT NULL REFERENCES transfer,
	variant_id  bigint NOT NULL,
	qty         bigint NOT NULL, -- planned
	shipped     bigint NOT NULL DEFAULT 0,
	received    bigint NOT NULL DEFAULT 0,
	lost        bigint NOT NULL DEFAULT 0,
	back        bigint NOT NULL DEFAULT 0,
	PRIMARY KEY (transfer_id, variant_id),
	CONSTRAINT transfer_qty_is_positive CHECK (qty > 0),
	CONSTRAINT transfer_shipped_within_plan CHECK (shipped BETWEEN 0 AND qty),
	CONSTRAINT transfer_received_within_shipped CHECK (received >= 0 AND lost >= 0
		AND back >= 0 AND received + lost + back <= shipped)
);
CREATE INDEX transfer_line_variant ON transfer_line (variant_id);

INSERT INTO state_edge VALUES
	('transfer', 'draft',      'ship',         'in_transit', 'keep'),
	('transfer', 'draft',      'cancel',       'canceled',   'keep'),
	('transfer', 'in_transit', 'receive_part', 'in_transit', 'keep'),
	('transfer', 'in_transit', 'receive',      'received',   'keep'),
	('transfer', 'in_transit', 'cancel',       'canceled',   'back');

-- A count of what lies in a warehouse.
CREATE TABLE stock_count (
	id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	key          text NOT NULL,
	state        text NOT NULL DEFAULT 'open',
	warehouse_id bigint NOT NULL,
	blind        boolean NOT NULL, -- who counts does not see what the book has
	reason       text,
	started_at   timestamptz NOT NULL DEFAULT now(),
	closed_at    timestamptz,
	CONSTRAINT count_key_used_once UNIQUE (key),
	CONSTRAINT count_state_is_known CHECK (state IN ('open', 'posted', 'canceled'))
);

-- What was found, and what the book had at that moment: the difference is what is wrong,
-- whatever moves until it is posted.
CREATE TABLE stock_count_line (
	count_id     bigint NOT NULL REFERENCES stock_count,
	variant_id   bigint NOT NULL,
	warehouse_id bigint NOT NULL,
	live         boolean NOT NULL DEFAULT true, -- of a count that is open
	counted      bigint,
	book         bigint,
	seen         bigint, -- the last movement that book knows
	counted_at   timestamptz,
	counted_by   text,
	PRIMARY KEY (count_id, variant_id),
	CONSTRAINT count_is_not_negative CHECK (counted >= 0),
	CONSTRAINT count_has_its_book CHECK ((counted IS NULL) = (book IS NULL))
);
CREATE UNIQUE INDEX count_line_is_of_one_count
	ON stock_count_line (warehouse_id, variant_id) WHERE live;

INSERT INTO state_edge VALUES
	('count', 'open', 'post',   'posted',   'keep'),
	('count', 'open', 'cancel', 'canceled', 'keep');

-- As they are shown.
CREATE TYPE warehouse_view AS (
	code     text,
	name     text,
	country  text,
	priority bigint,
	open     boolean,
	serves   text,  -- DE,US-CA; null: everywhere
	place    text,  -- 52.37,4.9
	address  jsonb,
	skus     bigint,
	on_hand  bigint,
	reserved bigint,
	incoming bigint -- on its way from other warehouses
);
CREATE TYPE transfer_view AS (
	id         bigint,
	state      text,
	source     text,
	target     text,
	units      bigint, -- planned
	shipped    bigint,
	received   bigint,
	lost       bigint,
	in_transit bigint,
	reason     text,
	lines      jsonb,
	created_at timestamptz,
	shipped_at timestamptz,
	closed_at  timestamptz,
	replayed   boolean
);
CREATE TYPE stock_count_view AS (
	id         bigint,
	state      text,
	warehouse  text,
	blind      boolean,
	skus       bigint,
	counted    bigint, -- SKUs that were
	differ     bigint, -- SKUs; null while nobody may see it
	more       bigint, -- units found that the book had not
	missing    bigint, -- units that the book had and nobody found
	reason     text,
	started_at timestamptz,
	closed_at  timestamptz,
	replayed   boolean
);
