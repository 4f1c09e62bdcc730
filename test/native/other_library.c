/*
 * Other code of a process, which initialises MPI before mpi-futures does: an addon for Node.js, loaded by
 * process.dlopen. OTHER_LIBRARY_LEVEL is the thread level that it asks for; with OTHER_LIBRARY_FINALIZES it
 * finalizes MPI at once, else at the end of the process, and says so, if nobody else has.
 */

#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

static void finalize(void) {
  int finalized = 0;
  MPI_Finalized(&finalized);
  if (finalized) return;
  MPI_Finalize();
  fprintf(stderr, "other library: has finalized\n");
}

void* napi_register_module_v1(void* env, void* exports) {
  const char* level = getenv("OTHER_LIBRARY_LEVEL");
  int given;
  (void)env;
  MPI_Init_thread(NULL, NULL, level == NULL ? MPI_THREAD_SINGLE : atoi(level), &given);
  if (getenv("OTHER_LIBRARY_FINALIZES")) finalize();
  atexit(finalize);
  return exports;
}
