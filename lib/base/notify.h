/* Tell systemd how a service fares (sd_notify(3)); nothing when it did not start us. */
#ifndef BASE_NOTIFY_H
#define BASE_NOTIFY_H

#include <stdint.h>

/* "READY=1", "STOPPING=1", "STATUS=...", "WATCHDOG=1"; several, a line each. */
void notify_systemd(const char *state);

/* How often the watchdog wants to hear from us, in microseconds; 0: never. */
int64_t notify_watchdog_us(void);

#endif
