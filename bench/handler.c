/* handler.c: the yardstick: what a handler written for httpd in C does,
 * ap_rwrite and ap_rflush.  /plain?N flushes 64 bytes N times. */
#include <httpd.h>
#include <http_config.h>
#include <http_protocol.h>

static int plain(request_rec *r)
{
    static const char text[64] = "the same sixty-four bytes, again and again"
                                 " and again and again\n";
    int n = r->args ? atoi(r->args) : 1, i;

    if (!r->uri || strncmp(r->uri, "/plain", 6)) {
        return DECLINED;
    }
    ap_set_content_type(r, "text/plain");
    if (n == 1) {
        ap_set_content_length(r, sizeof(text));
        ap_rwrite(text, sizeof(text), r);
        return OK;
    }
    for (i = 0; i < n; i++) {
        ap_rwrite(text, sizeof(text), r);
        ap_rflush(r);
    }
    return OK;
}

static void register_hooks(apr_pool_t *p)
{
    (void)p;
    ap_hook_handler(plain, NULL, NULL, APR_HOOK_FIRST);
}

AP_DECLARE_MODULE(plain) = {
    STANDARD20_MODULE_STUFF, NULL, NULL, NULL, NULL, NULL, register_hooks
};
