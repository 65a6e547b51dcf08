#include "StdAfx.h"
#include "Rules.h"

const REWRITE_RULE g_rgRules[] =
{
    { "http://intranet.example",    "https://www.example.com" },
    { "<!--#banner-->",             "<div class=\"banner\">Staging</div>" },
    { "</BODY>",                    "<hr>rewritten</BODY>" },
    { "</body>",                    "<hr>rewritten</body>" },
    { "secret",                     "******" },
};
const DWORD g_cRules = ARRAYSIZE(g_rgRules);

DWORD ApplyRules(__inout std::string &strText, __in_ecount(cRules) const REWRITE_RULE *pRules, __in DWORD cRules)
{
    DWORD cReplaced = 0;

    for (DWORD i = 0; i < cRules; i++)
    {
        const size_t cchFind = strlen(pRules[i].pszFind);
        const size_t cchReplace = strlen(pRules[i].pszReplace);
        size_t at = 0;

        while ((at = strText.find(pRules[i].pszFind, at)) != std::string::npos)
        {
            strText.replace(at, cchFind, pRules[i].pszReplace);
            at += cchReplace;
            cReplaced++;
        }
    }
    return cReplaced;
}
