/* log_data.h: what IIS would log of a request, HTTP_LOG_FIELDS_DATA, with
 * what modules made of it in OnSendResponse.
 *
 * Built when a module or a log format first asks for it.  A module points
 * the fields wherever it likes, so they are copied when its notification
 * returns.  Lock held; the thread that may ask the host.
 */
#ifndef IISR_LOG_DATA_H
#define IISR_LOG_DATA_H

#include "http.h"

struct iisr_context_t;

/* The W3C fields: name, member, length member, wide. */
#define IISR_LOG_TEXTS(ROW) \
    ROW("cs-username", UserName, 1) \
    ROW("cs-uri-stem", UriStem, 1) \
    ROW("c-ip", ClientIp, 0) \
    ROW("s-computername", ServerName, 0) \
    ROW("s-sitename", ServiceName, 0) \
    ROW("s-ip", ServerIp, 0) \
    ROW("cs-method", Method, 0) \
    ROW("cs-uri-query", UriQuery, 0) \
    ROW("cs-host", Host, 0) \
    ROW("cs(User-Agent)", UserAgent, 0) \
    ROW("cs(Cookie)", Cookie, 0) \
    ROW("cs(Referer)", Referrer, 0)

typedef enum {
#define IISR_LOG_INDEX(token, member, wide) IISR_LOG_##member,
    IISR_LOG_TEXTS(IISR_LOG_INDEX)
#undef IISR_LOG_INDEX
    IISR_LOG_TEXT_COUNT
} iisr_log_text_e;

typedef struct iisr_log_t {
    HTTP_LOG_FIELDS_DATA fields;            /* the module's to edit */
    HTTP_LOG_FIELDS_DATA seen;              /* as it was when last kept */
    const HTTP_LOG_FIELDS_DATA *submitted;  /* SetLogData, or NULL */
    const char *texts[IISR_LOG_TEXT_COUNT]; /* UTF-8; never NULL */
    unsigned int edited;                    /* bits of iisr_log_text_e */
    unsigned int status_edited : 1;
    unsigned int substatus_edited : 1;
    unsigned int win32_edited : 1;
} iisr_log_t;

iisr_log_t *iisr_log_data(struct iisr_context_t *ctx);
/* After module code that may have edited it. */
void iisr_log_data_keep(struct iisr_context_t *ctx);
/* The value of a token; NULL: there is no such token.  status: what left, by
 * the host's own log. */
const char *iisr_log_value(struct iisr_context_t *ctx, const char *token,
                           int status);

#endif
