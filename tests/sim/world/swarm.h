/* What can go wrong: a line each. */
#ifndef WORLD_SWARM_H
#define WORLD_SWARM_H

/* What can go wrong: its name and the most that its rate may be, in ten thousandths. */
#define FAULTS(X)                                                                      \
	X(kill_before_commit, 100)                                                     \
	X(kill_after_commit, 100)                                                      \
	X(kill_before_call, 300)                                                       \
	X(kill_after_call, 400)                                                        \
	X(commit_lost_not_applied, 150)                                                \
	X(commit_lost_applied, 150)                                                    \
	X(worker_paused, 150)                                                          \
	X(blackout, 100)                                                               \
	X(jump_minutes, 60)                                                            \
	X(jump_hours, 15)                                                              \
	X(door_down, 1500)                                                             \
	X(mail_down, 3000)                                                             \
	X(shopper_repeats, 4000)                                                       \
	X(shopper_changes_body, 2000)                                                  \
	X(shopper_wants_scarce, 3000)                                                  \
	X(shopper_off_session, 6000)                                                   \
	X(shopper_walks_away, 2000)                                                    \
	X(shopper_pays_late, 4000)                                                     \
	X(shopper_is_charged_later, 9000)                                              \
	X(shopper_by_paypal, 7000)                                                     \
	X(shopper_by_transfer, 4000)                                                   \
	X(card_declines, 4000)                                                         \
	X(card_asks, 3000)                                                             \
	X(bank_debit, 4000)                                                            \
	X(bank_debit_fails, 2000)                                                      \
	X(paypal_pends, 5000)                                                          \
	X(paypal_short, 2000)                                                          \
	X(refund_pends, 3000)                                                          \
	X(refund_fails_soon, 2000)                                                     \
	X(refund_fails_late, 2500)

/* What providers do wrong, as /sim/faults names it; of webhooks, or of POSTs only. */
#define PROVIDER_FAULTS(X)                                                             \
	X(p429, "429", false, false, 800)                                              \
	X(p429_lock, "429_lock", false, false, 800)                                    \
	X(p503, "503", false, false, 800)                                              \
	X(p503_after, "503_after", false, false, 800)                                  \
	X(p500, "500", false, true, 800)                                               \
	X(p500_after, "500_after", false, true, 800)                                   \
	X(timeout_not_processed, "timeout_before", false, false, 800)                  \
	X(timeout_processed, "timeout_after", false, false, 800)                       \
	X(reset_before, "reset", false, false, 800)                                    \
	X(reset_after, "reset_after", false, false, 800)                               \
	X(truncated, "truncate", false, false, 800)                                    \
	X(garbage, "garbage", false, false, 800)                                       \
	X(hook_lost, "lost", true, false, 3000)                                        \
	X(hook_twice, "duplicate", true, false, 3000)                                  \
	X(hook_twin, "twin", true, false, 3000)                                        \
	X(hook_delayed, "reorder", true, false, 5000)                                  \
	X(hook_forged, "bad_signature", true, false, 1000)                             \
	X(hook_stale, "stale", true, false, 1000)

#endif
