/*
 * win32/crt_scan.h - scanf as MSVC's runtime understands it: sscanf_s and its kin, which are given the room behind each
 * string, and overloads of sscanf, swscanf and fscanf. They are templates that see the types of their arguments: "%lu"
 * into a DWORD stores 32 bits although `long` has 64 here, and a string is stored as what it is. Also read: %I64d, %I32u,
 * %hs, %ls, %S. Pages: "sscanf_s, _sscanf_s_l, swscanf_s, _swscanf_s_l", "Format specification fields: scanf and wscanf
 * functions".
 */
#ifndef IIS_WIN32_CRT_SCAN_H
#define IIS_WIN32_CRT_SCAN_H

#include "crt_stdio.h"

struct iis_target {
    enum kind_t { ROOM, INTEGER, FLOATING, NARROW, WIDE } kind;
    size_t size;                             /* of what there is at place; ROOM: characters */
    void *place;
};
template <typename T> typename std::enable_if<std::is_integral<T>::value, iis_target>::type iis_make_target(T room)
{
    return {iis_target::ROOM, (size_t)room, NULL};
}
template <typename T> iis_target iis_make_target(T *place)
{
    return {std::is_same<T, wchar_t>::value ? iis_target::WIDE
            : std::is_integral<T>::value && sizeof(T) == 1 ? iis_target::NARROW
            : std::is_floating_point<T>::value ? iis_target::FLOATING : iis_target::INTEGER, sizeof(T), (void *)place};
}

/* What is read: peek is -1 at the end. */
template <typename C> class iis_text_source {
public:
    explicit iis_text_source(const C *text) : m_at(text), m_start(text) {}
    long peek() const { return *m_at ? sizeof(C) == 1 ? (long)(unsigned char)*m_at : (long)*m_at : -1; }
    void next() { m_at++; }
    long done() const { return (long)(m_at - m_start); }
private:
    const C *m_at, *m_start;
};
class iis_stream_source {
public:
    explicit iis_stream_source(FILE *stream) : m_stream(stream), m_done(0) {}
    long peek() const { return ungetc(getc(m_stream), m_stream); }
    void next() { getc(m_stream); m_done++; }
    long done() const { return m_done; }
private:
    FILE *m_stream;
    long m_done;
};

