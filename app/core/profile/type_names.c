/* The handle types that are known without asking a running system. */
#include "core/profile/type_names.h"

#include "core/base/text.h"

const char *const type_names_known[] = {
    "ALPC Port",
    "Composition",
    "CoreMessaging",
    "Desktop",
    "Device",
    "Directory",
    "DxgkCompositionObject",
    "DxgkDisplayManagerObject",
    "DxgkSharedResource",
    "DxgkSharedSyncObject",
    "EnergyTracker",
    "EtwConsumer",
    "EtwRegistration",
    "Event",
    "File",
    "FilterCommunicationPort",
    "FilterConnectionPort",
    "IRTimer",
    "IoCompletion",
    "IoCompletionReserve",
    "Job",
    "Key",
    "Mutant",
    "Partition",
    "PcwObject",
    "PowerRequest",
    "Process",
    "RawInputManager",
    "Section",
    "Semaphore",
    "Session",
    "SymbolicLink",
    "Thread",
    "Timer",
    "TmEn",
    "TmRm",
    "TmTm",
    "TmTx",
    "Token",
    "TpWorkerFactory",
    "UserApcReserve",
    "WaitCompletionPacket",
    "WindowStation",
    "WmiGuid",
    NULL,
};

const char *type_names_find(const char *name)
{
    for (const char *const *t = type_names_known; *t; t++)
        if (text_casecmp(*t, name) == 0)
            return *t;
    return NULL;
}
