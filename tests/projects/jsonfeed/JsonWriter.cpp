#include "stdafx.h"
#include "JsonWriter.h"

JsonWriter::JsonWriter() : m_strText("{"), m_fFirst(TRUE)
{
}

void JsonWriter::AddString(LPCSTR pszText)
{
    m_strText += '"';
    for (; *pszText != '\0'; pszText++)
    {
        UCHAR ch = (UCHAR)*pszText;
        CHAR szEscape[8];

        if (ch == '"' || ch == '\\')
        {
            m_strText += '\\';
            m_strText += (CHAR)ch;
        }
        else if (ch < 0x20)
        {
            sprintf_s(szEscape, sizeof(szEscape), "\\u%04x", ch);
            m_strText += szEscape;
        }
        else
        {
            m_strText += (CHAR)ch;
        }
    }
    m_strText += '"';
}

void JsonWriter::AddName(LPCSTR pszName)
{
    if (!m_fFirst)
    {
        m_strText += ',';
    }
    m_fFirst = FALSE;
    AddString(pszName);
    m_strText += ':';
}

void JsonWriter::Add(LPCSTR pszName, LPCSTR pszValue)
{
    AddName(pszName);
    AddString(pszValue);
}

void JsonWriter::Add(LPCSTR pszName, ULONGLONG ullValue)
{
    CHAR szNumber[32];

    AddName(pszName);
    _ui64toa_s(ullValue, szNumber, _countof(szNumber), 10);
    m_strText += szNumber;
}

const std::string &JsonWriter::Close()
{
    m_strText += "}\r\n";
    return m_strText;
}
