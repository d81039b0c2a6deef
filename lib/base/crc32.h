/* CRC-32 as in ISO 3309: what PayPal signs instead of a body.  No protection by itself.
 */
#ifndef BASE_CRC32_H
#define BASE_CRC32_H

#include <stddef.h>
#include <stdint.h>

uint32_t crc32_of(const void *bytes, size_t n);

#endif
