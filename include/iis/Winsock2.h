/* Windows does not tell upper case from lower case. */
#include "winsock2.h"
