/*
 * win32/format.h - printf as MSVC's runtime understands it, for char and WCHAR.
 *
 * Where it differs from ISO C and glibc: %s in a wide function is a WCHAR string, %S is the other width, %hs and %ls say
 * which; %I64d, %I32u, %Iu; %ws; %p is 16 upper-case digits; %n is refused. The functions with "..." are templates
 * that see the types of their arguments: a DWORD with %lu or a size_t with %d print their value, although `long` is 64
 * bits here, as does a negative HRESULT that was cast to unsigned long; a string is read as what it is. With a va_list nothing is known, and l means 32 bits, as on Windows.
 * Page: "Format specification syntax: printf and wprintf functions".
 */
#ifndef IIS_WIN32_FORMAT_H
#define IIS_WIN32_FORMAT_H

#include "codepage.h"

struct iis_arg {
    enum kind_t { INTEGER, WIDE_CHARACTER, FLOATING, NARROW, WIDE, POINTER } kind;
    int size;                                /* of an integer */
    union {
        long long integer;                   /* sign- or zero-extended */
        double floating;                     /* MSVC's long double is one */
        const void *pointer;
    };
};

template <typename T> typename std::enable_if<std::is_integral<T>::value, iis_arg>::type iis_make_arg(T value)
{
    iis_arg arg;
    arg.kind = std::is_same<T, wchar_t>::value ? iis_arg::WIDE_CHARACTER : iis_arg::INTEGER;
    arg.size = sizeof(T) < sizeof(int) ? (int)sizeof(int) : (int)sizeof(T);
    arg.integer = (long long)value;
    return arg;
}
template <typename T> typename std::enable_if<std::is_enum<T>::value, iis_arg>::type iis_make_arg(T value)
{
    return iis_make_arg(static_cast<typename std::underlying_type<T>::type>(value));
}
template <typename T> typename std::enable_if<std::is_floating_point<T>::value, iis_arg>::type iis_make_arg(T value)
{
    iis_arg arg;
    arg.kind = iis_arg::FLOATING;
    arg.size = 0;
    arg.floating = (double)value;
    return arg;
}
IIS_API iis_arg iis_make_pointer(iis_arg::kind_t kind, const void *value)
{
    iis_arg arg;
    arg.kind = kind;
    arg.size = sizeof(void *);
    arg.pointer = value;
    return arg;
}
template <typename T> iis_arg iis_make_arg(T *value)
{
    typedef typename std::remove_cv<T>::type plain;
    return iis_make_pointer(std::is_same<plain, char>::value || std::is_same<plain, unsigned char>::value
                            || std::is_same<plain, signed char>::value ? iis_arg::NARROW
                            : std::is_same<plain, wchar_t>::value ? iis_arg::WIDE : iis_arg::POINTER,
                            (const void *)value);
}
IIS_API iis_arg iis_make_arg(std::nullptr_t) { return iis_make_pointer(iis_arg::POINTER, NULL); }

/* The arguments in order: those of a template, or of a va_list. */
class iis_args {
public:
    iis_args(const iis_arg *list, size_t count) : m_list(list), m_count(count), m_at(0), m_bad(false) {}
    explicit iis_args(va_list list) : m_list(NULL), m_count(0), m_at(0), m_bad(false) { va_copy(m_va, list); }
    ~iis_args() { if (!m_list) va_end(m_va); }
    iis_args(const iis_args &) = delete;
    iis_args &operator=(const iis_args &) = delete;
    bool bad() const { return m_bad; }

    /* bytes: what the format says; size: what it is. */
    long long integer(int bytes, int *size)
    {
        *size = bytes;
        if (!m_list)
            return bytes == 8 ? va_arg(m_va, long long) : va_arg(m_va, int);
        const iis_arg *arg = next();
        if (!arg)
            return 0;
        *size = arg->kind == iis_arg::FLOATING ? 8 : arg->size;
        return arg->kind == iis_arg::FLOATING ? (long long)arg->floating
               : arg->kind >= iis_arg::NARROW ? (long long)(intptr_t)arg->pointer : arg->integer;
    }
    double floating(bool is_long)
    {
        if (!m_list)
            return is_long ? (double)va_arg(m_va, long double) : va_arg(m_va, double);
        const iis_arg *arg = next();
        return !arg ? 0 : arg->kind == iis_arg::FLOATING ? arg->floating : (double)arg->integer;
    }
    /* *wide: what the format says, then what it is. */
    const void *string(bool *wide)
    {
        if (!m_list)
            return va_arg(m_va, const void *);
        const iis_arg *arg = next();
        if (!arg || arg->kind < iis_arg::NARROW) {
            m_bad = true;
            return NULL;
        }
        if (arg->kind != iis_arg::POINTER)
            *wide = arg->kind == iis_arg::WIDE;
        return arg->pointer;
    }

private:
    const iis_arg *next()
    {
        if (m_at < m_count)
            return &m_list[m_at++];
        m_bad = true;
        return NULL;
    }
    const iis_arg *m_list;
    size_t m_count, m_at;
    bool m_bad;
    va_list m_va;
};

