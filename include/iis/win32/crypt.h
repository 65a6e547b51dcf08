/*
 * win32/crypt.h - of <wincrypt.h> and <bcrypt.h> what needs no library: random numbers from the kernel, base64 and hex.
 * Hashing and ciphers are not declared: OpenSSL has them. Pages: "BCryptGenRandom function", "CryptGenRandom function",
 * "CryptBinaryToStringA function", "CryptStringToBinaryA function".
 */
#ifndef IIS_WIN32_CRYPT_H
#define IIS_WIN32_CRYPT_H

#include "strings.h"

/* ---- random numbers ---------------------------------------------------------------------------------------------- */

typedef PVOID BCRYPT_HANDLE, BCRYPT_ALG_HANDLE;
typedef ULONG_PTR HCRYPTPROV;
#define BCRYPT_RNG_ALGORITHM L"RNG"
#define BCRYPT_USE_SYSTEM_PREFERRED_RNG 0x00000002
#define BCRYPT_RNG_USE_ENTROPY_IN_BUFFER 0x00000001
#define BCRYPT_SUCCESS(status) ((NTSTATUS)(status) >= 0)
#define PROV_RSA_FULL 1
#define PROV_RSA_AES 24
#define CRYPT_VERIFYCONTEXT 0xF0000000U
#define CRYPT_SILENT 0x00000040
#define NTE_BAD_FLAGS ((HRESULT)0x80090009U)
#ifndef STATUS_SUCCESS
#define STATUS_SUCCESS ((NTSTATUS)0)
#define STATUS_INVALID_HANDLE ((NTSTATUS)0xC0000008U)
#define STATUS_INVALID_PARAMETER ((NTSTATUS)0xC000000DU)
#define STATUS_UNSUCCESSFUL ((NTSTATUS)0xC0000001U)
#define STATUS_NOT_FOUND ((NTSTATUS)0xC0000225U)
#endif

IIS_API PVOID iis_random_provider()
{
    static char anchor;
    return &anchor;
}
/* RNG alone: of others STATUS_NOT_FOUND. */
IIS_API NTSTATUS WINAPI BCryptOpenAlgorithmProvider(BCRYPT_ALG_HANDLE *handle, LPCWSTR algorithm, LPCWSTR, ULONG)
{
    if (!handle || !algorithm)
        return STATUS_INVALID_PARAMETER;
    *handle = wcscmp(algorithm, BCRYPT_RNG_ALGORITHM) ? NULL : iis_random_provider();
    return *handle ? STATUS_SUCCESS : STATUS_NOT_FOUND;
}
IIS_API NTSTATUS WINAPI BCryptCloseAlgorithmProvider(BCRYPT_ALG_HANDLE handle, ULONG)
{
    return handle == iis_random_provider() ? STATUS_SUCCESS : STATUS_INVALID_HANDLE;
}
IIS_API NTSTATUS WINAPI BCryptGenRandom(BCRYPT_ALG_HANDLE handle, PUCHAR to, ULONG count, ULONG flags)
{
    if (handle ? handle != iis_random_provider() : !(flags & BCRYPT_USE_SYSTEM_PREFERRED_RNG))
        return STATUS_INVALID_HANDLE;
    if (!to && count)
        return STATUS_INVALID_PARAMETER;
    return iis_random(to, count) ? STATUS_SUCCESS : STATUS_UNSUCCESSFUL;
}
/* There are no keys to be kept: CRYPT_VERIFYCONTEXT. */
IIS_API BOOL WINAPI CryptAcquireContextW(HCRYPTPROV *provider, LPCWSTR, LPCWSTR, DWORD, DWORD flags)
{
    if (!provider)
        return iis_failed(ERROR_INVALID_PARAMETER);
    if (!(flags & CRYPT_VERIFYCONTEXT))
        return iis_failed((DWORD)NTE_BAD_FLAGS);
    *provider = (HCRYPTPROV)iis_random_provider();
    return TRUE;
}
IIS_API BOOL WINAPI CryptAcquireContextA(HCRYPTPROV *provider, LPCSTR, LPCSTR, DWORD type, DWORD flags)
{
    return CryptAcquireContextW(provider, NULL, NULL, type, flags);
}
IIS_API BOOL WINAPI CryptReleaseContext(HCRYPTPROV provider, DWORD)
{
    return provider == (HCRYPTPROV)iis_random_provider() || iis_failed(ERROR_INVALID_PARAMETER);
}
IIS_API BOOL WINAPI CryptGenRandom(HCRYPTPROV provider, DWORD count, BYTE *to)
{
    if (provider != (HCRYPTPROV)iis_random_provider() || !to)
        return iis_failed(ERROR_INVALID_PARAMETER);
    return iis_random(to, count) ? TRUE : iis_failed_errno();
}

