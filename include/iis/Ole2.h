/* Windows does not tell upper case from lower case. */
#include "ole2.h"
