/* The sockets that the door listens on. */
#ifndef SHOP_HTTPD_LISTEN_H
#define SHOP_HTTPD_LISTEN_H

#include "shop-httpd/conn.h"

/*
 * Bind http.listen and http.admin_listen; or take the sockets that systemd
 * passes (sd_listen_fds(3)), of which one named "admin" is the admin's.
 */
enum err listen_all(struct op *op, struct server *s);

/* Close them and remove the Unix sockets that were made here. */
void listen_end(struct server *s);

#endif