/* What is written, and how much would have been. */
template <typename C> struct iis_sink {
    C *out;
    size_t room;
    size_t length;
    void put(C c)
    {
        if (length < room)
            out[length] = c;
        length++;
    }
    void fill(C c, long count)
    {
        for (; count > 0; count--)
            put(c);
    }
};

struct iis_conversion {
    char flags[8];
    int width, precision;                    /* precision -1: none */
    bool left, zero;
    int bytes;                               /* of an integer */
    int shorter;                             /* 1: h, 2: hh */
    bool long_double;
    char width_of_text;                      /* 'h' or 'l' or 0 */
    char letter;
};

/* Between % and the letter. The position behind the letter. */
template <typename C> const C *iis_parse_conversion(const C *at, iis_conversion *to, iis_args &args)
{
    size_t flags = 0;
    int size;

    memset(to, 0, sizeof(*to));
    to->precision = -1;
    to->bytes = 4;
    for (; *at == '-' || *at == '+' || *at == ' ' || *at == '#' || *at == '0'; at++) {
        to->left = to->left || *at == '-';
        to->zero = to->zero || *at == '0';
        if (flags < 5 && !memchr(to->flags, (char)*at, flags))
            to->flags[flags++] = (char)*at;
    }
    if (*at == '*') {
        to->width = (int)args.integer(4, &size);
        if (to->width < 0) {
            to->left = true;
            to->flags[flags++] = '-';
            to->width = to->width == INT_MIN ? INT_MAX : -to->width;
        }
        at++;
    }
    else
        for (; *at >= '0' && *at <= '9'; at++)
            to->width = to->width < 100000000 ? to->width * 10 + (*at - '0') : to->width;
    if (*at == '.') {
        to->precision = 0;
        if (*++at == '*') {
            to->precision = (int)args.integer(4, &size);
            at++;
        }
        else
            for (; *at >= '0' && *at <= '9'; at++)
                to->precision = to->precision < 100000000 ? to->precision * 10 + (*at - '0') : to->precision;
    }
    for (;; at++) {
        if (*at == 'h') {
            to->shorter++;
            to->width_of_text = 'h';
        }
        else if (*at == 'l' || *at == 'w') {
            if (*at == 'l' && at[1] == 'l') {
                to->bytes = 8;
                at++;
            }
            to->width_of_text = 'l';
        }
        else if (*at == 'I' && at[1] == '6' && at[2] == '4') {
            to->bytes = 8;
            at += 2;
        }
        else if (*at == 'I' && at[1] == '3' && at[2] == '2')
            at += 2;
        else if (*at == 'I' || *at == 'j' || *at == 'z' || *at == 't')
            to->bytes = 8;
        else if (*at == 'L')
            to->long_double = true;
        else
            break;
    }
    to->letter = *at > 0 && *at < 0x80 ? (char)*at : 0;
    return *at ? at + 1 : at;
}

/* libc does numbers: of the flags, width and precision that were read, and the length that the value has. */
template <typename C, typename V>
void iis_put_number(iis_sink<C> &sink, const iis_conversion &how, const char *length, V value)
{
    char format[32], small[128], *text = small;
    int n = how.precision < 0 ? snprintf(format, sizeof(format), "%%%s%d%s%c", how.flags, how.width, length, how.letter)
                              : snprintf(format, sizeof(format), "%%%s%d.%d%s%c", how.flags, how.width, how.precision,
                                         length, how.letter);
    if (how.width == 0)                      /* "0" would be read as the flag */
        n = how.precision < 0 ? snprintf(format, sizeof(format), "%%%s%s%c", how.flags, length, how.letter)
                              : snprintf(format, sizeof(format), "%%%s.%d%s%c", how.flags, how.precision, length,
                                         how.letter);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-security"
    n = snprintf(small, sizeof(small), format, value);
    if (n >= (int)sizeof(small) && (text = (char *)malloc((size_t)n + 1)))
        snprintf(text, (size_t)n + 1, format, value);
#pragma GCC diagnostic pop
    for (int i = 0; text && i < n; i++)
        sink.put((C)(unsigned char)text[i]);
    if (text != small)
        free(text);
}

template <typename C>
void iis_put_integer(iis_sink<C> &sink, const iis_conversion &how, iis_args &args)
{
    int size;
    long long value = args.integer(how.bytes, &size);
    bool is_signed = how.letter == 'd' || how.letter == 'i';

    if (how.shorter > 1)
        value = is_signed ? (long long)(signed char)value : (long long)(unsigned char)value;
    else if (how.shorter)
        value = is_signed ? (long long)(short)value : (long long)(unsigned short)value;
    else if (size < 8 || (!is_signed && how.bytes < 8 && value < 0 && value >= INT_MIN))
        value = is_signed ? (long long)(int)value : (long long)(unsigned)value;
    iis_put_number(sink, how, "ll", value);
}

