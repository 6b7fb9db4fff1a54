/* A driver for tests: it answers as NVIDIA's libraries do (nvml.h, cuda.h), with what stands in the file NVIDIA_STUB.
   Each line is a key and a value. A test rewrites the file, and the driver's answers change under the program. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The value of a key as text, in `text`; 0 if the file does not have it. */
static int find(const char *key, char *text, int size) {
  const char *path = getenv("NVIDIA_STUB");
  FILE *file = path ? fopen(path, "r") : NULL;
  char line[256];
  int found = 0;
  while (file && !found && fgets(line, sizeof line, file)) {
    char *space = strchr(line, ' ');
    if (!space) continue;
    *space = 0;
    if (strcmp(line, key) != 0) continue;
    space[strcspn(space + 1, "\n") + 1] = 0;
    snprintf(text, size, "%s", space + 1);
    found = 1;
  }
  if (file) fclose(file);
  return found;
}

static unsigned long long number(const char *key, unsigned long long otherwise) {
  char text[64];
  return find(key, text, sizeof text) ? strtoull(text, NULL, 10) : otherwise;
}

/* A handle is 0x1000 for the first card, 0x1100 for the second; 0x1001 for the first MIG device of the first card. */
static unsigned long long of(void *handle, const char *field, unsigned long long otherwise) {
  uintptr_t value = (uintptr_t)handle - 0x1000;
  char key[96];
  if (value & 0xff) snprintf(key, sizeof key, "gpu%d.mig%d.%s", (int)(value >> 8), (int)(value & 0xff) - 1, field);
  else snprintf(key, sizeof key, "gpu%d.%s", (int)(value >> 8), field);
  return number(key, otherwise);
}

static int text(void *handle, const char *field, char *buffer, unsigned size) {
  uintptr_t value = (uintptr_t)handle - 0x1000;
  char key[96];
  if (value & 0xff) snprintf(key, sizeof key, "gpu%d.mig%d.%s", (int)(value >> 8), (int)(value & 0xff) - 1, field);
  else snprintf(key, sizeof key, "gpu%d.%s", (int)(value >> 8), field);
  return find(key, buffer, size) ? 0 : 3;
}

/* What every question begins with: a card may hang, be lost, or be closed to this user. */
static int status(void *handle, const char *question) {
  while (of(handle, "hang", 0)) nanosleep(&(struct timespec){0, 10000000}, NULL);
  int all = (int)of(handle, "status", 0);
  return all ? all : (int)of(handle, question, 0);
}

int nvmlInit_v2(void) { return (int)number("init", 0); }

const char *nvmlErrorString(int code) {
  switch (code) {
    case 3: return "Not Supported";
    case 4: return "Insufficient Permissions";
    case 9: return "Driver Not Loaded";
    case 10: return "Timeout";
    case 15: return "GPU is lost";
    default: return "Unknown Error";
  }
}

int nvmlDeviceGetCount_v2(unsigned *count) {
  *count = (unsigned)number("count", 0);
  return 0;
}

int nvmlDeviceGetHandleByIndex_v2(unsigned index, void **handle) {
  *handle = (void *)(uintptr_t)(0x1000 + 0x100 * index);
  return (int)of(*handle, "handle_status", 0);
}

int nvmlDeviceGetName(void *handle, char *name, unsigned size) { return text(handle, "name", name, size); }

int nvmlDeviceGetMemoryInfo(void *handle, unsigned long long *info) {
  info[0] = of(handle, "total", 0);
  info[2] = of(handle, "used", 0) + of(handle, "reserved", 0);
  info[1] = info[0] - info[2];
  return status(handle, "memory_status");
}

int nvmlDeviceGetMemoryInfo_v2(void *handle, unsigned long long *info) {
  if (number("memory_version", 2) < 2) return 13;
  if ((unsigned)info[0] != 0x02000028) return 25; /* sizeof(nvmlMemory_v2_t) and version 2 */
  info[1] = of(handle, "total", 0);
  info[2] = of(handle, "reserved", 0);
  info[4] = of(handle, "used", 0);
  info[3] = info[1] - info[2] - info[4];
  return status(handle, "memory_status");
}

