/* variables.c: a table from IIS's names to what httpd knows.  Page: "IIS
 * Server Variables".  What the table does not have is looked for among the
 * headers (HTTP_..., HEADER_...) and in the environment of the request.
 */
#include <httpd.h>
#include <stdlib.h>
#include <apr_lib.h>
#include <strings.h>
#include <apr_strings.h>
#include <http_core.h>
#include <http_protocol.h>
#include <util_script.h>
#include "httpd/certificate.h"
#include "httpd/cookies.h"
#include "httpd/host.h"
#include "httpd/surroundings.h"
#include "httpd/variables.h"

typedef const char *(*variable_fn)(request_rec *r, apr_pool_t *pool);

/* A child request is made for the one that came over the connection. */
static request_rec *outermost(request_rec *r)
{
    while (r->main) {
        r = r->main;
    }
    return r;
}

static int secure(request_rec *r)
{
    return !strcasecmp(ap_http_scheme(r), "https");
}

static const char *document_root(request_rec *r)
{
    return ap_document_root(r);
}

/* What follows the file in the URL.  Where there is no file httpd's walk ends
 * at the first folder that is missing: to IIS all of it is the script. */
static const char *path_info(const request_rec *r)
{
    return r->path_info && r->finfo.filetype != APR_NOFILE ? r->path_info
                                                           : "";
}

static const char *physical(request_rec *r, apr_pool_t *pool)
{
    /* In BeginRequest nothing has been mapped yet. */
    if (!r->filename) {
        return apr_pstrcat(pool, document_root(r), r->uri, NULL);
    }
    return r->path_info && !*path_info(r)
           ? apr_pstrcat(pool, r->filename, r->path_info, NULL)
           : r->filename;
}

/* SCRIPT_NAME: the path without what follows the file. */
static const char *script(request_rec *r, apr_pool_t *pool)
{
    int end = *path_info(r) && r->uri ? ap_find_path_info(r->uri, r->path_info)
                                      : -1;

    return end >= 0 ? apr_pstrndup(pool, r->uri, end) : r->uri;
}

static const iisr_app_t *app_of(request_rec *r)
{
    return iisr_app_of(iisr_site_of(r->server), r->uri ? r->uri : "/");
}

static const char *header(request_rec *r, const char *name)
{
    const char *value = apr_table_get(r->headers_in, name);

    return value ? value : "";
}

typedef struct headers_t {
    apr_pool_t *pool;
    const char *text;
    int raw;
} headers_t;

static int add_header(void *data, const char *name, const char *value)
{
    headers_t *all = data;
    char *p, *shown = apr_pstrdup(all->pool, name);

    for (p = shown; !all->raw && *p; p++) {
        *p = *p == '-' ? '_' : apr_toupper(*p);
    }
    all->text = apr_pstrcat(all->pool, all->text, all->raw ? "" : "HTTP_",
                            shown, all->raw ? ": " : ":", value, "\r\n",
                            NULL);
    return 1;
}

static const char *all_headers(request_rec *r, apr_pool_t *pool, int raw)
{
    headers_t all = { pool, "", raw };

    apr_table_do(add_header, &all, iisr_cookies_headers(r), NULL);
    return all.text;
}

static int ends_in_slash(const char *path)
{
    return *path && path[strlen(path) - 1] == '/';
}

/* Of Basic authentication, what the client sent; "" otherwise. */
static const char *password(request_rec *r)
{
    const char *given = apr_table_get(r->headers_in, "Authorization");
    const char *text = "";

    if (given && !strncasecmp(given, "Basic ", 6)) {
        text = strchr(ap_pbase64decode(r->pool, given + 6), ':');
    }
    return !text ? "" : *text ? text + 1 : text;
}

/* As in the raw request. */
static DWORD request_flags(request_rec *r)
{
    const iisr_host_request_t *hr = iisr_host_request(r, 0);

    return iisr_request_flags(hr ? hr->body_length : 0,
                              HTTP_VERSION_MAJOR(r->proto_num));
}

/* "The length of the request body": none is 0, chunked is not known. */
static const char *content_length(request_rec *r)
{
    const char *length = apr_table_get(r->headers_in, "Content-Length");

    return length ? length
           : apr_table_get(r->headers_in, "Transfer-Encoding") ? "" : "0";
}

/* The one that the connection came in on, whatever the client's Host says;
 * or the administrator, with UseCanonicalName On and a port in ServerName. */
int iisr_server_port(request_rec *r)
{
    const core_dir_config *d = ap_get_core_module_config(r->per_dir_config);
    const apr_sockaddr_t *local = r->connection->local_addr;

    if (d->use_canonical_name == USE_CANONICAL_NAME_ON && r->server->port) {
        return r->server->port;
    }
    return local && local->port ? local->port : ap_get_server_port(r);
}

