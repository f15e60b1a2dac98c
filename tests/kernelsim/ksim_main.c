// ksim.dll: brings the process that it is loaded into under the simulated kernel.
#include "ksim.h"

BOOL WINAPI DllMain(HINSTANCE self, DWORD reason, void *reserved);

BOOL WINAPI DllMain(HINSTANCE self, DWORD reason, void *reserved)
{
    (void)reserved;
    if (reason != DLL_PROCESS_ATTACH) {
        return TRUE;
    }
    DisableThreadLibraryCalls(self);
    if (!ksim_link_open()) {
        ksim_fail("no simulated kernel of this name runs");
    }
    // This thread is the injector's, now and until it ends: nothing that it does is the program's doing.
    ksim_enter();
    ksim_types_init();
    ksim_etw_install();
    ksim_process_hello();
    ksim_link_prepare();
    ksim_hooks_install();
    ksim_process_watch_images();
    return TRUE;
}