static int processes(void *handle, unsigned *count, unsigned char *infos, int size) {
  int code = status(handle, "processes_status");
  unsigned most = *count;
  if (code) return code;
  *count = (unsigned)of(handle, "processes", 0);
  if (*count > most) return 7;
  for (unsigned i = 0; i < *count; i++) {
    char pid[32], bytes[32];
    snprintf(pid, sizeof pid, "process%u.pid", i);
    snprintf(bytes, sizeof bytes, "process%u.bytes", i);
    unsigned char *info = infos + i * size;
    uint32_t instances[2] = {0xffffffff, 0xffffffff};
    uint64_t used = of(handle, bytes, UINT64_MAX), covert = 0;
    *(uint32_t *)info = (uint32_t)of(handle, pid, 1000 + i);
    memcpy(info + 8, &used, 8);
    if (size >= 24) memcpy(info + 16, instances, 8);
    if (size >= 32) memcpy(info + 24, &covert, 8);
  }
  return 0;
}

int nvmlDeviceGetComputeRunningProcesses(void *handle, unsigned *count, void *infos) {
  return processes(handle, count, infos, 16);
}
int nvmlDeviceGetComputeRunningProcesses_v2(void *handle, unsigned *count, void *infos) {
  return number("processes_version", 3) < 2 ? 13 : processes(handle, count, infos, 24);
}
int nvmlDeviceGetComputeRunningProcesses_v3(void *handle, unsigned *count, void *infos) {
  return number("processes_version", 3) < 3 ? 13 : processes(handle, count, infos, (int)number("process_bytes", 24));
}

int nvmlDeviceGetMigMode(void *handle, unsigned *current, unsigned *pending) {
  *current = *pending = (unsigned)of(handle, "mig", 0);
  return of(handle, "mig", 99) == 99 ? 3 : 0;
}

int nvmlDeviceGetMaxMigDeviceCount(void *handle, unsigned *count) {
  (void)handle;
  *count = 7;
  return 0;
}

int nvmlDeviceGetMigDeviceHandleByIndex(void *handle, unsigned index, void **mig) {
  *mig = (void *)((uintptr_t)handle + 1 + index);
  return of(*mig, "total", 0) ? 0 : 6;
}

/* cuda.h. The devices are the same cards. */
int cuInit(unsigned flags) { return flags ? 1 : (int)number("cuda.init", 0); }
int cuDeviceGetCount(int *count) {
  *count = (int)number("count", 0);
  return 0;
}
int cuDeviceGet(int *device, int index) {
  *device = 10 + index;
  return 0;
}
int cuDeviceGetName(char *name, int size, int device) {
  return text((void *)(uintptr_t)(0x1000 + 0x100 * (device - 10)), "name", name, (unsigned)size);
}
int cuDeviceGetDefaultMemPool(void **pool, int device) {
  *pool = (void *)(uintptr_t)(0x1000 + 0x100 * (device - 10));
  return 0;
}

static unsigned long long mark_from; /* 1 once the mark was begun anew: then it is "pool.high_since" */

int cuMemPoolGetAttribute(void *pool, int attribute, unsigned long long *value) {
  *value = attribute == 5   ? of(pool, "pool.reserved", 0)
           : attribute == 7 ? of(pool, "pool.used", 0)
           : attribute == 8 ? of(pool, mark_from ? "pool.high_since" : "pool.high", 0)
                            : 0;
  return attribute == 5 || attribute == 7 || attribute == 8 ? (int)of(pool, "pool.status", 0) : 1;
}
int cuMemPoolSetAttribute(void *pool, int attribute, unsigned long long *value) {
  (void)pool;
  if (attribute != 8 || *value != 0) return 1;
  mark_from = 1;
  return 0;
}
