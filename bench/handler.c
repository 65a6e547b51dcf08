/* handler.c: the yardstick: what a handler written for httpd in C does,
 * ap_rwrite and ap_rflush.
 *
 *  /plain?100          64 bytes and a flush, a hundred times
 *  /plain?16,65536     65,536 bytes and a flush, sixteen times
 *  /suspend            a pending request as httpd itself has it: what it
 *                      costs in memory; it is never resumed
 */
#include <httpd.h>
#include <http_config.h>
#include <http_protocol.h>

static char text[1 << 20];

static int plain(request_rec *r)
{
    const char *comma = r->args ? strchr(r->args, ',') : NULL;
    int n = r->args ? atoi(r->args) : 1, i;
    int size = comma ? atoi(comma + 1) : 64;

    if (r->uri && !strcmp(r->uri, "/suspend")) {
        return SUSPENDED;
    }
    if (!r->uri || strncmp(r->uri, "/plain", 6)
        || size < 0 || size > (int)sizeof(text)) {
        return DECLINED;
    }
    ap_set_content_type(r, "text/plain");
    if (n == 1) {
        ap_set_content_length(r, size);
        ap_rwrite(text, size, r);
        return OK;
    }
    for (i = 0; i < n; i++) {
        if (ap_rwrite(text, size, r) < 0 || ap_rflush(r) < 0) {
            break;
        }
    }
    return OK;
}

static void register_hooks(apr_pool_t *p)
{
    (void)p;
    memset(text, 'x', sizeof(text));
    ap_hook_handler(plain, NULL, NULL, APR_HOOK_FIRST);
}

AP_DECLARE_MODULE(plain) = {
    STANDARD20_MODULE_STUFF, NULL, NULL, NULL, NULL, NULL, register_hooks
};
