/* Windows does not tell upper case from lower case. */
#include "bcrypt.h"
