/* Windows does not tell upper case from lower case. */
#include "wincrypt.h"
