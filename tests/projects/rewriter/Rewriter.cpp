#include "StdAfx.h"
#include "Rewriter.h"
#include "Rules.h"

static void Trace(LPCWSTR pszFormat, ...)
{
    WCHAR szText[512];
    va_list args;

    va_start(args, pszFormat);
    _vsnwprintf_s(szText, _countof(szText), _TRUNCATE, pszFormat, args);
    va_end(args);
    OutputDebugStringW(szText);
}

// HTML that nobody has encoded.
BOOL CRewriter::IsRewritable(IHttpResponse *pResponse)
{
    USHORT cchValue = 0;
    PCSTR pszValue = pResponse->GetHeader(HttpHeaderContentType, &cchValue);

    if (pszValue == NULL || cchValue < 9 || _strnicmp(pszValue, "text/html", 9) != 0)
    {
        return FALSE;
    }
    pszValue = pResponse->GetHeader(HttpHeaderContentEncoding, &cchValue);
    return pszValue == NULL || cchValue == 0;
}

HRESULT CRewriter::AppendFile(const HTTP_DATA_CHUNK *pChunk, std::string &strBody)
{
    HANDLE hFile = pChunk->FromFileHandle.FileHandle;
    LARGE_INTEGER liOffset;
    ULONGLONG cbLeft = pChunk->FromFileHandle.ByteRange.Length.QuadPart;
    BYTE rgbBuffer[4096];

    if (cbLeft == HTTP_BYTE_RANGE_TO_EOF)
    {
        LARGE_INTEGER liSize;
        if (!GetFileSizeEx(hFile, &liSize))
        {
            return HRESULT_FROM_WIN32(GetLastError());
        }
        cbLeft = liSize.QuadPart - pChunk->FromFileHandle.ByteRange.StartingOffset.QuadPart;
    }
    if (cbLeft > MAX_REWRITE_BYTES)
    {
        return HRESULT_FROM_WIN32(ERROR_FILE_TOO_LARGE);
    }
    liOffset.QuadPart = pChunk->FromFileHandle.ByteRange.StartingOffset.QuadPart;
    if (!SetFilePointerEx(hFile, liOffset, NULL, FILE_BEGIN))
    {
        return HRESULT_FROM_WIN32(GetLastError());
    }
    while (cbLeft > 0)
    {
        DWORD cbRead = 0;
        DWORD cbWanted = cbLeft < sizeof(rgbBuffer) ? (DWORD)cbLeft : (DWORD)sizeof(rgbBuffer);

        if (!ReadFile(hFile, rgbBuffer, cbWanted, &cbRead, NULL))
        {
            return HRESULT_FROM_WIN32(GetLastError());
        }
        if (cbRead == 0)
        {
            return HRESULT_FROM_WIN32(ERROR_HANDLE_EOF);
        }
        strBody.append((LPCSTR)rgbBuffer, cbRead);
        cbLeft -= cbRead;
    }
    return S_OK;
}

HRESULT CRewriter::CollectBody(IHttpResponse *pResponse, std::string &strBody)
{
    HTTP_RESPONSE *pRaw = pResponse->GetRawHttpResponse();

    for (USHORT i = 0; i < pRaw->EntityChunkCount; i++)
    {
        const HTTP_DATA_CHUNK *pChunk = &pRaw->pEntityChunks[i];
        HRESULT hr = S_OK;

        switch (pChunk->DataChunkType)
        {
        case HttpDataChunkFromMemory:
            strBody.append((LPCSTR)pChunk->FromMemory.pBuffer, pChunk->FromMemory.BufferLength);
            break;
        case HttpDataChunkFromFileHandle:
            hr = AppendFile(pChunk, strBody);
            break;
        default:
            hr = HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED);
            break;
        }
        if (FAILED(hr))
        {
            return hr;
        }
        if (strBody.size() > MAX_REWRITE_BYTES)
        {
            return HRESULT_FROM_WIN32(ERROR_FILE_TOO_LARGE);
        }
    }
    return S_OK;
}

