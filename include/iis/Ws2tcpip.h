/* Windows does not tell upper case from lower case. */
#include "ws2tcpip.h"
