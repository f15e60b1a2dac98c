/* Entry point of handlerec on Linux: arguments are UTF-8 already. */
#include "cli/cli.h"

int main(int argc, char **argv)
{
    return cli_main(argc, argv);
}
