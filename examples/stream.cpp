// stream.cpp: a response that arrives flush by flush, and a page that shows it. Compiles on Windows and here.
//   /        the page
//   /stream  ?n=8 chunks, ms=400 apart
#include <windows.h>
#include <sal.h>
#include <httpserv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <chrono>
#include <thread>

static const char g_szPage[] = R"HTML(<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>An IIS module streams through httpd</title>
<style>
:root { color-scheme: light dark; --bg: #f7f7f5; --card: #fff; --ink: #1d2328; --dim: #5d6770; --line: #dcdfe2; --mark: #0b6bcb; }
@media (prefers-color-scheme: dark) { :root { --bg: #14181b; --card: #1d2327; --ink: #e8ecef; --dim: #9aa5ae; --line: #323a40; --mark: #5cb0ff; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--bg); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 44rem; margin: 0 auto; padding: 2.5rem 1.25rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .5rem; }
p { color: var(--dim); margin: 0 0 1.5rem; }
code { font-family: ui-monospace, monospace; color: var(--ink); }
button { font: inherit; padding: .5rem 1.1rem; border: 0; border-radius: .5rem; background: var(--mark); color: #fff; cursor: pointer; }
button:disabled { opacity: .5; cursor: default; }
button:focus-visible { outline: 3px solid var(--ink); outline-offset: 2px; }
@media (prefers-color-scheme: dark) { button { color: #0c1116; } }
#bar { display: flex; gap: 1rem; align-items: center; margin-bottom: 1rem; }
#state { color: var(--dim); font-variant-numeric: tabular-nums; }
ol { list-style: none; margin: 0; padding: 0; background: var(--card); border: 1px solid var(--line); border-radius: .75rem; overflow: hidden; }
li { display: grid; grid-template-columns: 5.5rem 1fr auto; gap: .75rem; align-items: center; padding: .55rem 1rem; border-top: 1px solid var(--line); animation: in .25s ease-out; }
li:first-child { border-top: 0; }
li time, li small { color: var(--dim); font-variant-numeric: tabular-nums; }
li b { display: block; height: .5rem; border-radius: .25rem; background: var(--mark); min-width: 2px; }
ol:empty::after { content: "waiting for the first chunk"; display: block; padding: 1rem; color: var(--dim); }
@keyframes in { from { opacity: 0; transform: translateY(-4px); } }
@media (prefers-reduced-motion: reduce) { li { animation: none; } }
</style></head><body><main>
<h1>An IIS module streams through httpd</h1>
<p>Each line below is one <code>IHttpResponse::Flush(FALSE, TRUE, &hellip;)</code>, shown when it arrives. The bar is the time since the chunk before it.</p>
<div id="bar"><button id="again" type="button">Start again</button><span id="state" role="status"></span></div>
<ol id="list" aria-live="polite"></ol>
</main><script>
const list = document.getElementById('list'), state = document.getElementById('state'), again = document.getElementById('again');
async function run() {
  again.disabled = true; list.textContent = ''; state.textContent = 'receiving';
  const start = performance.now(); let last = start, n = 0, bytes = 0;
  try {
    const reader = (await fetch('/stream' + location.search, { cache: 'no-store' })).body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      const now = performance.now(), li = document.createElement('li');
      bytes += value.length;
      const t = document.createElement('time'); t.textContent = '+' + Math.round(now - start) + ' ms';
      const b = document.createElement('b'); b.style.width = Math.min(100, (now - last) / 6) + '%';
      const s = document.createElement('small'); s.textContent = new TextDecoder().decode(value).trim();
      li.append(t, b, s); list.append(li); last = now; n++;
    }
    state.textContent = n + ' chunks, ' + bytes + ' bytes, ' + Math.round(performance.now() - start) + ' ms';
  } catch (e) { state.textContent = 'stopped: ' + e.message; }
  again.disabled = false;
}
again.addEventListener('click', run); run();
</script></body></html>
)HTML";

class CStream : public CHttpModule
{
public:
    REQUEST_NOTIFICATION_STATUS OnExecuteRequestHandler(IHttpContext *pHttpContext, IHttpEventProvider *)
    {
        IHttpResponse *pResponse = pHttpContext->GetResponse();
        PCSTR pszUrl = NULL;
        DWORD cchUrl = 0;
        if (FAILED(pHttpContext->GetServerVariable("URL", &pszUrl, &cchUrl)))
        {
            return RQ_NOTIFICATION_CONTINUE;
        }
        pResponse->DisableKernelCache();
        if (strcmp(pszUrl, "/") == 0)
        {
            pResponse->SetHeader(HttpHeaderContentType, "text/html; charset=utf-8", 24, TRUE);
            Write(pResponse, g_szPage, sizeof(g_szPage) - 1);
            return RQ_NOTIFICATION_FINISH_REQUEST;
        }
        return strcmp(pszUrl, "/stream") == 0 ? Stream(pHttpContext) : RQ_NOTIFICATION_CONTINUE;
    }

private:
    static HRESULT Write(IHttpResponse *pResponse, const char *pData, size_t cb)
    {
        HTTP_DATA_CHUNK chunk;
        DWORD cbSent = 0;
        chunk.DataChunkType = HttpDataChunkFromMemory;
        chunk.FromMemory.pBuffer = (PVOID)pData;
        chunk.FromMemory.BufferLength = (ULONG)cb;
        return pResponse->WriteEntityChunks(&chunk, 1, FALSE, TRUE, &cbSent);
    }

    static int Number(PCSTR pszQuery, const char *pszName, int nDefault, int nMax)
    {
        const char *p = pszQuery ? strstr(pszQuery, pszName) : NULL;
        int n = p ? atoi(p + strlen(pszName)) : nDefault;
        return n < 0 ? 0 : n > nMax ? nMax : n;
    }

    REQUEST_NOTIFICATION_STATUS Stream(IHttpContext *pHttpContext)
    {
        IHttpResponse *pResponse = pHttpContext->GetResponse();
        PCSTR pszQuery = NULL;
        DWORD cch = 0;
        pHttpContext->GetServerVariable("QUERY_STRING", &pszQuery, &cch);
        int nChunks = Number(pszQuery, "n=", 8, 1000), msApart = Number(pszQuery, "ms=", 400, 10000);
        pResponse->SetHeader(HttpHeaderContentType, "text/plain; charset=utf-8", 25, TRUE);
        pResponse->SetHeader(HttpHeaderCacheControl, "no-store", 8, TRUE);
        for (int i = 1; i <= nChunks; i++)
        {
            char szLine[64];
            DWORD cbSent = 0;
            int cb = snprintf(szLine, sizeof(szLine), "chunk %d of %d\n", i, nChunks);
            if (FAILED(Write(pResponse, szLine, (size_t)cb))
                || FAILED(pResponse->Flush(FALSE, i < nChunks, &cbSent))
                || !pHttpContext->GetConnection()->IsConnected())
            {
                break;
            }
            if (i < nChunks)
            {
                std::this_thread::sleep_for(std::chrono::milliseconds(msApart));
            }
        }
        return RQ_NOTIFICATION_FINISH_REQUEST;
    }
};

class CStreamFactory : public IHttpModuleFactory
{
public:
    virtual ~CStreamFactory() {}
    HRESULT GetHttpModule(CHttpModule **ppModule, IModuleAllocator *)
    {
        *ppModule = new CStream;
        return *ppModule ? S_OK : HRESULT_FROM_WIN32(ERROR_NOT_ENOUGH_MEMORY);
    }
    void Terminate()
    {
        delete this;
    }
};

HRESULT __stdcall RegisterModule(DWORD dwServerVersion, IHttpModuleRegistrationInfo *pModuleInfo, IHttpServer *pGlobalInfo)
{
    UNREFERENCED_PARAMETER(dwServerVersion);
    UNREFERENCED_PARAMETER(pGlobalInfo);
    return pModuleInfo->SetRequestNotifications(new CStreamFactory, RQ_EXECUTE_REQUEST_HANDLER, 0);
}
