/* Object types with indexes that differ from boot to boot, and objects with addresses that are used again. */
#include "kernel_state.h"

#include <stdlib.h>

static const char *const type_names[] = {"ALPC Port",
                                         "ActivationObject",
                                         "Adapter",
                                         "Composition",
                                         "Controller",
                                         "CoreMessaging",
                                         "CoverageSampler",
                                         "DebugObject",
                                         "Desktop",
                                         "Device",
                                         "Directory",
                                         "Driver",
                                         "DxgkCompositionObject",
                                         "DxgkCurrentDxgProcessObject",
                                         "DxgkDisplayManagerObject",
                                         "DxgkSharedBundleObject",
                                         "DxgkSharedKeyedMutexObject",
                                         "DxgkSharedResource",
                                         "DxgkSharedSwapChainObject",
                                         "DxgkSharedSyncObject",
                                         "EnergyTracker",
                                         "EtwConsumer",
                                         "EtwRegistration",
                                         "EtwSessionDemuxEntry",
                                         "Event",
                                         "File",
                                         "FilterCommunicationPort",
                                         "FilterConnectionPort",
                                         "IRTimer",
                                         "IoCompletion",
                                         "IoCompletionReserve",
                                         "Job",
                                         "Key",
                                         "KeyedEvent",
                                         "Mutant",
                                         "NdisCmState",
                                         "Partition",
                                         "PcwObject",
                                         "PowerRequest",
                                         "Process",
                                         "Profile",
                                         "PsSiloContextNonPaged",
                                         "PsSiloContextPaged",
                                         "RawInputManager",
                                         "RegistryTransaction",
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
                                         "Type",
                                         "UserApcReserve",
                                         "VRegConfigurationContext",
                                         "WaitCompletionPacket",
                                         "WindowStation",
                                         "WmiGuid"};

void kernel_types_number(struct kernel *k)
{
    enum { FIRST = 2, SHUFFLED = 118 };
    uint32_t state = k->set.type_seed * 2654435761u + 12345u;
    for (uint16_t i = 0; i < 254; i++)
        k->type_order[i] = (uint16_t)(FIRST + i);
    for (uint32_t i = SHUFFLED - 1; i > 0; i--) {
        state = state * 1664525u + 1013904223u;
        uint32_t j = (state >> 8) % (i + 1);
        uint16_t swap = k->type_order[i];
        k->type_order[i] = k->type_order[j];
        k->type_order[j] = swap;
    }
    for (uint32_t i = 0; i < k->type_count; i++)
        k->types[i].index = k->type_order[i < 253 ? i : 253];
}

void kernel_types_boot(struct kernel *k)
{
    kernel_types_number(k);
    for (uint32_t i = 0; i < sizeof type_names / sizeof type_names[0]; i++) {
        struct kernel_text name = kernel_text_ascii(type_names[i]);
        kernel_type(k, &name);
        kernel_text_free(&name);
    }
}

static bool same_letters(const struct kernel_text *a, const struct kernel_text *b)
{
    if (a->length != b->length)
        return false;
    for (uint32_t i = 0; i < a->length; i++) {
        if (a->data[i] != b->data[i])
            return false;
    }
    return true;
}

/* Position in kernel.types; a name not met before becomes a type. */
uint16_t kernel_type(struct kernel *k, const struct kernel_text *name)
{
    uint32_t i = 0;
    while (i < k->type_count && !same_letters(&k->types[i].name, name))
        i++;
    if (i < k->type_count)
        return (uint16_t)i;
    k->types = kernel_grow(k->types, &k->type_room, i + 1, sizeof *k->types);
    k->types[i].name = kernel_text_copy(name->data, name->length * 2);
    k->types[i].index = k->type_order[i < 253 ? i : 253];
    k->type_count++;
    return (uint16_t)i;
}

uint32_t kernel_type_tag(const struct kernel_text *name)
{
    uint32_t tag = 0;
    for (uint32_t i = 0; i < 4; i++)
        tag |= (uint32_t)(uint8_t)(i < name->length ? name->data[i] : ' ') << (8 * i);
    return tag;
}

/* A new reference: to the object with this type and key, or to a new one. */
struct kernel_object *kernel_object_open(struct kernel *k, uint16_t type, uint64_t key, const struct kernel_text *name)
{
    for (uint32_t i = 0; key && i < k->shared_count; i++) {
        if (k->shared[i]->type == type && k->shared[i]->key == key) {
            k->shared[i]->references++;
            return k->shared[i];
        }
    }
    struct kernel_object *o = k->free_objects;
    if (o) {
        k->free_objects = o->next;
        o->next = NULL;
    } else {
        o = kernel_alloc(sizeof *o);
        o->address = k->next_address;
        k->next_address += 0x60 + (k->object_count++ % 5) * 0x30;
    }
    o->type = type;
    o->key = key;
    o->references = 1;
    o->name = kernel_text_copy(name->data, name->length * 2);
    if (key) {
        k->shared = kernel_grow(k->shared, &k->shared_room, k->shared_count + 1, sizeof(struct kernel_object *));
        k->shared[k->shared_count++] = o;
    }
    return o;
}

/* Nobody can open it by its key any more. */
void kernel_object_hide(struct kernel *k, struct kernel_object *o)
{
    for (uint32_t i = 0; o->key && i < k->shared_count; i++) {
        if (k->shared[i] == o) {
            k->shared[i] = k->shared[--k->shared_count];
            break;
        }
    }
    o->key = 0;
}

void kernel_object_release(struct kernel *k, struct kernel_object *o)
{
    if (--o->references > 0)
        return;
    kernel_object_hide(k, o);
    kernel_text_free(&o->name);
    o->next = k->free_objects;
    k->free_objects = o;
}
