// SHA-256 of FIPS 180-4, HMAC of RFC 2104.
#include "stdafx.h"
#include "Sha256.h"

static const DWORD32 g_rgK[64] =
{
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2
};

static DWORD32 LoadBigEndian(const BYTE *pb)
{
    return ((DWORD32)pb[0] << 24) | ((DWORD32)pb[1] << 16) | ((DWORD32)pb[2] << 8) | pb[3];
}

static VOID Block(DWORD32 rgState[8], const BYTE *pbBlock)
{
    DWORD32 w[64], a[8];

    for (int i = 0; i < 16; i++)
    {
        w[i] = LoadBigEndian(pbBlock + 4 * i);
    }
    for (int i = 16; i < 64; i++)
    {
        DWORD32 s0 = _rotr(w[i - 15], 7) ^ _rotr(w[i - 15], 18) ^ (w[i - 15] >> 3);
        DWORD32 s1 = _rotr(w[i - 2], 17) ^ _rotr(w[i - 2], 19) ^ (w[i - 2] >> 10);
        w[i] = w[i - 16] + s0 + w[i - 7] + s1;
    }
    CopyMemory(a, rgState, sizeof(a));
    for (int i = 0; i < 64; i++)
    {
        DWORD32 s1 = _rotr(a[4], 6) ^ _rotr(a[4], 11) ^ _rotr(a[4], 25);
        DWORD32 t1 = a[7] + s1 + ((a[4] & a[5]) ^ (~a[4] & a[6])) + g_rgK[i] + w[i];
        DWORD32 s0 = _rotr(a[0], 2) ^ _rotr(a[0], 13) ^ _rotr(a[0], 22);
        DWORD32 t2 = s0 + ((a[0] & a[1]) ^ (a[0] & a[2]) ^ (a[1] & a[2]));
        MoveMemory(a + 1, a, 7 * sizeof(a[0]));
        a[4] += t1;
        a[0] = t1 + t2;
    }
    for (int i = 0; i < 8; i++)
    {
        rgState[i] += a[i];
    }
}

VOID Sha256(const BYTE *pbData, SIZE_T cbData, BYTE rgbHash[SHA256_BYTES])
{
    DWORD32 rgState[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                           0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };
    BYTE rgbLast[128] = { 0 };
    SIZE_T cbLeft = cbData;

    for (; cbLeft >= 64; cbLeft -= 64, pbData += 64)
    {
        Block(rgState, pbData);
    }
    CopyMemory(rgbLast, pbData, cbLeft);
    rgbLast[cbLeft] = 0x80;
    SIZE_T cbPadded = cbLeft < 56 ? 64 : 128;
    ULONGLONG cBits = (ULONGLONG)cbData * 8;
    for (int i = 0; i < 8; i++)
    {
        rgbLast[cbPadded - 1 - i] = (BYTE)(cBits >> (8 * i));
    }
    for (SIZE_T at = 0; at < cbPadded; at += 64)
    {
        Block(rgState, rgbLast + at);
    }
    for (int i = 0; i < 32; i++)
    {
        rgbHash[i] = (BYTE)(rgState[i / 4] >> (24 - 8 * (i % 4)));
    }
}

VOID HmacSha256(const BYTE *pbKey, SIZE_T cbKey, const BYTE *pbData, SIZE_T cbData, BYTE rgbMac[SHA256_BYTES])
{
    BYTE rgbKey[64] = { 0 };
    std::string strInner, strOuter;

    if (cbKey > sizeof(rgbKey))
    {
        Sha256(pbKey, cbKey, rgbKey);
    }
    else
    {
        CopyMemory(rgbKey, pbKey, cbKey);
    }
    for (int i = 0; i < 64; i++)
    {
        strInner += (CHAR)(rgbKey[i] ^ 0x36);
        strOuter += (CHAR)(rgbKey[i] ^ 0x5c);
    }
    strInner.append((LPCSTR)pbData, cbData);
    Sha256((const BYTE *)strInner.data(), strInner.size(), rgbMac);
    strOuter.append((LPCSTR)rgbMac, SHA256_BYTES);
    Sha256((const BYTE *)strOuter.data(), strOuter.size(), rgbMac);
    SecureZeroMemory(rgbKey, sizeof(rgbKey));
}