template <typename C, typename S> class iis_scanner {
public:
    iis_scanner(S &source, const iis_target *targets, size_t count, bool secure)
        : m_source(source), m_targets(targets), m_left(count), m_secure(secure) {}

    /* The fields that were stored; -1: the input was over before the first. */
    int scan(const C *format)
    {
        int stored = 0;
        bool converted = false;

        for (; *format; format++) {
            if (is_space(*format))
                skip_space();
            else if (*format != '%') {
                m_over = m_source.peek() < 0;
                if (m_source.peek() != code(*format))
                    break;
                m_source.next();
            }
            else {
                format = parse(format + 1);
                int done = convert();
                if (done < 0)
                    break;
                stored += done;
                converted = true;
            }
        }
        return !converted && *format && m_over ? -1 : stored;
    }

private:
    static long code(C c) { return sizeof(C) == 1 ? (long)(unsigned char)c : (long)c; }
    static bool is_space(long c) { return c == ' ' || (c >= 9 && c <= 13); }
    void skip_space()
    {
        while (is_space(m_source.peek()))
            m_source.next();
    }

    /* What stands behind a %; the place of its last character. */
    const C *parse(const C *at)
    {
        m_skip = *at == '*';
        at += m_skip;
        for (m_width = 0; *at >= '0' && *at <= '9'; at++)
            m_width = m_width * 10 + (size_t)(*at - '0');
        while (*at == 'h' || *at == 'l' || *at == 'L' || *at == 'w' || *at == 'j' || *at == 'z' || *at == 't')
            at++;
        if (*at == 'I') {
            at++;
            at += (at[0] == '6' && at[1] == '4') || (at[0] == '3' && at[1] == '2') ? 2 : 0;
        }
        m_type = *at;
        if (*at == '[') {
            m_set = at + 1;
            at += at[1] == '^' ? 2 : 1;
            at += *at == ']';
            while (*at && *at != ']')
                at++;
        }
        return *at ? at : at - 1;
    }
    bool in_set(long c) const
    {
        const C *at = m_set;
        bool negated = *at == '^', found = false;

        at += negated;
        for (const C *first = at; *at && (*at != ']' || at == first); at++) {
            if (at[1] == '-' && at[2] && at[2] != ']') {
                found = found || (c >= code(at[0]) && c <= code(at[2]));
                at += 2;
            }
            else
                found = found || c == code(*at);
        }
        return found != negated;
    }

    /* 1: stored, 0: nothing to store, -1: no match. */
    int convert()
    {
        if (m_type != 'c' && m_type != 'C' && m_type != '[' && m_type != 'n')
            skip_space();
        m_over = m_source.peek() < 0;
        switch (m_type) {
        case '%':
            if (m_source.peek() != '%')
                return -1;
            m_source.next();
            return 0;
        case 'n': return store_integer((unsigned long long)m_source.done(), false);
        case 'd': case 'u': return integer(10);
        case 'o': return integer(8);
        case 'x': case 'X': case 'p': return integer(16);
        case 'i': return integer(0);
        case 'e': case 'E': case 'f': case 'F': case 'g': case 'G': case 'a': case 'A': return floating();
        case 's': case 'S':
            return text([](long c) { return !is_space(c); }, true);
        case 'c': case 'C':
            m_width = m_width ? m_width : 1;
            return text([](long) { return true; }, false);
        case '[': return text([this](long c) { return in_set(c); }, true);
        default: return -1;
        }
    }

    /* One more character of the token, if it is one of these. */
    bool take(std::string &token, const char *accepted)
    {
        long c = m_source.peek();
        if (c <= 0 || c > 127 || !strchr(accepted, (int)c) || (m_width && token.size() >= m_width))
            return false;
        token += (char)c;
        m_source.next();
        return true;
    }
    int integer(int base)
    {
        std::string token;

        take(token, "+-");
        bool zero = base != 10 && base != 8 && take(token, "0");
        bool hex = zero && take(token, "xX");
        base = base ? base : hex ? 16 : zero ? 8 : 10;
        while (take(token, base == 16 ? "0123456789abcdefABCDEF" : base == 8 ? "01234567" : "0123456789"))
            ;
        if (token.empty() || token == "+" || token == "-")
            return -1;
        bool negative = token[0] == '-';
        unsigned long long value = strtoull(token.c_str() + (negative || token[0] == '+'), NULL, base);
        return store_integer(negative ? 0 - value : value, true);
    }
    int store_integer(unsigned long long value, bool counts)
    {
        const iis_target *to = target();
        if (!to)
            return m_skip ? 0 : -1;
        if (to->kind == iis_target::ROOM || to->kind == iis_target::FLOATING)
            return -1;
        switch (to->size) {
        case 1: *(unsigned char *)to->place = (unsigned char)value; break;
        case 2: *(unsigned short *)to->place = (unsigned short)value; break;
        case 4: *(unsigned *)to->place = (unsigned)value; break;
        default: *(unsigned long long *)to->place = value; break;
        }
        return counts;
    }
    int floating()
    {
        static const char digits[] = "0123456789";
        std::string token;

        take(token, "+-");
        while (take(token, digits))
            ;
        if (take(token, "."))
            while (take(token, digits))
                ;
        if (token.find_first_of(digits) == std::string::npos)
            return -1;
        if (take(token, "eE")) {
            take(token, "+-");
            while (take(token, digits))
                ;
        }
        const iis_target *to = target();
        if (!to)
            return m_skip ? 0 : -1;
        if (to->kind != iis_target::FLOATING)
            return -1;
        double value = strtod(token.c_str(), NULL);
        if (to->size == sizeof(float))
            *(float *)to->place = (float)value;
        else if (to->size == sizeof(double))
            *(double *)to->place = value;
        else
            *(long double *)to->place = value;
        return 1;
    }

    template <typename F> int text(F accepted, bool ended)
    {
        std::basic_string<C> token;

        for (long c; (c = m_source.peek()) >= 0 && (!m_width || token.size() < m_width) && accepted(c); m_source.next())
            token += (C)c;
        if (token.empty() || (!ended && token.size() < m_width))
            return -1;
        const iis_target *to = target();
        if (!to)
            return m_skip ? 0 : -1;
        const iis_target *room = m_secure ? target() : NULL;
        if (m_secure && (!room || room->kind != iis_target::ROOM))
            return -1;
        if (to->kind == iis_target::NARROW)
            return store((char *)to->place, iis_as(token, (char *)NULL), room, ended);
        return to->kind == iis_target::WIDE ? store((wchar_t *)to->place, iis_as(token, (wchar_t *)NULL), room, ended) : -1;
    }
    template <typename D> static int store(D *to, const std::basic_string<D> &token, const iis_target *room, bool ended)
    {
        if (room && token.size() + ended > room->size) {
            if (room->size)
                to[0] = 0;
            return -1;
        }
        memcpy(to, token.data(), token.size() * sizeof(D));
        if (ended)
            to[token.size()] = 0;
        return 1;
    }
    static std::string iis_as(const std::string &token, char *) { return token; }
    static std::wstring iis_as(const std::wstring &token, wchar_t *) { return token; }
    static std::wstring iis_as(const std::string &token, wchar_t *) { return iis_widen(token.data(), token.size()); }
    static std::string iis_as(const std::wstring &token, char *) { return iis_narrow(token.data(), token.size()); }

    const iis_target *target()
    {
        if (m_skip || !m_left)
            return NULL;
        m_left--;
        return m_targets++;
    }

    S &m_source;
    const iis_target *m_targets;
    size_t m_left, m_width = 0;
    const C *m_set = NULL;
    C m_type = 0;
    bool m_secure, m_skip = false, m_over = false;
};

