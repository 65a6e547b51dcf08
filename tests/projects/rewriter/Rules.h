#pragma once

typedef struct _REWRITE_RULE
{
    LPCSTR pszFind;
    LPCSTR pszReplace;
} REWRITE_RULE, *PREWRITE_RULE;

// Applies every rule to the text; the number of replacements.
DWORD ApplyRules(__inout std::string &strText, __in_ecount(cRules) const REWRITE_RULE *pRules, __in DWORD cRules);

extern const REWRITE_RULE g_rgRules[];
extern const DWORD g_cRules;
