// nothing: a shared object that is no IIS module.
int nothing_in_particular;
