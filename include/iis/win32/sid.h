/*
 * win32/sid.h - SIDs and their text. There are no Windows accounts here: a SID is a number that a module may read, compare
 * and print. Pages: "ConvertSidToStringSidA function", "ConvertStringSidToSidA function".
 */
#ifndef IIS_WIN32_SID_H
#define IIS_WIN32_SID_H

#include "memory.h"
#include "strings.h"

#define SID_REVISION 1
#define SID_MAX_SUB_AUTHORITIES 15
#define SECURITY_MAX_SID_SIZE 68
#define ERROR_INVALID_SID 1337

IIS_API BOOL WINAPI IsValidSid(PSID pSid)
{
    const SID *sid = (const SID *)pSid;
    return sid && sid->Revision == SID_REVISION && sid->SubAuthorityCount <= SID_MAX_SUB_AUTHORITIES;
}
IIS_API DWORD WINAPI GetLengthSid(PSID pSid) { return 8 + 4 * (DWORD)((const SID *)pSid)->SubAuthorityCount; }
IIS_API BOOL WINAPI EqualSid(PSID left, PSID right)
{
    return IsValidSid(left) && IsValidSid(right) && GetLengthSid(left) == GetLengthSid(right)
           && !memcmp(left, right, GetLengthSid(left));
}
IIS_API BOOL WINAPI CopySid(DWORD room, PSID to, PSID from)
{
    if (!IsValidSid(from))
        return iis_failed(ERROR_INVALID_SID);
    if (room < GetLengthSid(from))
        return iis_failed(ERROR_INSUFFICIENT_BUFFER);
    memcpy(to, from, GetLengthSid(from));
    return TRUE;
}

IIS_API std::string iis_sid_text(const SID *sid)
{
    unsigned long long authority = 0;
    char part[32];

    for (BYTE value : sid->IdentifierAuthority.Value)
        authority = authority << 8 | value;
    snprintf(part, sizeof(part), authority >> 32 ? "S-1-0x%012llX" : "S-1-%llu", authority);
    std::string text = part;
    const DWORD *parts = (const DWORD *)((const char *)sid + offsetof(SID, SubAuthority));
    for (BYTE i = 0; i < sid->SubAuthorityCount; i++)
        text += "-" + std::to_string(parts[i]);
    return text;
}
/* Freed with LocalFree. */
template <typename C> BOOL iis_sid_to_text(PSID sid, C **to)
{
    if (!to)
        return iis_failed(ERROR_INVALID_PARAMETER);
    if (!IsValidSid(sid))
        return iis_failed(ERROR_INVALID_SID);
    std::string text = iis_sid_text((const SID *)sid);
    *to = (C *)LocalAlloc(LPTR, (text.size() + 1) * sizeof(C));
    for (size_t i = 0; *to && i < text.size(); i++)
        (*to)[i] = (C)text[i];
    return *to != NULL;
}
IIS_API BOOL WINAPI ConvertSidToStringSidA(PSID Sid, LPSTR *StringSid) { return iis_sid_to_text(Sid, StringSid); }
IIS_API BOOL WINAPI ConvertSidToStringSidW(PSID Sid, LPWSTR *StringSid) { return iis_sid_to_text(Sid, StringSid); }

/* Freed with LocalFree. The short names ("BA") belong to Windows' accounts and are refused. */
IIS_API BOOL WINAPI ConvertStringSidToSidA(LPCSTR StringSid, PSID *Sid)
{
    if (!StringSid || !Sid)
        return iis_failed(ERROR_INVALID_PARAMETER);
    struct { SID head; DWORD more[SID_MAX_SUB_AUTHORITIES]; } made;
    memset(&made, 0, sizeof(made));
    if ((StringSid[0] != 'S' && StringSid[0] != 's') || strncmp(StringSid + 1, "-1-", 3))
        return iis_failed(ERROR_INVALID_SID);
    char *at;
    unsigned long long authority = strtoull(StringSid + 4, &at, 0);
    DWORD *parts = (DWORD *)((char *)&made + offsetof(SID, SubAuthority));
    for (int i = 5; i >= 0; i--, authority >>= 8)
        made.head.IdentifierAuthority.Value[i] = (BYTE)authority;
    made.head.Revision = SID_REVISION;
    while (*at == '-' && at[1] >= '0' && at[1] <= '9' && made.head.SubAuthorityCount < SID_MAX_SUB_AUTHORITIES)
        parts[made.head.SubAuthorityCount++] = (DWORD)strtoull(at + 1, &at, 10);
    if (*at || at == StringSid + 4)
        return iis_failed(ERROR_INVALID_SID);
    DWORD length = GetLengthSid(&made);
    if (!(*Sid = LocalAlloc(LPTR, length < sizeof(SID) ? sizeof(SID) : length)))
        return FALSE;
    memcpy(*Sid, &made, length);
    return TRUE;
}
IIS_API BOOL WINAPI ConvertStringSidToSidW(LPCWSTR StringSid, PSID *Sid)
{
    return ConvertStringSidToSidA(StringSid ? iis_narrow(StringSid).c_str() : NULL, Sid);
}

#define ConvertSidToStringSid IIS_AW(ConvertSidToStringSid)
#define ConvertStringSidToSid IIS_AW(ConvertStringSidToSid)

#endif /* IIS_WIN32_SID_H */