/* ---- base64 and hex ---------------------------------------------------------------------------------------------- */

#define CRYPT_STRING_BASE64HEADER 0
#define CRYPT_STRING_BASE64 1
#define CRYPT_STRING_BINARY 2
#define CRYPT_STRING_HEX 4
#define CRYPT_STRING_HEXRAW 12
#define CRYPT_STRING_BASE64URI 13
#define CRYPT_STRING_NOCRLF 0x40000000
#define CRYPT_STRING_NOCR 0x80000000U

IIS_API const char *iis_base64_digits(bool uri)
{
    return uri ? "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
               : "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
}
IIS_API std::string iis_base64(const BYTE *bytes, size_t count, bool uri)
{
    const char *digits = iis_base64_digits(uri);
    std::string out;
    for (size_t i = 0; i < count; i += 3) {
        size_t left = count - i;
        unsigned three = (unsigned)bytes[i] << 16 | (left > 1 ? bytes[i + 1] << 8 : 0) | (left > 2 ? bytes[i + 2] : 0);
        for (size_t j = 0; j < 4; j++)
            if (j <= left)
                out += digits[three >> (18 - 6 * j) & 63];
            else if (!uri)
                out += '=';
    }
    return out;
}
IIS_API std::string iis_hex(const BYTE *bytes, size_t count, bool blanks)
{
    static const char digits[] = "0123456789abcdef";
    std::string out;
    for (size_t i = 0; i < count; i++) {
        if (blanks && i)
            out += i % 16 ? ' ' : '\n';
        out.append(1, digits[bytes[i] >> 4]).append(1, digits[bytes[i] & 15]);
    }
    return out;
}
/* Lines of 64 digits, or of 16 bytes in hex; each with its end, unless there are to be none. */
IIS_API std::string iis_crypt_lines(const std::string &text, DWORD flags, bool hex)
{
    const char *end = flags & CRYPT_STRING_NOCRLF ? "" : flags & CRYPT_STRING_NOCR ? "\n" : "\r\n";
    std::string out;
    if (hex) {
        for (char c : text)
            if (c == '\n')
                out += *end ? end : " ";
            else
                out += c;
        return out + end;
    }
    for (size_t at = 0; at < text.size(); at += *end ? 64 : text.size())
        out += text.substr(at, *end ? 64 : text.size()) + end;
    return out;
}
IIS_API bool iis_crypt_text(const BYTE *bytes, size_t count, DWORD flags, std::string *out)
{
    switch (flags & 0xff) {
    case CRYPT_STRING_BASE64: *out = iis_crypt_lines(iis_base64(bytes, count, false), flags, false); return true;
    case CRYPT_STRING_BASE64URI: *out = iis_base64(bytes, count, true); return true;
    case CRYPT_STRING_HEX: *out = iis_crypt_lines(iis_hex(bytes, count, true), flags, true); return true;
    case CRYPT_STRING_HEXRAW: *out = iis_crypt_lines(iis_hex(bytes, count, false), flags, true); return true;
    default: return false;
    }
}
/* *room: characters, the NUL in it when there is no place for them or they are too few. */
template <typename C> BOOL iis_binary_to_text(const BYTE *bytes, DWORD count, DWORD flags, C *to, DWORD *room)
{
    std::string made;
    if (!bytes || !room || !iis_crypt_text(bytes, count, flags, &made))
        return iis_failed(ERROR_INVALID_PARAMETER);
    std::basic_string<C> text = iis_as(made.c_str(), (const C *)NULL);
    bool fits = to && text.size() < *room;
    *room = (DWORD)text.size() + !fits;
    if (fits)
        memcpy(to, text.c_str(), (text.size() + 1) * sizeof(C));
    return fits || !to ? TRUE : iis_failed(ERROR_MORE_DATA);
}
IIS_API BOOL WINAPI CryptBinaryToStringA(const BYTE *bytes, DWORD count, DWORD flags, LPSTR to, DWORD *room)
{
    return iis_binary_to_text(bytes, count, flags, to, room);
}
IIS_API BOOL WINAPI CryptBinaryToStringW(const BYTE *bytes, DWORD count, DWORD flags, LPWSTR to, DWORD *room)
{
    return iis_binary_to_text(bytes, count, flags, to, room);
}

