/* sha2.c: SHA-256, SHA-384 and SHA-512 (FIPS 180-4).  The constants of
 * SHA-256 are the upper halves of those of SHA-512.
 */
#include <string.h>
#include "sha2.h"

static const apr_uint64_t K[80] = {
    0x428a2f98d728ae22u, 0x7137449123ef65cdu, 0xb5c0fbcfec4d3b2fu,
    0xe9b5dba58189dbbcu, 0x3956c25bf348b538u, 0x59f111f1b605d019u,
    0x923f82a4af194f9bu, 0xab1c5ed5da6d8118u, 0xd807aa98a3030242u,
    0x12835b0145706fbeu, 0x243185be4ee4b28cu, 0x550c7dc3d5ffb4e2u,
    0x72be5d74f27b896fu, 0x80deb1fe3b1696b1u, 0x9bdc06a725c71235u,
    0xc19bf174cf692694u, 0xe49b69c19ef14ad2u, 0xefbe4786384f25e3u,
    0x0fc19dc68b8cd5b5u, 0x240ca1cc77ac9c65u, 0x2de92c6f592b0275u,
    0x4a7484aa6ea6e483u, 0x5cb0a9dcbd41fbd4u, 0x76f988da831153b5u,
    0x983e5152ee66dfabu, 0xa831c66d2db43210u, 0xb00327c898fb213fu,
    0xbf597fc7beef0ee4u, 0xc6e00bf33da88fc2u, 0xd5a79147930aa725u,
    0x06ca6351e003826fu, 0x142929670a0e6e70u, 0x27b70a8546d22ffcu,
    0x2e1b21385c26c926u, 0x4d2c6dfc5ac42aedu, 0x53380d139d95b3dfu,
    0x650a73548baf63deu, 0x766a0abb3c77b2a8u, 0x81c2c92e47edaee6u,
    0x92722c851482353bu, 0xa2bfe8a14cf10364u, 0xa81a664bbc423001u,
    0xc24b8b70d0f89791u, 0xc76c51a30654be30u, 0xd192e819d6ef5218u,
    0xd69906245565a910u, 0xf40e35855771202au, 0x106aa07032bbd1b8u,
    0x19a4c116b8d2d0c8u, 0x1e376c085141ab53u, 0x2748774cdf8eeb99u,
    0x34b0bcb5e19b48a8u, 0x391c0cb3c5c95a63u, 0x4ed8aa4ae3418acbu,
    0x5b9cca4f7763e373u, 0x682e6ff3d6b2b8a3u, 0x748f82ee5defb2fcu,
    0x78a5636f43172f60u, 0x84c87814a1f0ab72u, 0x8cc702081a6439ecu,
    0x90befffa23631e28u, 0xa4506cebde82bde9u, 0xbef9a3f7b2c67915u,
    0xc67178f2e372532bu, 0xca273eceea26619cu, 0xd186b8c721c0c207u,
    0xeada7dd6cde0eb1eu, 0xf57d4f7fee6ed178u, 0x06f067aa72176fbau,
    0x0a637dc5a2c898a6u, 0x113f9804bef90daeu, 0x1b710b35131c471bu,
    0x28db77f523047d84u, 0x32caab7b40c72493u, 0x3c9ebe0a15c9bebcu,
    0x431d67c49c100d4cu, 0x4cc5d4becb3e42b6u, 0x597f299cfc657e2au,
    0x5fcb6fab3ad6faecu, 0x6c44198c4a475817u
};

static const apr_uint64_t start_512[8] = {
    0x6a09e667f3bcc908u, 0xbb67ae8584caa73bu, 0x3c6ef372fe94f82bu,
    0xa54ff53a5f1d36f1u, 0x510e527fade682d1u, 0x9b05688c2b3e6c1fu,
    0x1f83d9abfb41bd6bu, 0x5be0cd19137e2179u
};

static const apr_uint64_t start_384[8] = {
    0xcbbb9d5dc1059ed8u, 0x629a292a367cd507u, 0x9159015a3070dd17u,
    0x152fecd8f70e5939u, 0x67332667ffc00b31u, 0x8eb44a8768581511u,
    0xdb0c2e0d64f98fa7u, 0x47b5481dbefa4fa4u
};

