"""What bench/programs/pool.mjs measures, with mpi4py.futures. Takes and prints the same JSON."""

import json
import statistics
import sys
import time

import mpi4py
import numpy
from mpi4py.futures import MPIPoolExecutor


def nothing():
    pass


def echo(array):
    return array


def in_flight(pool, bursts, count):
    def burst():
        for future in [pool.submit(nothing) for _ in range(count)]:
            future.result()

    return count / statistics.median(timed(burst) for _ in range(bursts))


def one_at_a_time(pool, count):
    return statistics.median(timed(lambda: pool.submit(nothing).result()) for _ in range(count)) * 1e6


def there_and_back(pool, count, length):
    array = numpy.arange(length, dtype='float64')

    def trip():
        result = pool.submit(echo, array).result()
        assert len(result) == length and result[-1] == length - 1

    return statistics.median(timed(trip) for _ in range(count)) * 1e3


def timed(call):
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def main(work):
    with MPIPoolExecutor(1) as pool:
        pool.bootup()
        result = {
            # As many per second as with work['tasks'] in flight, measured side by side, and in a seventh of the time.
            'inFlight': in_flight(pool, work['bursts'], 3000),
            'oneAtATime': one_at_a_time(pool, work['singles']),
            'thereAndBack': there_and_back(pool, work['trips'], work['length']),
        }
    if int(mpi4py.__version__.split('.')[0]) >= 4:
        with MPIPoolExecutor(1, use_pkl5=True) as pool:
            pool.submit(nothing).result()
            out_of_band = there_and_back(pool, work['trips'], work['length'])
            result['thereAndBack'] = min(result['thereAndBack'], out_of_band)
    print(json.dumps(result))


if __name__ == '__main__':
    main(json.loads(sys.argv[1]))
