/* An order of 100.00 EUR as a checkout leaves it: number 1024, two lines, one payment.
 */
#ifndef TESTS_UNIT_GIVEN_ORDER_H
#define TESTS_UNIT_GIVEN_ORDER_H

/* 3 x DOG at 20.00, 1 x CAT at 30.00, 10.00 shipping; ten of each lie in BER. */
#define AN_ORDER                                                                       \
	"UPDATE id_counter SET next = 2;"                                              \
	"INSERT INTO product (id, handle, title) OVERRIDING SYSTEM VALUE"              \
	" VALUES (1, 'pets', 'Pets');"                                                 \
	"INSERT INTO variant (id, product_id, sku, title, options) OVERRIDING SYSTEM " \
	"VALUE"                                                                        \
	" VALUES (1, 1, 'DOG', 'Dog food', '{dog}'), (2, 1, 'CAT', 'Cat food', "       \
	"'{cat}');"                                                                    \
	"INSERT INTO warehouse (id, code) OVERRIDING SYSTEM VALUE VALUES (1, 'BER');"  \
	"INSERT INTO stock (variant_id, warehouse_id, on_hand, reserved)"              \
	" VALUES (1, 1, 10, 3), (2, 1, 10, 1);"                                        \
	"INSERT INTO stock_movement (variant_id, warehouse_id, delta, reason, actor)"  \
	" VALUES (1, 1, 10, 'receive', 't'), (2, 1, 10, 'receive', 't');"              \
	"INSERT INTO orders (id, client_id, key, fingerprint, currency, subtotal,"     \
	" shipping, total, expires_at) VALUES (1024, 0, 'k', '\\x00', 'EUR', 9000,"    \
	" 1000, 10000, now() + interval '15 min');"                                    \
	"INSERT INTO order_contact (order_id, email) VALUES (1024, "                   \
	"'ada@example.com');"                                                          \
	"INSERT INTO order_line (order_id, n, variant_id, warehouse_id, qty,"          \
	" unit_price, sku, title) VALUES (1024, 1, 1, 1, 3, 2000, 'DOG', 'Dog food')," \
	" (1024, 2, 2, 1, 1, 3000, 'CAT', 'Cat food');"                                \
	"INSERT INTO payment (id, order_id, currency, amount)"                         \
	" VALUES (1024, 1024, 'EUR', 10000);"                                          \
	"SELECT job_put('reservation.expire', 1024, now() + interval '15 min');"       \
	"SELECT job_put('payment.submit', 1024);"

/* What the provider says of its object, as payment_facts. */
#define FACTS(ref, status, more)                                                       \
	"jsonb_populate_record(NULL::payment_facts, '{\"ref\":\"" ref                  \
	"\",\"status\":\"" status "\",\"currency\":\"EUR\",\"amount\":10000" more      \
	"}')"
#define CAPTURED                                                                       \
	FACTS("pi_1", "captured",                                                      \
		",\"captured\":10000,\"charge\":\"ch_1\",\"fee\":320,"                 \
		"\"fee_currency\":\"EUR\",\"fee_ref\":\"txn_1\"")

/* The create call was made, and the answer told of pi_1. */
#define AN_OPEN_PAYMENT                                                                \
	AN_ORDER                                                                       \
	"SELECT * FROM api.payment_load(1024, false, 10);"                             \
	"SELECT * FROM api.op_sent((SELECT max(id) FROM provider_op), 'a=b');"         \
	"SELECT * FROM api.payment_record(1024, (SELECT max(id) FROM provider_op),"    \
	" 'done', 200, 'req_1', NULL, 0, to_jsonb(" FACTS("pi_1", "open", "") "));"

#define A_PAID_ORDER AN_OPEN_PAYMENT "SELECT payment_apply(1024, " CAPTURED ");"

/* Promised, not taken. */
#define AUTHORIZED_AND(more) FACTS("pi_1", "authorized", more)
#define AUTHORIZED           AUTHORIZED_AND("")

#define PAYMENT_SAYS(facts) "SELECT payment_apply(1024, " facts ");"

#define AN_AUTHORIZED_ORDER                                                            \
	AN_OPEN_PAYMENT                                                                \
	"UPDATE payment SET capture = 'manual';" PAYMENT_SAYS(AUTHORIZED)

#endif
