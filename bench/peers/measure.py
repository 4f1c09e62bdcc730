"""What bench/programs/measure.mjs measures, with a pool for Python: mpi4py.futures or CPython's ProcessPoolExecutor.

    python measure.py mpi4py '{"workers": 1, "workloads": {"inFlight": {"bursts": 5, "tasks": 3000}}}'
"""

import json
import statistics
import subprocess
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


def schedules(pool, schedules, workers, calibrations, calibrationRounds, warmUp):
    """See schedules() in bench/programs/workloads/lengths.mjs."""
    bare = BareProcesses(workers)
    results = {}
    long_ones = [calibrationRounds] * workers
    bare.run(long_ones, ideal_schedule(long_ones, workers))
    before = rounds_per_millisecond(pool, workers, calibrations, calibrationRounds)
    run_all(pool, [round(before / 5)] * warmUp)
    is_pool_first = True
    for name, runs in schedules.items():
        lengths = [length for count, length in runs for _ in range(count)]
        tasks = [max(1, round(length * before)) for length in lengths]
        ideal = ideal_schedule(tasks, workers)
        if is_pool_first:
            of_pool = run_all(pool, tasks)
            of_bare = bare.run(tasks, ideal)
        else:
            of_bare = bare.run(tasks, ideal)
            of_pool = run_all(pool, tasks)
        is_pool_first = not is_pool_first
        after = rounds_per_millisecond(pool, workers, calibrations, calibrationRounds)
        speed = (before + after) / 2
        before = after
        shortest = min(lengths)

        def of_short(result, lengths=lengths, shortest=shortest):
            ends = zip(result['ends'], lengths)
            return statistics.median(end for end, length in ends if length == shortest)

        results[name] = {
            'efficiency': of_bare['time'] / of_pool['time'],
            'nominal': max(end for _, end in ideal) / speed / of_pool['time'],
            'wait': of_short(of_pool) / of_short(of_bare),
        }
    bare.close()
    return results


def run_all(pool, tasks):
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
    return {'time': 1e3 * (time.perf_counter() - start), 'ends': ends}


class BareProcesses:
    """Processes without a pool: see bench/programs/workloads/bare_processes.mjs."""

    # In seconds: by then they have read what they are to do.
    LEAD = 0.02

    def __init__(self, count):
        command = [sys.executable, __file__, 'bare']
        pipes = {'stdin': subprocess.PIPE, 'stdout': subprocess.PIPE, 'text': True}
        self.processes = [subprocess.Popen(command, **pipes) for _ in range(count)]
        for process in self.processes:
            process.stdout.readline()

    def run(self, tasks, schedule):
        numbers = [
            [i for i, (worker, _) in enumerate(schedule) if worker == number]
            for number in range(len(self.processes))
        ]
        start = time.perf_counter() + self.LEAD
        for process, own in zip(self.processes, numbers):
            order = {'tasks': [tasks[i] for i in own], 'start': start}
            process.stdin.write(json.dumps(order) + '\n')
            process.stdin.flush()
        answers = [json.loads(process.stdout.readline()) for process in self.processes]
        began = min(answer['began'] for answer in answers)
        ends = [0.0] * len(tasks)
        for own, answer in zip(numbers, answers):
            for i, end in zip(own, answer['ends']):
                ends[i] = 1e3 * (end - began)
        return {'time': max(ends), 'ends': ends}

    def close(self):
        for process in self.processes:
            process.stdin.close()
            process.wait()


def be_bare():
    """One of them. The clock is the same for all processes of a host."""
    print('ready', flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        ends = []
        while time.perf_counter() < order['start']:
            pass
        began = time.perf_counter()
        for rounds in order['tasks']:
            work(rounds)
            ends.append(time.perf_counter())
        print(json.dumps({'began': began, 'ends': ends}), flush=True)


def rounds_per_millisecond(pool, workers, calibrations, rounds):
    def call():
        for future in [pool.submit(work, rounds) for _ in range(workers)]:
            future.result()

    return rounds / median_time(calibrations, call)


def ideal_schedule(lengths, workers):
    """Who does each of the tasks, and when it ends."""
    free = [0.0] * workers
    schedule = []
    for length in lengths:
        worker = free.index(min(free))
        free[worker] += length
        schedule.append((worker, free[worker]))
    return schedule


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
    if sys.argv[1:] == ['bare']:
        be_bare()
    else:
        main(*sys.argv[1:])
