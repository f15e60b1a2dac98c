/* Writes the trace that tests/bench/read.sh reads: always the same bytes for the same length.
 *
 * usage: bench_trace FILE LENGTH [keys]
 * 16 processors, 16 processes, 1,000,000 handles open at the peak and at the end, 20,000 distinct stacks, 24 frames on
 * each create, closes bare. LENGTH 1: 2 million handle events; each further one adds 2 million: closes of handles
 * chosen at random, each followed by a create.
 * With "keys" a fifth of the handles, and stacks as a system that caches them tells them: a create has two keys, one
 * for the frames in the kernel and one for those of the program. Frames are told when their key leaves the cache, which
 * is much smaller than what it is to hold: most creates drive a key out, and each key comes to mean many stacks. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CPUS        16u
#define PROCESSES   16u
#define PEAK        1000000u
#define PEAK_KEYS   200000u
#define STACKS      20000u
#define FRAMES      24u
#define KERNEL      4u
#define MODULES     50u
#define BUFFER      0x100000u
#define HEAD        0x48u
#define KERNEL_BASE 0xFFFFF80000000000u
#define USER_BASE   0x7FF000000000u
#define USER_KEYS   4096u
#define KERNEL_KEYS 4u
#define KERNEL_WAYS 7u
#define KEYS_BASE   0xFFFFB00000000000u

struct cpu {
    uint8_t *bytes;
    uint32_t used;
    int64_t last;
};

struct open_handle {
    uint64_t object;
    uint32_t handle;
    uint32_t process;
    uint32_t type;
};

/* One place of the cache. */
struct cached {
    uint32_t stack;
    int used;
};

static FILE *file;
static uint32_t peak = PEAK;
static int keys;
static struct cached kernel_keys[KERNEL_KEYS];
static struct cached user_keys[USER_KEYS];
static struct cpu cpus[CPUS];
static uint64_t buffers;
static int64_t now = 1000000;
static uint64_t random_state = 0x9E3779B97F4A7C15u;
static struct open_handle *handles;
static uint32_t handle_count;
static uint32_t *free_values[PROCESSES];
static uint32_t free_counts[PROCESSES];
static uint32_t next_value[PROCESSES];
static uint64_t next_object = 0xFFFFA00000000000u;

static void die(const char *what)
{
    fprintf(stderr, "bench_trace: %s\n", what);
    exit(1);
}

static uint32_t pick(uint32_t count)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t)((random_state >> 32) * count >> 32);
}

static void put(uint8_t *at, uint64_t value, size_t size)
{
    for (size_t i = 0; i < size; i++)
        at[i] = (uint8_t)(value >> 8 * i);
}

static void flush(uint32_t cpu, uint16_t flags, uint16_t type)
{
    struct cpu *c = &cpus[cpu];
    memset(c->bytes, 0, HEAD);
    memset(c->bytes + c->used, 0xFF, BUFFER - c->used);
    put(c->bytes, BUFFER, 4);
    put(c->bytes + 4, c->used, 4);
    put(c->bytes + 0x10, (uint64_t)c->last, 8);
    put(c->bytes + 0x18, buffers, 8);
    put(c->bytes + 0x28, cpu, 2);
    put(c->bytes + 0x2C, 3, 4);
    put(c->bytes + 0x30, c->used, 4);
    put(c->bytes + 0x34, 0x20u | flags, 2);
    put(c->bytes + 0x36, type, 2);
    if (fwrite(c->bytes, 1, BUFFER, file) != BUFFER)
        die("cannot write");
    buffers++;
    c->used = HEAD;
}

static uint8_t *room(uint32_t cpu, uint32_t size)
{
    struct cpu *c = &cpus[cpu];
    if (c->used + size > BUFFER)
        flush(cpu, 0, 0);
    uint8_t *at = c->bytes + c->used;
    c->used += size;
    c->last = now;
    return at;
}

static uint8_t *record(uint32_t cpu, uint8_t header, uint16_t hook, uint16_t version, uint32_t payload, uint32_t pid,
                       uint32_t tid)
{
    uint32_t head = header == 0x11 ? 16 : header == 0x04 ? 24 : 32;
    uint32_t size = head + payload;
    uint8_t *at = room(cpu, (size + 7) & ~7u);
    memset(at, 0, (size + 7) & ~7u);
    put(at, version, 2);
    at[2] = header;
    at[3] = 0xC0;
    put(at + 4, size, 2);
    put(at + 6, hook, 2);
    if (header == 0x11) {
        put(at + 8, (uint64_t)now, 8);
    } else {
        put(at + 8, tid, 4);
        put(at + 12, pid, 4);
        put(at + 16, (uint64_t)now, 8);
    }
    return at + head;
}

