"""What bench/programs/measure.mjs measures, with a pool for Python: mpi4py.futures or CPython's ProcessPoolExecutor.

    python measure.py mpi4py '{"workers": 1, "workloads": {"inFlight": {"bursts": 5, "tasks": 3000}}}'
"""

import json
import statistics
import sys
import time

import numpy


def nothing():
    pass


def echo(value):
    return value


def take(array):
    return len(array)


def work(rounds):
    x = 1
    for _ in range(rounds):
        x = (x * 1664525 + 1013904223) & 0xFFFFFFFF
    return x & 1


def square(x):
    return x * x


# A task with this number of rounds takes some 50 ms.
CALIBRATION_ROUNDS = 500_000


def seconds(call):
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def median_time(count, call):
    """In milliseconds."""
    return 1e3 * statistics.median(seconds(call) for _ in range(count))


def in_flight(pool, bursts, tasks, **_):
    def burst():
        for future in [pool.submit(nothing) for _ in range(tasks)]:
            future.result()

    return 1e3 * tasks / median_time(bursts, burst)


def one_at_a_time(pool, tasks, **_):
    return 1e3 * median_time(tasks, lambda: pool.submit(nothing).result())


def now_and_then(pool, tasks, every, **_):
    times = []
    for _ in range(tasks):
        time.sleep(every / 1e3)
        times.append(1e3 * seconds(lambda: pool.submit(nothing).result()))
    return statistics.median(times)


def mapped(pool, numbers, chunkSize, **_):
    def call():
        total = sum(pool.map(square, range(numbers), chunksize=chunkSize))
        assert total == (numbers - 1) * numbers * (2 * numbers - 1) // 6

    return {'rate': numbers / seconds(call)}


def there_and_back(pool, sizes, trips, **_):
    times = {}
    for size in sizes:
        array = numpy.arange(size // 8, dtype='float64')

        def trip(array=array):
            result = pool.submit(echo, array).result()
            assert len(result) == len(array) and result[-1] == len(array) - 1

        times[size] = median_time(trips, trip)
    return times


def schedules(pool, schedules, workers, calibrations):
    results = {}
    before = rounds_per_millisecond(pool, workers, calibrations)
    for name, runs in schedules.items():
        lengths = [length for count, length in runs for _ in range(count)]
        taken, ends, tasks = schedule(pool, lengths, before)
        after = rounds_per_millisecond(pool, workers, calibrations)
        speed = (before + after) / 2
        before = after
        ideal = ideal_ends([rounds / speed for rounds in tasks], workers)

        def of_short(values, lengths=lengths):
            shortest = min(lengths)
            return statistics.median(v for v, length in zip(values, lengths) if length == shortest)

        results[name] = {'efficiency': max(ideal) / taken, 'wait': of_short(ends) / of_short(ideal)}
    return results


def schedule(pool, lengths, before):
    tasks = [max(1, round(length * before)) for length in lengths]
    ends = [0.0] * len(tasks)
    start = time.perf_counter()

    def submit(i, rounds):
        def ended(_):
            ends[i] = 1e3 * (time.perf_counter() - start)

        future = pool.submit(work, rounds)
        future.add_done_callback(ended)
        return future

    for future in [submit(i, rounds) for i, rounds in enumerate(tasks)]:
        future.result()
    taken = 1e3 * (time.perf_counter() - start)
    return taken, ends, tasks


def rounds_per_millisecond(pool, workers, calibrations):
    def call():
        for future in [pool.submit(work, CALIBRATION_ROUNDS) for _ in range(workers)]:
            future.result()

    return CALIBRATION_ROUNDS / median_time(calibrations, call)


def ideal_ends(lengths, workers):
    free = [0.0] * workers
    ends = []
    for length in lengths:
        first = free.index(min(free))
        free[first] += length
        ends.append(free[first])
    return ends


WORKLOADS = {
    'inFlight': in_flight,
    'oneAtATime': one_at_a_time,
    'nowAndThen': now_and_then,
    'mapped': mapped,
    'thereAndBack': there_and_back,
    'schedules': schedules,
}


def open_pool(name, workers):
    if name == 'mpi4py':
        import mpi4py
        from mpi4py.futures import MPIPoolExecutor

        # From version 4 on it can send the memory of arrays beside the pickle.
        options = {'use_pkl5': True} if int(mpi4py.__version__.split('.')[0]) >= 4 else {}
        pool = MPIPoolExecutor(workers, **options)
        pool.bootup()
        return pool
    from concurrent.futures import ProcessPoolExecutor

    return ProcessPoolExecutor(workers)


def main(name, text):
    asked = json.loads(text)
    workers = asked['workers']
    with open_pool(name, workers) as pool:
        for future in [pool.submit(nothing) for _ in range(workers)]:
            future.result()
        results = {
            workload: WORKLOADS[workload](pool, **{**parameters, 'workers': workers})
            for workload, parameters in asked['workloads'].items()
        }
    print(json.dumps(results))


if __name__ == '__main__':
    main(*sys.argv[1:])