#define VARIABLE(name, value) \
    static const char *get_##name(request_rec *r, apr_pool_t *pool) \
    { \
        (void)r; \
        (void)pool; \
        return value; \
    }
VARIABLE(empty, "")
VARIABLE(all_http, all_headers(r, pool, 0))
VARIABLE(all_raw, all_headers(r, pool, 1))
VARIABLE(app_pool, "DefaultAppPool")
VARIABLE(metabase, app_of(r)->id)
VARIABLE(instance_path, apr_psprintf(pool, "/LM/W3SVC/%d",
                                     iisr_site_of(r->server)->id))
VARIABLE(instance_id, apr_itoa(pool, iisr_site_of(r->server)->id))
VARIABLE(root, document_root(r))
/* With the separator at its end, as on IIS: modules append to it. */
VARIABLE(app_path, apr_pstrcat(pool, app_of(r)->physical,
                               ends_in_slash(app_of(r)->physical) ? "" : "/",
                               NULL))
VARIABLE(auth_type, r->ap_auth_type ? r->ap_auth_type : "")
VARIABLE(user, r->user ? r->user : "")
VARIABLE(password, password(r))
VARIABLE(length, content_length(r))
VARIABLE(type, header(r, "Content-Type"))
VARIABLE(gateway, "CGI/1.1")
VARIABLE(https, secure(r) ? "on" : "off")
VARIABLE(one, "1")
VARIABLE(flags, apr_psprintf(pool, "%u", (unsigned int)request_flags(r)))
VARIABLE(integrated, "Integrated")
VARIABLE(secure_port, secure(r) ? "1" : "0")
VARIABLE(instance_name, iisr_site_of(r->server)->name)
VARIABLE(local, r->connection->local_ip)
VARIABLE(remote, r->useragent_ip)
VARIABLE(host, ap_get_useragent_host(r, REMOTE_NAME, NULL))
VARIABLE(remote_port, apr_itoa(pool, r->useragent_addr->port))
VARIABLE(physical, physical(r, pool))
VARIABLE(query, r->args ? r->args : "")
VARIABLE(method, r->method)
VARIABLE(unencoded, r->unparsed_uri)
VARIABLE(script, script(r, pool))
VARIABLE(url, r->uri)
VARIABLE(server_name, r->hostname ? r->hostname : ap_get_server_name(r))
VARIABLE(port, apr_itoa(pool, iisr_server_port(outermost(r))))
VARIABLE(protocol, outermost(r)->protocol)
VARIABLE(software, ap_get_server_description())
VARIABLE(cache_url, apr_psprintf(pool, "%s://%s:%d%s", ap_http_scheme(r),
                                 get_server_name(r, pool),
                                 iisr_server_port(outermost(r)),
                                 r->unparsed_uri))
VARIABLE(keysize, iisr_ssl_variable(r, "SSL_CIPHER_USEKEYSIZE", pool))
VARIABLE(server_keysize, iisr_server_key_bits(r, pool))
VARIABLE(server_issuer, iisr_ssl_variable(r, "SSL_SERVER_I_DN", pool))
VARIABLE(server_subject, iisr_ssl_variable(r, "SSL_SERVER_S_DN", pool))
VARIABLE(client_issuer, iisr_ssl_variable(r, "SSL_CLIENT_I_DN", pool))
VARIABLE(client_subject, iisr_ssl_variable(r, "SSL_CLIENT_S_DN", pool))
VARIABLE(client_serial, iisr_certificate_serial(r, pool))
VARIABLE(client_cookie, iisr_certificate_cookie(r, pool))
VARIABLE(client_flags, iisr_certificate_flags(r, pool))

/* PATH_INFO is all of the URL-path on IIS, unless
 * AllowPathInfoForScriptMappings says otherwise.  What Windows tells by the
 * numbers of its own cryptography (CRYPT_...) is known and empty.
 * Sorted for bsearch, '_' ahead of letters as strcasecmp has it. */
