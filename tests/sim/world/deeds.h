/* What people do, and what a seed may have to do without: a line each. */
#ifndef WORLD_DEEDS_H
#define WORLD_DEEDS_H

/* What people do: its name, of which group, and the most of its rate.  A group is there
 * or not, for one deed leads to the next. */
#define DEEDS(X)                                                                       \
	X(operator_cancels, orders, 5000)                                              \
	X(operator_refunds_units, orders, 6000)                                        \
	X(operator_refunds_amount, orders, 6000)                                       \
	X(operator_refunds_rest, orders, 2000)                                         \
	X(operator_syncs, orders, 4000)                                                \
	X(cashier_captures, money, 2000)                                               \
	X(cashier_captures_part, money, 6000)                                          \
	X(cashier_voids, money, 4000)                                                  \
	X(cashier_tries_another, attempts, 5000)                                       \
	X(cashier_matches, attempts, 8000)                                             \
	X(cashier_retries_refund, refunds, 6000)                                       \
	X(cashier_settles_refund, refunds, 6000)                                       \
	X(cashier_approves, refunds, 3000)                                             \
	X(second_approves, refunds, 9000)                                              \
	X(second_declines, refunds, 6000)                                              \
	X(cashier_reconciles, books, 3000)                                             \
	X(cashier_closes_incident, books, 9000)                                        \
	X(cashier_closes_period, books, 6000)                                          \
	X(cashier_answers_dispute, disputes, 5000)                                     \
	X(cashier_accepts_dispute, disputes, 2000)                                     \
	X(bank_disputes, disputes, 1500)                                               \
	X(bank_inquires, disputes, 1500)                                               \
	X(bank_rules, disputes, 3000)                                                  \
	X(bank_pays_out, payouts, 3000)                                                \
	X(bank_moves_payout, payouts, 8000)                                            \
	X(paypal_concludes, parcels, 5000)                                             \
	X(stock_packs, parcels, 9000)                                                  \
	X(stock_packs_part, parcels, 9000)                                             \
	X(stock_ships, parcels, 9500)                                                  \
	X(stock_delivers, parcels, 6000)                                               \
	X(stock_parcel_comes_back, parcels, 1500)                                      \
	X(stock_cancels_parcel, parcels, 2000)                                         \
	X(customer_sends_back, parcels, 9000)                                          \
	X(return_allowed, parcels, 9000)                                               \
	X(return_rejected, parcels, 1500)                                              \
	X(return_canceled, parcels, 1000)                                              \
	X(return_received, parcels, 9000)                                              \
	X(return_inspected, parcels, 9500)                                             \
	X(return_closed, parcels, 9500)
#define GROUPS(X)                                                                      \
	X(orders)                                                                      \
	X(money) X(attempts) X(refunds) X(books) X(disputes) X(payouts) X(parcels)

/* What stands behind something else: of sixteen seeds each misses in one. */
#define DEFENCES(X) X(nothing) X(webhooks) X(resends) X(gaps) X(reconciler)

#endif