HRESULT CRewriter::ReplaceBody(IHttpContext *pHttpContext, const std::string &strBody, DWORD cReplaced)
{
    IHttpResponse *pResponse = pHttpContext->GetResponse();
    HTTP_DATA_CHUNK chunk;
    CHAR szCount[16];
    DWORD cbSent = 0;

    // Must live until the response has left: memory of the request.
    PVOID pvBody = pHttpContext->AllocateRequestMemory((DWORD)strBody.size() + 1);
    if (pvBody == NULL)
    {
        return E_OUTOFMEMORY;
    }
    memcpy_s(pvBody, strBody.size() + 1, strBody.c_str(), strBody.size() + 1);

    pResponse->Clear();
    _ultoa_s(cReplaced, szCount, _countof(szCount), 10);
    HRESULT hr = pResponse->SetHeader("X-Rewritten", szCount, (USHORT)strlen(szCount), TRUE);
    if (FAILED(hr))
    {
        return hr;
    }
    ZeroMemory(&chunk, sizeof(chunk));
    chunk.DataChunkType = HttpDataChunkFromMemory;
    chunk.FromMemory.pBuffer = pvBody;
    chunk.FromMemory.BufferLength = (ULONG)strBody.size();
    return pResponse->WriteEntityChunks(&chunk, 1, FALSE, FALSE, &cbSent);
}

// Digits of card numbers are hidden where they stand.
DWORD CRewriter::Mask(PSTR pszText, size_t cbText)
{
    DWORD cMasked = 0;

    for (size_t at = 0; at + 16 <= cbText; at++)
    {
        ULONG cDigits = 0;
        while (cDigits < 16 && isdigit((UCHAR)pszText[at + cDigits]))
        {
            cDigits++;
        }
        if (cDigits == 16)
        {
            FillMemory(pszText + at, 12, 'x');
            cMasked++;
        }
    }
    return cMasked;
}

// Text that is no HTML: memory is edited in place, a file is replaced.
HRESULT CRewriter::MaskBody(IHttpContext *pHttpContext)
{
    HTTP_RESPONSE *pRaw = pHttpContext->GetResponse()->GetRawHttpResponse();
    BOOL fFile = FALSE;

    for (USHORT i = 0; i < pRaw->EntityChunkCount; i++)
    {
        HTTP_DATA_CHUNK *pChunk = &pRaw->pEntityChunks[i];

        if (pChunk->DataChunkType == HttpDataChunkFromMemory)
        {
            Mask((PSTR)pChunk->FromMemory.pBuffer, pChunk->FromMemory.BufferLength);
        }
        fFile = fFile || pChunk->DataChunkType == HttpDataChunkFromFileHandle;
    }
    if (!fFile)
    {
        return S_OK;
    }

    std::string strBody;
    HRESULT hr = CollectBody(pHttpContext->GetResponse(), strBody);
    if (FAILED(hr))
    {
        return hr;
    }
    DWORD cMasked = strBody.empty() ? 0 : Mask(&strBody[0], strBody.size());
    return cMasked == 0 ? S_OK : ReplaceBody(pHttpContext, strBody, cMasked);
}

REQUEST_NOTIFICATION_STATUS CRewriter::OnSendResponse(IN IHttpContext *pHttpContext,
                                                      IN ISendResponseProvider *pProvider)
{
    IHttpResponse *pResponse = pHttpContext->GetResponse();
    std::string strBody;
    HRESULT hr = S_OK;
    USHORT cchType = 0;
    PCSTR pszType = pResponse->GetHeader(HttpHeaderContentType, &cchType);

    if (pszType != NULL && _strnicmp(pszType, "text/plain", 10) == 0)
    {
        hr = MaskBody(pHttpContext);
    }
    else if (IsRewritable(pResponse) && pResponse->GetRawHttpResponse()->EntityChunkCount != 0)
    {
        hr = CollectBody(pResponse, strBody);
        DWORD cReplaced = SUCCEEDED(hr) ? ApplyRules(strBody, g_rgRules, g_cRules) : 0;
        if (cReplaced != 0)
        {
            hr = ReplaceBody(pHttpContext, strBody, cReplaced);
            Trace(L"Rewriter: %u replacements in %Iu bytes of %ls\n", cReplaced, strBody.size(),
                  pHttpContext->GetScriptName(NULL));
        }
    }
    if (hr == HRESULT_FROM_WIN32(ERROR_FILE_TOO_LARGE))
    {
        Trace(L"Rewriter: too large, left alone\n");
        return RQ_NOTIFICATION_CONTINUE;
    }
    if (FAILED(hr))
    {
        pProvider->SetErrorStatus(hr);
    }
    return RQ_NOTIFICATION_CONTINUE;
}