IIS_API void iis_put_text(iis_sink<char> &sink, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        sink.put(text[i]);
}
IIS_API void iis_put_text(iis_sink<WCHAR> &sink, const WCHAR *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        sink.put(text[i]);
}
template <typename C, typename T> void iis_put_padded(iis_sink<C> &sink, const iis_conversion &how, const T *text,
                                                      size_t length)
{
    long pad = (long)how.width - (long)length;

    if (!how.left)
        sink.fill((C)(how.zero ? '0' : ' '), pad);
    iis_put_text(sink, text, length);
    if (how.left)
        sink.fill((C)' ', pad);
}

/* No more of text is read than the precision allows: it need not end. */
template <typename T> size_t iis_bounded_length(const T *text, int precision)
{
    size_t n = 0;
    while ((precision < 0 || n < (size_t)precision) && text[n])
        n++;
    return n;
}

IIS_API void iis_put_string(iis_sink<char> &sink, const iis_conversion &how, const void *text, bool wide)
{
    if (!wide)
        return iis_put_padded(sink, how, (const char *)text, iis_bounded_length((const char *)text, how.precision));
    std::string narrow = iis_narrow((const WCHAR *)text, iis_bounded_length((const WCHAR *)text, how.precision));
    iis_put_padded(sink, how, narrow.data(), narrow.size());
}
IIS_API void iis_put_string(iis_sink<WCHAR> &sink, const iis_conversion &how, const void *text, bool wide)
{
    if (wide)
        return iis_put_padded(sink, how, (const WCHAR *)text, iis_bounded_length((const WCHAR *)text, how.precision));
    std::wstring made = iis_widen((const char *)text, iis_bounded_length((const char *)text, how.precision));
    iis_put_padded(sink, how, made.data(), made.size());
}

IIS_API void iis_put_character(iis_sink<char> &sink, const iis_conversion &how, long long value, bool wide)
{
    char bytes[4] = {(char)value, 0, 0, 0};
    size_t length = wide ? iis_utf8_encode((unsigned long)(unsigned)value, bytes) : 1;
    iis_put_padded(sink, how, bytes, length);
}
IIS_API void iis_put_character(iis_sink<WCHAR> &sink, const iis_conversion &how, long long value, bool wide)
{
    WCHAR c = wide ? (WCHAR)value : (WCHAR)(unsigned char)value;
    iis_put_padded(sink, how, &c, 1);
}

/* Whether s, S, c or C is of the wide kind in a format of C. */
template <typename C> bool iis_is_wide(const iis_conversion &how)
{
    bool own = sizeof(C) == sizeof(WCHAR);
    if (how.width_of_text)
        return how.width_of_text == 'l';
    return how.letter == 's' || how.letter == 'c' ? own : !own;
}

/* FALSE: a conversion that is refused. */
template <typename C> bool iis_put_conversion(iis_sink<C> &sink, iis_conversion &how, iis_args &args)
{
    int size;
    bool wide = iis_is_wide<C>(how);

    switch (how.letter) {
    case 'd': case 'i': case 'u': case 'x': case 'X': case 'o':
        iis_put_integer(sink, how, args);
        return true;
    case 'e': case 'E': case 'f': case 'F': case 'g': case 'G': case 'a': case 'A':
        iis_put_number(sink, how, "", args.floating(how.long_double));
        return true;
    case 'p':
        how.letter = 'X';
        how.precision = 16;
        iis_put_number(sink, how, "ll", args.integer(8, &size));
        return true;
    case 's': case 'S': {
        const void *text = args.string(&wide);
        if (!text) {
            wide = sizeof(C) == sizeof(WCHAR);
            text = wide ? (const void *)L"(null)" : (const void *)"(null)";
        }
        iis_put_string(sink, how, text, wide);
        return true;
    }
    case 'c': case 'C':
        iis_put_character(sink, how, args.integer(4, &size), wide);
        return true;
    default:
        return false;
    }
}

/* The length of the whole; out is never ended. -1: the format and its arguments do not fit together. */
template <typename C> long iis_format(C *out, size_t room, const C *format, iis_args &args)
{
    iis_sink<C> sink = {out, room, 0};

    for (const C *at = format; *at;) {
        if (*at != '%') {
            sink.put(*at++);
            continue;
        }
        if (at[1] == '%') {
            sink.put((C)'%');
            at += 2;
            continue;
        }
        iis_conversion how;
        at = iis_parse_conversion(at + 1, &how, args);
        if (!iis_put_conversion(sink, how, args) || args.bad())
            return -1;
    }
    return sink.length > INT_MAX ? -1 : (long)sink.length;
}

/* The same for a template's arguments, with one in front so that the list is never empty. */
template <typename C, typename... A> long iis_format_all(C *out, size_t room, const C *format, A... values)
{
    const iis_arg list[] = {iis_make_arg(0), iis_make_arg(values)...};
    iis_args args(list + 1, sizeof...(A));
    return iis_format(out, room, format, args);
}
template <typename C> long iis_format_list(C *out, size_t room, const C *format, va_list list)
{
    iis_args args(list);
    return iis_format(out, room, format, args);
}

#endif /* IIS_WIN32_FORMAT_H */
