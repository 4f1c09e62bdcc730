/* What MPI itself takes, in C, between ranks of one host: what no program over it can be faster than.
 *
 *     measure '{...}'    with 2 ranks; parameters as positional numbers:
 *     measure TASKS SIZE TRIPS LARGE TIMES
 *
 * Prints JSON on rank 0: one byte there and back TASKS times (median, us); SIZE bytes there and back, TRIPS times (median, ms);
 * LARGE bytes as a message, and as a broadcast, TIMES times (median, ms). Without arguments it starts and ends MPI only.
 */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 1 << 30 };

static int compare(const void* a, const void* b) {
  const double x = *(const double*)a, y = *(const double*)b;
  return (x > y) - (x < y);
}

static double median(double* values, int count) {
  qsort(values, count, sizeof *values, compare);
  return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

/* A count is an int in most calls of MPI. */
static void sendAll(const char* data, size_t size, int dest) {
  for (size_t at = 0; at == 0 || at < size; at += CHUNK)
    MPI_Send(data + at, (int)(size - at < CHUNK ? size - at : CHUNK), MPI_BYTE, dest, 0, MPI_COMM_WORLD);
}

static void receiveAll(char* data, size_t size, int source) {
  for (size_t at = 0; at == 0 || at < size; at += CHUNK)
    MPI_Recv(data + at, (int)(size - at < CHUNK ? size - at : CHUNK), MPI_BYTE, source, 0, MPI_COMM_WORLD,
             MPI_STATUS_IGNORE);
}

static void broadcastAll(char* data, size_t size) {
  for (size_t at = 0; at < size; at += CHUNK)
    MPI_Bcast(data + at, (int)(size - at < CHUNK ? size - at : CHUNK), MPI_BYTE, 0, MPI_COMM_WORLD);
}

static double trips(int rank, char* data, size_t size, int count) {
  double* times = malloc(count * sizeof *times);
  for (int i = 0; i < count; i++) {
    const double start = MPI_Wtime();
    if (rank == 0) {
      sendAll(data, size, 1);
      receiveAll(data, size, 1);
    } else if (rank == 1) {
      receiveAll(data, size, 0);
      sendAll(data, size, 0);
    }
    times[i] = 1e3 * (MPI_Wtime() - start);
  }
  const double result = median(times, count);
  free(times);
  return result;
}

/* From the start of all ranks to the end of the last one. */
static double oneWay(int rank, char* data, size_t size, int count, int broadcast) {
  double* times = malloc(count * sizeof *times);
  for (int i = 0; i < count; i++) {
    MPI_Barrier(MPI_COMM_WORLD);
    const double start = MPI_Wtime();
    if (broadcast)
      broadcastAll(data, size);
    else if (rank == 0)
      sendAll(data, size, 1);
    else if (rank == 1)
      receiveAll(data, size, 0);
    MPI_Barrier(MPI_COMM_WORLD);
    times[i] = 1e3 * (MPI_Wtime() - start);
  }
  const double result = median(times, count);
  free(times);
  return result;
}

int main(int argc, char** argv) {
  int rank;
  MPI_Init(&argc, &argv);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  if (argc == 6) {
    const int tasks = atoi(argv[1]), count = atoi(argv[3]), times = atoi(argv[5]);
    const size_t size = strtoull(argv[2], NULL, 10), large = strtoull(argv[4], NULL, 10);
    char* data = malloc(large > size ? large : size);
    memset(data, 1, large > size ? large : size);
    const double small = 1e3 * trips(rank, data, 1, tasks);
    const double back = trips(rank, data, size, count);
    const double message = oneWay(rank, data, large, times, 0);
    const double broadcast = oneWay(rank, data, large, times, 1);
    if (rank == 0)
      printf("{\"oneAtATime\": %g, \"thereAndBack\": {\"%zu\": %g}, \"message\": %g, \"broadcast\": %g}\n", small,
             size, back, message, broadcast);
    free(data);
  }
  MPI_Barrier(MPI_COMM_WORLD);
  MPI_Finalize();
  return 0;
}
