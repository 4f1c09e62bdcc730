import { testChecks } from '../support/checks.js';
import { describeOnEachLayout, describeOnEachMpi } from '../support/layouts.js';

const programs = {
  submit: 'submit.mjs',
  map: 'map.mjs',
  'values there and back': 'values.mjs',
  'errors of tasks': 'errors.mjs',
  'the life of a pool': 'pool.mjs',
  'task options': 'task_options.mjs',
  'the current task': 'current_task.mjs',
};

for (const [name, program] of Object.entries(programs)) {
  describeOnEachLayout(name, ({ run }) => {
    testChecks(program, (options) => run(program, options));
  });
}

describeOnEachMpi('tasks that never end', ({ run }) => {
  describe.each(['killWorkers', 'terminateWorkers', 'shutdown'])('ended by %s', (method) => {
    testChecks('stuck_tasks.mjs', (options) =>
      run('stuck_tasks.mjs', { ...options, args: [method] }),
    );
  });
});

describeOnEachMpi('the life of a pool whose processes share no memory', ({ run }) => {
  testChecks('pool.mjs', (options) =>
    run('pool.mjs', { ...options, env: { MPI_FUTURES_SHARED_MEMORY: '0' } }),
  );
});
