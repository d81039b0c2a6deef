/* Payment by hand: invoices, bank transfers, cash on delivery.  Nobody is called. */
#ifndef ADAPTERS_MANUAL_H
#define ADAPTERS_MANUAL_H

#include "adapters/provider.h"

extern const struct provider manual_provider;

#endif