static apr_uint32_t r32(apr_uint32_t x, int n)
{
    return x >> n | x << (32 - n);
}

static apr_uint64_t r64(apr_uint64_t x, int n)
{
    return x >> n | x << (64 - n);
}

/* Both sizes are one algorithm but for word, rounds and rotations. */
#define BLOCK(name, word, rounds, bytes, shift, s0, s1, S0, S1) \
    static void name(apr_uint64_t *state, const unsigned char *block) \
    { \
        word w[rounds], v[8], a, b; \
        int i, j; \
        for (i = 0; i < 16; i++) { \
            for (w[i] = 0, j = 0; j < (bytes); j++) { \
                w[i] = w[i] << 8 | *block++; \
            } \
        } \
        for (; i < (rounds); i++) { \
            w[i] = w[i - 16] + s0(w[i - 15]) + w[i - 7] + s1(w[i - 2]); \
        } \
        for (i = 0; i < 8; i++) { \
            v[i] = (word)state[i]; \
        } \
        for (i = 0; i < (rounds); i++) { \
            a = v[7] + S1(v[4]) + ((v[4] & v[5]) ^ (~v[4] & v[6])) \
                + (word)(K[i] >> (shift)) + w[i]; \
            b = S0(v[0]) + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2])); \
            memmove(v + 1, v, 7 * sizeof(*v)); \
            v[4] += a; \
            v[0] = a + b; \
        } \
        for (i = 0; i < 8; i++) { \
            state[i] = (word)(state[i] + v[i]); \
        } \
    }

#define SMALL0(x) (r32(x, 7) ^ r32(x, 18) ^ x >> 3)
#define SMALL1(x) (r32(x, 17) ^ r32(x, 19) ^ x >> 10)
#define SUM0(x) (r32(x, 2) ^ r32(x, 13) ^ r32(x, 22))
#define SUM1(x) (r32(x, 6) ^ r32(x, 11) ^ r32(x, 25))
BLOCK(block_256, apr_uint32_t, 64, 4, 32, SMALL0, SMALL1, SUM0, SUM1)

#define WIDE_SMALL0(x) (r64(x, 1) ^ r64(x, 8) ^ x >> 7)
#define WIDE_SMALL1(x) (r64(x, 19) ^ r64(x, 61) ^ x >> 6)
#define WIDE_SUM0(x) (r64(x, 28) ^ r64(x, 34) ^ r64(x, 39))
#define WIDE_SUM1(x) (r64(x, 14) ^ r64(x, 18) ^ r64(x, 41))
BLOCK(block_512, apr_uint64_t, 80, 8, 0, WIDE_SMALL0, WIDE_SMALL1, WIDE_SUM0,
      WIDE_SUM1)

int iisr_sha2(int bits, const void *data, apr_size_t length,
              unsigned char *hash)
{
    int wide = bits > 256, i;
    apr_size_t size = wide ? 128 : 64, rest;
    void (*block)(apr_uint64_t *, const unsigned char *) = wide ? block_512
                                                               : block_256;
    const unsigned char *in = data;
    unsigned char last[256] = { 0 };
    apr_uint64_t state[8];

    for (i = 0; i < 8; i++) {
        state[i] = bits == 384 ? start_384[i]
                               : start_512[i] >> (wide ? 0 : 32);
    }
    for (rest = length; rest >= size; rest -= size, in += size) {
        block(state, in);
    }
    memcpy(last, in, rest);
    last[rest] = 0x80;
    rest = rest + 1 + size / 8 <= size ? size : 2 * size;
    for (i = 0; i < 8; i++) {
        last[rest - 1 - i] = (unsigned char)((apr_uint64_t)length * 8
                                             >> (8 * i));
    }
    for (in = last; in < last + rest; in += size) {
        block(state, in);
    }
    for (i = 0; i < bits / 8; i++) {
        hash[i] = wide ? (unsigned char)(state[i / 8] >> (56 - i % 8 * 8))
                       : (unsigned char)(state[i / 4] >> (24 - i % 4 * 8));
    }
    return bits / 8;
}
