/*
 * Watches every MPI call of the addon. Preloaded into a program, it ends the program if the thread
 * level forbids a call: below MPI_THREAD_SERIALIZED, a call from another thread than the first one;
 * below MPI_THREAD_MULTIPLE, a call while another thread is inside one.
 *
 * MPI_FUTURES_TEST_FAULT="MPI_Isend 3 0" makes the third call of MPI_Isend on rank 0 fail without
 * calling the library; "MPI_Isend 3+ 0" makes all calls from that one on fail. The ranks of spawned
 * processes count from 1000. Other names:
 *   memory      large blocks of the addon
 *   new         operator new, called by the addon on the thread that owns MPI
 *   any-source  MPI_Improbe for any source
 *   garbage     not a failure: sends another packet in front of that one, with the bytes of
 *               MPI_FUTURES_TEST_PACKET (hexadecimal)
 * With MPI_FUTURES_TEST_CALLS=file, it writes the calls that can fail to that file: a line such as
 * "MPI_Isend 4 0" for the first call, the second, the fourth, and so on.
 */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <mpi.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static atomic_long owner;  /* the thread that initialised MPI */
static atomic_long inside; /* the thread that is inside of a call */

static int level(void) {
  const char* word = getenv("MPI_FUTURES_THREAD_LEVEL");
  if (word == NULL || strcmp(word, "multiple") == 0) return MPI_THREAD_MULTIPLE;
  return strcmp(word, "serialized") == 0 ? MPI_THREAD_SERIALIZED : MPI_THREAD_FUNNELED;
}

static void enter(const char* call) {
  const long self = syscall(SYS_gettid);
  long nobody = 0;
  atomic_compare_exchange_strong(&owner, &nobody, self);
  nobody = 0;
  const int alone = atomic_compare_exchange_strong(&inside, &nobody, self);
  const int wrongThread = level() < MPI_THREAD_SERIALIZED && owner != self;
  if (!wrongThread && (alone || level() == MPI_THREAD_MULTIPLE)) return;
  fprintf(stderr, "guard: %s %s\n", call,
          wrongThread ? "on another thread" : "inside another call");
  _exit(99);
}

static int rank(void) {
  const char* word = getenv("OMPI_COMM_WORLD_RANK");
  if (word == NULL) word = getenv("PMI_RANK");
  const int spawned = getenv("OMPI_PARENT_PORT") != NULL || getenv("PMI_SPAWNED") != NULL;
  return (word == NULL ? 0 : atoi(word)) + (spawned ? 1000 : 0);
}

/* The number of calls of each name. */
static void note(const char* call) {
  static struct {
    const char* name;
    atomic_int calls;
  } all[64];
  const char* file = getenv("MPI_FUTURES_TEST_CALLS");
  if (file == NULL) return;
  int i = 0;
  while (all[i].name != NULL && strcmp(all[i].name, call) != 0) i++;
  all[i].name = call;
  const int number = ++all[i].calls;
  if ((number & (number - 1)) != 0) return;
  char line[96];
  const int length = snprintf(line, sizeof line, "%s %d %d\n", call, number, rank());
  const int fd = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const long written = write(fd, line, length);
  (void)written;
  close(fd);
}

/* True if this call must fail. */
static int fails(const char* call) {
  static atomic_int calls;
  note(call);
  char name[64], plus = ' ';
  int first = 0, where = 0;
  const char* fault = getenv("MPI_FUTURES_TEST_FAULT");
  if (fault == NULL || sscanf(fault, "%63s %d%c%d", name, &first, &plus, &where) != 4) return 0;
  if (strcmp(name, call) != 0 || rank() != where) return 0;
  const int number = ++calls;
  const int now = plus == '+' ? number >= first : number == first;
  if (now && number == first) fprintf(stderr, "guard: fault of %s\n", call);
  return now;
}

static void leave(void) {
  if (level() < MPI_THREAD_MULTIPLE) inside = 0;
}

