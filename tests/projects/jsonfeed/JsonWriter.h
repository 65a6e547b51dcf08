#pragma once

// Writes one flat JSON object into a string.
class JsonWriter
{
public:
    JsonWriter();

    void Add(LPCSTR pszName, LPCSTR pszValue);
    void Add(LPCSTR pszName, ULONGLONG ullValue);
    const std::string &Close();

private:
    void AddName(LPCSTR pszName);
    void AddString(LPCSTR pszText);

    std::string m_strText;
    BOOL        m_fFirst;
};
