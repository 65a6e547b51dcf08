/* network.h: registration of the network filter; see network.c. */
#ifndef IISR_HTTPD_NETWORK_H
#define IISR_HTTPD_NETWORK_H
#include "httpd/connection.h"
void iisr_network_register(void);
/* Before a connection's first iisr_conn_pass or iisr_conn_push. */
void iisr_network_add(iisr_conn_t *conn, request_rec *r);
#endif
