/* Has MPI_Init set 20 000 variables, as Open MPI sets some: the C library moves its table of variables meanwhile. Preloaded. */

#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

enum { VARIABLES = 20000 };

int MPI_Init_thread(int* argc, char*** argv, int required, int* provided) {
  const int code = PMPI_Init_thread(argc, argv, required, provided);
  for (int i = 0; i < VARIABLES; i++) {
    char name[32];
    snprintf(name, sizeof name, "GROWN_%d", i);
    setenv(name, "1", 1);
  }
  return code;
}
