/* What only the database knows, in Prometheus' text format. */
#ifndef DOMAIN_METRICS_H
#define DOMAIN_METRICS_H

#include "base/op.h"

/* All families, each with HELP and TYPE; no time stamps, as a textfile collector wants.
 */
enum err metrics_text(struct op *op, const char **out);

#endif