static int findLibrary(struct dl_phdr_info* info, size_t size, void* found) {
  (void)size;
  const char* file = strrchr(info->dlpi_name, '/');
  if (file == NULL ||
      (strncmp(file, "/libmpi.so", 10) != 0 && strncmp(file, "/libmpich.so", 12) != 0))
    return 0;
  *(void**)found = dlopen(info->dlpi_name, RTLD_LAZY | RTLD_NOLOAD);
  return 1;
}

static void* real(const char* name) {
  void* library = NULL;
  dl_iterate_phdr(findLibrary, &library);
  void* function = library == NULL ? NULL : dlsym(library, name);
  if (function != NULL) return function;
  fprintf(stderr, "guard: %s is not there\n", name);
  _exit(99);
}

#define GUARD(NAME, PARAMETERS, ARGUMENTS) GUARD_WHERE(NAME, PARAMETERS, ARGUMENTS, 0)

/* ALSO: a condition under which it fails, too. */
#define GUARD_WHERE(NAME, PARAMETERS, ARGUMENTS, ALSO)    \
  int MPI_##NAME PARAMETERS {                             \
    static int(*function) PARAMETERS;                     \
    if (function == NULL) function = real("PMPI_" #NAME); \
    enter("MPI_" #NAME);                                  \
    const int failed = fails("MPI_" #NAME) || (ALSO);     \
    const int code = failed ? MPI_ERR_INTERN : function ARGUMENTS; \
    leave();                                              \
    return code;                                          \
  }

/* Only the addon calls this, for large blocks. */
int posix_memalign(void** memory, size_t alignment, size_t size) {
  static int (*function)(void**, size_t, size_t);
  if (function == NULL) function = dlsym(RTLD_NEXT, "posix_memalign");
  if (alignment == (size_t)2 << 20 && fails("memory")) return ENOMEM;
  return function(memory, alignment, size);
}

/* Called by the addon itself, or by templates of the standard library that are compiled into it. */
static int isOfAddon(void* address) {
  Dl_info info;
  return dladdr(address, &info) && info.dli_fname != NULL && strstr(info.dli_fname, "mpi") != NULL &&
         strstr(info.dli_fname, ".node") != NULL;
}

static int failsToAllocate(void* caller) {
  static int concerned = -1;
  if (concerned < 0) {
    const char* fault = getenv("MPI_FUTURES_TEST_FAULT");
    concerned = getenv("MPI_FUTURES_TEST_CALLS") != NULL ||
                (fault != NULL && strncmp(fault, "new ", 4) == 0);
  }
  return concerned && owner != 0 && owner == syscall(SYS_gettid) && isOfAddon(caller) &&
         fails("new");
}

/* operator new(unsigned long) */
void* _Znwm(unsigned long size) {
  if (!failsToAllocate(__builtin_return_address(0))) {
    void* memory = malloc(size == 0 ? 1 : size);
    if (memory != NULL) return memory;
  }
  /* std::__throw_bad_alloc() */
  void (*throw)(void) = dlsym(RTLD_DEFAULT, "_ZSt17__throw_bad_allocv");
  throw();
  abort();
}

GUARD(Abort, (MPI_Comm a, int b), (a, b))
GUARD(Close_port, (const char* a), (a))
GUARD(Comm_disconnect, (MPI_Comm * a), (a))
GUARD(Comm_dup, (MPI_Comm a, MPI_Comm* b), (a, b))
GUARD(Comm_free, (MPI_Comm * a), (a))
GUARD(Comm_get_attr, (MPI_Comm a, int b, void* c, int* d), (a, b, c, d))
GUARD(Comm_get_parent, (MPI_Comm * a), (a))
GUARD(Comm_rank, (MPI_Comm a, int* b), (a, b))
GUARD(Comm_remote_size, (MPI_Comm a, int* b), (a, b))
GUARD(Comm_set_errhandler, (MPI_Comm a, MPI_Errhandler b), (a, b))
GUARD(Comm_size, (MPI_Comm a, int* b), (a, b))
GUARD(Comm_spawn,
      (const char* a, char** b, int c, MPI_Info d, int e, MPI_Comm f, MPI_Comm* g, int* h),
      (a, b, c, d, e, f, g, h))
GUARD(Comm_split, (MPI_Comm a, int b, int c, MPI_Comm* d), (a, b, c, d))
GUARD(Comm_test_inter, (MPI_Comm a, int* b), (a, b))
GUARD(Error_class, (int a, int* b), (a, b))
GUARD(Error_string, (int a, char* b, int* c), (a, b, c))
GUARD(Finalize, (void), ())
GUARD(Finalized, (int* a), (a))
GUARD(Get_count, (const MPI_Status* a, MPI_Datatype b, int* c), (a, b, c))
GUARD(Get_processor_name, (char* a, int* b), (a, b))
GUARD(Iallgatherv,
      (const void* a, int b, MPI_Datatype c, void* d, const int* e, const int* f, MPI_Datatype g,
       MPI_Comm h, MPI_Request* i),
      (a, b, c, d, e, f, g, h, i))
GUARD(Iallreduce,
      (const void* a, void* b, int c, MPI_Datatype d, MPI_Op e, MPI_Comm f, MPI_Request* g),
      (a, b, c, d, e, f, g))
GUARD(Ibcast, (void* a, int b, MPI_Datatype c, int d, MPI_Comm e, MPI_Request* f),
      (a, b, c, d, e, f))
GUARD(Ireduce,
      (const void* a, void* b, int c, MPI_Datatype d, MPI_Op e, int f, MPI_Comm g, MPI_Request* h),
      (a, b, c, d, e, f, g, h))
GUARD(Iscan,
      (const void* a, void* b, int c, MPI_Datatype d, MPI_Op e, MPI_Comm f, MPI_Request* g),
      (a, b, c, d, e, f, g))
GUARD(Intercomm_merge, (MPI_Comm a, int b, MPI_Comm* c), (a, b, c))
GUARD_WHERE(Improbe, (int a, int b, MPI_Comm c, int* d, MPI_Message* e, MPI_Status* f),
            (a, b, c, d, e, f), a == MPI_ANY_SOURCE && fails("any-source"))
GUARD(Imrecv, (void* a, int b, MPI_Datatype c, MPI_Message* d, MPI_Request* e), (a, b, c, d, e))
GUARD(Info_create, (MPI_Info * a), (a))
GUARD(Info_free, (MPI_Info * a), (a))
GUARD(Info_set, (MPI_Info a, const char* b, const char* c), (a, b, c))
GUARD(Init_thread, (int* a, char*** b, int c, int* d), (a, b, c, d))
GUARD(Initialized, (int* a), (a))
GUARD(Irecv, (void* a, int b, MPI_Datatype c, int d, int e, MPI_Comm f, MPI_Request* g),
      (a, b, c, d, e, f, g))

static int isPacketToFollowGarbage(int tag) {
  return tag == 0 && getenv("MPI_FUTURES_TEST_PACKET") != NULL && fails("garbage");
}

/* Returns 0, because the call itself does not fail. */
static int sendGarbage(int dest, MPI_Comm comm) {
  static unsigned char bytes[4096];
  const char* hex = getenv("MPI_FUTURES_TEST_PACKET");
  int size = 0;
  while (size < (int)sizeof bytes && sscanf(hex + 2 * size, "%2hhx", bytes + size) == 1) size++;
  int (*send)(const void*, int, MPI_Datatype, int, int, MPI_Comm, MPI_Request*) =
      real("PMPI_Isend");
  int (*forget)(MPI_Request*) = real("PMPI_Request_free");
  MPI_Request request;
  send(bytes, size, MPI_BYTE, dest, 0, comm, &request);
  forget(&request);
  return 0;
}

GUARD_WHERE(Isend,
            (const void* a, int b, MPI_Datatype c, int d, int e, MPI_Comm f, MPI_Request* g),
            (a, b, c, d, e, f, g), isPacketToFollowGarbage(e) && sendGarbage(d, f))
GUARD(Open_port, (MPI_Info a, char* b), (a, b))
GUARD(Query_thread, (int* a), (a))
GUARD(Test, (MPI_Request * a, int* b, MPI_Status* c), (a, b, c))
GUARD(Testsome, (int a, MPI_Request* b, int* c, int* d, MPI_Status* e), (a, b, c, d, e))
GUARD(Type_size, (MPI_Datatype a, int* b), (a, b))
