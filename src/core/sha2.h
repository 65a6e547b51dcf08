/* sha2.h: hashes of the SHA-2 family. */
#ifndef IISR_SHA2_H
#define IISR_SHA2_H

#include <apr.h>

#define IISR_SHA2_MOST 64

/* bits: 256, 384 or 512.  The bytes of the hash. */
int iisr_sha2(int bits, const void *data, apr_size_t length,
              unsigned char *hash);

#endif