/* Blanks and ends of lines are left out; of URIs also the =. */
IIS_API bool iis_base64_bytes(const std::string &text, bool uri, std::string *out)
{
    const char *digits = iis_base64_digits(uri);
    unsigned bits = 0, count = 0, padding = 0;

    for (char c : text) {
        if (c == ' ' || c == '\t' || c == '\r' || c == '\n')
            continue;
        if (c == '=') {
            padding++;
            continue;
        }
        const char *digit = c ? strchr(digits, c) : NULL;
        if (!digit || padding)
            return false;
        bits = bits << 6 | (unsigned)(digit - digits);
        if (count++ % 4)
            *out += (char)(bits >> (6 - 2 * ((count - 1) % 4)));
    }
    return count % 4 != 1 && padding <= 2 && ((count + padding) % 4 == 0 || (uri && !padding));
}
IIS_API bool iis_hex_bytes(const std::string &text, std::string *out)
{
    int high = -1;
    for (char c : text) {
        if (c == ' ' || c == '\t' || c == '\r' || c == '\n')
            continue;
        int lower = iis_ascii_lower(c);
        int digit = c >= '0' && c <= '9' ? c - '0' : lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
        if (digit < 0)
            return false;
        if (high < 0)
            high = digit;
        else {
            *out += (char)(high << 4 | digit);
            high = -1;
        }
    }
    return high < 0;
}
/* *room: the bytes; ERROR_MORE_DATA when they are too few, ERROR_INVALID_DATA when the text is none. */
IIS_API BOOL iis_text_to_binary(const std::string &text, DWORD flags, BYTE *to, DWORD *room)
{
    std::string bytes;
    DWORD kind = flags & 0xff;
    bool hex = kind == CRYPT_STRING_HEX || kind == CRYPT_STRING_HEXRAW;

    if (!room || (!hex && kind != CRYPT_STRING_BASE64 && kind != CRYPT_STRING_BASE64URI))
        return iis_failed(ERROR_INVALID_PARAMETER);
    if (!(hex ? iis_hex_bytes(text, &bytes) : iis_base64_bytes(text, kind == CRYPT_STRING_BASE64URI, &bytes)))
        return iis_failed(ERROR_INVALID_DATA);
    bool fits = to && bytes.size() <= *room;
    *room = (DWORD)bytes.size();
    if (fits)
        memcpy(to, bytes.data(), bytes.size());
    return fits || !to ? TRUE : iis_failed(ERROR_MORE_DATA);
}
IIS_API BOOL WINAPI CryptStringToBinaryA(LPCSTR text, DWORD count, DWORD flags, BYTE *to, DWORD *room, DWORD *skipped,
                                         DWORD *used)
{
    if (skipped)
        *skipped = 0;
    if (used)
        *used = flags;
    return text ? iis_text_to_binary(count ? std::string(text, count) : text, flags, to, room)
                : iis_failed(ERROR_INVALID_PARAMETER);
}
IIS_API BOOL WINAPI CryptStringToBinaryW(LPCWSTR text, DWORD count, DWORD flags, BYTE *to, DWORD *room, DWORD *skipped,
                                         DWORD *used)
{
    std::string narrow = text ? iis_narrow(text, count ? count : wcslen(text)) : "";
    return CryptStringToBinaryA(text ? narrow.c_str() : NULL, 0, flags, to, room, skipped, used);
}

#define CryptAcquireContext IIS_AW(CryptAcquireContext)
#define CryptBinaryToString IIS_AW(CryptBinaryToString)
#define CryptStringToBinary IIS_AW(CryptStringToBinary)

#endif /* IIS_WIN32_CRYPT_H */