static void header(uint64_t buffer_count, int64_t end)
{
    uint8_t *h = record(0, 0x02, 0x0000, 2, 0x118 + 32, 4, 8);
    put(h, BUFFER, 4);
    put(h + 4, 0x0501000A, 4);
    put(h + 8, 19045, 4);
    put(h + 0x0C, CPUS, 4);
    put(h + 0x10, 130000000000000000u + (uint64_t)(end - 1000000), 8);
    put(h + 0x20, 1, 4);
    put(h + 0x24, buffer_count, 4);
    put(h + 0x28, 1, 4);
    put(h + 0x2C, 8, 4);
    put(h + 0x100, 10000000, 8);
    put(h + 0x108, 130000000000000000u, 8);
    put(h + 0x110, 1, 4);
}

static uint32_t put_name(uint8_t *at, const char *name)
{
    uint32_t i = 0;
    for (; name[i]; i++)
        put(at + (size_t)2 * i, (unsigned char)name[i], 2);
    return 2 * (i + 1);
}

static void image(uint32_t pid, uint64_t base, uint64_t size, const char *name)
{
    uint8_t *p = record(0, 0x02, 0x1403, 3, 56 + 2 * ((uint32_t)strlen(name) + 1), pid, 8);
    put(p, base, 8);
    put(p + 8, size, 8);
    put(p + 16, pid, 4);
    put(p + 24, 0x12345678, 4);
    put_name(p + 56, name);
}

static void process(uint32_t pid, const char *name)
{
    uint32_t image_size = (uint32_t)strlen(name) + 1;
    uint8_t *p = record(0, 0x02, 0x0303, 4, 40 + image_size + 6, pid, 8);
    put(p, 0xFFFF900000000000u + pid, 8);
    put(p + 8, pid, 4);
    put(p + 12, 4, 4);
    memcpy(p + 40, name, image_size);
}

static uint32_t pid_of(uint32_t process_index)
{
    return 1000 + 4 * process_index;
}

static uint64_t frame(uint32_t stack, uint32_t i)
{
    uint64_t mixed = ((uint64_t)stack * 31 + i) * 0x9E3779B97F4A7C15u;
    if (i < KERNEL)
        return KERNEL_BASE + ((uint64_t)i * 0x100 + stack % KERNEL_WAYS) * 0x40;
    return USER_BASE + (mixed >> 40) % MODULES * 0x1000000 + (mixed & 0xFFFFF);
}

static uint64_t frames[STACKS][FRAMES];

static void put_frames(uint8_t *at, uint32_t stack, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++)
        put(at + (size_t)8 * (i - from), frames[stack][i], 8);
}

static void stack_of(uint32_t cpu, int64_t time, uint32_t pid, uint32_t tid, uint32_t stack)
{
    uint8_t *p = record(cpu, 0x11, 0x1820, 2, 16 + 8 * FRAMES, 0, 0);
    put(p, (uint64_t)time, 8);
    put(p + 8, pid, 4);
    put(p + 12, tid, 4);
    put_frames(p + 16, stack, 0, FRAMES);
}

static uint64_t key_of(const struct cached *c, int user)
{
    return KEYS_BASE + 0x100 * (uint64_t)(user ? KERNEL_KEYS + (c - user_keys) : c - kernel_keys);
}

/* Tells the frames of a key. */
static void tell_key(uint32_t cpu, uint16_t hook, const struct cached *c, int user)
{
    uint32_t from = user ? KERNEL : 0;
    uint32_t to = user ? FRAMES : KERNEL;
    uint8_t *p = record(cpu, 0x11, hook, 2, 8 + 8 * (to - from), 0, 0);
    put(p, key_of(c, user), 8);
    put_frames(p + 8, c->stack, from, to);
    now++;
}

static void key_use(uint32_t cpu, int64_t time, uint32_t pid, uint32_t tid, struct cached *c, int user)
{
    uint8_t *p = record(cpu, 0x11, user ? 0x1826 : 0x1825, 2, 24, 0, 0);
    put(p, (uint64_t)time, 8);
    put(p + 8, pid, 4);
    put(p + 12, tid, 4);
    put(p + 16, key_of(c, user), 8);
    now++;
}

/* Makes a place of the cache hold the stack: drives out what is there, and now and then what is there already. */
static void cache(uint32_t cpu, struct cached *c, uint32_t stack, int user)
{
    if (c->used && (c->stack != stack || !pick(16)))
        tell_key(cpu, 0x1823, c, user);
    *c = (struct cached){stack, 1};
}

