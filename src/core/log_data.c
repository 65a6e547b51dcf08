/* log_data.c: HTTP_LOG_FIELDS_DATA of a request; see log_data.h.  Pages:
 * "ISendResponseProvider::GetLogData Method", "SetLogData Method".
 */
#include <stddef.h>
#include <string.h>
#include <strings.h>
#include <apr_strings.h>
#include "context.h"
#include "log_data.h"
#include "wide.h"

static const struct {
    const char *token;
    size_t text, length;                /* offsets of the members */
    int wide;
} texts[] = {
#define ROW(token, member, wide) \
    { token, offsetof(HTTP_LOG_FIELDS_DATA, member), \
      offsetof(HTTP_LOG_FIELDS_DATA, member##Length), wide },
    IISR_LOG_TEXTS(ROW)
#undef ROW
};

static void **text_of(HTTP_LOG_FIELDS_DATA *fields, int i)
{
    return (void **)(void *)((char *)fields + texts[i].text);
}

static USHORT *length_of(HTTP_LOG_FIELDS_DATA *fields, int i)
{
    return (USHORT *)(void *)((char *)fields + texts[i].length);
}

static USHORT clamp(apr_size_t length, apr_size_t unit)
{
    apr_size_t most = 0xffff / unit;

    return (USHORT)((length < most ? length : most) * unit);
}

/* --- building ----------------------------------------------------------- */

static void set_text(iisr_context_t *ctx, int i, const char *value)
{
    iisr_log_t *log = ctx->log;
    apr_size_t length;

    log->texts[i] = apr_pstrdup(ctx->pool, value ? value : "");
    if (texts[i].wide) {
        *text_of(&log->fields, i) = iisr_widen(ctx->pool, log->texts[i],
                                               &length);
        *length_of(&log->fields, i) = clamp(length, sizeof(WCHAR));
    }
    else {
        *text_of(&log->fields, i) = (void *)log->texts[i];
        *length_of(&log->fields, i) = clamp(strlen(log->texts[i]), 1);
    }
}

static const char *header(iisr_context_t *ctx, const char *name)
{
    return ctx->req ? ctx->host->header_in(ctx->req, name) : NULL;
}

static const char *variable(iisr_context_t *ctx, const char *name)
{
    return ctx->req ? ctx->host->variable(ctx->req, name, ctx->pool) : NULL;
}

static void set_texts(iisr_context_t *ctx)
{
    const iisr_request_facts_t *facts = iisr_request_facts(ctx);
    IHttpSite *site = ctx->around.site;

    set_text(ctx, IISR_LOG_UserName, variable(ctx, "REMOTE_USER"));
    set_text(ctx, IISR_LOG_UriStem, facts->path);
    set_text(ctx, IISR_LOG_ClientIp, variable(ctx, "REMOTE_ADDR"));
    set_text(ctx, IISR_LOG_ServerName, variable(ctx, "SERVER_NAME"));
    set_text(ctx, IISR_LOG_ServiceName,
             apr_psprintf(ctx->pool, "W3SVC%u",
                          site ? site->lpVtbl->GetSiteId(site) : 1));
    set_text(ctx, IISR_LOG_ServerIp, variable(ctx, "LOCAL_ADDR"));
    set_text(ctx, IISR_LOG_Method, facts->method);
    set_text(ctx, IISR_LOG_UriQuery, facts->query);
    set_text(ctx, IISR_LOG_Host, header(ctx, "Host"));
    set_text(ctx, IISR_LOG_UserAgent, header(ctx, "User-Agent"));
    set_text(ctx, IISR_LOG_Cookie, header(ctx, "Cookie"));
    set_text(ctx, IISR_LOG_Referrer, header(ctx, "Referer"));
}

static ULONG win32_status(HRESULT hr)
{
    return ((hr >> 16) & 0x7ff) == 7 ? (ULONG)HRESULT_CODE(hr) : (ULONG)hr;
}

static void set_numbers(iisr_context_t *ctx)
{
    HTTP_LOG_FIELDS_DATA *fields = &ctx->log->fields;
    const iisr_response_t *res = &ctx->response;

    fields->Base.Type = HttpLogDataTypeFields;
    fields->ServerPort = (USHORT)iisr_request_facts(ctx)->port;
    fields->ProtocolStatus = (USHORT)res->status;
    fields->SubStatus = (USHORT)res->substatus;
    fields->Win32Status = win32_status(res->error);
    fields->MethodNum =
        ((HTTP_REQUEST_V1 *)(void *)iisr_request_raw(ctx))->Verb;
}

iisr_log_t *iisr_log_data(iisr_context_t *ctx)
{
    if (!ctx->log) {
        ctx->log = apr_pcalloc(ctx->pool, sizeof(*ctx->log));
        set_texts(ctx);
        set_numbers(ctx);
        ctx->log->seen = ctx->log->fields;
    }
    return ctx->log;
}

/* --- edits -------------------------------------------------------------- */

static const char *text_now(iisr_context_t *ctx,
                            HTTP_LOG_FIELDS_DATA *fields, int i)
{
    const void *text = *text_of(fields, i);
    USHORT length = *length_of(fields, i);

    if (!text || !length) {
        return "";
    }
    return texts[i].wide
           ? iisr_narrow_n(ctx->pool, text, length / sizeof(WCHAR), NULL)
           : apr_pstrmemdup(ctx->pool, text, length);
}

/* A module may also write into the text that a field points to. */
static int is_edited(iisr_log_t *log, HTTP_LOG_FIELDS_DATA *now, int i)
{
    const char *text = *text_of(now, i);

    return text != *text_of(&log->seen, i)
           || *length_of(now, i) != *length_of(&log->seen, i)
           || (texts[i].wide ? text != NULL
                             : text && strncmp(text, log->texts[i],
                                               *length_of(now, i)));
}

void iisr_log_data_keep(iisr_context_t *ctx)
{
    iisr_log_t *log = ctx->log;
    HTTP_LOG_FIELDS_DATA now;
    int i;

    if (!log) {
        return;
    }
    now = log->submitted ? *log->submitted : log->fields;
    log->submitted = NULL;
    log->fields = now;
    for (i = 0; i < IISR_LOG_TEXT_COUNT; i++) {
        const char *text;

        if (is_edited(log, &now, i)
            && strcmp(text = text_now(ctx, &now, i), log->texts[i])) {
            log->edited |= 1u << i;
            set_text(ctx, i, text);
        }
        else {
            *text_of(&log->fields, i) = *text_of(&log->seen, i);
            *length_of(&log->fields, i) = *length_of(&log->seen, i);
        }
    }
    log->status_edited |= now.ProtocolStatus != log->seen.ProtocolStatus;
    log->substatus_edited |= now.SubStatus != log->seen.SubStatus;
    log->win32_edited |= now.Win32Status != log->seen.Win32Status;
    log->seen = log->fields;
}

/* Without edits the numbers are those of this moment.  A sub-status and an
 * error belong to a module's status: the host's own has none. */
static void refresh_numbers(iisr_context_t *ctx, int status)
{
    iisr_log_t *log = ctx->log;
    const iisr_response_t *res = &ctx->response;
    int own = status == res->status;

    if (!log->status_edited) {
        log->fields.ProtocolStatus = (USHORT)status;
    }
    if (!log->substatus_edited) {
        log->fields.SubStatus = own ? (USHORT)res->substatus : 0;
    }
    if (!log->win32_edited) {
        log->fields.Win32Status = own ? win32_status(res->error) : 0;
    }
}

/* --- tokens ------------------------------------------------------------- */

static const char *number(iisr_context_t *ctx, apr_uint64_t value)
{
    return apr_psprintf(ctx->pool, "%" APR_UINT64_T_FMT, value);
}

const char *iisr_log_value(iisr_context_t *ctx, const char *token,
                           int status)
{
    HTTP_LOG_FIELDS_DATA now;
    int i;

    if (!strcasecmp(token, "flushes")) {
        return number(ctx, ctx->response.flushes);
    }
    iisr_log_data(ctx);
    refresh_numbers(ctx, status);
    now = ctx->log->fields;
    for (i = 0; i < IISR_LOG_TEXT_COUNT; i++) {
        if (!strcasecmp(token, texts[i].token)) {
            return ctx->log->texts[i];
        }
    }
    return !strcasecmp(token, "s-port") ? number(ctx, now.ServerPort)
           : !strcasecmp(token, "sc-status") ? number(ctx, now.ProtocolStatus)
           : !strcasecmp(token, "sc-substatus") ? number(ctx, now.SubStatus)
           : !strcasecmp(token, "sc-win32-status")
             ? number(ctx, now.Win32Status) : NULL;
}