static const struct {
    const char *name;
    variable_fn get;
} variables[] = {
    { "ALL_HTTP", get_all_http }, { "ALL_RAW", get_all_raw },
    { "APP_POOL_CONFIG", get_empty }, { "APP_POOL_ID", get_app_pool },
    { "APPL_MD_PATH", get_metabase }, { "APPL_PHYSICAL_PATH", get_app_path },
    { "AUTH_PASSWORD", get_password }, { "AUTH_TYPE", get_auth_type },
    { "AUTH_USER", get_user }, { "CACHE_URL", get_cache_url },
    { "CERT_COOKIE", get_client_cookie }, { "CERT_FLAGS", get_client_flags },
    { "CERT_ISSUER", get_client_issuer }, { "CERT_KEYSIZE", get_keysize },
    { "CERT_SECRETKEYSIZE", get_server_keysize },
    { "CERT_SERIALNUMBER", get_client_serial },
    { "CERT_SERVER_ISSUER", get_server_issuer },
    { "CERT_SERVER_SUBJECT", get_server_subject },
    { "CERT_SUBJECT", get_client_subject }, { "CONTENT_LENGTH", get_length },
    { "CONTENT_TYPE", get_type }, { "CRYPT_CIPHER_ALG_ID", get_empty },
    { "CRYPT_HASH_ALG_ID", get_empty },
    { "CRYPT_KEYEXCHANGE_ALG_ID", get_empty }, { "CRYPT_PROTOCOL", get_empty },
    { "DOCUMENT_ROOT", get_root }, { "FORWARDED_URL", get_empty },
    { "GATEWAY_INTERFACE", get_gateway }, { "HTTP_METHOD", get_method },
    { "HTTP_URL", get_unencoded }, { "HTTP_VERSION", get_protocol },
    { "HTTPS", get_https }, { "HTTPS_KEYSIZE", get_keysize },
    { "HTTPS_SECRETKEYSIZE", get_server_keysize },
    { "HTTPS_SERVER_ISSUER", get_server_issuer },
    { "HTTPS_SERVER_SUBJECT", get_server_subject },
    { "INSTANCE_ID", get_instance_id },
    { "INSTANCE_META_PATH", get_instance_path },
    { "INSTANCE_NAME", get_instance_name }, { "LOCAL_ADDR", get_local },
    { "LOGON_USER", get_user }, { "MANAGED_PIPELINE_MODE", get_integrated },
    { "PATH_INFO", get_url }, { "PATH_TRANSLATED", get_physical },
    { "PHYSICAL_PATH", get_physical }, { "QUERY_STRING", get_query },
    { "REMOTE_ADDR", get_remote }, { "REMOTE_HOST", get_host },
    { "REMOTE_PORT", get_remote_port }, { "REMOTE_USER", get_user },
    { "REQUEST_FILENAME", get_physical }, { "REQUEST_FLAGS", get_flags },
    { "REQUEST_METHOD", get_method }, { "REQUEST_URI", get_url },
    { "SCRIPT_FILENAME", get_physical }, { "SCRIPT_NAME", get_script },
    { "SCRIPT_TRANSLATED", get_physical }, { "SERVER_ADDR", get_local },
    { "SERVER_NAME", get_server_name }, { "SERVER_PORT", get_port },
    { "SERVER_PORT_SECURE", get_secure_port },
    { "SERVER_PROTOCOL", get_protocol }, { "SERVER_SOFTWARE", get_software },
    { "SSI_EXEC_DISABLED", get_one }, { "UNENCODED_URL", get_unencoded },
    { "UNMAPPED_REMOTE_USER", get_user }, { "URL", get_url },
    { "URL_PATH_INFO", get_url }
};

static int compare(const void *name, const void *row)
{
    return strcasecmp(name, *(const char *const *)row);
}

/* HTTP_USER_AGENT: the header with '_' for '-'. */
static const char *http_header(request_rec *r, const char *name,
                               apr_pool_t *pool)
{
    char *copy = apr_pstrdup(pool, name), *p;
    const char *value = apr_table_get(r->headers_in, copy);

    for (p = copy; !value && *p; p++) {
        *p = *p == '_' ? '-' : *p;
    }
    return iisr_cookies_value(r, copy, value ? value
                                       : apr_table_get(r->headers_in, copy));
}

const char *iisr_variable(request_rec *r, const char *name, apr_pool_t *pool)
{
    const char *value = NULL;
    const void *found = bsearch(name, variables,
                                sizeof(variables) / sizeof(variables[0]),
                                sizeof(variables[0]), compare);

    if (found) {
        size_t i = ((const char *)found - (const char *)variables)
                   / sizeof(variables[0]);

        value = variables[i].get(r, pool);
        return value ? value : "";
    }
    if (!strncasecmp(name, "HTTP_", 5)) {
        value = http_header(r, name + 5, pool);
    }
    else if (!strncasecmp(name, "HEADER_", 7)) {
        value = iisr_cookies_value(r, name + 7,
                                   apr_table_get(r->headers_in, name + 7));
    }
    return value ? value : apr_table_get(r->subprocess_env, name);
}
