/* A tool that does its work in MPI_Finalize, as those do that count calls or record a trace. Preloaded. */

#include <mpi.h>
#include <unistd.h>

int MPI_Finalize(void) {
  static const char report[] = "finalize tool: report\n";
  const long written = write(STDERR_FILENO, report, sizeof report - 1);
  (void)written;
  return PMPI_Finalize();
}
