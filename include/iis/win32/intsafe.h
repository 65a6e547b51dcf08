/*
 * win32/intsafe.h - intsafe.h: INTSAFE_E_ARITHMETIC_OVERFLOW, and the result is all ones, when a value does not fit.
 */
#ifndef IIS_WIN32_INTSAFE_H
#define IIS_WIN32_INTSAFE_H

#include "system.h"

#define INTSAFE_E_ARITHMETIC_OVERFLOW ((HRESULT)0x80070216U)

#define IIS_INTSAFE(type, Name) \
    IIS_API HRESULT Name##Add(type a, type b, type *to) \
    { if (!__builtin_add_overflow(a, b, to)) return S_OK; *to = (type)-1; return INTSAFE_E_ARITHMETIC_OVERFLOW; } \
    IIS_API HRESULT Name##Sub(type a, type b, type *to) \
    { if (!__builtin_sub_overflow(a, b, to)) return S_OK; *to = (type)-1; return INTSAFE_E_ARITHMETIC_OVERFLOW; } \
    IIS_API HRESULT Name##Mult(type a, type b, type *to) \
    { if (!__builtin_mul_overflow(a, b, to)) return S_OK; *to = (type)-1; return INTSAFE_E_ARITHMETIC_OVERFLOW; }

IIS_INTSAFE(BYTE, UInt8)
IIS_INTSAFE(USHORT, UShort)
IIS_INTSAFE(WORD, Word)
IIS_INTSAFE(UINT, UInt)
IIS_INTSAFE(ULONG, ULong)
IIS_INTSAFE(DWORD, DWord)
IIS_INTSAFE(SIZE_T, SizeT)
IIS_INTSAFE(SIZE_T, SIZET)
IIS_INTSAFE(ULONGLONG, ULongLong)
IIS_INTSAFE(DWORDLONG, DWordLong)
IIS_INTSAFE(UINT_PTR, UIntPtr)
IIS_INTSAFE(ULONG_PTR, ULongPtr)
IIS_INTSAFE(INT, Int)
IIS_INTSAFE(LONG, Long)
IIS_INTSAFE(LONGLONG, LongLong)
#undef IIS_INTSAFE

#define IIS_INTSAFE(from, to_type, Name) \
    IIS_API HRESULT Name(from value, to_type *to) \
    { if (!__builtin_add_overflow(value, 0, to)) return S_OK; *to = (to_type)-1; return INTSAFE_E_ARITHMETIC_OVERFLOW; }
IIS_INTSAFE(SIZE_T, DWORD, SizeTToDWord)
IIS_INTSAFE(SIZE_T, ULONG, SizeTToULong)
IIS_INTSAFE(SIZE_T, LONG, SizeTToLong)
IIS_INTSAFE(SIZE_T, INT, SizeTToInt)
IIS_INTSAFE(SIZE_T, UINT, SizeTToUInt)
IIS_INTSAFE(SIZE_T, USHORT, SizeTToUShort)
IIS_INTSAFE(SIZE_T, WORD, SizeTToWord)
IIS_INTSAFE(SIZE_T, BYTE, SizeTToByte)
IIS_INTSAFE(ULONGLONG, DWORD, ULongLongToDWord)
IIS_INTSAFE(ULONGLONG, ULONG, ULongLongToULong)
IIS_INTSAFE(ULONGLONG, SIZE_T, ULongLongToSizeT)
IIS_INTSAFE(ULONGLONG, LONGLONG, ULongLongToLongLong)
IIS_INTSAFE(LONGLONG, LONG, LongLongToLong)
IIS_INTSAFE(LONGLONG, INT, LongLongToInt)
IIS_INTSAFE(LONGLONG, DWORD, LongLongToDWord)
IIS_INTSAFE(LONGLONG, ULONGLONG, LongLongToULongLong)
IIS_INTSAFE(DWORD, USHORT, DWordToUShort)
IIS_INTSAFE(DWORD, WORD, DWordToWord)
IIS_INTSAFE(DWORD, BYTE, DWordToByte)
IIS_INTSAFE(DWORD, INT, DWordToInt)
IIS_INTSAFE(ULONG, USHORT, ULongToUShort)
IIS_INTSAFE(ULONG, LONG, ULongToLong)
IIS_INTSAFE(ULONG, INT, ULongToInt)
IIS_INTSAFE(LONG, ULONG, LongToULong)
IIS_INTSAFE(LONG, DWORD, LongToDWord)
IIS_INTSAFE(LONG, USHORT, LongToUShort)
IIS_INTSAFE(INT, DWORD, IntToDWord)
IIS_INTSAFE(INT, UINT, IntToUInt)
IIS_INTSAFE(INT, USHORT, IntToUShort)
IIS_INTSAFE(INT, SIZE_T, IntToSizeT)
#undef IIS_INTSAFE

#endif /* IIS_WIN32_INTSAFE_H */