template <typename C, typename S, typename... A> int iis_scan(S source, bool secure, const C *format, A... places)
{
    const iis_target targets[] = {iis_make_target(0), iis_make_target(places)...};
    return iis_scanner<C, S>(source, targets + 1, sizeof...(A), secure).scan(format);
}
template <typename C, typename... A> int iis_scan_text(bool secure, const C *text, const C *format, A... places)
{
    if (text && format)
        return iis_scan(iis_text_source<C>(text), secure, format, places...);
    iis_invalid(EINVAL);
    return -1;
}
template <typename... A> int iis_scan_stream(bool secure, FILE *from, const char *format, A... places)
{
    if (from && format)
        return iis_scan(iis_stream_source(from), secure, format, places...);
    iis_invalid(EINVAL);
    return -1;
}

template <typename... A> int sscanf_s(const char *text, const char *format, A... places)
{
    return iis_scan_text(true, text, format, places...);
}
template <typename... A> int swscanf_s(const wchar_t *text, const wchar_t *format, A... places)
{
    return iis_scan_text(true, text, format, places...);
}
template <typename... A> int fscanf_s(FILE *from, const char *format, A... places)
{
    return iis_scan_stream(true, from, format, places...);
}
template <typename T, typename... A> int sscanf(const char *text, const char *format, T *place, A... more)
{
    return iis_scan_text(false, text, format, place, more...);
}
template <typename T, typename... A> int swscanf(const wchar_t *text, const wchar_t *format, T *place, A... more)
{
    return iis_scan_text(false, text, format, place, more...);
}
template <typename T, typename... A> int fscanf(FILE *from, const char *format, T *place, A... more)
{
    return iis_scan_stream(false, from, format, place, more...);
}

#endif /* IIS_WIN32_CRT_SCAN_H */
