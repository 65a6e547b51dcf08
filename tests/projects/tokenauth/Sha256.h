#pragma once

#define SHA256_BYTES 32

VOID Sha256(const BYTE *pbData, SIZE_T cbData, BYTE rgbHash[SHA256_BYTES]);
VOID HmacSha256(const BYTE *pbKey, SIZE_T cbKey, const BYTE *pbData, SIZE_T cbData, BYTE rgbMac[SHA256_BYTES]);