static void keys_of(uint32_t cpu, int64_t time, uint32_t pid, uint32_t tid, uint32_t stack)
{
    struct cached *kernel = &kernel_keys[stack % KERNEL_WAYS % KERNEL_KEYS];
    struct cached *user = &user_keys[stack % USER_KEYS];
    cache(cpu, kernel, stack % KERNEL_WAYS, 0);
    key_use(cpu, time, pid, tid, kernel, 0);
    cache(cpu, user, stack, 1);
    key_use(cpu, time, pid, tid, user, 1);
}

static void tell_all_keys(void)
{
    for (uint32_t i = 0; i < KERNEL_KEYS; i++)
        if (kernel_keys[i].used)
            tell_key(i, 0x1824, &kernel_keys[i], 0);
    for (uint32_t i = 0; i < USER_KEYS; i++)
        if (user_keys[i].used)
            tell_key(i % CPUS, 0x1824, &user_keys[i], 1);
}

static void create(void)
{
    struct open_handle *h = &handles[handle_count++];
    uint32_t stack = pick(STACKS);
    uint32_t cpu = pick(CPUS);
    h->process = stack % PROCESSES;
    h->type = 17 + stack % 5;
    h->object = next_object;
    next_object += 0x60;
    h->handle =
        free_counts[h->process] ? free_values[h->process][--free_counts[h->process]] : (next_value[h->process] += 4);
    uint32_t tid = 20000 + 4 * (h->process * 8 + cpu % 8);
    now += 2;
    uint8_t *p = record(cpu, 0x04, 0x1120, 2, 16, pid_of(h->process), tid);
    put(p, h->object, 8);
    put(p + 8, h->handle, 4);
    put(p + 12, h->type, 2);
    int64_t time = now++;
    if (keys)
        keys_of(cpu, time, pid_of(h->process), tid, stack);
    else
        stack_of(cpu, time, pid_of(h->process), tid, stack);
}

static void close_one(void)
{
    uint32_t at = pick(handle_count);
    struct open_handle h = handles[at];
    uint32_t cpu = pick(CPUS);
    handles[at] = handles[--handle_count];
    free_values[h.process][free_counts[h.process]++] = h.handle;
    now += 2;
    uint8_t *p = record(cpu, 0x04, 0x1121, 2, 16, pid_of(h.process), 20000 + 4 * (h.process * 8 + cpu % 8));
    put(p, h.object, 8);
    put(p + 8, h.handle, 4);
    put(p + 12, h.type, 2);
}

int main(int argc, char **argv)
{
    unsigned long length = argc >= 3 ? strtoul(argv[2], NULL, 10) : 0;
    keys = argc == 4 && !strcmp(argv[3], "keys");
    if (!length || length > 100 || argc != 3 + keys)
        die("usage: bench_trace FILE LENGTH [keys]");
    peak = keys ? PEAK_KEYS : PEAK;
    file = fopen(argv[1], "wb");
    handles = malloc((peak + 1) * sizeof *handles);
    if (!file || !handles)
        die("cannot begin");
    for (uint32_t i = 0; i < CPUS; i++) {
        cpus[i] = (struct cpu){.bytes = malloc(BUFFER), .used = HEAD};
        free_values[i % PROCESSES] = malloc((peak + 1) * sizeof *free_values[0]);
        if (!cpus[i].bytes || !free_values[i % PROCESSES])
            die("no memory");
    }
    for (uint32_t s = 0; s < STACKS; s++)
        for (uint32_t i = 0; i < FRAMES; i++)
            frames[s][i] = frame(s, i);
    header(0, now);
    flush(0, 1, 4);
    image(0, KERNEL_BASE, 0x1000000, "\\SystemRoot\\system32\\ntoskrnl.exe");
    for (uint32_t i = 0; i < PROCESSES; i++) {
        char name[64];
        snprintf(name, sizeof name, "bench%u.exe", i);
        process(pid_of(i), name);
        for (uint32_t k = 0; k < MODULES; k++) {
            snprintf(name, sizeof name, "\\Device\\HarddiskVolume3\\bench\\module%u.dll", k);
            image(pid_of(i), USER_BASE + (uint64_t)k * 0x1000000, 0x200000, name);
        }
    }
    uint64_t pairs = (uint64_t)length * peak - peak / 2;
    for (uint32_t i = 0; i < peak; i++)
        create();
    for (uint64_t i = 0; i < pairs; i++) {
        close_one();
        create();
    }
    tell_all_keys();
    for (uint32_t i = 0; i < CPUS; i++)
        flush(i, i + 1 == CPUS ? 1 : 0, 0);
    uint64_t count = buffers;
    rewind(file);
    int64_t end = now;
    now = 1000000; /* the header stands at the beginning */
    header(count, end);
    flush(0, 1, 4);
    return fclose(file) == 0 ? 0 : 1;
}
